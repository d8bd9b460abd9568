//! Nodes that fail, lag and lie: each fault ends in its own code, never in a wrong answer.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(feature = "native")]

mod workbench;

use std::time::Duration;

use evm_chain::{ChainError, ChainReader, ChainSettings, NodeLimits, ReadChain};
use serde_json::{Value, json};
use workbench::{Bench, CHAIN_ID, Fault, FaultyNode, PATIENCE, Ready, signer};

const DID: &str = "did:web:issuer.sinpyo.example";
const DOCUMENT: &[u8] = b"{\"id\":\"did:web:issuer.sinpyo.example\"}";

struct Scene {
    bench: Bench,
    ready: Ready,
    node: FaultyNode,
    /// Reads by way of the faulty node only.
    reader: ChainReader,
}

async fn scene() -> Scene {
    let bench = Bench::dev().await;
    let ready = bench.ready().await;
    let sent = ready.writer.publish_did(DID, DOCUMENT, 0).await.unwrap();
    ready.writer.wait(&sent, PATIENCE).await.unwrap();
    let node = FaultyNode::before(&bench.url).await;
    let settings = ChainSettings { rpc_urls: vec![node.url.clone()], ..ready.settings.clone() };
    let reader = ChainReader::new(settings).unwrap();
    Scene { bench, ready, node, reader }
}

async fn code_when(method: &str, fault: Fault) -> &'static str {
    let scene = scene().await;
    scene.node.fail(method, fault);
    let error = scene.reader.did_head(DID).await.unwrap_err();
    assert!(error.is_inconclusive(), "{error:?}");
    // The fault over, the same reader works: no failure is remembered.
    scene.node.heal();
    assert_eq!(scene.reader.did_head(DID).await.unwrap().unwrap().version, 1);
    error.code()
}

#[tokio::test]
async fn each_fault_has_its_code() {
    assert_eq!(code_when("eth_chainId", Fault::Result(json!("0x1"))).await, "chain_wrong_network");
    assert_eq!(code_when("eth_call", Fault::Status(429)).await, "chain_rate_limited");
    assert_eq!(
        code_when("eth_call", Fault::Error(json!({"code":-32005,"message":"slow down"}))).await,
        "chain_rate_limited"
    );
    assert_eq!(code_when("eth_call", Fault::Status(503)).await, "chain_unreachable");
    assert_eq!(code_when("eth_call", Fault::Oversize).await, "chain_answer_too_large");
    assert_eq!(code_when("eth_call", Fault::Garbage).await, "chain_bad_answer");
    assert_eq!(code_when("eth_call", Fault::Result(json!("0x"))).await, "chain_contract_missing");
    assert_eq!(code_when("eth_call", Fault::Result(json!("0x1234"))).await, "chain_bad_answer");
    assert_eq!(code_when("eth_call", Fault::Result(json!(17))).await, "chain_bad_answer");
    assert_eq!(code_when("eth_call", Fault::Result(Value::Null)).await, "chain_bad_answer");
    assert_eq!(
        code_when("eth_call", Fault::Error(json!({"code":3,"message":"execution reverted"}))).await,
        "chain_bad_answer"
    );
    assert_eq!(
        code_when("eth_call", Fault::Error(json!({"code":-32000,"message":"header not found"})))
            .await,
        "chain_rpc_error"
    );
    assert_eq!(
        code_when("eth_getBlockByNumber", Fault::Result(Value::Null)).await,
        "chain_bad_answer"
    );
    assert_eq!(
        code_when(
            "eth_getBlockByNumber",
            Fault::Error(json!({"code":-39001,"message":"Unknown block"}))
        )
        .await,
        "chain_rpc_error"
    );
    assert_eq!(
        code_when("eth_getCode", Fault::Result(json!("0x"))).await,
        "chain_contract_missing"
    );
    assert_eq!(
        code_when("eth_getCode", Fault::Result(json!("0x6000"))).await,
        "chain_contract_code_mismatch"
    );
}

#[tokio::test]
async fn a_node_that_is_not_there_or_never_answers() {
    let scene = scene().await;
    let settings = ChainSettings {
        // Port 9 (discard) has no listener here.
        rpc_urls: vec!["http://127.0.0.1:9/".parse().unwrap()],
        ..scene.ready.settings.clone()
    };
    let error = ChainReader::new(settings).unwrap().did_head(DID).await.unwrap_err();
    assert_eq!(error.code(), "chain_unreachable");

    scene.node.fail("eth_call", Fault::Hang);
    let settings =
        ChainSettings { rpc_urls: vec![scene.node.url.clone()], ..scene.ready.settings.clone() };
    let limits = NodeLimits { timeout: Duration::from_millis(300), ..NodeLimits::default() };
    let reader = ChainReader::with_limits(settings, limits).unwrap();
    assert_eq!(reader.did_head(DID).await.unwrap_err(), ChainError::TimedOut);
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused() {
    let scene = scene().await;
    let none = ChainSettings { rpc_urls: Vec::new(), ..scene.ready.settings.clone() };
    assert_eq!(ChainReader::new(none).unwrap_err().code(), "chain_settings");
    let file = ChainSettings {
        rpc_urls: vec!["file:///chain.ipc".parse().unwrap()],
        ..scene.ready.settings.clone()
    };
    assert_eq!(ChainReader::new(file).unwrap_err().code(), "chain_settings");
    let bare = ChainReader::new(scene.bench.settings()).unwrap();
    assert_eq!(bare.did_head(DID).await.unwrap_err().code(), "chain_settings");
    assert!(bare.tip().await.is_ok());
    let wrong = ChainSettings { chain_id: CHAIN_ID + 1, ..scene.ready.settings.clone() };
    let error = ChainReader::new(wrong.clone()).unwrap().check().await.unwrap_err();
    assert_eq!(error, ChainError::WrongChain { expected: CHAIN_ID + 1, found: CHAIN_ID });
    let writer = evm_chain::ChainWriter::new(wrong, signer(1), scene.ready.outbox.clone()).unwrap();
    let error = writer.publish_did(DID, b"{}", 1).await.unwrap_err();
    assert_eq!(error.code(), "chain_wrong_network");
    assert_eq!(scene.ready.outbox.load_len() as u64, workbench::DEPLOYED + 1);
}

trait Len {
    fn load_len(&self) -> usize;
}

impl Len for evm_chain::MemoryOutbox {
    fn load_len(&self) -> usize {
        evm_chain::Outbox::load(self).unwrap().len()
    }
}

#[tokio::test]
async fn a_withheld_or_forged_event_is_not_taken_for_absence_or_truth() {
    let scene = scene().await;
    scene.node.fail("eth_getLogs", Fault::Result(json!([])));
    let error = scene.reader.did_document(DID, 1).await.unwrap_err();
    assert_eq!(error, ChainError::EventWithheld { version: 1 });
    assert!(error.is_inconclusive());

    scene.node.fail(
        "eth_getLogs",
        Fault::Alter(|mut logs| {
            // One letter of the document changed: `id` becomes `ie`.
            let data = logs[0]["data"].as_str().unwrap().replace("226964223a", "226965223a");
            logs[0]["data"] = json!(data);
            logs
        }),
    );
    let error = scene.reader.did_document(DID, 1).await.unwrap_err();
    assert_eq!(error, ChainError::DigestMismatch);

    scene.node.fail(
        "eth_getLogs",
        Fault::Alter(|mut logs| {
            logs[0]["topics"][1] = json!(format!("0x{}", "11".repeat(32)));
            logs
        }),
    );
    assert_eq!(scene.reader.did_document(DID, 1).await.unwrap_err().code(), "chain_bad_answer");

    scene.node.fail(
        "eth_getLogs",
        Fault::Alter(|mut logs| {
            logs[0]["removed"] = json!(true);
            logs
        }),
    );
    assert_eq!(scene.reader.did_document(DID, 1).await.unwrap_err().code(), "chain_event_withheld");
    scene.node.heal();
    assert_eq!(scene.reader.did_document(DID, 1).await.unwrap(), DOCUMENT);
}

#[tokio::test]
async fn nodes_that_disagree_are_believed_neither() {
    let scene = scene().await;
    let settings = ChainSettings {
        rpc_urls: vec![scene.bench.url.clone(), scene.node.url.clone()],
        ..scene.ready.settings.clone()
    };
    let reader = ChainReader::new(settings).unwrap();
    assert_eq!(reader.did_head(DID).await.unwrap().unwrap().version, 1);
    assert_eq!(reader.did_document(DID, 1).await.unwrap(), DOCUMENT);

    // The second node denies the entry.
    scene.node.fail("eth_call", Fault::Result(json!(format!("0x{}", "00".repeat(192)))));
    assert_eq!(reader.did_head(DID).await.unwrap_err().code(), "chain_disagreement");
    // It follows a fork.
    scene.node.fail("eth_call", Fault::Alter(|result| result));
    scene.node.fail(
        "eth_getBlockByNumber",
        Fault::Alter(|mut block| {
            block["hash"] = json!(format!("0x{}", "22".repeat(32)));
            block
        }),
    );
    assert_eq!(reader.did_head(DID).await.unwrap_err().code(), "chain_disagreement");
    // It shows another event.
    scene.node.heal();
    scene.node.fail(
        "eth_getLogs",
        Fault::Alter(|mut logs| {
            logs[0]["data"] =
                json!(logs[0]["data"].as_str().unwrap().replace("226964223a", "226965223a"));
            logs
        }),
    );
    assert_eq!(reader.did_document(DID, 1).await.unwrap_err().code(), "chain_disagreement");
    // It is down: one node alone is not what the settings ask for.
    scene.node.fail("eth_call", Fault::Status(500));
    assert_eq!(reader.did_head(DID).await.unwrap_err().code(), "chain_unreachable");
    // It lags: reads go to the newest block both have, so nothing is contradicted and nothing
    // newer is shown.
    scene.node.heal();
    let old = scene.bench.rpc("eth_getBlockByNumber", json!(["latest", false])).await;
    let sent = scene.ready.writer.publish_did(DID, b"{\"v\":2}", 1).await.unwrap();
    scene.ready.writer.wait(&sent, PATIENCE).await.unwrap();
    scene.node.fail("eth_getBlockByNumber", Fault::Result(old.clone()));
    assert_eq!(reader.did_head(DID).await.unwrap().unwrap().version, 1);
    let number = reader.tip().await.unwrap().number;
    assert_eq!(old["number"], format!("{number:#x}"));
    scene.node.heal();
    assert_eq!(reader.did_head(DID).await.unwrap().unwrap().version, 2);
}

#[tokio::test]
async fn a_node_that_limits_ranges_is_walked_backwards() {
    let scene = scene().await;
    for version in 1..4_u64 {
        let document = format!("{{\"v\":{version}}}");
        let sent = scene.ready.writer.publish_did(DID, document.as_bytes(), version).await.unwrap();
        scene.ready.writer.wait(&sent, PATIENCE).await.unwrap();
    }
    let limited = FaultyNode::before(&scene.bench.url).await;
    limited.refuse_ranges();
    let settings =
        ChainSettings { rpc_urls: vec![limited.url.clone()], ..scene.ready.settings.clone() };
    let reader = ChainReader::new(settings).unwrap();
    assert_eq!(reader.did_document(DID, 1).await.unwrap(), DOCUMENT);
    assert_eq!(reader.did_document(DID, 3).await.unwrap(), b"{\"v\":2}");
    assert_eq!(reader.did_document(DID, 4).await.unwrap(), b"{\"v\":3}");
}

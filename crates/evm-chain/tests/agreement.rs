//! k of n nodes: who lies, lags or is gone is left out and named; where not enough agree there is
//! no answer.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(feature = "native")]

mod workbench;

use evm_chain::{
    AgreeingReader, ChainError, ChainReader, ChainSettings, KeyChange, KeyStatus, NodeState,
    ReadChain,
};
use serde_json::json;
use workbench::{Bench, Fault, FaultyNode, Ready, settle};

const DID: &str = "did:web:issuer.sinpyo.example";

struct Scene {
    bench: Bench,
    ready: Ready,
    nodes: Vec<FaultyNode>,
    reader: ChainReader,
}

/// Three ways to one chain, two of which must agree.
async fn scene() -> Scene {
    let bench = Bench::dev().await;
    let ready = bench.ready().await;
    settle(&ready.writer, ready.writer.publish_did(DID, b"{}", 0).await.unwrap()).await;
    let mut nodes = Vec::new();
    for _ in 0..3 {
        nodes.push(FaultyNode::before(&bench.url).await);
    }
    let readers = nodes
        .iter()
        .map(|node| {
            let rpc_urls = vec![node.url.clone()];
            ChainReader::new(ChainSettings { rpc_urls, ..ready.settings.clone() }).unwrap()
        })
        .collect();
    let reader = AgreeingReader::new(readers, 2).unwrap();
    Scene { bench, ready, nodes, reader }
}

fn states(reader: &ChainReader) -> Vec<NodeState> {
    reader.health().into_iter().map(|health| health.state).collect()
}

#[tokio::test]
async fn one_node_of_three_may_do_as_it_likes() {
    let scene = scene().await;
    assert!(scene.reader.health().is_empty());
    let empty = json!(format!("0x{}", "00".repeat(192)));
    for (method, fault, state) in [
        ("eth_call", Fault::Result(empty), NodeState::Dissenting),
        ("eth_call", Fault::Status(429), NodeState::Failed("chain_rate_limited")),
        ("eth_call", Fault::Oversize, NodeState::Failed("chain_answer_too_large")),
        ("eth_call", Fault::Garbage, NodeState::Failed("chain_bad_answer")),
        ("eth_getBlockByNumber", Fault::Status(500), NodeState::Failed("chain_unreachable")),
        (
            "eth_getBlockByNumber",
            Fault::Alter(|mut block| {
                block["hash"] = json!(format!("0x{}", "22".repeat(32)));
                block
            }),
            NodeState::Dissenting,
        ),
    ] {
        scene.nodes[1].fail(method, fault);
        assert_eq!(scene.reader.did_head(DID).await.unwrap().unwrap().version, 1, "{state:?}");
        assert_eq!(
            states(&scene.reader),
            [NodeState::Agreed, state, NodeState::Agreed],
            "{method}"
        );
        scene.nodes[1].heal();
        scene.reader.did_head(DID).await.unwrap();
        assert_eq!(states(&scene.reader), vec![NodeState::Agreed; 3]);
    }
    scene.nodes[2].fail("eth_getLogs", Fault::Result(json!([])));
    assert_eq!(scene.reader.did_document(DID, 1).await.unwrap(), b"{}");
    assert_eq!(states(&scene.reader)[2], NodeState::Failed("chain_event_withheld"));
    let named = &scene.reader.health()[2].node;
    assert_eq!(named, &format!("127.0.0.1:{}", scene.nodes[2].url.port().unwrap()));
}

#[tokio::test]
async fn two_bad_nodes_leave_no_answer() {
    let scene = scene().await;
    // Two lie, each in its way: nobody is believed, and the sides are named.
    scene.nodes[0].fail("eth_call", Fault::Result(json!(format!("0x{}", "00".repeat(192)))));
    scene.nodes[1].fail(
        "eth_call",
        Fault::Alter(|answer| json!(answer.as_str().unwrap().replacen("0001", "0009", 1))),
    );
    let error = scene.reader.did_head(DID).await.unwrap_err();
    let ChainError::Disagreement(said) = &error else { panic!("{error:?}") };
    for node in &scene.nodes {
        assert!(said.contains(&format!("127.0.0.1:{}", node.url.port().unwrap())), "{said}");
    }
    // Two are gone, each in its way.
    scene.nodes[0].fail("eth_call", Fault::Status(503));
    scene.nodes[1].fail("eth_call", Fault::Status(429));
    let error = scene.reader.did_head(DID).await.unwrap_err();
    assert_eq!(error.code(), "chain_unreachable");
    assert!(error.is_inconclusive() && error.to_string().contains("2 wanted"), "{error}");
    // In the same way: that way's own code.
    scene.nodes[0].fail("eth_call", Fault::Status(429));
    assert_eq!(scene.reader.did_head(DID).await.unwrap_err(), ChainError::RateLimited);
}

#[tokio::test]
async fn a_lagging_node_is_noticed_and_does_not_hold_the_others_back() {
    let scene = scene().await;
    let old = scene.bench.rpc("eth_getBlockByNumber", json!(["latest", false])).await;
    scene.nodes[0].fail("eth_getBlockByNumber", Fault::Result(old.clone()));
    let writer = &scene.ready.writer;
    settle(writer, writer.publish_did(DID, b"{\"v\":2}", 1).await.unwrap()).await;
    settle(writer, writer.publish_did(DID, b"{\"v\":3}", 2).await.unwrap()).await;
    assert_eq!(scene.reader.did_head(DID).await.unwrap().unwrap().version, 3);
    assert_eq!(states(&scene.reader)[0], NodeState::Lagging { behind: 2 });
    // With two lagging alike, the newest block that two have is an old one; the third, which is
    // ahead, has it too.
    scene.nodes[1].fail("eth_getBlockByNumber", Fault::Result(old));
    assert_eq!(scene.reader.did_head(DID).await.unwrap().unwrap().version, 1);
    assert_eq!(states(&scene.reader), vec![NodeState::Agreed; 3]);
    scene.nodes[2].fail("eth_getBlockByNumber", Fault::Status(503));
    assert_eq!(scene.reader.did_head(DID).await.unwrap().unwrap().version, 1);
}

#[tokio::test]
async fn agreement_is_a_setting_and_must_be_possible() {
    let scene = scene().await;
    let settings = ChainSettings {
        rpc_urls: scene.nodes.iter().map(|node| node.url.clone()).collect(),
        ..scene.ready.settings.clone()
    };
    for (agreement, works) in
        [(None, true), (Some(1), true), (Some(3), true), (Some(0), false), (Some(4), false)]
    {
        let made = ChainReader::new(ChainSettings { agreement, ..settings.clone() });
        assert_eq!(made.is_ok(), works, "{agreement:?}");
    }
    let text = serde_json::to_value(&settings).unwrap();
    assert!(text.get("agreement").is_none(), "older readers of the settings understand them");
    let reader =
        ChainReader::new(ChainSettings { agreement: Some(2), ..settings.clone() }).unwrap();
    scene.nodes[0].fail("eth_chainId", Fault::Result(json!("0x1")));
    assert_eq!(reader.did_head(DID).await.unwrap().unwrap().version, 1);
    assert_eq!(states(&reader)[0], NodeState::Failed("chain_wrong_network"));
    assert_eq!(reader.check().await.unwrap_err().code(), "chain_wrong_network");
    // One of two suffices only as long as the other does not contradict.
    let one = ChainSettings { agreement: Some(1), ..settings };
    let reader = ChainReader::new(one).unwrap();
    scene.nodes[0].heal();
    scene.nodes[0].fail("eth_call", Fault::Result(json!(format!("0x{}", "00".repeat(192)))));
    assert_eq!(reader.did_head(DID).await.unwrap_err().code(), "chain_disagreement");

    assert!(AgreeingReader::new(Vec::new(), 1).is_err());
    let other = ChainSettings { chain_id: 5, ..scene.ready.settings.clone() };
    let readers = vec![
        ChainReader::new(scene.ready.settings.clone()).unwrap(),
        ChainReader::new(other).unwrap(),
    ];
    assert_eq!(AgreeingReader::new(readers, 1).unwrap_err().code(), "chain_settings");
}

#[tokio::test]
async fn what_nodes_say_about_keys_and_accreditations_is_compared_too() {
    let scene = scene().await;
    let since = scene.bench.now().await - 5;
    let step = KeyChange { status: KeyStatus::Compromised, since };
    let writer = &scene.ready.writer;
    settle(writer, writer.publish_key_state(DID, "k", step).await.unwrap()).await;
    assert_eq!(scene.reader.key_states(DID).await.unwrap().len(), 1);
    // A node that hides the compromise.
    let mut none = vec![json!("00".repeat(32)); 5];
    none[1] = json!(format!("{:064x}", 0x60));
    none[2] = json!(format!("{:064x}", 0x80));
    let none: String = none.iter().map(|word| word.as_str().unwrap()).collect();
    scene.nodes[1].fail("eth_call", Fault::Result(json!(format!("0x{none}"))));
    assert_eq!(scene.reader.key_states(DID).await.unwrap().len(), 1);
    assert_eq!(states(&scene.reader)[1], NodeState::Dissenting);
    let both = ChainSettings {
        rpc_urls: vec![scene.nodes[0].url.clone(), scene.nodes[1].url.clone()],
        ..scene.ready.settings.clone()
    };
    let error = ChainReader::new(both).unwrap().key_states(DID).await.unwrap_err();
    assert_eq!(error.code(), "chain_disagreement");
    scene.nodes[1].heal();
    assert!(scene.reader.accreditations(DID).await.unwrap().is_empty());
    assert_eq!(scene.reader.directory().await.unwrap().threshold, 1);
}

//! The whole issuer over a real chain that fails in its ways: the outbox in the issuer's own
//! store, nothing doubled.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::{Json, Router, routing::post};
use credential_issuance::anchor::EvmAnchors;
use evm_chain::danger::software_signer;
use evm_chain::{
    ChainReader, ChainSettings, ChainWriter, MemoryOutbox, ReadChain as _, TransactionSigner,
};
use serde_json::{Value, json};
use storage_embedded::issuer::EmbeddedIssuerStore;
use web_fetch::{Fetch as _, FetchPolicy, FetchRequest, GuardedClient};

use super::harness::wallet::Holder;
use super::harness::{TestIssuer, issuer, training_offer};
use super::{LDP, anchor};

const CHAIN_ID: u64 = 31_337;
const DID: &str = "did:web:localhost%3A7001";
const PATIENCE: Duration = Duration::from_secs(10);

/// What the node does.
const GOOD: u8 = 0;
const AWAY: u8 = 1;
/// Takes a transaction, and its answer gets lost.
const DEAF: u8 = 2;

type Shared = (dev_chain::SharedChain, Arc<AtomicU8>);

async fn answer(
    State((chain, mood)): State<Shared>,
    Json(asked): Json<Value>,
) -> axum::response::Response {
    let method = asked["method"].as_str().unwrap_or_default();
    let away = axum::http::StatusCode::SERVICE_UNAVAILABLE.into_response();
    if mood.load(Ordering::SeqCst) == AWAY {
        return away;
    }
    let mut reply = json!({"jsonrpc": "2.0", "id": asked["id"]});
    match dev_chain::dispatch(&mut chain.lock().unwrap(), method, &asked["params"]) {
        Ok(result) => reply["result"] = serde_json::from_str(&result.to_string()).unwrap(),
        Err(error) => reply["error"] = json!({"code": -32000, "message": format!("{error:?}")}),
    }
    if mood.load(Ordering::SeqCst) == DEAF && method == "eth_sendRawTransaction" {
        return away;
    }
    Json(reply).into_response()
}

/// A node over a chain of its own, whose clock is the tests'.
async fn node() -> (url::Url, Arc<AtomicU8>, dev_chain::SharedChain) {
    let start = issuer().await.now().unix().unsigned_abs();
    let mut chain = dev_chain::Chain::open(None, CHAIN_ID, Box::new(move || start)).unwrap();
    dev_chain::dispatch(&mut chain, "dev_fund", &json!([account().address()])).unwrap();
    let (chain, mood) = (Arc::new(Mutex::new(chain)), Arc::new(AtomicU8::new(GOOD)));
    let router =
        Router::new().route("/", post(answer)).with_state((Arc::clone(&chain), Arc::clone(&mood)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, mood, chain)
}

fn account() -> Arc<dyn TransactionSigner> {
    Arc::new(software_signer(&[7; 32]).unwrap())
}

async fn deployed(url: &url::Url) -> ChainSettings {
    let settings = ChainSettings {
        rpc_urls: vec![url.clone()],
        chain_id: CHAIN_ID,
        ..ChainSettings::default()
    };
    let outbox = Arc::new(MemoryOutbox::default());
    let deployer = ChainWriter::new(settings.clone(), account(), outbox).unwrap();
    settings.with_contracts(deployer.deploy().await.unwrap())
}

/// The issuer as a process that just started: reader and writer are new, the outbox is the store's.
async fn started(issuer: TestIssuer, settings: &ChainSettings) -> TestIssuer {
    let outbox = Arc::new(EmbeddedIssuerStore::new(issuer.database.clone()));
    let writer = ChainWriter::new(settings.clone(), account(), outbox).unwrap();
    let reader = ChainReader::new(settings.clone()).unwrap();
    issuer.restarted_on(Arc::new(EvmAnchors::new(reader, writer, PATIENCE))).await
}

/// An issuer with one credential that waits for its epoch.
async fn waiting(settings: &ChainSettings) -> TestIssuer {
    let issuer = started(issuer().await, settings).await;
    issuer.issue(&training_offer(&["ldp_vc"]), LDP, &Holder::usual()).await;
    issuer
}

async fn epoch(settings: &ChainSettings) -> Option<u64> {
    let reader = ChainReader::new(settings.clone()).unwrap();
    reader.status_head(DID).await.unwrap().map(|head| head.epoch)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_and_lost_answers_make_no_second_epoch() {
    let (url, mood, _) = node().await;
    let settings = deployed(&url).await;
    let issuer = waiting(&settings).await;
    mood.store(AWAY, Ordering::SeqCst);
    issuer.admin_post("/admin/anchor", &json!({})).await.refused(503, "chain_unreachable");
    // Each transaction is taken and its answer lost; the process dies after each.
    mood.store(DEAF, Ordering::SeqCst);
    let mut issuer = issuer;
    for _ in 0..4 {
        let answer = issuer.admin_post("/admin/anchor", &json!({})).await;
        assert!([200, 503].contains(&answer.status.as_u16()), "{}", answer.status);
        issuer = started(issuer, &settings).await;
    }
    mood.store(GOOD, Ordering::SeqCst);
    assert_eq!(anchor(&issuer).await["batch"]["stage"], "anchored");
    assert_eq!(epoch(&settings).await, Some(1));
    let reader = ChainReader::new(settings.clone()).unwrap();
    assert_eq!(reader.did_head(DID).await.unwrap().unwrap().version, 1);
}

/// Waits until the chain has this epoch, as a verifier would see it; who waits longer than
/// [`PATIENCE`] waits for a rhythm of a day.
async fn reaches(settings: &ChainSettings, wanted: u64) {
    let arrival = async {
        while epoch(settings).await != Some(wanted) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let arrived = tokio::time::timeout(PATIENCE, arrival).await;
    assert!(arrived.is_ok(), "epoch {wanted} did not come by itself");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_does_not_wait_for_the_rhythm() {
    let (url, ..) = node().await;
    let settings = deployed(&url).await;
    let issuer = waiting(&settings).await;
    let work = issuer_service::run_background(Arc::clone(&issuer.app), Duration::from_secs(86_400));
    let work = tokio::spawn(work);
    reaches(&settings, 1).await;
    let id = issuer.credentials().await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/admin/credentials/{id}/status");
    for (action, wanted) in [("suspend", 2), ("revoke", 3)] {
        let change = json!({ "action": action, "reason": "시험" });
        issuer.admin_post(&path, &change).await.ok(200);
        reaches(&settings, wanted).await;
    }
    // What is refused makes no epoch, and neither does what only reads.
    let again = json!({ "action": "suspend", "reason": "시험" });
    issuer.admin_post(&path, &again).await.refused(409, "status_change_not_allowed");
    issuer.get("/status/g1").await.ok(200);
    assert_eq!(epoch(&settings).await, Some(3));
    // The epoch holds the very list that shows it.
    let list = issuer.get("/status/g1").await.ok(200).body;
    let proof = issuer.get("/status/g1/inclusion?epoch=3").await.ok(200).json();
    let proof: chain_anchors::ListInclusion = serde_json::from_value(proof).unwrap();
    let head = ChainReader::new(settings).unwrap().status_head(DID).await.unwrap().unwrap();
    let leaf = proof.verify(&head).unwrap();
    assert_eq!(leaf.sha256, credential_issuance::ids::Digest::of(&list).0);
    work.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_that_disagree_are_written_to_by_nobody() {
    let ((honest, ..), (other, ..)) = (node().await, node().await);
    let settings = deployed(&honest).await;
    // The same contracts on another chain of the same number: its answers differ.
    deployed(&other).await;
    let alone = started(
        issuer().await,
        &ChainSettings { rpc_urls: vec![other.clone()], ..settings.clone() },
    )
    .await;
    alone.issue(&training_offer(&["ldp_vc"]), LDP, &Holder::usual()).await;
    assert_eq!(anchor(&alone).await["batch"]["stage"], "anchored");

    let both = ChainSettings { rpc_urls: vec![honest, other], ..settings.clone() };
    let issuer = waiting(&both).await;
    let refused = issuer.admin_post("/admin/anchor", &json!({})).await;
    refused.refused(503, "chain_disagreement");
    assert_eq!(epoch(&settings).await, None, "nothing was sent");
    let issuer = started(issuer, &settings).await;
    assert_eq!(anchor(&issuer).await["batch"]["stage"], "anchored");
}

struct Anvil(Child);

impl Drop for Anvil {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Anvil (`SINPYO_ANVIL`, else `anvil` on PATH); none, said aloud, when there is none.
async fn anvil() -> Option<(Anvil, url::Url)> {
    let program = std::env::var("SINPYO_ANVIL").unwrap_or_else(|_| "anvil".to_owned());
    let start = issuer().await.now().unix().to_string();
    let started = Command::new(&program)
        .args(["--port", "0", "--chain-id", &CHAIN_ID.to_string(), "--timestamp", &start])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = started else {
        eprintln!("SKIPPED: no anvil ({program}); set SINPYO_ANVIL to run this test against it");
        return None;
    };
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = loop {
        let line = lines.next().expect("anvil says where it listens").unwrap();
        if let Some(address) = line.strip_prefix("Listening on ") {
            break address.trim().to_owned();
        }
    };
    // Keep reading, or anvil stops at a full pipe.
    std::thread::spawn(move || lines.for_each(drop));
    let url: url::Url = format!("http://{address}").parse().unwrap();
    let amount = json!([account().address(), "0x21e19e0c9bab2400000"]);
    rpc(&url, "anvil_setBalance", amount).await;
    Some((Anvil(child), url))
}

async fn rpc(url: &url::Url, method: &str, params: Value) {
    let origin = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let policy = FetchPolicy { plain_http_origins: vec![origin], ..FetchPolicy::default() };
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
    let request = FetchRequest::post_json(url.clone(), body.as_bytes());
    let answer = GuardedClient::new(policy).unwrap().fetch(request).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    assert!(answer["error"].is_null(), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reorganisation_takes_nothing_away() {
    let Some((_anvil, url)) = anvil().await else { return };
    let settings = deployed(&url).await;
    let issuer = waiting(&settings).await;
    anchor(&issuer).await;
    assert_eq!(epoch(&settings).await, Some(1));
    // The blocks with document and epoch are replaced by others without them.
    rpc(&url, "anvil_reorg", json!([2, []])).await;
    assert_eq!(epoch(&settings).await, None);
    let issuer = started(issuer, &settings).await;
    for _ in 0..5 {
        issuer.admin_post("/admin/anchor", &json!({})).await;
        if epoch(&settings).await == Some(1) {
            break;
        }
    }
    assert_eq!(epoch(&settings).await, Some(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_stuck_below_a_fee_spike_is_outbid() {
    let Some((_anvil, url)) = anvil().await else { return };
    let settings = deployed(&url).await;
    let issuer = waiting(&settings).await;
    anchor(&issuer).await;
    issuer.issue(&training_offer(&["ldp_vc"]), LDP, &Holder::usual()).await;
    rpc(&url, "evm_setAutomine", json!([false])).await;
    let round = async { issuer.admin_post("/admin/anchor", &json!({})).await };
    // Blocks come, each dearer than what was bid; the writer sees it and bids more.
    let blocks = async {
        for _ in 0..40 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            rpc(&url, "anvil_setNextBlockBaseFeePerGas", json!([60_000_000_000_u64])).await;
            rpc(&url, "evm_mine", json!([])).await;
        }
    };
    tokio::join!(round, blocks);
    rpc(&url, "evm_setAutomine", json!([true])).await;
    anchor(&issuer).await;
    assert_eq!(epoch(&settings).await, Some(2));
}

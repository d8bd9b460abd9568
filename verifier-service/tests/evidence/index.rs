//! The verifier's index in its store: stopped and started again at any point, on a chain that is
//! reorganised.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use evm_chain::{
    ChainSettings, ChainWriter, IndexStore as _, KeyChange, KeyStatus, MemoryOutbox,
    ReadChain as _, TransactionSigner, danger::software_signer,
};
use serde_json::{Value, json};
use storage_embedded::{
    chain_index::EmbeddedChainIndex,
    engine::{Database, EngineKind},
};
use verifier_service::chain_index::{self, ChainIndex};
use web_fetch::{Fetch as _, FetchPolicy, FetchRequest, GuardedClient};

use super::{authority::Node, land};
use crate::harness::now;

const DID: &str = "did:web:issuer.sinpyo.example";

/// The index as a process that just started opens it.
fn open(settings: &ChainSettings, directory: &std::path::Path) -> (ChainIndex, EmbeddedChainIndex) {
    let database = Database::open(directory, EngineKind::Fjall).unwrap();
    let store = EmbeddedChainIndex::new(database, &chain_index::name(settings));
    let index = ChainIndex::open(settings, Arc::new(store.clone()), None, None).unwrap();
    (index, store)
}

#[tokio::test]
async fn what_was_read_is_there_after_a_restart_without_a_node() {
    let (land, _) = land().await;
    let node = Node::over(&land).await;
    let settings = ChainSettings { rpc_urls: vec![node.url.clone()], ..land.settings.clone() };
    let directory = tempfile::tempdir().unwrap();
    let sent = land.writer.publish_did(DID, b"{}", 0).await.unwrap();
    land.writer.wait(&sent, Duration::from_secs(20)).await.unwrap();
    let change =
        KeyChange { status: KeyStatus::Retired, since: land.reader.tip().await.unwrap().time - 10 };
    let sent = land.writer.publish_key_state(DID, "k1", change).await.unwrap();
    land.writer.wait(&sent, Duration::from_secs(20)).await.unwrap();
    {
        let (index, _) = open(&settings, directory.path());
        assert!(index.snapshot(now()).is_none(), "nothing was ever confirmed");
        index.renew(None, now()).await.unwrap();
    }
    node.away.store(true, Ordering::SeqCst);
    let (index, _) = open(&settings, directory.path());
    let later = now().plus_seconds(3_600);
    let error = index.renew(None, later).await.unwrap_err();
    assert_eq!(error.code(), "chain_unreachable");
    let memory = index.snapshot(later).unwrap();
    assert_eq!(memory.confirmed, now());
    assert_eq!(memory.index.key_states(DID), land.reader.key_states(DID).await.unwrap());
    assert!(index.snapshot(now().plus_seconds(86_400)).is_none(), "too old to answer");
}

#[tokio::test]
async fn a_frozen_node_confirms_nothing() {
    let (land, _) = land().await;
    let store = Arc::new(evm_chain::MemoryIndex::default());
    let index = ChainIndex::open(&land.settings, store, None, Some(600)).unwrap();
    let tip = land.reader.tip().await.unwrap().time;
    let at = |seconds| credential_model::moment::Moment::from_unix(tip + seconds);
    index.renew(None, at(600)).await.unwrap();
    assert_eq!(index.renew(None, at(601)).await.unwrap_err().code(), "chain_unreachable");
    assert_eq!(index.snapshot(at(700)).unwrap().confirmed, at(600));
}

struct Anvil(Child);

impl Drop for Anvil {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Anvil (`SINPYO_ANVIL`, else `anvil` on PATH); none, said aloud, when there is none.
fn anvil() -> Option<(Anvil, url::Url)> {
    let program = std::env::var("SINPYO_ANVIL").unwrap_or_else(|_| "anvil".to_owned());
    let started = Command::new(&program)
        .args(["--port", "0", "--chain-id", "31337"])
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
    Some((Anvil(child), format!("http://{address}").parse().unwrap()))
}

async fn rpc(url: &url::Url, method: &str, params: Value) -> Value {
    let origin = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let policy = FetchPolicy { plain_http_origins: vec![origin], ..FetchPolicy::default() };
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
    let request = FetchRequest::post_json(url.clone(), body.as_bytes());
    let answer = GuardedClient::new(policy).unwrap().fetch(request).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    assert!(answer["error"].is_null(), "{answer}");
    answer["result"].clone()
}

/// Every round is made by a new process over what the one before left on disk.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restarts_and_reorganisations_on_anvil() {
    let Some((_anvil, url)) = anvil() else { return };
    let account: Arc<dyn TransactionSigner> = Arc::new(software_signer(&[7; 32]).unwrap());
    rpc(&url, "anvil_setBalance", json!([account.address(), "0x21e19e0c9bab2400000"])).await;
    let settings =
        ChainSettings { rpc_urls: vec![url.clone()], chain_id: 31_337, ..ChainSettings::default() };
    let outbox = Arc::new(MemoryOutbox::default());
    let deployer = ChainWriter::new(settings.clone(), account.clone(), outbox.clone()).unwrap();
    let settings = settings.with_contracts(deployer.deploy().await.unwrap());
    let writer = ChainWriter::new(settings.clone(), account, outbox).unwrap();
    let reader = evm_chain::ChainReader::new(settings.clone()).unwrap();
    let wait = async |sent| writer.wait(&sent, Duration::from_secs(20)).await.unwrap();
    wait(writer.publish_did(DID, b"{}", 0).await.unwrap()).await;
    let directory = tempfile::tempdir().unwrap();
    let round = async || {
        let (index, store) = open(&settings, directory.path());
        index.renew(None, now()).await.unwrap();
        let states = index.snapshot(now()).unwrap().index.key_states(DID);
        assert_eq!(states, reader.key_states(DID).await.unwrap());
        (states.len(), store.rows().unwrap().len())
    };
    let state = async |key: &str| {
        let since = reader.tip().await.unwrap().time - 10;
        let change = KeyChange { status: KeyStatus::Retired, since };
        wait(writer.publish_key_state(DID, key, change).await.unwrap()).await;
    };
    assert_eq!(round().await, (0, 0));
    state("k1").await;
    assert_eq!(round().await, (1, 1));
    state("k2").await;
    state("k3").await;
    assert_eq!(round().await, (3, 3));
    rpc(&url, "anvil_reorg", json!([2, []])).await;
    assert_eq!(round().await, (1, 1), "what is gone from the chain is gone from the index");
    writer.drive().await.unwrap();
    rpc(&url, "evm_mine", json!([])).await;
    writer.drive().await.unwrap();
    assert_eq!(round().await, (3, 3), "and comes home with it");
}

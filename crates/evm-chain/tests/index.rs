//! The index follows the chain: resumed, reorganised, told nonsense.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(feature = "native")]

mod workbench;

use std::sync::Arc;

use evm_chain::{
    ChainReader, ChainSettings, Checkpoint, DirectoryAction, Grant, IndexStore, Indexer, KeyChange,
    KeyStatus, MemoryIndex, Proposal, ReadChain, Scope, check_index_store, type_hash,
};
use serde_json::json;
use workbench::{Bench, Fault, FaultyNode, Ready, settle};

const DID: &str = "did:web:issuer.sinpyo.example";

on_every_chain!(the_index_answers_as_the_chain_does, a_stopped_index_goes_on_where_it_was);

#[test]
fn the_store_in_memory_keeps_the_contract() {
    check_index_store(&MemoryIndex::default()).unwrap();
}

fn indexer(ready: &Ready, store: &Arc<MemoryIndex>) -> Indexer {
    let reader = ChainReader::new(ready.settings.clone()).unwrap();
    Indexer::new(Arc::new(reader), store.clone())
}

async fn key(bench: &Bench, ready: &Ready, id: &str, status: KeyStatus, ago: i64) {
    let step = KeyChange { status, since: bench.now().await - ago };
    settle(&ready.writer, ready.writer.publish_key_state(DID, id, step).await.unwrap()).await;
}

async fn same_as_chain(ready: &Ready, indexer: &Indexer) {
    let index = indexer.index().unwrap();
    assert_eq!(index.key_states(DID), ready.reader.key_states(DID).await.unwrap());
    assert_eq!(index.accreditations(DID), ready.reader.accreditations(DID).await.unwrap());
}

async fn the_index_answers_as_the_chain_does(bench: Bench) {
    let ready = bench.ready().await;
    settle(&ready.writer, ready.writer.publish_did(DID, b"{}", 0).await.unwrap()).await;
    key(&bench, &ready, "k1", KeyStatus::Active, 90).await;
    key(&bench, &ready, "k1", KeyStatus::Retired, 50).await;
    key(&bench, &ready, "k1", KeyStatus::Compromised, 60).await;
    key(&bench, &ready, "k2", KeyStatus::Retired, 20).await;
    let mut types = vec![type_hash("A"), type_hash("B")];
    types.sort_unstable();
    settle(&ready.writer, ready.writer.define_type_set(&types).await.unwrap()).await;
    let now = bench.now().await;
    let grant = Grant {
        subject: DID.to_owned(),
        index: 0,
        scope: Scope::Set(types),
        from: now,
        until: now + 100,
        may_issue: true,
        may_accredit: false,
        statement: b"{}".to_vec(),
    };
    let proposal = Proposal { action: DirectoryAction::SetRoot(grant), salt: [1; 32] };
    settle(&ready.writer, ready.writer.propose(&proposal).await.unwrap()).await;
    settle(&ready.writer, ready.writer.execute(&proposal).await.unwrap()).await;
    let store = Arc::new(MemoryIndex::default());
    let indexer = indexer(&ready, &store);
    let progress = indexer.advance().await.unwrap();
    assert_eq!((progress.rows, progress.rolled_back_to), (6, None));
    assert_eq!(progress.complete_to, ready.reader.tip().await.unwrap().number);
    same_as_chain(&ready, &indexer).await;
    assert_eq!(indexer.index().unwrap().accreditations(DID).len(), 1);
    let again = indexer.advance().await.unwrap();
    assert_eq!((again.rows, again.complete_to), (0, progress.complete_to));
}

async fn a_stopped_index_goes_on_where_it_was(bench: Bench) {
    let ready = bench.ready().await;
    settle(&ready.writer, ready.writer.publish_did(DID, b"{}", 0).await.unwrap()).await;
    key(&bench, &ready, "k1", KeyStatus::Retired, 50).await;
    let store = Arc::new(MemoryIndex::default());
    indexer(&ready, &store).advance().await.unwrap();
    for _ in 0..70 {
        bench.mine().await;
    }
    key(&bench, &ready, "k2", KeyStatus::Retired, 20).await;
    // Events cannot be had: nothing is committed, and what was stays.
    let node = FaultyNode::before(&bench.url).await;
    node.fail("eth_getLogs", Fault::Status(503));
    let settings = ChainSettings { rpc_urls: vec![node.url.clone()], ..ready.settings.clone() };
    let reader = Arc::new(ChainReader::new(settings).unwrap());
    let before = store.checkpoints().unwrap();
    let hindered = Indexer::new(reader, store.clone());
    assert_eq!(hindered.advance().await.unwrap_err().code(), "chain_unreachable");
    assert_eq!((store.checkpoints().unwrap(), store.rows().unwrap().len()), (before, 1));
    node.heal();
    let progress = hindered.advance().await.unwrap();
    assert_eq!((progress.rows, progress.rolled_back_to), (1, None));
    same_as_chain(&ready, &hindered).await;
    // A node that is behind has replaced nothing.
    let old = bench.rpc("eth_getBlockByNumber", json!(["0x3", false])).await;
    node.fail("eth_getBlockByNumber", Fault::Result(old));
    assert_eq!(hindered.advance().await.unwrap().rolled_back_to, None);
    assert_eq!(store.rows().unwrap().len(), 2);
}

/// Blocks replaced on anvil: rows that are gone go, the others stay.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reorganisation_is_followed() {
    let Some(bench) = Bench::anvil().await else { return };
    let ready = bench.ready().await;
    settle(&ready.writer, ready.writer.publish_did(DID, b"{}", 0).await.unwrap()).await;
    key(&bench, &ready, "k1", KeyStatus::Retired, 50).await;
    let store = Arc::new(MemoryIndex::default());
    let indexer = indexer(&ready, &store);
    indexer.advance().await.unwrap();
    key(&bench, &ready, "k2", KeyStatus::Retired, 20).await;
    key(&bench, &ready, "k3", KeyStatus::Compromised, 20).await;
    assert_eq!(indexer.advance().await.unwrap().rows, 2);
    bench.rpc("anvil_reorg", json!([2, []])).await;
    let progress = indexer.advance().await.unwrap();
    assert!(progress.rolled_back_to.is_some(), "{progress:?}");
    assert_eq!(ready.reader.key_states(DID).await.unwrap().len(), 1);
    same_as_chain(&ready, &indexer).await;
    // The writer brings its transactions home, and the index sees them again.
    ready.writer.drive().await.unwrap();
    bench.mine().await;
    ready.writer.drive().await.unwrap();
    indexer.advance().await.unwrap();
    assert_eq!(ready.reader.key_states(DID).await.unwrap().len(), 3);
    same_as_chain(&ready, &indexer).await;
}

/// Not the chain the index was made from: nothing is thrown away, an operator is asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replaced_chain_is_reported() {
    let bench = Bench::dev().await;
    let ready = bench.ready().await;
    for _ in 0..80 {
        bench.mine().await;
    }
    let store = Arc::new(MemoryIndex::default());
    let mut after = None;
    for number in [3, 70] {
        let point = Checkpoint { number, hash: [9; 32] };
        assert!(store.commit(&[], after.replace(point), point, 0).unwrap());
    }
    let error = indexer(&ready, &store).advance().await.unwrap_err();
    assert_eq!(error.code(), "chain_reorg_too_deep");
    assert_eq!(store.checkpoints().unwrap().len(), 2);
}

//! The outbox: whatever dies at whatever moment, each recorded transaction has its effect once.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(feature = "native")]

mod workbench;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use evm_chain::{
    ChainWriteError, ChainWriter, FeePolicy, MemoryOutbox, Outbox, OutboxError, OutboxRow,
    OutboxState, ReadChain,
};
use workbench::{Bench, DEPLOYED, Fault, FaultyNode, PATIENCE, Ready};

const DID: &str = "did:web:issuer.sinpyo.example";

on_every_chain!(
    death_between_recording_and_sending,
    death_between_sending_and_noting_it,
    a_row_that_cannot_be_recorded_is_not_sent,
    death_between_sending_and_mining,
    a_node_that_is_down_is_waited_for,
    a_stuck_transaction_is_replaced,
    the_fee_cap_is_kept,
    a_nonce_used_by_something_else_is_noticed,
    repeating_a_write_on_its_way_makes_no_second,
    several_writes_queue_up,
);

/// An outbox whose n-th write from now fails.
struct Brittle {
    inner: Arc<MemoryOutbox>,
    writes_left: AtomicUsize,
}

impl Outbox for Brittle {
    fn load(&self) -> Result<Vec<OutboxRow>, OutboxError> {
        self.inner.load()
    }

    fn put(&self, row: &OutboxRow) -> Result<(), OutboxError> {
        let left = self.writes_left.load(Ordering::SeqCst);
        if left == 0 {
            return Err(OutboxError("the disk is full".into()));
        }
        self.writes_left.store(left - 1, Ordering::SeqCst);
        self.inner.put(row)
    }
}

fn brittle(ready: &Ready, writes_left: usize) -> ChainWriter {
    let outbox =
        Brittle { inner: ready.outbox.clone(), writes_left: AtomicUsize::new(writes_left) };
    ready.restarted(Arc::new(outbox))
}

fn last(ready: &Ready) -> OutboxRow {
    let mut rows = ready.outbox.load().unwrap();
    rows.sort_by_key(|row| row.nonce);
    rows.pop().unwrap()
}

/// The document is on the chain, by exactly one transaction after the two deployments.
async fn assert_published_once(bench: &Bench, ready: &Ready) {
    assert_eq!(ready.reader.did_head(DID).await.unwrap().unwrap().version, 1);
    assert_eq!(bench.nonce(ready.signer.address()).await, DEPLOYED + 1);
    assert!(matches!(last(ready).state, OutboxState::Mined { .. }));
}

async fn death_between_recording_and_sending(bench: Bench) {
    let ready = bench.ready().await;
    // A node that takes everything but transactions stands in for the moment of death.
    let node = FaultyNode::before(&bench.url).await;
    node.fail("eth_sendRawTransaction", Fault::Status(503));
    let mut settings = ready.settings.clone();
    settings.rpc_urls = vec![node.url];
    let writer = ChainWriter::new(settings, ready.signer.clone(), ready.outbox.clone()).unwrap();
    let sent = writer.publish_did(DID, b"{}", 0).await.unwrap();
    drop(writer);
    assert_eq!(last(&ready).state, OutboxState::Prepared);
    assert_eq!(bench.nonce(ready.signer.address()).await, DEPLOYED);

    ready.restarted(ready.outbox.clone()).wait(&sent, PATIENCE).await.unwrap();
    assert_published_once(&bench, &ready).await;
}

async fn death_between_sending_and_noting_it(bench: Bench) {
    let ready = bench.ready().await;
    let error = brittle(&ready, 1).publish_did(DID, b"{}", 0).await.unwrap_err();
    assert_eq!(error.code(), "chain_outbox");
    assert_eq!(last(&ready).state, OutboxState::Prepared);

    let progress = ready.restarted(ready.outbox.clone()).drive().await.unwrap();
    assert_eq!(progress.mined, [format!("did:{DID}:1")]);
    assert_published_once(&bench, &ready).await;
    // And the caller that heard an error may simply repeat.
    ready.writer.publish_did(DID, b"{}", 0).await.unwrap();
    assert_published_once(&bench, &ready).await;
}

async fn a_row_that_cannot_be_recorded_is_not_sent(bench: Bench) {
    let ready = bench.ready().await;
    let error = brittle(&ready, 0).publish_did(DID, b"{}", 0).await.unwrap_err();
    assert_eq!(error.code(), "chain_outbox");
    assert_eq!(bench.nonce(ready.signer.address()).await, DEPLOYED);
    assert_eq!(ready.reader.did_head(DID).await.unwrap(), None);
}

async fn death_between_sending_and_mining(bench: Bench) {
    let ready = bench.ready().await;
    bench.automine(false).await;
    let sent = ready.writer.publish_did(DID, b"{}", 0).await.unwrap();
    assert_eq!(last(&ready).state, OutboxState::Sent);
    let raw = last(&ready).raw;

    let restarted = ready.restarted(ready.outbox.clone());
    let progress = restarted.drive().await.unwrap();
    assert_eq!((progress.pending, progress.rebroadcast, progress.replaced), (1, 1, 0));
    assert_eq!(last(&ready).raw, raw, "the same bytes are sent again");
    bench.mine().await;
    restarted.wait(&sent, PATIENCE).await.unwrap();
    assert_published_once(&bench, &ready).await;
    let idle = restarted.drive().await.unwrap();
    assert_eq!(idle, evm_chain::Progress::default());
}

async fn a_node_that_is_down_is_waited_for(bench: Bench) {
    let ready = bench.ready().await;
    let node = FaultyNode::before(&bench.url).await;
    let mut settings = ready.settings.clone();
    settings.rpc_urls = vec![node.url.clone()];
    let writer = ChainWriter::new(settings, ready.signer.clone(), ready.outbox.clone()).unwrap();
    node.fail("eth_chainId", Fault::Status(502));
    let error = writer.publish_did(DID, b"{}", 0).await.unwrap_err();
    assert_eq!(error.code(), "chain_unreachable");
    assert_eq!(ready.outbox.load().unwrap().len() as u64, DEPLOYED, "nothing was recorded");
    node.heal();
    let sent = writer.publish_did(DID, b"{}", 0).await.unwrap();
    writer.wait(&sent, PATIENCE).await.unwrap();
    assert_published_once(&bench, &ready).await;
}

async fn a_stuck_transaction_is_replaced(bench: Bench) {
    let ready = bench.ready().await;
    bench.automine(false).await;
    let policy = FeePolicy { bump_after_blocks: 0, ..FeePolicy::default() };
    let eager = ready.restarted(ready.outbox.clone()).with_fees(policy);
    let sent = eager.publish_did(DID, b"{}", 0).await.unwrap();
    let first = last(&ready);
    let progress = eager.drive().await.unwrap();
    assert_eq!(progress.replaced, 1);
    let second = last(&ready);
    assert_eq!((second.nonce, &second.data), (first.nonce, &first.data));
    assert_eq!(second.replaced, [first.hash]);
    assert!(second.max_fee_per_gas * 10 >= first.max_fee_per_gas * 11);
    assert_eq!(second.state, OutboxState::Sent, "the node took the replacement");
    bench.mine().await;
    eager.wait(&sent, PATIENCE).await.unwrap();
    assert_published_once(&bench, &ready).await;
}

async fn the_fee_cap_is_kept(bench: Bench) {
    let ready = bench.ready().await;
    bench.automine(false).await;
    let cap = 3_000_000_000;
    let policy = FeePolicy { bump_after_blocks: 0, max_fee_cap: cap };
    let frugal = ready.restarted(ready.outbox.clone()).with_fees(policy);
    frugal.publish_did(DID, b"{}", 0).await.unwrap();
    for _ in 0..8 {
        frugal.drive().await.unwrap();
    }
    assert!(last(&ready).max_fee_per_gas <= cap);
    bench.mine().await;
    frugal.drive().await.unwrap();
    assert_published_once(&bench, &ready).await;
}

async fn a_nonce_used_by_something_else_is_noticed(bench: Bench) {
    let ready = bench.ready().await;
    let node = FaultyNode::before(&bench.url).await;
    node.fail("eth_sendRawTransaction", Fault::Status(503));
    let mut settings = ready.settings.clone();
    settings.rpc_urls = vec![node.url];
    let silenced = ChainWriter::new(settings, ready.signer.clone(), ready.outbox.clone()).unwrap();
    let lost = silenced.publish_did(DID, b"{}", 0).await.unwrap();
    // Against the rule, a second process uses the account.
    let intruder = ready.restarted(Arc::new(MemoryOutbox::default()));
    let other = intruder.publish_did("did:web:other.sinpyo.example", b"{}", 0).await.unwrap();
    assert_eq!(other.nonce, lost.nonce);
    intruder.wait(&other, PATIENCE).await.unwrap();

    let error = ready.writer.wait(&lost, PATIENCE).await.unwrap_err();
    assert!(matches!(error, ChainWriteError::TransactionFailed(_)), "{error:?}");
    // The failed row does not stand in the way of another try.
    let again = ready.writer.publish_did(DID, b"{}", 0).await.unwrap();
    assert_eq!(again.nonce, lost.nonce + 1);
    ready.writer.wait(&again, PATIENCE).await.unwrap();
    assert_eq!(ready.reader.did_head(DID).await.unwrap().unwrap().version, 1);
}

async fn repeating_a_write_on_its_way_makes_no_second(bench: Bench) {
    let ready = bench.ready().await;
    bench.automine(false).await;
    let first = ready.writer.publish_did(DID, b"{}", 0).await.unwrap();
    let again = ready.restarted(ready.outbox.clone()).publish_did(DID, b"{}", 0).await.unwrap();
    assert_eq!(first, again);
    let refused = ready.writer.publish_did(DID, b"{\"a\":1}", 0).await.unwrap_err();
    assert_eq!(refused, ChainWriteError::VersionConflict);
    bench.mine().await;
    ready.writer.wait(&first, PATIENCE).await.unwrap();
    assert_published_once(&bench, &ready).await;
}

async fn several_writes_queue_up(bench: Bench) {
    let ready = bench.ready().await;
    bench.automine(false).await;
    let mut all = Vec::new();
    for version in 0..4_u64 {
        let document = format!("{{\"v\":{version}}}");
        all.push(ready.writer.publish_did(DID, document.as_bytes(), version).await.unwrap());
    }
    assert_eq!(
        all.iter().map(|sent| sent.nonce).collect::<Vec<_>>(),
        (DEPLOYED..DEPLOYED + 4).collect::<Vec<_>>()
    );
    bench.mine().await;
    for sent in &all {
        ready.writer.wait(sent, PATIENCE).await.unwrap();
    }
    assert_eq!(ready.reader.did_head(DID).await.unwrap().unwrap().version, 4);
}

/// A chain that starts over (or drops blocks in a reorganisation) gets everything again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chain_that_forgets_is_told_again() {
    let bench = Bench::dev().await;
    let ready = bench.ready().await;
    let sent = ready.writer.publish_did(DID, b"{}", 0).await.unwrap();
    ready.writer.wait(&sent, PATIENCE).await.unwrap();

    let fresh = Bench::dev().await;
    fresh.fund(ready.signer.address()).await;
    let mut settings = ready.settings.clone();
    settings.rpc_urls = vec![fresh.url.clone()];
    let writer =
        ChainWriter::new(settings.clone(), ready.signer.clone(), ready.outbox.clone()).unwrap();
    let progress = writer.drive().await.unwrap();
    assert_eq!(progress.pending as u64, DEPLOYED + 1);
    writer.wait(&sent, PATIENCE).await.unwrap();
    let reader = evm_chain::ChainReader::new(settings).unwrap();
    assert_eq!(reader.did_document(DID, 1).await.unwrap(), b"{}");
    assert_eq!(fresh.nonce(ready.signer.address()).await, DEPLOYED + 1);
}

/// A reorganisation drops the block: what was mined is sent again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reorganisation_on_anvil_is_survived() {
    let Some(bench) = Bench::anvil().await else { return };
    let ready = bench.ready().await;
    let sent = ready.writer.publish_did(DID, b"{}", 0).await.unwrap();
    ready.writer.wait(&sent, PATIENCE).await.unwrap();
    bench.rpc("anvil_rollback", serde_json::json!([1])).await;
    assert_eq!(ready.reader.did_head(DID).await.unwrap(), None);
    let progress = ready.writer.drive().await.unwrap();
    assert_eq!(progress.pending, 1);
    ready.writer.wait(&sent, PATIENCE).await.unwrap();
    assert_published_once(&bench, &ready).await;
}

/// The base fee rises above what was bid: the bid is raised, and is mined while the fee stays high.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fee_spike_on_anvil_is_outbid() {
    let Some(bench) = Bench::anvil().await else { return };
    let ready = bench.ready().await;
    bench.automine(false).await;
    let sent = ready.writer.publish_did(DID, b"{}", 0).await.unwrap();
    let bid = last(&ready).max_fee_per_gas;
    let spike = bid * 20;
    for _ in 0..=FeePolicy::default().bump_after_blocks {
        bench.rpc("anvil_setNextBlockBaseFeePerGas", serde_json::json!([spike])).await;
        bench.mine().await;
    }
    assert_eq!(bench.nonce(ready.signer.address()).await, DEPLOYED, "it is stuck");
    let progress = ready.writer.drive().await.unwrap();
    assert_eq!((progress.pending, progress.replaced), (1, 1));
    assert!(last(&ready).max_fee_per_gas > spike);
    bench.rpc("anvil_setNextBlockBaseFeePerGas", serde_json::json!([spike])).await;
    bench.mine().await;
    ready.writer.wait(&sent, PATIENCE).await.unwrap();
    assert_published_once(&bench, &ready).await;
}

/// Blocks are replaced by others without our transactions: they are sent again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replaced_blocks_on_anvil_are_survived() {
    let Some(bench) = Bench::anvil().await else { return };
    let ready = bench.ready().await;
    let sent = ready.writer.publish_did(DID, b"{}", 0).await.unwrap();
    ready.writer.wait(&sent, PATIENCE).await.unwrap();
    bench.mine().await;
    bench.rpc("anvil_reorg", serde_json::json!([2, []])).await;
    assert_eq!(ready.reader.did_head(DID).await.unwrap(), None);
    ready.writer.drive().await.unwrap();
    ready.writer.wait(&sent, PATIENCE).await.unwrap();
    assert_published_once(&bench, &ready).await;
}

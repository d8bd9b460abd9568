//! The chain writer's rows: durable, one transaction a purpose, from any kind of runtime.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kit;

use evm_chain::{Address, Outbox as _, OutboxRow, OutboxState};
use storage_postgres::{Postgres, PostgresOutbox};

use kit::{entropy, fresh, impatient, options, server};

fn row(nonce: u64, purpose: &str, fill: u8) -> OutboxRow {
    OutboxRow {
        chain_id: 31_337,
        sender: Address::from_bytes([1; 20]),
        nonce,
        purpose: purpose.to_owned(),
        to: Some(Address::from_bytes([2; 20])),
        data: vec![fill; 40],
        gas_limit: 100_000,
        max_fee_per_gas: u64::MAX,
        max_priority_fee_per_gas: 2,
        raw: vec![fill; 200],
        hash: [fill; 32],
        replaced: Vec::new(),
        signed_at_block: 7,
        state: OutboxState::Prepared,
    }
}

async fn url() -> String {
    fresh(server()).await.0
}

#[tokio::test]
async fn rows_are_kept_replaced_and_read_by_another_process() {
    // The flavour of this runtime has one thread: the outbox has its own.
    let url = url().await;
    let outbox = PostgresOutbox::open(&options(&url), entropy()).unwrap();
    assert!(outbox.load().unwrap().is_empty());
    let first = row(10, "epoch:a:1", 1);
    outbox.put(&first).unwrap();
    outbox.put(&row(9, "did:a:1", 2)).unwrap();
    // A higher fee: other bytes under the same nonce, the old hash remembered.
    let dearer = OutboxRow { replaced: vec![first.hash], ..row(10, "epoch:a:1", 3) };
    outbox.put(&dearer).unwrap();
    let mined = OutboxRow { state: OutboxState::Mined { block: 12 }, ..dearer };
    outbox.put(&mined).unwrap();
    let other = PostgresOutbox::open(&options(&url), entropy()).unwrap();
    assert_eq!(other.load().unwrap(), [row(9, "did:a:1", 2), mined]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_writer_cannot_make_two_transactions_of_one() {
    let url = url().await;
    let one = PostgresOutbox::open(&options(&url), entropy()).unwrap();
    let two = PostgresOutbox::open(&options(&url), entropy()).unwrap();
    let first = row(1, "epoch:a:1", 1);
    one.put(&first).unwrap();
    let same_nonce = two.put(&row(1, "epoch:a:2", 2)).unwrap_err();
    assert!(same_nonce.to_string().contains("transaction nonce"), "{same_nonce}");
    let other_bytes = two.put(&row(1, "epoch:a:1", 3)).unwrap_err();
    assert!(other_bytes.to_string().contains("transaction nonce"));
    let second_nonce = two.put(&row(2, "epoch:a:1", 4)).unwrap_err();
    assert!(second_nonce.to_string().contains("transaction purpose"), "{second_nonce}");
    assert_eq!(two.load().unwrap(), std::slice::from_ref(&first));
    // What failed for good may be done anew.
    let failed = OutboxState::Failed { reason: "reverted".to_owned() };
    one.put(&OutboxRow { state: failed, ..first }).unwrap();
    two.put(&row(2, "epoch:a:1", 4)).unwrap();
    assert_eq!(one.load().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_writers_at_once_have_one_winner() {
    let url = url().await;
    let outboxes = [1, 2].map(|_| PostgresOutbox::open(&options(&url), entropy()).unwrap());
    for epoch in 0..10 {
        let won = std::thread::scope(|scope| {
            let tries = outboxes.each_ref().map(|outbox| {
                let fill = if std::ptr::eq(outbox, &outboxes[0]) { 1 } else { 2 };
                let row = row(epoch, &format!("epoch:a:{epoch}"), fill);
                scope.spawn(move || outbox.put(&row).is_ok())
            });
            tries.map(|attempt| usize::from(attempt.join().unwrap())).iter().sum::<usize>()
        });
        assert_eq!(won, 1);
    }
    assert_eq!(outboxes[0].load().unwrap().len(), 10);
}

#[tokio::test]
async fn a_database_that_does_not_fit_is_refused_at_opening() {
    let empty = server().database().unwrap();
    let error = PostgresOutbox::open(&options(&empty), entropy()).unwrap_err();
    assert_eq!(error.code(), "postgres_schema_missing");
    let nowhere = impatient("postgres://u:p@127.0.0.1:1/d");
    let error = PostgresOutbox::open(&nowhere, entropy()).unwrap_err();
    assert_eq!(error.code(), "postgres_unreachable");
    assert!(Postgres::connect(&nowhere, entropy()).await.is_err());
}

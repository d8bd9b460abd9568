//! The chain writer's rows: durable, one transaction a purpose, from any kind of runtime.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kit;

use evm_chain::{
    Address, Checkpoint, IndexStore as _, LeaseOutcome, Outbox as _, OutboxRow, OutboxState,
    WriterLease, check_index_store,
};
use storage_postgres::{Postgres, PostgresChainIndex, PostgresOutbox};

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

fn lease(holder: &str, seconds: u32) -> WriterLease {
    let sender = Address::from_bytes([1; 20]);
    WriterLease { chain_id: 31_337, sender, holder: holder.to_owned(), seconds }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_replica_at_a_time_holds_the_account() {
    let url = url().await;
    let [one, two] = [1, 2].map(|_| PostgresOutbox::open(&options(&url), entropy()).unwrap());
    assert_eq!(one.lease(&lease("a", 600)).unwrap(), LeaseOutcome::Granted);
    assert_eq!(two.lease(&lease("b", 600)).unwrap(), LeaseOutcome::HeldBy("a".to_owned()));
    // Another chain's account of the same key is another account.
    let elsewhere = WriterLease { chain_id: 1, ..lease("b", 600) };
    assert_eq!(two.lease(&elsewhere).unwrap(), LeaseOutcome::Granted);
    // Renewing is claiming again; only the holder writes, and only the holder gives it back.
    assert_eq!(one.lease(&lease("a", 600)).unwrap(), LeaseOutcome::Granted);
    one.put_held(&row(1, "epoch:a:1", 1), &lease("a", 600)).unwrap();
    let error = two.put_held(&row(2, "epoch:a:2", 2), &lease("b", 600)).unwrap_err();
    assert!(error.to_string().contains("lease"), "{error}");
    two.release(&lease("b", 600)).unwrap();
    assert_eq!(two.lease(&lease("b", 600)).unwrap(), LeaseOutcome::HeldBy("a".to_owned()));
    one.release(&lease("a", 600)).unwrap();
    assert_eq!(two.lease(&lease("b", 600)).unwrap(), LeaseOutcome::Granted);
    two.put_held(&row(2, "epoch:a:2", 2), &lease("b", 600)).unwrap();
    assert_eq!(one.load().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_slept_past_its_time_overwrites_nothing() {
    let url = url().await;
    let [one, two] = [1, 2].map(|_| PostgresOutbox::open(&options(&url), entropy()).unwrap());
    // A lease of no time is over at once, by the server's clock.
    assert_eq!(one.lease(&lease("a", 0)).unwrap(), LeaseOutcome::Granted);
    // Over, but nobody took it: what was begun is finished.
    one.put_held(&row(1, "epoch:a:1", 1), &lease("a", 0)).unwrap();
    assert_eq!(two.lease(&lease("b", 600)).unwrap(), LeaseOutcome::Granted);
    assert!(one.put_held(&row(2, "epoch:a:2", 2), &lease("a", 0)).is_err());
    let mined = OutboxRow { state: OutboxState::Mined { block: 9 }, ..row(1, "epoch:a:1", 1) };
    assert!(one.put_held(&mined, &lease("a", 0)).is_err());
    assert_eq!(one.load().unwrap(), [row(1, "epoch:a:1", 1)]);
    assert_eq!(one.lease(&lease("a", 600)).unwrap(), LeaseOutcome::HeldBy("b".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_claims_at_once_one_is_granted() {
    let url = url().await;
    let outboxes = [1, 2, 3].map(|_| PostgresOutbox::open(&options(&url), entropy()).unwrap());
    for round in 0..5 {
        let granted = std::thread::scope(|scope| {
            let claims: Vec<_> = outboxes
                .iter()
                .enumerate()
                .map(|(number, outbox)| {
                    let claim = WriterLease { chain_id: round, ..lease(&number.to_string(), 600) };
                    scope.spawn(move || outbox.lease(&claim).unwrap())
                })
                .collect();
            let outcomes = claims.into_iter().map(|claim| claim.join().unwrap());
            outcomes.filter(|outcome| *outcome == LeaseOutcome::Granted).count()
        });
        assert_eq!(granted, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_chain_index_keeps_the_contract_and_is_shared() {
    let url = url().await;
    let open = |name: &str| PostgresChainIndex::open(&options(&url), entropy(), name).unwrap();
    let other = open("chain-1");
    let point = |number: u64| Checkpoint { number, hash: [7; 32] };
    assert!(other.commit(&[], None, point(7), 0).unwrap());
    check_index_store(&open("chain-12")).unwrap();
    assert_eq!(other.checkpoints().unwrap(), [point(7)]);
    // Two replicas bring the same index forward: one of them is told that it came second.
    let replicas = [open("chain-2"), open("chain-2")];
    for (number, after) in [(5, None), (6, Some(point(5)))] {
        let won = std::thread::scope(|scope| {
            let tries = replicas.each_ref().map(|replica| {
                scope.spawn(move || replica.commit(&[], after, point(number), 0).unwrap())
            });
            tries.map(|attempt| usize::from(attempt.join().unwrap())).iter().sum::<usize>()
        });
        assert_eq!(won, 1);
    }
    assert_eq!(replicas[1].checkpoints().unwrap(), [point(5), point(6)]);
}

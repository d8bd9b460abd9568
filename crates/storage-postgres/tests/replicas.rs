//! Two replicas on one database: whatever both want at once, one gets.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kit;

use std::sync::Arc;

use credential_issuance::anchor::{AnchorBatch, BatchStage, IssuanceLeaf};
use credential_issuance::audit::AuditAction;
use credential_issuance::credential::CredentialRecord;
use credential_issuance::ids::Digest;
use credential_issuance::status::{ListClass, ListRecord, StatusValue};
use credential_issuance::store::{IssuerStore, PrepareCommit, SpentNonce, StoreError};
use credential_verification::store::{SeenBefore, SeenList, SeenLists as _, VerifierStore as _};
use credential_verification::store_contract::example_session;
use storage_postgres::{PostgresIssuerStore, PostgresVerifierStore};

use kit::{all_credentials, check_whole, event, fresh, issue_one, now, prepared, replica, server};

/// A store with an offer and a list, as two replicas see it.
async fn two() -> (Vec<Arc<PostgresIssuerStore>>, credential_issuance::offer::Offer) {
    let (url, database) = fresh(server()).await;
    let first = PostgresIssuerStore::open(database).await.unwrap();
    let (offer, _) = kit::offer_and_list(&first, 100_000).await;
    (vec![Arc::new(first), Arc::new(replica(&url).await)], offer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_is_issued_once_and_no_index_twice() {
    let (replicas, offer) = two().await;
    // Four workers on each replica go through the same forty rows.
    let workers: Vec<_> = (0..8)
        .map(|worker: usize| {
            let (store, offer) = (Arc::clone(&replicas[worker % 2]), offer.clone());
            tokio::spawn(async move {
                let mut won = 0;
                for row in 0..40 {
                    let row = (row + worker * 5) % 40;
                    match issue_one(&*store, &offer, &format!("row-{row:03}")).await {
                        Ok(_) => won += 1,
                        Err(StoreError::Taken(what)) => assert_eq!(what, "credential"),
                        Err(error) => panic!("{error}"),
                    }
                }
                won
            })
        })
        .collect();
    let mut won = 0;
    for worker in workers {
        won += worker.await.unwrap();
    }
    assert_eq!(won, 40, "each row has one winner");
    for store in &replicas {
        assert_eq!(all_credentials(&**store).await.len(), 40);
        // The offer, and two entries a credential.
        assert_eq!(check_whole(&**store).await, 81);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_of_rows_share_a_list_without_gaps() {
    let (replicas, offer) = two().await;
    let workers: Vec<_> = (0..4)
        .map(|worker: usize| {
            let (store, offer) = (Arc::clone(&replicas[worker % 2]), offer.clone());
            tokio::spawn(async move {
                for chunk in 0..5 {
                    loop {
                        let list = store.open_list(ListClass::General).await.unwrap().unwrap();
                        let records: Vec<CredentialRecord> = (0..20)
                            .map(|n| {
                                let name = format!("w{worker}-{chunk}-{n:02}");
                                prepared(&offer, &list, list.next + n, &name)
                            })
                            .collect();
                        let commit = PrepareCommit {
                            offer: (offer.id.clone(), 1),
                            nonces: Vec::new(),
                            list: ListRecord { next: list.next + 20, ..list.clone() },
                            list_next_before: list.next,
                            records,
                            audit: event(AuditAction::CredentialsPrepared),
                        };
                        match store.prepare(&commit).await {
                            Ok(()) => break,
                            Err(StoreError::Conflict) => {}
                            Err(error) => panic!("{error}"),
                        }
                    }
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    assert_eq!(all_credentials(&*replicas[0]).await.len(), 400);
    assert_eq!(check_whole(&*replicas[1]).await, 21);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_epoch_is_prepared_once_and_takes_each_credential_once() {
    let (replicas, offer) = two().await;
    for row in 0..30 {
        issue_one(&*replicas[row % 2], &offer, &format!("row-{row:02}")).await.unwrap();
    }
    for number in 1..=3 {
        let tries: Vec<_> = replicas
            .iter()
            .map(|store| {
                let store = Arc::clone(store);
                tokio::spawn(async move {
                    let waiting = store.unanchored(10).await.unwrap();
                    let batch = batch(number, &waiting);
                    store.prepare_batch(&batch, event(AuditAction::EpochPrepared)).await
                })
            })
            .collect();
        let mut outcomes = Vec::new();
        for attempt in tries {
            outcomes.push(attempt.await.unwrap().map_err(|error| error.code()));
        }
        outcomes.sort_by_key(Result::is_err);
        assert_eq!(outcomes, [Ok(()), Err("store_conflict")], "epoch {number}");
    }
    let credentials = all_credentials(&*replicas[0]).await;
    for number in 1..=3 {
        assert_eq!(credentials.iter().filter(|record| record.batch == Some(number)).count(), 10);
    }
    assert!(replicas[1].unanchored(10).await.unwrap().is_empty());
}

fn batch(number: u64, records: &[CredentialRecord]) -> AnchorBatch {
    let leaf = |record: &CredentialRecord| IssuanceLeaf {
        credential: record.id.clone(),
        salt: record.salt,
        digest: record.issued().unwrap().digest,
    };
    AnchorBatch {
        bulk: None,
        number,
        revision: 1,
        epoch: number,
        created_at: now(),
        valid_until: now().plus_seconds(86_400),
        padding: Digest::ZERO,
        lists: Vec::new(),
        issued: records.iter().map(leaf).collect(),
        status_root: Digest::ZERO,
        issuance_root: Digest::ZERO,
        stage: BatchStage::Prepared,
        proof: None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nonce_and_a_status_change_have_one_winner() {
    let (replicas, offer) = two().await;
    let record = issue_one(&*replicas[0], &offer, "row").await.unwrap();
    let nonce = SpentNonce { nonce: Digest::of(b"n"), expires: now() };
    let tries: Vec<_> = (0..8)
        .map(|n: usize| {
            let (store, nonce, record) =
                (Arc::clone(&replicas[n % 2]), nonce.clone(), record.clone());
            tokio::spawn(async move {
                let spent = store.spend_nonces(&[nonce]).await;
                let status = if n < 4 { StatusValue::Suspended } else { StatusValue::Revoked };
                let next = CredentialRecord { status, revision: record.revision + 1, ..record };
                let changed = store.change_status(&next, event(AuditAction::StatusChanged)).await;
                (spent.map_err(|e| e.code()), changed.map_err(|e| e.code()))
            })
        })
        .collect();
    let (mut spent, mut changed) = (0, 0);
    for attempt in tries {
        let (one, other) = attempt.await.unwrap();
        spent += usize::from(one.is_ok());
        changed += usize::from(other.is_ok());
        assert!(matches!(one, Ok(()) | Err("invalid_nonce")), "{one:?}");
        assert!(matches!(other, Ok(()) | Err("store_conflict")), "{other:?}");
    }
    assert_eq!((spent, changed), (1, 1));
    let list = replicas[0].list(&record.list).await.unwrap().unwrap();
    assert_eq!(list.changes, 1);
    let now = replicas[1].credential(&record.id).await.unwrap().unwrap();
    assert_eq!(replicas[0].list_values(&record.list).await.unwrap(), [(record.index, now.status)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_locked_in_any_order_do_not_end_in_a_deadlock() {
    let (replicas, offer) = two().await;
    let mut records = Vec::new();
    for row in 0..6 {
        records.push(issue_one(&*replicas[0], &offer, &format!("row-{row}")).await.unwrap());
    }
    let tries: Vec<_> = (0..8)
        .map(|n: usize| {
            let store = Arc::clone(&replicas[n % 2]);
            let mut mine: Vec<CredentialRecord> = records
                .iter()
                .map(|r| CredentialRecord { revision: r.revision + 1, ..r.clone() })
                .collect();
            if n % 2 == 1 {
                mine.reverse();
            }
            let told = event(AuditAction::NotificationReceived);
            tokio::spawn(async move { store.replace_credentials(&mine, told).await })
        })
        .collect();
    let mut won = 0;
    for attempt in tries {
        match attempt.await.unwrap() {
            Ok(()) => won += 1,
            Err(error) => assert_eq!(error.code(), "store_conflict"),
        }
    }
    assert_eq!(won, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn verifier_replicas_answer_once_and_never_go_back() {
    let (url, database) = fresh(server()).await;
    let options = kit::options(&url);
    let other = storage_postgres::Postgres::connect(&options, kit::entropy());
    let replicas = [
        Arc::new(PostgresVerifierStore::open(database).await.unwrap()),
        Arc::new(PostgresVerifierStore::open(other.await.unwrap()).await.unwrap()),
    ];
    let session = example_session(9, now());
    replicas[0].create_session(&session).await.unwrap();
    let tries: Vec<_> = (0..16)
        .map(|n: usize| {
            let (store, session) = (Arc::clone(&replicas[n % 2]), session.clone());
            tokio::spawn(async move {
                let version = n as u64 + 1;
                let list = SeenList { version, sha256: format!("digest {version}"), as_of: now() };
                let seen = store.see_list("https://issuer.example/status/1", &list).await.unwrap();
                assert!(!matches!(seen, SeenBefore::Differs(_)));
                store.advance_session(&session).await.is_ok()
            })
        })
        .collect();
    let mut won = 0;
    for attempt in tries {
        won += usize::from(attempt.await.unwrap());
    }
    assert_eq!(won, 1);
    let old = SeenList { version: 1, sha256: "digest 1".to_owned(), as_of: now() };
    let seen = replicas[1].see_list("https://issuer.example/status/1", &old).await.unwrap();
    assert!(matches!(seen, SeenBefore::Older(newest) if newest.version == 16));
}

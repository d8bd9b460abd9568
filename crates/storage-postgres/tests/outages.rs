//! Servers that go away and come back, and connections that break at the worst moment.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kit;
#[path = "kit/proxy.rs"]
mod proxy;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use credential_issuance::audit::AuditAction;
use credential_issuance::offer::Offer;
use credential_issuance::store::{IssuerStore, Page, SpentNonce, StoreError};
use credential_verification::store::VerifierStore as _;
use storage_postgres::throwaway::{Ending, Server};
use storage_postgres::{Postgres, PostgresIssuerStore, PostgresVerifierStore};

use kit::{all_credentials, check_whole, entropy, event, fresh, impatient, issue_one, server};
use proxy::Proxy;

async fn through(proxy: &Proxy, url: &str) -> PostgresIssuerStore {
    let options = kit::options(&proxy.url(url, server().port()));
    let database = Postgres::connect(&options, entropy()).await.unwrap();
    PostgresIssuerStore::open(database).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_takes_place_once() {
    let (url, _) = fresh(server()).await;
    let proxy = Proxy::before(server().port()).await;
    let store = through(&proxy, &url).await;
    let (offer, _) = kit::offer_and_list(&store, 100).await;
    proxy.lose_next_answer();
    store.tell(event(AuditAction::Started)).await.unwrap();
    assert!(proxy.is_done());
    assert_eq!(store.audit(0, 10).await.unwrap().len(), 2, "told once, not twice");
    // A nonce would be refused if the same work were simply done again.
    let nonce =
        SpentNonce { nonce: credential_issuance::ids::Digest::of(b"n"), expires: kit::now() };
    proxy.lose_next_answer();
    store.spend_nonces(std::slice::from_ref(&nonce)).await.unwrap();
    assert!(proxy.is_done());
    assert!(matches!(store.spend_nonces(&[nonce]).await, Err(StoreError::NonceUsed)));
    proxy.lose_next_answer();
    issue_one(&store, &offer, "row").await.unwrap();
    assert_eq!(all_credentials(&store).await.len(), 1);
    check_whole(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_never_arrived_takes_place_once() {
    let (url, _) = fresh(server()).await;
    let proxy = Proxy::before(server().port()).await;
    let store = through(&proxy, &url).await;
    let (offer, _) = kit::offer_and_list(&store, 100).await;
    for row in 0..5 {
        proxy.lose_next_commit();
        issue_one(&store, &offer, &format!("row-{row}")).await.unwrap();
        assert!(proxy.is_done());
    }
    assert_eq!(all_credentials(&store).await.len(), 5);
    assert_eq!(check_whole(&store).await, 11);
    // The lost ones left their marks as "did not take place".
    let lost = "SELECT count(*) FROM sinpyo_commit_marks WHERE NOT applied";
    assert_eq!(server().execute(&url, lost).unwrap(), "5");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_down_is_told_with_its_code() {
    let server = Server::start().unwrap();
    let (url, _) = fresh(&server).await;
    let database = Postgres::connect(&impatient(&url), entropy()).await.unwrap();
    let store = PostgresIssuerStore::open(database.clone()).await.unwrap();
    let verifier = PostgresVerifierStore::open(database.clone()).await.unwrap();
    server.end(Ending::Fast).unwrap();
    for error in [
        store.tell(event(AuditAction::Started)).await.unwrap_err(),
        store.kinds(Page { after: None, limit: 1 }).await.unwrap_err(),
    ] {
        assert_eq!(error.code(), "store_failed");
        assert!(error.to_string().contains("postgres_unreachable"), "{error}");
        assert!(!error.to_string().contains("throwaway"), "no password: {error}");
    }
    assert!(verifier.session("x").await.unwrap_err().to_string().contains("postgres_unreachable"));
    assert_eq!(database.ping().await.unwrap_err().code(), "postgres_unreachable");
    let refused = Postgres::connect(&impatient(&url), entropy()).await.unwrap_err();
    assert_eq!(refused.code(), "postgres_unreachable");

    server.start_again().unwrap();
    database.ping().await.unwrap();
    store.tell(event(AuditAction::Started)).await.unwrap();
    assert_eq!(store.audit(0, 10).await.unwrap().len(), 1, "what failed was not told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_goes_on_through_restarts_and_crashes() {
    let server = Server::start().unwrap();
    let (url, _) = fresh(&server).await;
    let stores: Vec<_> =
        vec![Arc::new(kit::replica(&url).await), Arc::new(kit::replica(&url).await)];
    let (offer, _) = kit::offer_and_list(&*stores[0], 100_000).await;
    let stop = Arc::new(AtomicBool::new(false));
    let done = Arc::new(AtomicUsize::new(0));
    let workers: Vec<_> = (0..4)
        .map(|worker: usize| {
            let (store, offer) = (Arc::clone(&stores[worker % 2]), offer.clone());
            let (stop, done) = (Arc::clone(&stop), Arc::clone(&done));
            tokio::spawn(work(store, offer, worker, stop, done))
        })
        .collect();
    for ending in [Ending::Fast, Ending::Immediate, Ending::Killed, Ending::Killed] {
        progress(&done).await;
        server.end(ending).unwrap();
        server.start_again().unwrap();
    }
    progress(&done).await;
    stop.store(true, Ordering::SeqCst);
    let mut acknowledged = BTreeSet::new();
    for worker in workers {
        acknowledged.extend(worker.await.unwrap());
    }
    let kept: BTreeSet<String> = all_credentials(&*stores[0])
        .await
        .iter()
        .filter(|record| record.issued().is_some())
        .map(|record| record.id.to_string())
        .collect();
    assert_eq!(kept, acknowledged, "every acknowledged row is there, and no other was signed");
    check_whole(&*stores[1]).await;
}

/// Issues one row after the other; a row that failed is asked for again until it is there.
async fn work(
    store: Arc<PostgresIssuerStore>,
    offer: Offer,
    worker: usize,
    stop: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for row in 0.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let name = format!("w{worker}-{row:05}");
        loop {
            let tried = match issue_one(&*store, &offer, &name).await {
                // Prepared before the outage: what is recorded is signed.
                Err(StoreError::Taken("credential")) => finish(&*store, &name).await,
                other => other.map(drop),
            };
            match tried {
                Ok(()) => break,
                Err(StoreError::Backend(_)) => {}
                Err(error) => panic!("{name}: {error}"),
            }
        }
        done.fetch_add(1, Ordering::SeqCst);
        acknowledged.push(name);
    }
    acknowledged
}

async fn finish(store: &dyn IssuerStore, name: &str) -> Result<(), StoreError> {
    let id = credential_issuance::ids::CredentialId::parse(name).unwrap();
    let record = store.credential(&id).await?.unwrap();
    if record.issued().is_some() {
        return Ok(());
    }
    let told = event(AuditAction::CredentialsIssued);
    store.record_issued(&[kit::issued(&record)], told).await
}

/// Waits until ten more rows are through.
async fn progress(done: &AtomicUsize) {
    let goal = done.load(Ordering::SeqCst) + 10;
    while done.load(Ordering::SeqCst) < goal {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_takes_too_long_is_cancelled_and_keeps_nothing() {
    let (url, database) = fresh(server()).await;
    let store = PostgresIssuerStore::open(database).await.unwrap();
    let (offer, _) = kit::offer_and_list(&store, 100).await;
    let mut options = impatient(&url);
    options.statement_timeout = std::time::Duration::from_millis(200);
    let hurried = Postgres::connect(&options, entropy()).await.unwrap();
    let hurried = PostgresIssuerStore::open(hurried).await.unwrap();
    // Somebody holds the audit trail's head in an open transaction.
    let url = url.clone();
    let holder = tokio::task::spawn_blocking(move || {
        let hold = "BEGIN; SELECT 1 FROM issuer_heads FOR UPDATE; SELECT pg_sleep(1.5); COMMIT";
        server().execute(&url, hold).unwrap()
    });
    // Not before the lock is held: the first refusal shows it.
    loop {
        match hurried.tell(event(AuditAction::Started)).await {
            Ok(()) => {}
            Err(error) => {
                assert!(error.to_string().contains("57014"), "{error}");
                break;
            }
        }
    }
    let refused = issue_one(&hurried, &offer, "late").await.unwrap_err();
    assert!(refused.to_string().contains("postgres_failed"), "{refused}");
    holder.await.unwrap();
    assert!(all_credentials(&store).await.is_empty());
    check_whole(&store).await;
}

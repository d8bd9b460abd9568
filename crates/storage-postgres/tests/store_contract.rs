//! The flows' contracts, each part in a database of its own.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kit;

use std::sync::Arc;

use credential_issuance::store::IssuerStore;
use credential_issuance::store_contract;
use credential_verification::store::VerifierStore as _;
use credential_verification::store_contract::{example_session, verifier_store_contract};
use storage_postgres::{Postgres, PostgresIssuerStore, PostgresVerifierStore};

use kit::{entropy, fresh, now, options, replica, server};

fn make() -> Arc<dyn IssuerStore> {
    // The contract asks for stores in the middle of asynchronous work.
    tokio::task::block_in_place(|| {
        tokio::runtime::Handle::current().block_on(async {
            let (_, database) = fresh(server()).await;
            Arc::new(PostgresIssuerStore::open(database).await.unwrap()) as Arc<dyn IssuerStore>
        })
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_issuer_store_keeps_the_contract() {
    store_contract::all(&make).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_issuer_store_keeps_the_contract_of_bulk_jobs() {
    use credential_issuance::bulk::store_contract::{self, Both};
    let make = || {
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                let (_, database) = fresh(server()).await;
                let store = Arc::new(PostgresIssuerStore::open(database).await.unwrap());
                Both { bulk: store.clone(), issuer: store }
            })
        })
    };
    store_contract::all(&make).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_verifier_store_keeps_the_contract() {
    let (_, database) = fresh(server()).await;
    verifier_store_contract(&PostgresVerifierStore::open(database).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_process_finds_what_was_acknowledged() {
    let (url, database) = fresh(server()).await;
    let store = PostgresIssuerStore::open(database).await.unwrap();
    let written = store_contract::fill(&store).await;
    store_contract::find_again(&replica(&url).await, &written).await;

    let session = example_session(7, now());
    let verifier = async || {
        let database = Postgres::connect(&options(&url), entropy()).await.unwrap();
        PostgresVerifierStore::open(database).await.unwrap()
    };
    verifier().await.create_session(&session).await.unwrap();
    assert_eq!(verifier().await.session(&session.id).await.unwrap(), Some(session));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_no_text_column_takes_name_nothing() {
    let (_, database) = fresh(server()).await;
    let verifier = PostgresVerifierStore::open(database.clone()).await.unwrap();
    for id in ["\0", "a\0b"] {
        assert_eq!(verifier.session(id).await.unwrap(), None);
        assert_eq!(verifier.session_by_public_id(id).await.unwrap(), None);
    }
    let issuer = PostgresIssuerStore::open(database).await.unwrap();
    assert_eq!(issuer.kind("a\0").await.unwrap(), None);
    let page = credential_issuance::store::Page { after: Some("\0"), limit: 3 };
    assert!(issuer.credentials(page).await.unwrap().is_empty());
    assert_eq!(issuer.offers(page).await.unwrap_err().code(), "not_found");
    // A record may carry U+0000 in its JSON: it comes back as it was.
    let (offer, _) = kit::offer_and_list(&issuer, 10).await;
    let back = issuer.offer(&offer.id).await.unwrap().unwrap();
    assert_eq!(back.subject, offer.subject);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn officers_access_keeps_the_contract() {
    let (_, database) = fresh(server()).await;
    let store = storage_postgres::PostgresAccessStore::new(database);
    officer_access::store_contract::all(Arc::new(store)).await;
}

//! Embedded to PostgreSQL and back: the same rows, proven by counts and digests.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kit;

use credential_issuance::anchor::DidAnchor;
use credential_issuance::audit::AuditAction;
use credential_issuance::credential::CredentialRecord;
use credential_issuance::ids::Digest;
use credential_issuance::status::{Publication, PublishedList, StatusValue};
use credential_issuance::store::IssuerStore;
use credential_issuance::store_contract;
use credential_issuance::store_copy::{CopyError, Portable, copy, survey};
use credential_verification::store::{SeenBefore, SeenList, SeenLists as _, VerifierStore as _};
use credential_verification::store_contract::example_session;
use storage_embedded::engine::Database;
use storage_embedded::issuer::EmbeddedIssuerStore;
use storage_embedded::verifier::EmbeddedVerifierStore;
use storage_postgres::{Postgres, PostgresIssuerStore, PostgresVerifierStore};

use kit::{check_whole, entropy, event, fresh, issue_one, now, options, server};

fn embedded() -> EmbeddedIssuerStore {
    EmbeddedIssuerStore::new(Database::open_temporary().unwrap())
}

/// More than one page of credentials, a published list, a revoked entry, an anchor, a secret.
async fn filled(store: &dyn IssuerStore) {
    let (offer, list) = kit::offer_and_list(store, 100_000).await;
    let mut last = None;
    for row in 0..20 {
        last = Some(issue_one(store, &offer, &format!("row-{row:04}")).await.unwrap());
    }
    kit::prepare_one(store, &offer, "unsigned").await.unwrap();
    let record = last.unwrap();
    let revoked =
        CredentialRecord { status: StatusValue::Revoked, revision: record.revision + 1, ..record };
    store.change_status(&revoked, event(AuditAction::StatusChanged)).await.unwrap();
    let (document, token) = (b"document".to_vec(), vec![0, 255, 1]);
    let publication = Publication {
        list: list.id,
        published: PublishedList {
            version: 1,
            changes: 1,
            valid_from: now(),
            valid_until: now().plus_seconds(60),
            document: Digest::of(&document),
            token: Digest::of(&token),
        },
        document,
        token,
    };
    store.publish(&publication, event(AuditAction::ListPublished)).await.unwrap();
    let anchor = DidAnchor { version: 3, digest: Digest::of(b"did"), seen_at: now() };
    store.put_did_anchor(&anchor, None).await.unwrap();
    store.secret("nonces", [9; 32]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_and_back_is_the_same_store() {
    let from = embedded();
    filled(&from).await;
    let (_, database) = fresh(server()).await;
    let middle = PostgresIssuerStore::for_copy(database.clone());
    let there = copy(&from, &middle, &|_| {}).await.unwrap();
    let back = embedded();
    assert_eq!(copy(&middle, &back, &|_| {}).await.unwrap(), there);
    assert_eq!(survey(&from).await.unwrap(), there);
    let rows = |shelf| there.shelves.iter().find(|s| s.shelf == shelf).unwrap().rows;
    assert_eq!((rows("credentials"), rows("list_values"), rows("archive")), (21, 1, 2));

    // Both go on where the source stood.
    for store in [&middle as &dyn IssuerStore, &back] {
        let trail = check_whole(store).await;
        let list = store.lists().await.unwrap().remove(0);
        assert_eq!(store.list_values(&list.id).await.unwrap().len(), 1);
        let (document, _) = store.published(&list.id).await.unwrap().unwrap();
        assert_eq!(document, b"document");
        assert_eq!(store.unanchored(100).await.unwrap().len(), 20);
        assert_eq!(store.secret("nonces", [0; 32]).await.unwrap(), [9; 32]);
        let code = Digest::of(b"o1");
        let offer = store.offer_by_code(&code).await.unwrap().unwrap();
        issue_one(store, &offer, "after").await.unwrap();
        assert_eq!(check_whole(store).await, trail + 2);
    }
    assert!(PostgresIssuerStore::open(database).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_contract_fills_in_is_found_again_after_both_ways() {
    let (_, database) = fresh(server()).await;
    let from = PostgresIssuerStore::open(database).await.unwrap();
    let written = store_contract::fill(&from).await;
    let middle = embedded();
    copy(&from, &middle, &|_| {}).await.unwrap();
    let (_, database) = fresh(server()).await;
    let to = PostgresIssuerStore::for_copy(database);
    copy(&middle, &to, &|_| {}).await.unwrap();
    store_contract::find_again(&to, &written).await;
    store_contract::find_again(&middle, &written).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unfinished_copy_is_refused_by_services_and_begun_anew() {
    let from = embedded();
    filled(&from).await;
    let (url, database) = fresh(server()).await;
    let to = PostgresIssuerStore::for_copy(database.clone());
    // As if it had died after the first shelves.
    to.mark_copy(true).await.unwrap();
    for shelf in ["secrets", "offers"] {
        let rows = from.rows(shelf, None, 100).await.unwrap();
        to.put_rows(shelf, &rows).await.unwrap();
    }
    let refused = PostgresIssuerStore::open(database.clone()).await.unwrap_err();
    assert_eq!(refused.code(), "store_copy_unfinished");
    let other = Postgres::connect(&options(&url), entropy()).await.unwrap();
    copy(&from, &PostgresIssuerStore::for_copy(other), &|_| {}).await.unwrap();
    let store = PostgresIssuerStore::open(database).await.unwrap();
    check_whole(&store).await;

    let again = copy(&from, &store, &|_| {}).await.unwrap_err();
    assert_eq!(again.code(), "store_copy_target_not_empty");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_row_stops_the_copy_and_the_mark_stays() {
    let (url, database) = fresh(server()).await;
    let from = PostgresIssuerStore::open(database).await.unwrap();
    filled(&from).await;
    let damage = "UPDATE issuer_credentials SET record = 'x' WHERE id = 'row-0007'";
    server().execute(&url, damage).unwrap();
    let to = embedded();
    let stopped = copy(&from, &to, &|_| {}).await.unwrap_err();
    assert!(matches!(&stopped, CopyError::Unreadable { shelf, .. } if shelf == "credentials"));
    assert!(to.copy_unfinished().await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verifiers_sessions_and_seen_lists_move_too() {
    let from = EmbeddedVerifierStore::new(Database::open_temporary().unwrap());
    let list = SeenList { version: 5, sha256: "five".to_owned(), as_of: now() };
    from.see_list("https://issuer.example/status/1", &list).await.unwrap();
    let sessions: Vec<_> = (0..3).map(|seed| example_session(seed, now())).collect();
    for session in &sessions {
        from.create_session(session).await.unwrap();
    }
    let (_, database) = fresh(server()).await;
    let middle = PostgresVerifierStore::for_copy(database.clone());
    let there = copy(&from, &middle, &|_| {}).await.unwrap();
    let back = EmbeddedVerifierStore::new(Database::open_temporary().unwrap());
    assert_eq!(copy(&middle, &back, &|_| {}).await.unwrap(), there);
    assert_eq!(there.rows(), 4);
    let older = SeenList { version: 4, ..list };
    for store in [
        &PostgresVerifierStore::open(database).await.unwrap()
            as &dyn credential_verification::store::VerifierStore,
        &back,
    ] {
        let found = store.session_by_public_id(&sessions[1].public_id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&sessions[1]));
        let seen = store.see_list("https://issuer.example/status/1", &older).await.unwrap();
        assert!(matches!(seen, SeenBefore::Older(_)));
        assert_eq!(
            store.forget_sessions(now().plus_seconds(i64::from(u32::MAX)), 9).await.unwrap(),
            3
        );
    }
}

//! Schema versions: migrated from any, refused clearly when they do not fit.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kit;

use credential_issuance::ids::Digest;
use credential_issuance::store::IssuerStore as _;
use storage_postgres::{Postgres, PostgresIssuerStore, SCHEMA_VERSION, SchemaState};

use kit::{entropy, impatient, options, server};

const FIRST: &str = include_str!("../migrations/0001_issuer.sql");

async fn opening(url: &str) -> &'static str {
    match Postgres::connect(&options(url), entropy()).await {
        Ok(_) => "opened",
        Err(error) => error.code(),
    }
}

async fn state(url: &str) -> SchemaState {
    Postgres::schema_state(&options(url), entropy()).await.unwrap()
}

/// A database as the first version of the schema left it.
fn at_version_1() -> String {
    let url = server().database().unwrap();
    let digest = Digest::of(FIRST.as_bytes());
    let history = format!(
        "CREATE TABLE sinpyo_schema (version bigint PRIMARY KEY, name text NOT NULL, \
         sha256 text NOT NULL, at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP); \
         INSERT INTO sinpyo_schema (version, name, sha256) VALUES (1, 'issuer', '{digest}')"
    );
    server().execute(&url, FIRST).unwrap();
    server().execute(&url, &history).unwrap();
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_version_1_is_migrated_with_what_it_holds() {
    let url = at_version_1();
    let secret = "INSERT INTO issuer_secrets (name, value) \
                  VALUES ('kept', decode(repeat('2a', 32), 'hex'))";
    server().execute(&url, secret).unwrap();
    assert_eq!(opening(&url).await, "postgres_schema_older");
    assert_eq!(state(&url).await, SchemaState::Older(1));
    let database = Postgres::migrate(&options(&url), entropy()).await.unwrap();
    assert_eq!(state(&url).await, SchemaState::Current);
    assert_eq!(opening(&url).await, "opened");
    let store = PostgresIssuerStore::open(database).await.unwrap();
    assert_eq!(store.secret("kept", [0; 32]).await.unwrap(), [42; 32]);
    // Migrating what is current changes nothing.
    Postgres::migrate(&options(&url), entropy()).await.unwrap();
    let versions = server().execute(&url, "SELECT count(*) FROM sinpyo_schema").unwrap();
    assert_eq!(versions, SCHEMA_VERSION.to_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schema_that_does_not_fit_is_refused() {
    let url = server().database().unwrap();
    assert_eq!(opening(&url).await, "postgres_schema_missing");
    assert_eq!(state(&url).await, SchemaState::Missing);
    Postgres::migrate(&options(&url), entropy()).await.unwrap();

    let newer = format!(
        "INSERT INTO sinpyo_schema (version, name, sha256) VALUES ({}, 'x', 'x')",
        SCHEMA_VERSION + 1
    );
    server().execute(&url, &newer).unwrap();
    assert_eq!(opening(&url).await, "postgres_schema_newer");
    let migrated = Postgres::migrate(&options(&url), entropy()).await.unwrap_err();
    assert_eq!(migrated.code(), "postgres_schema_newer", "a newer one is left alone");

    let url = at_version_1();
    server().execute(&url, "UPDATE sinpyo_schema SET sha256 = 'edited'").unwrap();
    assert_eq!(opening(&url).await, "postgres_schema_foreign");
    let migrated = Postgres::migrate(&options(&url), entropy()).await.unwrap_err();
    assert_eq!(migrated.code(), "postgres_schema_foreign");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_migrate_at_once_do_not_disturb_each_other() {
    let url = server().database().unwrap();
    let starts: Vec<_> = (0..4)
        .map(|_| {
            let options = options(&url);
            tokio::spawn(async move { Postgres::migrate(&options, entropy()).await.map(drop) })
        })
        .collect();
    for start in starts {
        start.await.unwrap().unwrap();
    }
    assert_eq!(state(&url).await, SchemaState::Current);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_that_fails_leaves_nothing() {
    let url = server().database().unwrap();
    server().execute(&url, "CREATE TABLE issuer_lists (id text)").unwrap();
    let error = Postgres::migrate(&options(&url), entropy()).await.unwrap_err();
    assert!(error.to_string().contains("issuer_lists"), "{error}");
    assert_eq!(state(&url).await, SchemaState::Missing);
    let tables = "SELECT count(*) FROM information_schema.tables WHERE table_name LIKE 'issuer%'";
    assert_eq!(server().execute(&url, tables).unwrap(), "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_or_database_is_told_without_the_password() {
    let url = server().database().unwrap();
    let wrong = impatient(&url.replace("throwaway", "falsch"));
    let error = Postgres::connect(&wrong, entropy()).await.unwrap_err();
    assert_eq!(error.code(), "postgres_failed");
    assert!(error.to_string().contains("28P01") && !error.to_string().contains("falsch"));
    let none = impatient(&server().url("no_such_database"));
    let error = Postgres::connect(&none, entropy()).await.unwrap_err();
    assert!(error.to_string().contains("3D000"), "{error}");
}

//! One server a test binary, a database a test, and records to put into it.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use credential_issuance::audit::{AuditAction, AuditEvent, AuditHead, first_break};
use credential_issuance::credential::{
    Configuration, CredentialRecord, CredentialStage, HolderBinding, Issued, PreparedForm,
};
use credential_issuance::ids::{CredentialId, Digest, NotificationId, OfferId};
use credential_issuance::offer::{Created, Offer, OfferStage, Release, StoredFormat};
use credential_issuance::status::{ListClass, ListRecord, StatusValue};
use credential_issuance::store::{IssuerStore, Page, PrepareCommit, StoreError};
use credential_model::catalogue::CredentialType;
use credential_model::format::CredentialFormat;
use credential_model::moment::Moment;
use credential_proofs::jose;
use serde_json::json;
use signing_keys::Algorithm;
use signing_keys::system::SystemEntropy;
use storage_postgres::throwaway::Server;
use storage_postgres::{Postgres, PostgresIssuerStore, PostgresOptions};

/// The server all tests of a binary share; it ends with the process.
pub(crate) fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start().unwrap())
}

pub(crate) fn options(url: &str) -> PostgresOptions {
    PostgresOptions { max_connections: 6, ..PostgresOptions::new(url) }
}

pub(crate) fn impatient(url: &str) -> PostgresOptions {
    PostgresOptions { patience: Duration::from_millis(300), ..options(url) }
}

pub(crate) fn entropy() -> Arc<SystemEntropy> {
    Arc::new(SystemEntropy)
}

/// A migrated database, opened.
pub(crate) async fn fresh(server: &Server) -> (String, Postgres) {
    let url = server.database().unwrap();
    let database = Postgres::migrate(&options(&url), entropy()).await.unwrap();
    (url, database)
}

/// Another replica's way to a database.
pub(crate) async fn replica(url: &str) -> PostgresIssuerStore {
    let database = Postgres::connect(&options(url), entropy()).await.unwrap();
    PostgresIssuerStore::open(database).await.unwrap()
}

pub(crate) fn now() -> Moment {
    Moment::from_unix(1_800_000_000)
}

pub(crate) fn event(action: AuditAction) -> AuditEvent {
    AuditEvent::new(now(), "test", action)
}

/// An offer and a list for the tests' credentials.
pub(crate) async fn offer_and_list(store: &dyn IssuerStore, capacity: u64) -> (Offer, ListRecord) {
    let offer = Offer {
        id: OfferId::parse("o1").unwrap(),
        revision: 1,
        created_at: now(),
        expires_at: now().plus_seconds(300),
        credential_type: CredentialType::TrainingHistory,
        formats: vec![StoredFormat(CredentialFormat::SdJwtVc)],
        subject: json!({ "person": { "name": "홍길동(가상인물)\u{0}" } }),
        kind: None,
        person: None,
        valid_from: None,
        valid_until: None,
        awarded_date: None,
        by_reference: true,
        release: Release::NotNeeded,
        stage: OfferStage::Created(Created { code: Digest::of(b"o1"), tx_code: None }),
    };
    store.create_offer(&offer, event(AuditAction::OfferCreated)).await.unwrap();
    let list = ListRecord::open(ListClass::General, 1, capacity, now());
    store.create_list(&list).await.unwrap();
    (offer, list)
}

/// A record to be signed; `name` makes id and key differ.
pub(crate) fn prepared(
    offer: &Offer,
    list: &ListRecord,
    index: u64,
    name: &str,
) -> CredentialRecord {
    let jws = jose::prepare(json!({ "typ": "vc+jwt" }), b"{}", Algorithm::EdDsa).unwrap();
    CredentialRecord {
        id: CredentialId::parse(name).unwrap(),
        revision: 1,
        document_id: format!("urn:uuid:{name}"),
        offer: offer.id.clone(),
        configuration: Configuration {
            credential_type: offer.credential_type,
            format: CredentialFormat::JwtVcJson,
        },
        kind: None,
        holder: HolderBinding {
            did: "did:example:1".to_owned(),
            thumbprint: name.to_owned(),
            jwk: json!({}),
        },
        list: list.id.clone(),
        index,
        status: StatusValue::Valid,
        history: Vec::new(),
        valid_from: now(),
        valid_until: None,
        prepared_at: now(),
        salt: Digest::of(name.as_bytes()),
        notification: NotificationId::parse("n1").unwrap(),
        notified: None,
        batch: None,
        method: None,
        stage: CredentialStage::Prepared(PreparedForm::Jws(jws)),
    }
}

/// The record after signing.
pub(crate) fn issued(record: &CredentialRecord) -> CredentialRecord {
    let stage = CredentialStage::Issued(Issued {
        at: now(),
        credential: json!("e30.e30.AA"),
        digest: Digest::of(record.id.as_str().as_bytes()),
    });
    CredentialRecord { stage, revision: record.revision + 1, ..record.clone() }
}

/// Takes the list's next place for one credential, as a flow does: whoever was faster makes it
/// read anew. Any other error is the caller's.
pub(crate) async fn prepare_one(
    store: &dyn IssuerStore,
    offer: &Offer,
    name: &str,
) -> Result<CredentialRecord, StoreError> {
    loop {
        let list = store.open_list(ListClass::General).await?.unwrap();
        let record = prepared(offer, &list, list.next, name);
        let commit = PrepareCommit {
            offer: (offer.id.clone(), offer.revision),
            nonces: Vec::new(),
            list: ListRecord { next: list.next + 1, ..list.clone() },
            list_next_before: list.next,
            records: vec![record.clone()],
            audit: event(AuditAction::CredentialsPrepared),
        };
        match store.prepare(&commit).await {
            Ok(()) => return Ok(record),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Prepares and signs one credential.
pub(crate) async fn issue_one(
    store: &dyn IssuerStore,
    offer: &Offer,
    name: &str,
) -> Result<CredentialRecord, StoreError> {
    let record = issued(&prepare_one(store, offer, name).await?);
    let told = event(AuditAction::CredentialsIssued);
    store.record_issued(std::slice::from_ref(&record), told).await?;
    Ok(record)
}

/// All credentials of a store.
pub(crate) async fn all_credentials(store: &dyn IssuerStore) -> Vec<CredentialRecord> {
    store.credentials(Page { after: None, limit: usize::MAX }).await.unwrap()
}

/// Panics unless every place is taken once and the trail holds together; answers its length.
pub(crate) async fn check_whole(store: &dyn IssuerStore) -> usize {
    let list = store.open_list(ListClass::General).await.unwrap().unwrap();
    let mut places: Vec<u64> = all_credentials(store).await.iter().map(|r| r.index).collect();
    places.sort_unstable();
    assert!(places.iter().copied().eq(0..list.next), "{places:?} of {}", list.next);
    let trail = store.audit(0, usize::MAX).await.unwrap();
    assert_eq!(first_break(AuditHead::EMPTY, &trail), None);
    trail.len()
}

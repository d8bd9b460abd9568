//! The issuer's records in an embedded database.
//!
//! One table a kind of record, look-up tables beside it; all changes of one operation are one
//! batch, made while holding [`Database::exclusive`], so conditions checked before it still hold
//! when it is applied. Records are JSON under a version number.

mod anchors;
mod audit_trail;
mod bulk;
mod credentials;
mod deferred;
mod erasure;
mod extras;
mod lists;
mod notes;
mod offers;
mod outbox;
mod portable;
mod register;
mod tables;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use credential_issuance::anchor::{AnchorBatch, DidAnchor};
use credential_issuance::audit::{AuditEntry, AuditEvent};
use credential_issuance::credential::CredentialRecord;
use credential_issuance::ids::{
    CredentialId, DeferredId, Digest, ListId, NotificationId, OfferId, PersonId,
};
use credential_issuance::offer::Offer;
use credential_issuance::person::Person;
use credential_issuance::status::StatusValue;
use credential_issuance::status::{ListClass, ListRecord, Publication};
use credential_issuance::store::{
    DeferCommit, Erasure, IssuerStore, Note, Page, PrepareCommit, SpentNonce, StoreError,
};
use credential_issuance::{DeferredRequestRecord, store};
use credential_model::kinds::QualificationKind;
use credential_model::moment::Moment;

use crate::engine::Database;

/// [`IssuerStore`] and the chain outbox over one [`Database`].
#[derive(Debug, Clone)]
pub struct EmbeddedIssuerStore {
    database: Database,
}

impl EmbeddedIssuerStore {
    /// A store over an open database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// The store as it is at this moment, to be read while others write; `None` where the engine
    /// has no snapshots.
    pub fn snapshot(&self) -> Option<Self> {
        self.database.snapshot().map(Self::new)
    }

    /// The database it lies in, for what lies beside it.
    pub fn database(&self) -> &Database {
        &self.database
    }
}

type Answer<T> = Result<T, StoreError>;

// The work is in the sibling files, synchronous: an embedded database has nothing to await, and
// one commit is one disk flush.
#[async_trait]
impl IssuerStore for EmbeddedIssuerStore {
    async fn secret(&self, name: &str, fresh: [u8; 32]) -> Answer<[u8; 32]> {
        self.secret_of(name, fresh)
    }
    async fn put_kinds(&self, kinds: &[QualificationKind], audit: AuditEvent) -> Answer<()> {
        self.write_kinds(kinds, audit)
    }
    async fn kind(&self, code: &str) -> Answer<Option<QualificationKind>> {
        self.record(tables::KINDS, code)
    }
    async fn kinds(&self, page: Page<'_>) -> Answer<Vec<QualificationKind>> {
        self.page(tables::KINDS, page)
    }
    async fn create_person(&self, person: &Person, audit: AuditEvent) -> Answer<()> {
        self.write_person(person, audit)
    }
    async fn person(&self, id: &PersonId) -> Answer<Option<Person>> {
        self.record(tables::PERSONS, id.as_str())
    }
    async fn create_offer(&self, offer: &Offer, audit: AuditEvent) -> Answer<()> {
        self.write_new_offer(offer, audit)
    }
    async fn offer(&self, id: &OfferId) -> Answer<Option<Offer>> {
        self.record(tables::OFFERS, id.as_str())
    }
    async fn offer_by_code(&self, code: &Digest) -> Answer<Option<Offer>> {
        self.through(tables::OFFERS_BY_CODE, &code.0, tables::OFFERS)
    }
    async fn offer_by_token(&self, token: &Digest) -> Answer<Option<Offer>> {
        self.through(tables::OFFERS_BY_TOKEN, &token.0, tables::OFFERS)
    }
    async fn replace_offer(&self, offer: &Offer, audit: AuditEvent) -> Answer<()> {
        self.write_next_offer(offer, audit)
    }
    async fn offers(&self, page: Page<'_>) -> Answer<Vec<Offer>> {
        self.offers_in_time_order(page)
    }
    async fn nonce_spent(&self, nonce: &Digest) -> Answer<bool> {
        Ok(self.get(tables::NONCES, &nonce.0)?.is_some())
    }
    async fn forget_nonces(&self, now: Moment) -> Answer<u64> {
        self.forget_nonces_before(now)
    }
    async fn spend_nonces(&self, nonces: &[SpentNonce]) -> Answer<()> {
        self.spend(nonces)
    }
    async fn prepare(&self, commit: &PrepareCommit) -> Answer<()> {
        self.write_prepared(commit)
    }
    async fn record_issued(&self, records: &[CredentialRecord], audit: AuditEvent) -> Answer<()> {
        self.write_issued(records, audit)
    }
    async fn credential(&self, id: &CredentialId) -> Answer<Option<CredentialRecord>> {
        self.record(tables::CREDENTIALS, id.as_str())
    }
    async fn credential_by_key(&self, key: &Digest) -> Answer<Option<CredentialRecord>> {
        self.through(tables::CREDENTIALS_BY_KEY, &key.0, tables::CREDENTIALS)
    }
    async fn credential_at(&self, list: &ListId, index: u64) -> Answer<Option<CredentialRecord>> {
        self.through(tables::PLACES, &credentials::place(list, index), tables::CREDENTIALS)
    }
    async fn credentials_of_offer(&self, offer: &OfferId) -> Answer<Vec<CredentialRecord>> {
        self.members(tables::CREDENTIALS_BY_OFFER, offer.as_str(), tables::CREDENTIALS)
    }
    async fn credentials_by_notification(
        &self,
        id: &NotificationId,
    ) -> Answer<Vec<CredentialRecord>> {
        self.members(tables::CREDENTIALS_BY_NOTIFICATION, id.as_str(), tables::CREDENTIALS)
    }
    async fn credentials(&self, page: Page<'_>) -> Answer<Vec<CredentialRecord>> {
        self.page(tables::CREDENTIALS, page)
    }
    async fn prepared(&self, page: Page<'_>) -> Answer<Vec<CredentialRecord>> {
        self.not_signed(page)
    }
    async fn replace_credentials(
        &self,
        records: &[CredentialRecord],
        audit: AuditEvent,
    ) -> Answer<()> {
        self.write_next_credentials(records, audit)
    }
    async fn defer(&self, commit: &DeferCommit) -> Answer<()> {
        self.write_deferred(commit)
    }
    async fn deferred(&self, id: &DeferredId) -> Answer<Option<DeferredRequestRecord>> {
        self.record(tables::DEFERRED, id.as_str())
    }
    async fn deferred_by_transaction(
        &self,
        transaction: &Digest,
    ) -> Answer<Option<DeferredRequestRecord>> {
        self.through(tables::DEFERRED_BY_TRANSACTION, &transaction.0, tables::DEFERRED)
    }
    async fn deferred_of_offer(&self, offer: &OfferId) -> Answer<Vec<DeferredRequestRecord>> {
        self.members(tables::DEFERRED_BY_OFFER, offer.as_str(), tables::DEFERRED)
    }
    async fn deferred_requests(&self, page: Page<'_>) -> Answer<Vec<DeferredRequestRecord>> {
        self.page(tables::DEFERRED, page)
    }
    async fn replace_deferred(
        &self,
        request: &DeferredRequestRecord,
        audit: AuditEvent,
    ) -> Answer<()> {
        self.write_next_deferred(request, audit)
    }
    async fn open_list(&self, class: ListClass) -> Answer<Option<ListRecord>> {
        self.through(tables::LISTS_OPEN, class.prefix().as_bytes(), tables::LISTS)
    }
    async fn create_list(&self, list: &ListRecord) -> Answer<()> {
        self.write_new_list(list)
    }
    async fn list(&self, id: &ListId) -> Answer<Option<ListRecord>> {
        self.record(tables::LISTS, id.as_str())
    }
    async fn lists(&self) -> Answer<Vec<ListRecord>> {
        self.page(tables::LISTS, Page { after: None, limit: usize::MAX })
    }
    async fn change_status(&self, record: &CredentialRecord, audit: AuditEvent) -> Answer<()> {
        self.write_status(record, audit)
    }
    fn takes_many(&self) -> bool {
        true
    }
    async fn change_many(&self, changes: &[(CredentialRecord, AuditEvent)]) -> Answer<()> {
        self.write_many(changes)
    }
    async fn list_values(&self, id: &ListId) -> Answer<Vec<(u64, StatusValue)>> {
        self.values(id)
    }
    async fn publish(&self, publication: &Publication, audit: AuditEvent) -> Answer<()> {
        self.write_publication(publication, audit)
    }
    async fn published(&self, id: &ListId) -> Answer<Option<(Vec<u8>, Vec<u8>)>> {
        self.published_bytes(id)
    }
    async fn archived(&self, sha256: &Digest) -> Answer<Option<Vec<u8>>> {
        self.get(tables::ARCHIVE, &sha256.0)
    }
    async fn unanchored(&self, limit: usize) -> Answer<Vec<CredentialRecord>> {
        self.waiting_for_batch(limit)
    }
    async fn prepare_batch(&self, batch: &AnchorBatch, audit: AuditEvent) -> Answer<()> {
        self.write_new_batch(batch, audit)
    }
    async fn replace_batch(&self, batch: &AnchorBatch, audit: Option<AuditEvent>) -> Answer<()> {
        self.write_next_batch(batch, audit)
    }
    async fn batch(&self, number: u64) -> Answer<Option<AnchorBatch>> {
        self.record(tables::BATCHES, number.to_be_bytes())
    }
    async fn last_batches(&self, limit: usize) -> Answer<Vec<AnchorBatch>> {
        self.newest_batches(limit)
    }
    async fn did_anchor(&self) -> Answer<Option<DidAnchor>> {
        self.record(tables::SINGLES, tables::DID_ANCHOR)
    }
    async fn put_did_anchor(&self, anchor: &DidAnchor, audit: Option<AuditEvent>) -> Answer<()> {
        self.write_did_anchor(anchor, audit)
    }
    async fn erase(&self, erasure: &Erasure) -> Answer<()> {
        self.write_erasure(erasure)
    }
    async fn note(&self, name: &str) -> Answer<Option<Note>> {
        self.read_note(name)
    }
    async fn put_note(&self, name: &str, note: &Note) -> Answer<()> {
        self.write_note(name, note)
    }
    async fn tell(&self, event: AuditEvent) -> Answer<()> {
        self.tell_alone(event)
    }
    async fn audit(&self, after: u64, limit: usize) -> Answer<Vec<AuditEntry>> {
        self.trail(after, limit)
    }
}

/// Turns an engine's failure into the store's.
fn backend(error: crate::engine::EngineError) -> store::StoreError {
    match error {
        crate::engine::EngineError::Record { .. } => StoreError::Unreadable(error.to_string()),
        _ => StoreError::Backend(error.to_string()),
    }
}

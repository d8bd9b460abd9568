//! The issuer's records in PostgreSQL.
//!
//! One file a group of operations. Locks are taken in one order, so that transactions wait for
//! each other in a line and not in a circle: offer, credentials (by id), deferred request, list,
//! batch head, audit head. Where two still meet, the server ends one and it is tried again.

mod anchors;
mod audit_trail;
mod bulk;
mod credentials;
mod deferred;
mod erasure;
mod lists;
mod nonces;
mod notes;
mod offers;
mod register;

use async_trait::async_trait;
use credential_issuance::anchor::{AnchorBatch, DidAnchor};
use credential_issuance::audit::{AuditEntry, AuditEvent};
use credential_issuance::credential::CredentialRecord;
use credential_issuance::ids::{
    CredentialId, DeferredId, Digest, ListId, NotificationId, OfferId, PersonId,
};
use credential_issuance::offer::Offer;
use credential_issuance::person::Person;
use credential_issuance::status::{ListClass, ListRecord, Publication, StatusValue};
use credential_issuance::store::{
    DeferCommit, Erasure, IssuerStore, Note, Page, PrepareCommit, SpentNonce, StoreError,
};
use credential_issuance::{DeferredRequestRecord, store_copy};
use credential_model::kinds::QualificationKind;
use credential_model::moment::Moment;
use serde::de::DeserializeOwned;

use crate::failure::Fault;
use crate::record::{decode, nameable};
use crate::{OpenError, Postgres};

use crate::work::reading;
pub(crate) use audit_trail::seal;
pub(crate) use credentials::{NewRows, insert_rows};
pub(crate) use offers::token;

/// [`IssuerStore`] over one [`Postgres`] database; clones share it.
#[derive(Debug, Clone)]
pub struct PostgresIssuerStore {
    pub(crate) database: Postgres,
}

impl PostgresIssuerStore {
    /// The database it lies in, for what lies beside it.
    pub fn database(&self) -> &Postgres {
        &self.database
    }

    /// The issuer's tables of an open database.
    ///
    /// # Errors
    /// [`OpenError::CopyUnfinished`] while a copy into it is not finished;
    /// [`OpenError::Server`] when it cannot be asked.
    pub async fn open(database: Postgres) -> Result<Self, OpenError> {
        let store = Self::for_copy(database);
        match store_copy::Portable::copy_unfinished(&store).await {
            Ok(false) => Ok(store),
            Ok(true) => Err(OpenError::CopyUnfinished),
            Err(error) => Err(OpenError::Server(crate::failure::Failure::new(
                crate::failure::FailureKind::Failed,
                error.to_string(),
            ))),
        }
    }

    /// The issuer's tables as source or target of a copy, whatever their state.
    pub fn for_copy(database: Postgres) -> Self {
        Self { database }
    }

    /// Reads one record by a query with one parameter of text.
    async fn by_text<T: DeserializeOwned + Send>(
        &self,
        table: &str,
        query: &'static str,
        key: &str,
    ) -> Answer<Option<T>> {
        if !nameable(key) {
            return Ok(None);
        }
        reading!(self.database, |on| -> Work<Option<T>> {
            let text: Option<String> =
                sqlx::query_scalar(query).bind(key).fetch_optional(on).await?;
            text.map(|text| decode(table, &text)).transpose()
        })
    }

    /// As [`Self::by_text`] with a digest as the parameter.
    async fn by_digest<T: DeserializeOwned + Send>(
        &self,
        table: &str,
        query: &'static str,
        key: &Digest,
    ) -> Answer<Option<T>> {
        reading!(self.database, |on| -> Work<Option<T>> {
            let text: Option<String> =
                sqlx::query_scalar(query).bind(&key.0[..]).fetch_optional(on).await?;
            text.map(|text| decode(table, &text)).transpose()
        })
    }

    /// Reads all records that a query with one parameter of text finds.
    async fn all_by_text<T: DeserializeOwned + Send>(
        &self,
        table: &str,
        query: &'static str,
        key: &str,
    ) -> Answer<Vec<T>> {
        if !nameable(key) {
            return Ok(Vec::new());
        }
        reading!(self.database, |on| -> Work<Vec<T>> {
            let texts: Vec<String> = sqlx::query_scalar(query).bind(key).fetch_all(on).await?;
            crate::record::decode_all(table, &texts)
        })
    }

    /// Reads a page: the query's parameters are the key to begin after (all keys are greater than
    /// the empty text) and the limit.
    async fn page<T: DeserializeOwned + Send>(
        &self,
        table: &str,
        query: &'static str,
        page: Page<'_>,
    ) -> Answer<Vec<T>> {
        let after = page.after.unwrap_or_default();
        if !nameable(after) {
            return Ok(Vec::new());
        }
        let limit = crate::record::limit(page.limit);
        reading!(self.database, |on| -> Work<Vec<T>> {
            let texts: Vec<String> =
                sqlx::query_scalar(query).bind(after).bind(limit).fetch_all(on).await?;
            crate::record::decode_all(table, &texts)
        })
    }
}

type Answer<T> = Result<T, StoreError>;
pub(crate) type Work<T> = Result<T, Fault<StoreError>>;

/// A condition that does not hold.
pub(crate) fn refuse<T>(error: StoreError) -> Work<T> {
    Err(Fault::Refused(error))
}

#[async_trait]
impl IssuerStore for PostgresIssuerStore {
    async fn secret(&self, name: &str, fresh: [u8; 32]) -> Answer<[u8; 32]> {
        self.secret_of(name, fresh).await
    }
    async fn put_kinds(&self, kinds: &[QualificationKind], audit: AuditEvent) -> Answer<()> {
        self.write_kinds(kinds, &audit).await
    }
    async fn kind(&self, code: &str) -> Answer<Option<QualificationKind>> {
        self.by_text("kinds", "SELECT record FROM issuer_kinds WHERE code = $1", code).await
    }
    async fn kinds(&self, page: Page<'_>) -> Answer<Vec<QualificationKind>> {
        let query = "SELECT record FROM issuer_kinds WHERE code > $1 ORDER BY code LIMIT $2";
        self.page("kinds", query, page).await
    }
    async fn create_person(&self, person: &Person, audit: AuditEvent) -> Answer<()> {
        self.write_person(person, &audit).await
    }
    async fn person(&self, id: &PersonId) -> Answer<Option<Person>> {
        let query = "SELECT record FROM issuer_persons WHERE id = $1";
        self.by_text("persons", query, id.as_str()).await
    }
    async fn create_offer(&self, offer: &Offer, audit: AuditEvent) -> Answer<()> {
        self.write_new_offer(offer, &audit).await
    }
    async fn offer(&self, id: &OfferId) -> Answer<Option<Offer>> {
        let query = "SELECT record FROM issuer_offers WHERE id = $1";
        self.by_text("offers", query, id.as_str()).await
    }
    async fn offer_by_code(&self, code: &Digest) -> Answer<Option<Offer>> {
        self.by_digest("offers", "SELECT record FROM issuer_offers WHERE code = $1", code).await
    }
    async fn offer_by_token(&self, token: &Digest) -> Answer<Option<Offer>> {
        self.by_digest("offers", "SELECT record FROM issuer_offers WHERE token = $1", token).await
    }
    async fn replace_offer(&self, offer: &Offer, audit: AuditEvent) -> Answer<()> {
        self.write_next_offer(offer, &audit).await
    }
    async fn offers(&self, page: Page<'_>) -> Answer<Vec<Offer>> {
        self.offers_in_time_order(page).await
    }
    async fn nonce_spent(&self, nonce: &Digest) -> Answer<bool> {
        self.is_spent(nonce).await
    }
    async fn forget_nonces(&self, now: Moment) -> Answer<u64> {
        self.forget_nonces_before(now).await
    }
    async fn spend_nonces(&self, nonces: &[SpentNonce]) -> Answer<()> {
        self.spend(nonces).await
    }
    async fn prepare(&self, commit: &PrepareCommit) -> Answer<()> {
        self.write_prepared(commit).await
    }
    async fn record_issued(&self, records: &[CredentialRecord], audit: AuditEvent) -> Answer<()> {
        self.write_issued(records, &audit).await
    }
    async fn credential(&self, id: &CredentialId) -> Answer<Option<CredentialRecord>> {
        let query = "SELECT record FROM issuer_credentials WHERE id = $1";
        self.by_text("credentials", query, id.as_str()).await
    }
    async fn credential_by_key(&self, key: &Digest) -> Answer<Option<CredentialRecord>> {
        let query = "SELECT record FROM issuer_credentials WHERE idempotency = $1";
        self.by_digest("credentials", query, key).await
    }
    async fn credential_at(&self, list: &ListId, index: u64) -> Answer<Option<CredentialRecord>> {
        let (list, Ok(index)) = (list.as_str(), i64::try_from(index)) else { return Ok(None) };
        reading!(self.database, |on| -> Work<Option<CredentialRecord>> {
            let query = "SELECT record FROM issuer_credentials WHERE list = $1 AND place = $2";
            let text: Option<String> =
                sqlx::query_scalar(query).bind(list).bind(index).fetch_optional(on).await?;
            text.map(|text| decode("credentials", &text)).transpose()
        })
    }
    async fn credentials_of_offer(&self, offer: &OfferId) -> Answer<Vec<CredentialRecord>> {
        let query = "SELECT record FROM issuer_credentials WHERE offer = $1 ORDER BY id";
        self.all_by_text("credentials", query, offer.as_str()).await
    }
    async fn credentials_by_notification(
        &self,
        id: &NotificationId,
    ) -> Answer<Vec<CredentialRecord>> {
        let query = "SELECT record FROM issuer_credentials WHERE notification = $1 ORDER BY id";
        self.all_by_text("credentials", query, id.as_str()).await
    }
    async fn credentials(&self, page: Page<'_>) -> Answer<Vec<CredentialRecord>> {
        let query = "SELECT record FROM issuer_credentials WHERE id > $1 ORDER BY id LIMIT $2";
        self.page("credentials", query, page).await
    }
    async fn prepared(&self, page: Page<'_>) -> Answer<Vec<CredentialRecord>> {
        let query = "SELECT record FROM issuer_credentials WHERE NOT issued AND id > $1 \
                     ORDER BY id LIMIT $2";
        self.page("credentials", query, page).await
    }
    async fn replace_credentials(
        &self,
        records: &[CredentialRecord],
        audit: AuditEvent,
    ) -> Answer<()> {
        self.write_next_credentials(records, &audit).await
    }
    async fn defer(&self, commit: &DeferCommit) -> Answer<()> {
        self.write_deferred(commit).await
    }
    async fn deferred(&self, id: &DeferredId) -> Answer<Option<DeferredRequestRecord>> {
        let query = "SELECT record FROM issuer_deferred WHERE id = $1";
        self.by_text("deferred", query, id.as_str()).await
    }
    async fn deferred_by_transaction(
        &self,
        transaction: &Digest,
    ) -> Answer<Option<DeferredRequestRecord>> {
        let query = "SELECT record FROM issuer_deferred WHERE transaction_digest = $1";
        self.by_digest("deferred", query, transaction).await
    }
    async fn deferred_of_offer(&self, offer: &OfferId) -> Answer<Vec<DeferredRequestRecord>> {
        let query = "SELECT record FROM issuer_deferred WHERE offer = $1 ORDER BY id";
        self.all_by_text("deferred", query, offer.as_str()).await
    }
    async fn deferred_requests(&self, page: Page<'_>) -> Answer<Vec<DeferredRequestRecord>> {
        let query = "SELECT record FROM issuer_deferred WHERE id > $1 ORDER BY id LIMIT $2";
        self.page("deferred", query, page).await
    }
    async fn replace_deferred(
        &self,
        request: &DeferredRequestRecord,
        audit: AuditEvent,
    ) -> Answer<()> {
        self.write_next_deferred(request, &audit).await
    }
    async fn open_list(&self, class: ListClass) -> Answer<Option<ListRecord>> {
        let query = "SELECT lists.record FROM issuer_open_lists AS open \
                     JOIN issuer_lists AS lists ON lists.id = open.list WHERE open.class = $1";
        self.by_text("lists", query, class.prefix()).await
    }
    async fn create_list(&self, list: &ListRecord) -> Answer<()> {
        self.write_new_list(list).await
    }
    async fn list(&self, id: &ListId) -> Answer<Option<ListRecord>> {
        self.by_text("lists", "SELECT record FROM issuer_lists WHERE id = $1", id.as_str()).await
    }
    async fn lists(&self) -> Answer<Vec<ListRecord>> {
        let query = "SELECT record FROM issuer_lists WHERE id > $1 ORDER BY id LIMIT $2";
        self.page("lists", query, Page { after: None, limit: usize::MAX }).await
    }
    async fn change_status(&self, record: &CredentialRecord, audit: AuditEvent) -> Answer<()> {
        self.write_status(record, &audit).await
    }
    async fn list_values(&self, id: &ListId) -> Answer<Vec<(u64, StatusValue)>> {
        self.values(id).await
    }
    async fn publish(&self, publication: &Publication, audit: AuditEvent) -> Answer<()> {
        self.write_publication(publication, &audit).await
    }
    async fn published(&self, id: &ListId) -> Answer<Option<(Vec<u8>, Vec<u8>)>> {
        self.published_bytes(id).await
    }
    async fn archived(&self, sha256: &Digest) -> Answer<Option<Vec<u8>>> {
        self.archived_bytes(sha256).await
    }
    async fn unanchored(&self, limit: usize) -> Answer<Vec<CredentialRecord>> {
        let query = "SELECT record FROM issuer_credentials WHERE waiting AND id > $1 \
                     ORDER BY id LIMIT $2";
        self.page("credentials", query, Page { after: None, limit }).await
    }
    async fn prepare_batch(&self, batch: &AnchorBatch, audit: AuditEvent) -> Answer<()> {
        self.write_new_batch(batch, &audit).await
    }
    async fn replace_batch(&self, batch: &AnchorBatch, audit: Option<AuditEvent>) -> Answer<()> {
        self.write_next_batch(batch, audit.as_ref()).await
    }
    async fn batch(&self, number: u64) -> Answer<Option<AnchorBatch>> {
        self.batch_of(number).await
    }
    async fn last_batches(&self, limit: usize) -> Answer<Vec<AnchorBatch>> {
        self.newest_batches(limit).await
    }
    async fn did_anchor(&self) -> Answer<Option<DidAnchor>> {
        let query = "SELECT record FROM issuer_singles WHERE name = $1";
        self.by_text("singles", query, anchors::DID_ANCHOR).await
    }
    async fn put_did_anchor(&self, anchor: &DidAnchor, audit: Option<AuditEvent>) -> Answer<()> {
        self.write_did_anchor(anchor, audit.as_ref()).await
    }
    async fn erase(&self, erasure: &Erasure) -> Answer<()> {
        self.write_erasure(erasure).await
    }
    async fn note(&self, name: &str) -> Answer<Option<Note>> {
        self.read_note(name).await
    }
    async fn put_note(&self, name: &str, note: &Note) -> Answer<()> {
        self.write_note(name, note).await
    }
    async fn tell(&self, event: AuditEvent) -> Answer<()> {
        self.tell_alone(&event).await
    }
    async fn audit(&self, after: u64, limit: usize) -> Answer<Vec<AuditEntry>> {
        self.trail(after, limit).await
    }
}

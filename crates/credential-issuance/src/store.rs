//! What the issuing flow asks of a backend.
//!
//! Every writing operation is one transaction: it happens whole or not at all, it is durable
//! when it returns, and the audit events given to it are sealed into the trail within it.
//! Records carry a `revision`; a write must find the revision before its own
//! ([`StoreError::Conflict`] otherwise), so two writers have one winner. A backend needs no
//! knowledge of issuing: it keeps look-up tables and checks the stated conditions.
//! [`crate::store_contract`] is the test suite every backend passes.

use async_trait::async_trait;
use credential_model::kinds::QualificationKind;
use credential_model::moment::Moment;
use status_lists::StatusValue;

use crate::anchor::{AnchorBatch, DidAnchor};
use crate::audit::{AuditEntry, AuditEvent};
use crate::credential::CredentialRecord;
use crate::deferred_record::DeferredRequestRecord;
use crate::ids::{CredentialId, DeferredId, Digest, ListId, NotificationId, OfferId, PersonId};
use crate::offer::Offer;
use crate::person::Person;
use crate::status::{ListClass, ListRecord, Publication};

/// Why the store did not do what was asked. Nothing of a refused operation was applied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A condition on a revision, version or counter did not hold: somebody else was faster.
    #[error("another request changed the same record at the same moment")]
    Conflict,
    /// A unique value is taken.
    #[error("the {0} is taken")]
    Taken(&'static str),
    /// A nonce of the commit was spent before.
    #[error("a nonce was used before")]
    NonceUsed,
    /// A record that must be there is not.
    #[error("no such {0}")]
    Missing(&'static str),
    /// The backend failed; nothing was acknowledged.
    #[error("the store failed: {0}")]
    Backend(String),
    /// A record is there but this build cannot read it.
    #[error("a record cannot be read: {0}")]
    Unreadable(String),
}

impl StoreError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Conflict => "store_conflict",
            Self::Taken(_) => "already_exists",
            Self::NonceUsed => "invalid_nonce",
            Self::Missing(_) => "not_found",
            Self::Backend(_) => "store_failed",
            Self::Unreadable(_) => "store_record_unreadable",
        }
    }
}

/// A spent nonce, remembered until it would have expired anyway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpentNonce {
    /// Digest of the nonce.
    pub nonce: Digest,
    /// When it may be forgotten.
    pub expires: Moment,
}

/// The commit that stands before every signature.
#[derive(Debug)]
pub struct PrepareCommit {
    /// Revision the offer must still have; it is not changed.
    pub offer: (OfferId, u64),
    /// Nonces to spend; each must be unspent. Empty when a deferred request is fulfilled.
    pub nonces: Vec<SpentNonce>,
    /// The list after the allocation; `next` is the counter before plus the number of records. A
    /// list not in the store yet is opened.
    pub list: ListRecord,
    /// The counter the stored list must have (0 for a new list).
    pub list_next_before: u64,
    /// The records, stage `Prepared`; their idempotency keys and status places must be free.
    pub records: Vec<CredentialRecord>,
    /// What to tell.
    pub audit: AuditEvent,
}

/// The commit that accepts a deferred request.
#[derive(Debug)]
pub struct DeferCommit {
    /// Nonces to spend.
    pub nonces: Vec<SpentNonce>,
    /// The request; new.
    pub request: DeferredRequestRecord,
    /// What to tell.
    pub audit: AuditEvent,
}

/// What is forgotten of a person, in one transaction: see [`crate::erasure`].
#[derive(Debug)]
pub struct Erasure {
    /// The person to remove from the register; must be there when named.
    pub person: Option<PersonId>,
    /// Next revisions without personal data. Their look-up by token goes.
    pub offers: Vec<Offer>,
    /// Next revisions without personal data; list, index, status and stage stay as they were. They
    /// are found by their new idempotency key only.
    pub credentials: Vec<CredentialRecord>,
    /// Next revisions without personal data.
    pub deferred: Vec<DeferredRequestRecord>,
    /// What to tell.
    pub audit: AuditEvent,
}

/// A small text that a service keeps for itself under a name, such as how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Counts its writes from 1.
    pub revision: u64,
    /// What it says; no personal data, no U+0000.
    pub text: String,
}

/// A page of records in time order.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// Begin after this id (exclusive).
    pub after: Option<&'a str>,
    /// At most so many.
    pub limit: usize,
}

/// The backend of an issuer.
#[async_trait]
pub trait IssuerStore: Send + Sync {
    /// The 32 secret bytes under `name`; the first call stores `fresh` and answers it, durably.
    async fn secret(&self, name: &str, fresh: [u8; 32]) -> Result<[u8; 32], StoreError>;

    /// Inserts or replaces kinds by code.
    async fn put_kinds(
        &self,
        kinds: &[QualificationKind],
        audit: AuditEvent,
    ) -> Result<(), StoreError>;
    /// The kind of this code.
    async fn kind(&self, code: &str) -> Result<Option<QualificationKind>, StoreError>;
    /// Kinds in code order.
    async fn kinds(&self, page: Page<'_>) -> Result<Vec<QualificationKind>, StoreError>;

    /// Registers a person; [`StoreError::Taken`] when id or external reference is there.
    async fn create_person(&self, person: &Person, audit: AuditEvent) -> Result<(), StoreError>;
    /// The person of this id.
    async fn person(&self, id: &PersonId) -> Result<Option<Person>, StoreError>;

    /// Keeps a new offer (revision 1), findable by its code's digest.
    async fn create_offer(&self, offer: &Offer, audit: AuditEvent) -> Result<(), StoreError>;
    /// The offer of this id.
    async fn offer(&self, id: &OfferId) -> Result<Option<Offer>, StoreError>;
    /// The offer whose code has this digest, whatever its stage.
    async fn offer_by_code(&self, code: &Digest) -> Result<Option<Offer>, StoreError>;
    /// The offer whose current token has this digest.
    async fn offer_by_token(&self, token: &Digest) -> Result<Option<Offer>, StoreError>;
    /// Replaces the offer with its next revision; the token look-up follows the stage.
    async fn replace_offer(&self, offer: &Offer, audit: AuditEvent) -> Result<(), StoreError>;
    /// Offers, newest last.
    async fn offers(&self, page: Page<'_>) -> Result<Vec<Offer>, StoreError>;

    /// Whether the nonce was spent.
    async fn nonce_spent(&self, nonce: &Digest) -> Result<bool, StoreError>;
    /// Forgets spent nonces that expired before `now`; at most a bounded number a call.
    async fn forget_nonces(&self, now: Moment) -> Result<u64, StoreError>;
    /// Spends nonces alone, when a request is answered from what is already recorded.
    async fn spend_nonces(&self, nonces: &[SpentNonce]) -> Result<(), StoreError>;

    /// Allocates, spends and records in one transaction: see [`PrepareCommit`].
    async fn prepare(&self, commit: &PrepareCommit) -> Result<(), StoreError>;
    /// Records signatures: the records' next revisions, stage `Issued`; they wait for a batch from now on.
    async fn record_issued(
        &self,
        records: &[CredentialRecord],
        audit: AuditEvent,
    ) -> Result<(), StoreError>;
    /// The credential of this id.
    async fn credential(&self, id: &CredentialId) -> Result<Option<CredentialRecord>, StoreError>;
    /// The credential that holds this place of a list.
    async fn credential_at(
        &self,
        list: &ListId,
        index: u64,
    ) -> Result<Option<CredentialRecord>, StoreError>;
    /// The credential of this idempotency key.
    async fn credential_by_key(&self, key: &Digest)
    -> Result<Option<CredentialRecord>, StoreError>;
    /// Credentials of this offer.
    async fn credentials_of_offer(
        &self,
        offer: &OfferId,
    ) -> Result<Vec<CredentialRecord>, StoreError>;
    /// Credentials that share this notification id.
    async fn credentials_by_notification(
        &self,
        id: &NotificationId,
    ) -> Result<Vec<CredentialRecord>, StoreError>;
    /// Credentials in time order.
    async fn credentials(&self, page: Page<'_>) -> Result<Vec<CredentialRecord>, StoreError>;
    /// Credentials that are prepared and not signed, in time order: from an index, whatever the
    /// number of all credentials.
    async fn prepared(&self, page: Page<'_>) -> Result<Vec<CredentialRecord>, StoreError>;
    /// Replaces records with their next revisions, where neither stage nor status changes.
    async fn replace_credentials(
        &self,
        records: &[CredentialRecord],
        audit: AuditEvent,
    ) -> Result<(), StoreError>;

    /// Accepts a deferred request; see [`DeferCommit`].
    async fn defer(&self, commit: &DeferCommit) -> Result<(), StoreError>;
    /// The deferred request of this id.
    async fn deferred(&self, id: &DeferredId) -> Result<Option<DeferredRequestRecord>, StoreError>;
    /// The deferred request of this transaction id's digest.
    async fn deferred_by_transaction(
        &self,
        transaction: &Digest,
    ) -> Result<Option<DeferredRequestRecord>, StoreError>;
    /// Deferred requests of this offer.
    async fn deferred_of_offer(
        &self,
        offer: &OfferId,
    ) -> Result<Vec<DeferredRequestRecord>, StoreError>;
    /// Deferred requests in time order.
    async fn deferred_requests(
        &self,
        page: Page<'_>,
    ) -> Result<Vec<DeferredRequestRecord>, StoreError>;
    /// Replaces a deferred request with its next revision; `transaction` may change.
    async fn replace_deferred(
        &self,
        request: &DeferredRequestRecord,
        audit: AuditEvent,
    ) -> Result<(), StoreError>;

    /// The list that entries of this class are given out from, if one is open.
    async fn open_list(&self, class: ListClass) -> Result<Option<ListRecord>, StoreError>;
    /// Opens a list: it must be new and becomes the open one of its class.
    async fn create_list(&self, list: &ListRecord) -> Result<(), StoreError>;
    /// The list of this id.
    async fn list(&self, id: &ListId) -> Result<Option<ListRecord>, StoreError>;
    /// All lists, in id order.
    async fn lists(&self) -> Result<Vec<ListRecord>, StoreError>;
    /// Replaces the record (next revision, new status) and sets the status in the list; counts one change.
    async fn change_status(
        &self,
        record: &CredentialRecord,
        audit: AuditEvent,
    ) -> Result<(), StoreError>;
    /// Whether [`IssuerStore::change_many`] is there. A store that says so answers its calls without
    /// suspending: whoever makes changes for others cannot be dropped in the middle of it.
    fn takes_many(&self) -> bool {
        false
    }
    /// As [`IssuerStore::change_status`] for several credentials, none of them twice, in one durable
    /// step: all or none.
    async fn change_many(
        &self,
        changes: &[(CredentialRecord, AuditEvent)],
    ) -> Result<(), StoreError> {
        let _ = changes;
        Err(StoreError::Conflict)
    }
    /// All entries of the list that are not valid: index and value.
    async fn list_values(&self, id: &ListId) -> Result<Vec<(u64, StatusValue)>, StoreError>;
    /// Puts a signed list in place and both forms into the archive; the version must be the next one.
    async fn publish(&self, publication: &Publication, audit: AuditEvent)
    -> Result<(), StoreError>;
    /// The published bytes: (Bitstring Status List credential, Token Status List).
    async fn published(&self, id: &ListId) -> Result<Option<(Vec<u8>, Vec<u8>)>, StoreError>;
    /// Bytes of the archive by their SHA-256.
    async fn archived(&self, sha256: &Digest) -> Result<Option<Vec<u8>>, StoreError>;

    /// Issued credentials that no batch holds yet, oldest first.
    async fn unanchored(&self, limit: usize) -> Result<Vec<CredentialRecord>, StoreError>;
    /// Records a new batch (number = last plus 1); its credentials no longer wait and carry its number.
    async fn prepare_batch(&self, batch: &AnchorBatch, audit: AuditEvent)
    -> Result<(), StoreError>;
    /// Replaces a batch with its next revision.
    async fn replace_batch(
        &self,
        batch: &AnchorBatch,
        audit: Option<AuditEvent>,
    ) -> Result<(), StoreError>;
    /// The batch of this number.
    async fn batch(&self, number: u64) -> Result<Option<AnchorBatch>, StoreError>;
    /// The newest `limit` batches, newest first.
    async fn last_batches(&self, limit: usize) -> Result<Vec<AnchorBatch>, StoreError>;
    /// What is known about the issuer's DID on the chain.
    async fn did_anchor(&self) -> Result<Option<DidAnchor>, StoreError>;
    /// Remembers it.
    async fn put_did_anchor(
        &self,
        anchor: &DidAnchor,
        audit: Option<AuditEvent>,
    ) -> Result<(), StoreError>;

    /// Forgets personal data; see [`Erasure`].
    async fn erase(&self, erasure: &Erasure) -> Result<(), StoreError>;

    /// The note of this name.
    async fn note(&self, name: &str) -> Result<Option<Note>, StoreError>;
    /// Writes a note; its revision is the stored one plus 1 (1 when there is none).
    async fn put_note(&self, name: &str, note: &Note) -> Result<(), StoreError>;

    /// Tells something that changes nothing else.
    async fn tell(&self, event: AuditEvent) -> Result<(), StoreError>;
    /// Entries of the audit trail after `after` (0: from the first), in order.
    async fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditEntry>, StoreError>;
}

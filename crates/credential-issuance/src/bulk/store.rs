//! What bulk jobs ask of a backend, beside [`crate::store::IssuerStore`].
//!
//! The same promises: every writing operation is one durable transaction, whole or not at all.
//! [`super::store_contract`] is the test suite every backend passes.

use async_trait::async_trait;
use credential_model::moment::Moment;

use super::chunk::{ChunkHead, ClaimMark, Row};
use super::job::{Job, Progress};
use crate::audit::AuditEvent;
use crate::credential::CredentialRecord;
use crate::ids::{Digest, JobId};
use crate::status::ListClass;
use crate::store::StoreError;

/// A row's identity across jobs: 16 bytes of a keyed digest of type, kind and cells.
pub type RowKey = [u8; 16];

/// A wish for a chunk.
#[derive(Debug, Clone)]
pub struct ClaimWish {
    /// How the claim is marked; another worker's mark of a later moment than `now` is respected.
    pub mark: ClaimMark,
    /// The present moment.
    pub now: Moment,
    /// From which lists status entries are reserved.
    pub class: ListClass,
    /// Entries of a list, should one be opened.
    pub list_size: u64,
}

/// What a wish led to.
#[derive(Debug)]
pub enum Claimed {
    /// A chunk that is not done, with its rows as the check left them and its places reserved.
    Chunk(Box<ChunkHead>, Vec<Row>),
    /// Every chunk that is left is somebody else's for now.
    Busy,
    /// No chunk is left.
    None,
}

/// A record and its text: of a million credentials none is taken apart to be put together again.
#[derive(Debug, Clone)]
pub struct SealedRecord {
    /// The record, for what a backend looks records up by. Its signed credential may be absent (null).
    pub record: CredentialRecord,
    /// The whole record as JSON text: what is stored.
    pub text: String,
}

impl SealedRecord {
    /// A whole record.
    ///
    /// # Errors
    /// Of serialization.
    pub fn of(record: CredentialRecord) -> serde_json::Result<Self> {
        Ok(Self { text: serde_json::to_string(&record)?, record })
    }

    /// An issued record whose signed credential is null, and that credential as JSON text. `None`
    /// when the record has no place for it.
    pub(super) fn with_credential(record: CredentialRecord, sealed: &str) -> Option<Self> {
        const NAME: &str = "\"credential\":";
        let bare = serde_json::to_string(&record).ok()?;
        // The stage is the record's last member and ends in its digest, which has no such text; so
        // the last place is the right one.
        let at = bare.rfind("\"credential\":null,\"digest\":\"")? + NAME.len();
        let mut text = String::with_capacity(bare.len() + sealed.len());
        text.push_str(&bare[..at]);
        text.push_str(sealed);
        text.push_str(&bare[at + "null".len()..]);
        Some(Self { record, text })
    }
}

/// One chunk, issued: everything in one commit.
#[derive(Debug)]
pub struct ChunkCommit {
    /// The chunk afterwards: `done` and `root` set. Its claim must still be the stored one.
    pub head: ChunkHead,
    /// Its rows afterwards.
    pub rows: Vec<Row>,
    /// Signed credentials; ids and status places must be free.
    pub records: Vec<SealedRecord>,
    /// Their identities with their row numbers; each must be unknown ([`StoreError::Taken`]).
    pub keys: Vec<(RowKey, u64)>,
    /// Leaves of the anchored tree, sorted; empty or exactly [`super::CHUNK_ROWS`].
    pub leaves: Vec<Digest>,
    /// What to tell.
    pub audit: AuditEvent,
}

/// The backend of bulk jobs.
#[async_trait]
pub trait BulkStore: Send + Sync {
    /// Keeps a new job (revision 1); [`StoreError::Taken`] when it is there already.
    async fn create_job(&self, job: &Job, audit: AuditEvent) -> Result<(), StoreError>;
    /// The job of this id.
    async fn job(&self, id: &JobId) -> Result<Option<Job>, StoreError>;
    /// Jobs in id order after an id.
    async fn jobs(&self, after: Option<&JobId>, limit: usize) -> Result<Vec<Job>, StoreError>;
    /// Replaces a job with its next revision.
    async fn replace_job(&self, job: &Job, audit: Option<AuditEvent>) -> Result<(), StoreError>;
    /// Jobs that want work ([`Job::wants_work`]), in id order.
    async fn jobs_at_work(&self) -> Result<Vec<Job>, StoreError>;
    /// A job whose root waits for an epoch ([`Job::wants_anchor`]).
    async fn job_to_anchor(&self) -> Result<Option<Job>, StoreError>;
    /// What committed chunks sum up to.
    async fn progress(&self, id: &JobId) -> Result<Progress, StoreError> {
        let heads = self.chunks(id).await?;
        Ok(heads.iter().filter_map(|head| head.done).fold(Progress::default(), Progress::and))
    }

    /// Keeps a part of a file; the same part again is no error.
    async fn put_part(&self, job: &JobId, number: u32, bytes: &[u8]) -> Result<(), StoreError>;
    /// A part.
    async fn part(&self, job: &JobId, number: u32) -> Result<Option<Vec<u8>>, StoreError>;
    /// Forgets parts with numbers below `count`.
    async fn drop_parts(&self, job: &JobId, count: u32) -> Result<(), StoreError>;

    /// Keeps a chunk fresh from the check, replacing one of an earlier check. The job must have
    /// this revision.
    async fn put_chunk(
        &self,
        revision: u64,
        head: &ChunkHead,
        rows: &[Row],
    ) -> Result<(), StoreError>;
    /// Heads of a job's chunks, in order.
    async fn chunks(&self, job: &JobId) -> Result<Vec<ChunkHead>, StoreError>;
    /// A chunk with its rows.
    async fn chunk(
        &self,
        job: &JobId,
        number: u32,
    ) -> Result<Option<(ChunkHead, Vec<Row>)>, StoreError>;
    /// Where rows of these identities were issued: job and row number.
    async fn known_rows(&self, keys: &[RowKey]) -> Result<Vec<Option<(JobId, u64)>>, StoreError>;

    /// Takes the first chunk that is not done and nobody else's; reserves its status entries when
    /// that has not happened. The job must be running, else [`StoreError::Conflict`].
    async fn claim_chunk(&self, job: &JobId, wish: &ClaimWish) -> Result<Claimed, StoreError>;
    /// Records a chunk; see [`ChunkCommit`]. The job must be running or paused.
    async fn commit_chunk(&self, commit: &ChunkCommit) -> Result<(), StoreError>;
    /// Leaves of a committed chunk.
    async fn leaves(&self, job: &JobId, number: u32) -> Result<Option<Vec<Digest>>, StoreError>;

    /// Replaces records with their next revisions, sets their status in their lists, and replaces
    /// the job with its next revision: one step of a [`super::StatusOrder`].
    async fn change_statuses(
        &self,
        job: &Job,
        records: &[CredentialRecord],
        audit: AuditEvent,
    ) -> Result<(), StoreError>;
}

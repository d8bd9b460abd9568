//! Bulk jobs: a file of rows to credentials, each row exactly once.
//!
//! # What a row can rely on
//! * A job's id follows from the file, the type, the kind and the issuer: the same file again, at
//!   another replica too, is the same job.
//! * A row's identity is a keyed digest of its content. One that was issued before, by whatever
//!   job, is refused.
//! * A chunk of 1,024 rows is one durable commit: credentials, what became of each row, the leaves
//!   of the anchored tree, the sums. Status entries are reserved by the claim before it, so that a
//!   chunk that died half way is issued again on the same entries, and nobody saw its first try.
//! * A job that is over adds up: rows = issued + refused + held, counted twice and compared.
//!
//! # How holders get theirs
//! Every issued row has an offer whose id and code follow from job and row under a secret of this
//! store: nothing lies at rest that could be taken, a claim finds its row without an index, and
//! the outcome file can be made again. The first use turns it into an ordinary [`crate::offer`],
//! single use and expiring; the credential is then bound to the holder's key.

mod check;
mod chunk;
mod claim;
mod columns;
mod desk;
mod document;
mod job;
mod mould;
pub mod names;
mod order;
mod outcome;
mod press;
mod preview;
mod root;
mod run;
mod store;
pub mod store_contract;
mod table;

use std::sync::Arc;

pub use chunk::{ChunkHead, ClaimMark, Places, Row, RowFinding, tally};
pub use desk::{Announced, BulkError, NewJob};
pub use job::{
    CHUNK_ROWS, Encoding, FileFault, Job, JobStage, JobStep, MAX_FILE, MAX_ROWS, PART_BYTES, Plan,
    Progress, StatusOrder, Totals,
};
pub use outcome::{ClaimState, OutcomeRow};
pub use preview::{Preview, preview};
pub use root::BulkRoot;
pub(crate) use root::bulk_inclusion;
pub use run::ChunkWork;
pub use store::{BulkStore, ChunkCommit, ClaimWish, Claimed, RowKey, SealedRecord};

use crate::Issuer;
use crate::store::StoreError;

/// What may differ between two issuers. Times are in seconds.
#[derive(Debug, Clone)]
pub struct BulkSettings {
    /// For how long after a job its offers can be claimed (180 days).
    pub claim_seconds: i64,
    /// For how long a chunk belongs to the replica that claimed it (60).
    pub lease_seconds: i64,
    /// Codes of the kinds this issuer may give; all of its catalogue when absent.
    pub kinds: Option<Vec<String>>,
    /// How many checked chunks wait in memory for their turn (4).
    pub ahead: usize,
}

impl Default for BulkSettings {
    fn default() -> Self {
        Self { claim_seconds: 180 * 86_400, lease_seconds: 60, kinds: None, ahead: 4 }
    }
}

/// What an issuer has for bulk jobs.
pub(crate) struct Bulk {
    pub(crate) store: Arc<dyn BulkStore>,
    pub(crate) settings: BulkSettings,
    /// Key of row identities and of padding.
    pub(crate) secret: [u8; 32],
}

impl Issuer {
    /// The same issuer with bulk jobs over a backend.
    pub async fn with_bulk(
        mut self,
        store: Arc<dyn BulkStore>,
        settings: BulkSettings,
    ) -> Result<Self, StoreError> {
        let mut fresh = [0; 32];
        self.entropy.fill(&mut fresh);
        let secret = self.store.secret("bulk", fresh).await?;
        self.bulk = Some(Bulk { store, settings, secret });
        Ok(self)
    }
}

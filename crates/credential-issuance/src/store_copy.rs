//! Moving a whole store from one backend to another, proven by counts and digests.
//!
//! A store shows itself as shelves of rows, key and value, in key order. Shelves hold what is
//! recorded; look-up tables are made anew by the backend that takes the rows in. Both backends
//! write the same value bytes, so a shelf's digest is the same on both sides.
//!
//! The copy is repeatable, not resumable: the target carries a mark from the first row to the
//! last check, services refuse a store with the mark, and repeating the command begins anew over
//! what is there. A target without the mark must be empty. The source is read once more at the
//! end: if somebody wrote to it meanwhile, the copy fails.

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};

use crate::ids::Digest;

/// Shelves of an issuer's store, in the order they are copied. What another shelf is made from
/// (the archive under the lists) comes first.
pub const ISSUER_SHELVES: &[&str] = &[
    "secrets",
    "kinds",
    "persons",
    "offers",
    "offer_codes",
    "nonces",
    "archive",
    "lists",
    "open_lists",
    "list_values",
    "credentials",
    "bulk_jobs",
    "bulk_parts",
    "bulk_chunks",
    "bulk_chunk_rows",
    "bulk_leaves",
    "bulk_rows",
    "deferred",
    "batches",
    "did_anchor",
    "notes",
    "outbox",
    "audit",
];

/// Shelves of a verifier's store.
pub const VERIFIER_SHELVES: &[&str] = &["sessions", "lists"];

/// Rows a step takes, and how many where rows are large.
const ROWS: usize = 1_000;
const LARGE_ROWS: usize = 16;

/// One row of a shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its key; unique in the shelf.
    pub key: Vec<u8>,
    /// Its bytes, as they are stored.
    pub value: Vec<u8>,
}

/// Why a copy was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// Source and target are stores of different services.
    #[error("the two stores do not have the same shelves")]
    OtherService,
    /// The target holds something already.
    #[error("the target is not empty: it has rows of {0}")]
    NotEmpty(String),
    /// The source is itself an unfinished copy.
    #[error("the source is a copy that was not finished")]
    SourceUnfinished,
    /// After the copy, the two sides are not the same.
    #[error("{0} is not the same on both sides: the source was in use, or a row was not kept")]
    Differs(String),
    /// A row is not what its shelf holds.
    #[error("a row of {shelf} cannot be read: {reason}")]
    Unreadable {
        /// Which shelf.
        shelf: String,
        /// What is wrong.
        reason: String,
    },
    /// A backend failed.
    #[error("the store failed: {0}")]
    Backend(String),
}

impl CopyError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherService => "store_copy_other_service",
            Self::NotEmpty(_) => "store_copy_target_not_empty",
            Self::SourceUnfinished => "store_copy_source_unfinished",
            Self::Differs(_) => "store_copy_differs",
            Self::Unreadable { .. } => "store_record_unreadable",
            Self::Backend(_) => "store_failed",
        }
    }
}

/// A store that can be copied from and to.
#[async_trait]
pub trait Portable: Send + Sync {
    /// Its shelves: [`ISSUER_SHELVES`] or [`VERIFIER_SHELVES`].
    fn shelves(&self) -> &'static [&'static str];

    /// Rows of a shelf in key order, after a key (exclusive) where one is given.
    ///
    /// # Errors
    /// [`CopyError::Backend`].
    async fn rows(
        &self,
        shelf: &str,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, CopyError>;

    /// Puts rows with everything that belongs to them, durably. Rows that are there stay.
    ///
    /// # Errors
    /// [`CopyError::Unreadable`], [`CopyError::Backend`].
    async fn put_rows(&self, shelf: &str, rows: &[Row]) -> Result<(), CopyError>;

    /// Whether a copy into this store was begun and not finished.
    ///
    /// # Errors
    /// [`CopyError::Backend`].
    async fn copy_unfinished(&self) -> Result<bool, CopyError>;

    /// Sets or removes the mark of an unfinished copy, durably.
    ///
    /// # Errors
    /// [`CopyError::Backend`].
    async fn mark_copy(&self, unfinished: bool) -> Result<(), CopyError>;
}

/// What was copied of one shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShelfReport {
    /// Its name.
    pub shelf: &'static str,
    /// How many rows.
    pub rows: u64,
    /// SHA-256 over all rows in key order, each key and value preceded by its length.
    pub sha256: Digest,
}

/// What was copied, the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Shelf by shelf.
    pub shelves: Vec<ShelfReport>,
}

impl Report {
    /// All rows.
    pub fn rows(&self) -> u64 {
        self.shelves.iter().map(|shelf| shelf.rows).sum()
    }
}

/// Copies a store whole, and reads both sides once more to prove it. `told` hears of each shelf
/// that is through.
///
/// # Errors
/// [`CopyError`]; the target keeps its mark then, and no service takes it.
pub async fn copy(
    from: &dyn Portable,
    to: &dyn Portable,
    told: &(dyn Fn(&ShelfReport) + Sync),
) -> Result<Report, CopyError> {
    let shelves = from.shelves();
    if shelves != to.shelves() {
        return Err(CopyError::OtherService);
    }
    if from.copy_unfinished().await? {
        return Err(CopyError::SourceUnfinished);
    }
    if !to.copy_unfinished().await? {
        for shelf in shelves {
            if !to.rows(shelf, None, 1).await?.is_empty() {
                return Err(CopyError::NotEmpty((*shelf).to_owned()));
            }
        }
        to.mark_copy(true).await?;
    }
    let mut copied = Vec::new();
    for shelf in shelves {
        let report = walk(from, shelf, Some(to)).await?;
        told(&report);
        copied.push(report);
    }
    for report in &copied {
        for side in [to, from] {
            if walk(side, report.shelf, None).await? != *report {
                return Err(CopyError::Differs(report.shelf.to_owned()));
            }
        }
    }
    to.mark_copy(false).await?;
    Ok(Report { shelves: copied })
}

/// Counts and digests a store without copying it, to compare it with a [`Report`].
///
/// # Errors
/// [`CopyError::Backend`].
pub async fn survey(store: &dyn Portable) -> Result<Report, CopyError> {
    let mut shelves = Vec::new();
    for shelf in store.shelves() {
        shelves.push(walk(store, shelf, None).await?);
    }
    Ok(Report { shelves })
}

async fn walk(
    from: &dyn Portable,
    shelf: &'static str,
    to: Option<&dyn Portable>,
) -> Result<ShelfReport, CopyError> {
    let large = ["archive", "bulk_parts", "bulk_chunk_rows"].contains(&shelf);
    let step = if large { LARGE_ROWS } else { ROWS };
    let (mut hash, mut count, mut after) = (Sha256::new(), 0_u64, None::<Vec<u8>>);
    loop {
        let rows = from.rows(shelf, after.as_deref(), step).await?;
        for row in &rows {
            for part in [&row.key, &row.value] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        count += rows.len() as u64;
        if let (Some(to), false) = (to, rows.is_empty()) {
            to.put_rows(shelf, &rows).await?;
        }
        let full = rows.len() == step;
        match rows.into_iter().next_back() {
            Some(last) if full => after = Some(last.key),
            _ => break,
        }
    }
    Ok(ShelfReport { shelf, rows: count, sha256: Digest(hash.finalize().into()) })
}

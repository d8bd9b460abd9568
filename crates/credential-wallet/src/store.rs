//! What the wallet asks of a backend: five shelves of sealed records, changed together or not at all.
//!
//! A backend never sees a claim: every record arrives sealed. It owes atomicity,
//! durability before it answers, and the version check that turns two writers
//! into one winner. [`crate::store_contract`] is the test suite every backend passes.

/// A family of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shelf {
    /// Held credentials.
    Credentials,
    /// Offers being accepted, and those that are through.
    Sessions,
    /// What was presented to whom, and when.
    History,
    /// Links that were made, and the tokens that withdraw them.
    Shares,
    /// The wallet's own state record.
    State,
}

impl Shelf {
    /// Every shelf.
    pub const ALL: [Self; 5] =
        [Self::Credentials, Self::Sessions, Self::History, Self::Shares, Self::State];

    /// The stable name: part of every sealed record's associated data, and the table's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::Sessions => "sessions",
            Self::History => "history",
            Self::Shares => "shares",
            Self::State => "state",
        }
    }
}

/// One record as the backend keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRecord {
    /// Time-ordered id (UUIDv7 text), or a fixed name on [`Shelf::State`]; ASCII, at most 64 bytes.
    pub id: String,
    /// Counts the record's writes from 1.
    pub version: u64,
    /// The sealed bytes, opaque here.
    pub sealed: Vec<u8>,
}

/// One change of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Writes a record. `record.version` 1 demands that none is there; `n > 1` that `n - 1` is.
    Put {
        /// Where.
        shelf: Shelf,
        /// What.
        record: SealedRecord,
    },
    /// Removes a record; `version` is the one that must be there.
    Delete {
        /// Where.
        shelf: Shelf,
        /// Which.
        id: String,
        /// The version it must have.
        version: u64,
    },
}

/// Why the store could not do its work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another writer changed a record in between; nothing of the commit was applied.
    #[error("another process changed the wallet at the same moment")]
    Conflict,
    /// The backend failed; nothing of a commit was acknowledged.
    #[error("the wallet's store failed: {0}")]
    Backend(String),
    /// A record is there but cannot be read by this build.
    #[error("a record of the wallet cannot be read: {0}")]
    Unreadable(String),
}

impl StoreError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Conflict => "store_conflict",
            Self::Backend(_) => "store_failed",
            Self::Unreadable(_) => "store_record_unreadable",
        }
    }
}

/// The backend of a wallet.
pub trait WalletStore: Send + Sync {
    /// The record of that id, if there is one.
    fn get(&self, shelf: Shelf, id: &str) -> Result<Option<SealedRecord>, StoreError>;

    /// Records in id order after `after` (exclusive), at most `limit`.
    fn list(
        &self,
        shelf: Shelf,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<SealedRecord>, StoreError>;

    /// Applies all changes or none, and returns when they would survive a power cut.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a version condition does not hold.
    fn commit(&self, changes: &[Change]) -> Result<(), StoreError>;
}

/// The wallet's place for one number *outside* the store: the highest generation it has seen.
///
/// Restoring an old copy of the store alone is noticed by it. Whoever can roll back both
/// places together is not held off by software.
pub trait Witness: Send + Sync {
    /// The highest generation written so far; 0 when none was.
    fn highest(&self) -> Result<u64, StoreError>;
    /// Remembers `generation` durably.
    fn raise(&self, generation: u64) -> Result<(), StoreError>;
}

/// Backends in memory, for tests and for looking at a wallet without keeping one.
pub mod memory {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Mutex, PoisonError};

    use super::{Change, SealedRecord, Shelf, StoreError, WalletStore, Witness};

    type Records = BTreeMap<(Shelf, String), SealedRecord>;

    /// A store that forgets everything when dropped.
    #[derive(Debug, Default)]
    pub struct MemoryWalletStore(Mutex<Records>);

    impl MemoryWalletStore {
        /// A copy of the present content: what a thief or an old backup would have.
        pub fn snapshot(&self) -> Self {
            Self(Mutex::new(self.records().clone()))
        }

        fn records(&self) -> std::sync::MutexGuard<'_, Records> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    impl WalletStore for MemoryWalletStore {
        fn get(&self, shelf: Shelf, id: &str) -> Result<Option<SealedRecord>, StoreError> {
            Ok(self.records().get(&(shelf, id.to_owned())).cloned())
        }

        fn list(
            &self,
            shelf: Shelf,
            after: Option<&str>,
            limit: usize,
        ) -> Result<Vec<SealedRecord>, StoreError> {
            Ok(self
                .records()
                .iter()
                .filter(|((at, id), _)| {
                    *at == shelf && after.is_none_or(|after| id.as_str() > after)
                })
                .take(limit)
                .map(|(_, record)| record.clone())
                .collect())
        }

        fn commit(&self, changes: &[Change]) -> Result<(), StoreError> {
            let mut records = self.records();
            let mut next = records.clone();
            for change in changes {
                match change {
                    Change::Put { shelf, record } => {
                        let key = (*shelf, record.id.clone());
                        let present = next.get(&key).map_or(0, |present| present.version);
                        if present.checked_add(1) != Some(record.version) {
                            return Err(StoreError::Conflict);
                        }
                        next.insert(key, record.clone());
                    }
                    Change::Delete { shelf, id, version } => {
                        let key = (*shelf, id.clone());
                        if next.get(&key).map(|present| present.version) != Some(*version) {
                            return Err(StoreError::Conflict);
                        }
                        next.remove(&key);
                    }
                }
            }
            *records = next;
            Ok(())
        }
    }

    /// A witness that forgets everything when dropped.
    #[derive(Debug, Default)]
    pub struct MemoryWitness(AtomicU64);

    impl Witness for MemoryWitness {
        fn highest(&self) -> Result<u64, StoreError> {
            Ok(self.0.load(Ordering::SeqCst))
        }

        fn raise(&self, generation: u64) -> Result<(), StoreError> {
            self.0.fetch_max(generation, Ordering::SeqCst);
            Ok(())
        }
    }
}

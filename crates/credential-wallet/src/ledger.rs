//! The wallet's sealed memory: every record encrypted before the backend sees it, every
//! change counted, so that a record swapped, removed or put back in an older version shows.
//!
//! Each record is sealed with its shelf, id and version as associated data. One state
//! record lists the version every other record must have and counts the commits (the
//! *generation*); the [`Witness`] outside the store remembers the highest generation.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use signing_keys::sealed::Vault;

use crate::records::RECORD_VERSION;
use crate::store::{Change, SealedRecord, Shelf, StoreError, WalletStore, Witness};

/// The id of the state record.
const STATE: &str = "wallet";
/// How many records one page of a listing reads.
const PAGE: usize = 256;

/// Why the wallet's memory cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The backend.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record does not open: changed, moved, or sealed under another passphrase.
    #[error("record {0} of the wallet was altered or belongs to another wallet")]
    Tampered(String),
    /// Records are of an older state than the wallet last wrote.
    #[error("the wallet's store went back to an older state: {0}")]
    RolledBack(String),
    /// A record of a later build.
    #[error("record {0} of the wallet was written by a newer program")]
    Newer(String),
    /// A record cannot be written as JSON.
    #[error("a record has no JSON form: {0}")]
    Encoding(String),
}

impl LedgerError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Tampered(_) => "store_tampered",
            Self::RolledBack(_) => "store_rolled_back",
            Self::Newer(_) => "store_record_newer",
            Self::Encoding(_) => "store_encoding_failed",
        }
    }
}

/// What the wallet knows about its own records.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct State {
    v: u32,
    /// Counts commits.
    generation: u64,
    /// `shelf/id` → the version that record must have.
    records: BTreeMap<String, u64>,
}

/// A change to be made, in the clear.
#[derive(Debug)]
pub struct Draft {
    shelf: Shelf,
    id: String,
    body: Option<Vec<u8>>,
}

impl Draft {
    /// Writes `record` under `id`, replacing what is there.
    ///
    /// # Errors
    /// [`LedgerError::Encoding`] when the record has no JSON form.
    pub fn put<T: Serialize>(shelf: Shelf, id: &str, record: &T) -> Result<Self, LedgerError> {
        let body =
            serde_json::to_vec(record).map_err(|error| LedgerError::Encoding(error.to_string()))?;
        Ok(Self { shelf, id: id.to_owned(), body: Some(body) })
    }

    /// Removes the record.
    pub fn delete(shelf: Shelf, id: &str) -> Self {
        Self { shelf, id: id.to_owned(), body: None }
    }
}

/// Sealed records over a backend.
pub struct Ledger {
    store: Arc<dyn WalletStore>,
    witness: Arc<dyn Witness>,
    vault: Vault,
    state: Mutex<(u64, State)>,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ledger")
    }
}

fn name(shelf: Shelf, id: &str) -> String {
    format!("{}/{id}", shelf.name())
}

impl Ledger {
    /// Opens the memory and checks that it did not go back in time.
    ///
    /// # Errors
    /// [`LedgerError::RolledBack`], [`LedgerError::Tampered`] or what the backend says.
    pub fn open(
        store: Arc<dyn WalletStore>,
        vault: Vault,
        witness: Arc<dyn Witness>,
    ) -> Result<Self, LedgerError> {
        let highest = witness.highest()?;
        let (version, state) = match store.get(Shelf::State, STATE)? {
            Some(record) => {
                let bytes = open_record(&vault, Shelf::State, &record)?;
                (record.version, decode::<State>(STATE, &bytes)?)
            }
            None if highest > 0 => {
                return Err(LedgerError::RolledBack("the state record is missing".to_owned()));
            }
            None => {
                for shelf in Shelf::ALL {
                    if !store.list(shelf, None, 1)?.is_empty() {
                        return Err(LedgerError::RolledBack(
                            "records without a state record".to_owned(),
                        ));
                    }
                }
                (0, State { v: RECORD_VERSION, ..State::default() })
            }
        };
        if state.v != RECORD_VERSION {
            return Err(LedgerError::Newer(STATE.to_owned()));
        }
        if state.generation < highest {
            return Err(LedgerError::RolledBack(format!(
                "it is at generation {}, but generation {highest} was written",
                state.generation
            )));
        }
        // A crash between the commit and the witness leaves the witness one behind.
        if state.generation > highest {
            witness.raise(state.generation)?;
        }
        Ok(Self { store, witness, vault, state: Mutex::new((version, state)) })
    }

    /// The record of that id, opened.
    ///
    /// # Errors
    /// [`LedgerError`] when it is not the version the wallet last wrote.
    pub fn get<T: DeserializeOwned>(
        &self,
        shelf: Shelf,
        id: &str,
    ) -> Result<Option<T>, LedgerError> {
        let expected = self.state().1.records.get(&name(shelf, id)).copied();
        let found = self.store.get(shelf, id)?;
        match (expected, found) {
            (None, None) => Ok(None),
            (Some(expected), Some(record)) => self.read(shelf, &record, expected).map(Some),
            _ => Err(LedgerError::RolledBack(format!("record {}", name(shelf, id)))),
        }
    }

    /// All records of a shelf in id order, opened.
    ///
    /// # Errors
    /// As [`Self::get`]; also when a listed record is missing.
    pub fn list<T: DeserializeOwned>(&self, shelf: Shelf) -> Result<Vec<T>, LedgerError> {
        let prefix = name(shelf, "");
        let mut expected: BTreeMap<String, u64> = self
            .state()
            .1
            .records
            .iter()
            .filter_map(|(key, version)| {
                key.strip_prefix(&prefix).map(|id| (id.to_owned(), *version))
            })
            .collect();
        let mut opened = Vec::with_capacity(expected.len());
        let mut after: Option<String> = None;
        loop {
            let page = self.store.list(shelf, after.as_deref(), PAGE)?;
            let full = page.len() == PAGE;
            after = page.last().map(|record| record.id.clone());
            for record in page {
                let version = expected.remove(&record.id).ok_or_else(|| {
                    LedgerError::RolledBack(format!("record {}", name(shelf, &record.id)))
                })?;
                opened.push(self.read(shelf, &record, version)?);
            }
            if !full {
                break;
            }
        }
        match expected.pop_first() {
            Some((id, _)) => Err(LedgerError::RolledBack(format!("record {}", name(shelf, &id)))),
            None => Ok(opened),
        }
    }

    /// Whether nothing was ever kept, or everything was removed again.
    pub fn is_empty(&self) -> bool {
        self.state().1.records.is_empty()
    }

    /// How many commits there were.
    pub fn generation(&self) -> u64 {
        self.state().1.generation
    }

    /// Seals and writes all changes, or none; durable when it returns.
    ///
    /// # Errors
    /// [`LedgerError::Store`] with a conflict when another process wrote in between.
    pub fn commit(&self, drafts: Vec<Draft>) -> Result<(), LedgerError> {
        let mut guard = self.state();
        let mut next = guard.1.clone();
        let mut changes = Vec::with_capacity(drafts.len() + 1);
        for draft in drafts {
            let key = name(draft.shelf, &draft.id);
            let present = next.records.get(&key).copied();
            match (draft.body, present) {
                (Some(body), present) => {
                    let version = present.unwrap_or(0) + 1;
                    changes.push(self.sealed(draft.shelf, draft.id, version, &body));
                    next.records.insert(key, version);
                }
                (None, Some(version)) => {
                    changes.push(Change::Delete { shelf: draft.shelf, id: draft.id, version });
                    next.records.remove(&key);
                }
                (None, None) => {}
            }
        }
        next.generation += 1;
        let version = guard.0 + 1;
        let body =
            serde_json::to_vec(&next).map_err(|error| LedgerError::Encoding(error.to_string()))?;
        changes.push(self.sealed(Shelf::State, STATE.to_owned(), version, &body));
        self.store.commit(&changes)?;
        let generation = next.generation;
        *guard = (version, next);
        drop(guard);
        self.witness.raise(generation)?;
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, (u64, State)> {
        // The state changes only after a commit succeeded, so a poisoned lock holds a true one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sealed(&self, shelf: Shelf, id: String, version: u64, body: &[u8]) -> Change {
        let sealed = self.vault.seal(&name(shelf, &id), version, body);
        Change::Put { shelf, record: SealedRecord { id, version, sealed } }
    }

    fn read<T: DeserializeOwned>(
        &self,
        shelf: Shelf,
        record: &SealedRecord,
        expected: u64,
    ) -> Result<T, LedgerError> {
        let key = name(shelf, &record.id);
        if record.version != expected {
            return Err(LedgerError::RolledBack(format!(
                "record {key} has version {}, version {expected} was written",
                record.version
            )));
        }
        let bytes = open_record(&self.vault, shelf, record)?;
        decode(&key, &bytes)
    }
}

fn open_record(vault: &Vault, shelf: Shelf, record: &SealedRecord) -> Result<Vec<u8>, LedgerError> {
    let key = name(shelf, &record.id);
    vault
        .open_item(&key, record.version, &record.sealed)
        .map(|bytes| bytes.to_vec())
        .map_err(|_| LedgerError::Tampered(key))
}

fn decode<T: DeserializeOwned>(id: &str, bytes: &[u8]) -> Result<T, LedgerError> {
    serde_json::from_slice(bytes)
        .map_err(|error| StoreError::Unreadable(format!("{id}: {error}")).into())
}

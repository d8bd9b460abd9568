//! An index of keys' states and accreditations, kept beside the chain: rows, where they are
//! stored, and the answers drawn from them. Filling it is the [`crate::Indexer`]'s work.

use std::{collections::BTreeMap, sync::Mutex};

use serde::{Deserialize, Serialize};

use crate::{
    AccreditationChain, AccreditationChange, AccreditationRecord, DEPTH_LIMIT, KeyState, KeyStatus,
    Scope, hex_bytes, slots, type_set_root,
};

/// What one event says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexFact {
    /// A statement about a key.
    Key {
        /// keccak256 of the DID.
        #[serde(with = "hex_bytes::word")]
        did: [u8; 32],
        /// As stated; `retired_at` is filled in from earlier statements when answering.
        state: KeyState,
    },
    /// A set of types was defined.
    TypeSet {
        /// Ascending.
        #[serde(with = "hex_bytes::words")]
        types: Vec<[u8; 32]>,
    },
    /// A record was added.
    Accredited {
        /// Without history; the scope of a set is the set's name as if it were a type.
        record: AccreditationRecord,
        /// Whether the scope names a set.
        set: bool,
    },
    /// A record's history grew.
    Changed {
        /// The record.
        #[serde(with = "hex_bytes::word")]
        id: [u8; 32],
        /// What was added.
        change: AccreditationChange,
    },
}

/// One event and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexRow {
    /// Number of its block.
    pub block: u64,
    /// Its place among the block's events. (block, log_index) is the row's key.
    pub log_index: u64,
    /// What it says.
    pub fact: IndexFact,
}

/// A block up to which, itself included, the index is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Its number.
    pub number: u64,
    /// Its hash: on another chain the block has another one.
    #[serde(with = "hex_bytes::word")]
    pub hash: [u8; 32],
}

/// The store of an index failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("index store: {0}")]
pub struct IndexStoreError(pub String);

/// Where rows and checkpoints are kept. Each call is one transaction: all of it or nothing.
pub trait IndexStore: Send + Sync {
    /// Kept checkpoints, ascending.
    ///
    /// # Errors
    /// [`IndexStoreError`] when they cannot be read.
    fn checkpoints(&self) -> Result<Vec<Checkpoint>, IndexStoreError>;

    /// All rows, ascending by (block, log_index).
    ///
    /// # Errors
    /// [`IndexStoreError`] when they cannot be read.
    fn rows(&self) -> Result<Vec<IndexRow>, IndexStoreError>;

    /// Adds rows (replacing those with the same key) and a checkpoint, and forgets checkpoints
    /// below `keep_from`, if the newest checkpoint is still `after`, which the rows follow. False,
    /// and nothing is stored, when another process that shares the store came first: rows of two
    /// forks must never mix.
    ///
    /// # Errors
    /// [`IndexStoreError`] when nothing was stored.
    fn commit(
        &self,
        rows: &[IndexRow],
        after: Option<Checkpoint>,
        checkpoint: Checkpoint,
        keep_from: u64,
    ) -> Result<bool, IndexStoreError>;

    /// Removes rows and checkpoints of blocks above `number`; all of them for none.
    ///
    /// # Errors
    /// [`IndexStoreError`] when nothing was removed.
    fn roll_back(&self, number: Option<u64>) -> Result<(), IndexStoreError>;

    /// What the index's keeper noted beside it: when it was last up to date, and the like.
    ///
    /// # Errors
    /// [`IndexStoreError`] when it cannot be read.
    fn note(&self) -> Result<Option<String>, IndexStoreError>;

    /// Replaces the note.
    ///
    /// # Errors
    /// [`IndexStoreError`] when it was not stored.
    fn set_note(&self, note: &str) -> Result<(), IndexStoreError>;
}

#[derive(Debug, Default)]
struct Shelf {
    rows: BTreeMap<(u64, u64), IndexRow>,
    checkpoints: BTreeMap<u64, Checkpoint>,
    note: Option<String>,
}

/// An index that forgets on exit.
#[derive(Debug, Default)]
pub struct MemoryIndex(Mutex<Shelf>);

impl MemoryIndex {
    fn shelf(&self) -> Result<std::sync::MutexGuard<'_, Shelf>, IndexStoreError> {
        self.0.lock().map_err(|_| IndexStoreError("poisoned".to_owned()))
    }
}

impl IndexStore for MemoryIndex {
    fn checkpoints(&self) -> Result<Vec<Checkpoint>, IndexStoreError> {
        Ok(self.shelf()?.checkpoints.values().copied().collect())
    }

    fn rows(&self) -> Result<Vec<IndexRow>, IndexStoreError> {
        Ok(self.shelf()?.rows.values().cloned().collect())
    }

    fn commit(
        &self,
        rows: &[IndexRow],
        after: Option<Checkpoint>,
        checkpoint: Checkpoint,
        keep_from: u64,
    ) -> Result<bool, IndexStoreError> {
        let mut shelf = self.shelf()?;
        if shelf.checkpoints.values().next_back().copied() != after {
            return Ok(false);
        }
        shelf.rows.extend(rows.iter().map(|row| ((row.block, row.log_index), row.clone())));
        shelf.checkpoints.insert(checkpoint.number, checkpoint);
        shelf.checkpoints.retain(|number, _| *number >= keep_from);
        Ok(true)
    }

    fn roll_back(&self, number: Option<u64>) -> Result<(), IndexStoreError> {
        let mut shelf = self.shelf()?;
        let stays = |block: u64| number.is_some_and(|number| block <= number);
        shelf.rows.retain(|(block, _), _| stays(*block));
        shelf.checkpoints.retain(|block, _| stays(*block));
        Ok(())
    }

    fn note(&self) -> Result<Option<String>, IndexStoreError> {
        Ok(self.shelf()?.note.clone())
    }

    fn set_note(&self, note: &str) -> Result<(), IndexStoreError> {
        self.shelf()?.note = Some(note.to_owned());
        Ok(())
    }
}

/// Answers drawn from rows, the same as [`crate::ReadChain`] gives at the index's checkpoint.
#[derive(Debug, Clone, Default)]
pub struct TrustIndex {
    keys: BTreeMap<[u8; 32], Vec<KeyState>>,
    records: BTreeMap<[u8; 32], AccreditationRecord>,
    by_subject: BTreeMap<[u8; 32], Vec<[u8; 32]>>,
}

impl TrustIndex {
    /// From rows in the chain's order.
    pub fn from_rows(rows: &[IndexRow]) -> Self {
        let mut index = Self::default();
        let mut sets = BTreeMap::new();
        for row in rows {
            match &row.fact {
                IndexFact::Key { did, state } => index.add_key(*did, *state),
                IndexFact::TypeSet { types } => {
                    sets.insert(type_set_root(types), types.clone());
                }
                IndexFact::Accredited { record, set } => {
                    let mut record = record.clone();
                    if *set {
                        let types = sets.get(&record.scope.word()).cloned().unwrap_or_default();
                        record.scope = Scope::Set(types);
                    }
                    index.by_subject.entry(record.subject).or_default().push(record.id);
                    index.records.insert(record.id, record);
                }
                IndexFact::Changed { id, change } => {
                    if let Some(record) = index.records.get_mut(id) {
                        record.history.push(change.clone());
                    }
                }
            }
        }
        index
    }

    fn add_key(&mut self, did: [u8; 32], state: KeyState) {
        let states = self.keys.entry(did).or_default();
        let retired = (state.status == KeyStatus::Retired).then_some(state.since);
        match states.iter_mut().find(|known| known.key == state.key) {
            Some(known) => {
                *known = KeyState { retired_at: retired.or(known.retired_at), ..state };
            }
            None => states.push(KeyState { retired_at: retired, ..state }),
        }
    }

    /// See [`crate::ReadChain::key_states`].
    pub fn key_states(&self, did: &str) -> Vec<KeyState> {
        self.keys.get(&slots::did_key(did)).cloned().unwrap_or_default()
    }

    /// Whether anything was ever stated about a key of `did`.
    pub fn states_keys_of(&self, did: &str) -> bool {
        self.keys.contains_key(&slots::did_key(did))
    }

    /// See [`crate::ReadChain::accreditations`].
    pub fn accreditations(&self, subject: &str) -> Vec<AccreditationChain> {
        let ids = self.by_subject.get(&slots::did_key(subject)).map_or(&[][..], Vec::as_slice);
        ids.iter().map(|id| self.chain(*id)).collect()
    }

    /// All records, in no particular order.
    pub fn records(&self) -> impl Iterator<Item = &AccreditationRecord> {
        self.records.values()
    }

    fn chain(&self, id: [u8; 32]) -> AccreditationChain {
        let mut records = Vec::new();
        let mut next = Some(id);
        while let Some(record) = next.and_then(|id| self.records.get(&id)) {
            if records.len() == DEPTH_LIMIT {
                break;
            }
            next = record.parent;
            records.push(record.clone());
        }
        AccreditationChain { records }
    }
}

/// What every [`IndexStore`] must do: for the tests of those who write one. The store is empty
/// before, and holds a note alone after.
///
/// # Errors
/// What it does otherwise.
pub fn check_index_store(store: &dyn IndexStore) -> Result<(), String> {
    let said = |error: IndexStoreError| error.to_string();
    let row = |block, log_index| IndexRow {
        block,
        log_index,
        fact: IndexFact::TypeSet { types: vec![[block as u8; 32], [0xff; 32]] },
    };
    let point = |number: u64| Checkpoint { number, hash: [number as u8; 32] };
    let expect = |what: &str, holds: bool| if holds { Ok(()) } else { Err(what.to_owned()) };
    expect("a new store is empty", store.rows().map_err(said)?.is_empty())?;
    let commit = |rows: &[IndexRow], after, to, keep_from| {
        store.commit(rows, after, to, keep_from).map_err(said)
    };
    let first = commit(&[row(3, 1), row(2, 0), row(3, 0)], None, point(3), 0)?;
    let second = commit(&[row(5, 9), row(3, 1)], Some(point(3)), point(5), 0)?;
    expect("rows that follow are taken", first && second)?;
    let fork = Checkpoint { hash: [0xee; 32], ..point(5) };
    for after in [None, Some(point(3)), Some(fork)] {
        expect("who came second is told", !commit(&[row(6, 0)], after, point(6), 0)?)?;
    }
    expect("old checkpoints may go", commit(&[], Some(point(5)), point(9), 4)?)?;
    let keys: Vec<_> =
        store.rows().map_err(said)?.iter().map(|row| (row.block, row.log_index)).collect();
    expect("rows ascend, each once", keys == [(2, 0), (3, 0), (3, 1), (5, 9)])?;
    let kept = store.checkpoints().map_err(said)?;
    expect("old checkpoints are forgotten", kept == [point(5), point(9)])?;
    store.roll_back(Some(4)).map_err(said)?;
    expect("newer rows are removed", store.rows().map_err(said)?.len() == 3)?;
    expect("newer checkpoints are removed", store.checkpoints().map_err(said)?.is_empty())?;
    expect("there is no note at first", store.note().map_err(said)?.is_none())?;
    for note in ["one", "two"] {
        store.set_note(note).map_err(said)?;
    }
    store.roll_back(None).map_err(said)?;
    expect("the last note stays", store.note().map_err(said)?.as_deref() == Some("two"))?;
    expect("everything is removed", store.rows().map_err(said)?.is_empty())
}

//! The index of keys' states and accreditations ([`evm_chain::Indexer`]), beside the verifier's
//! sessions or in a database of its own.
//!
//! One database may hold the indexes of several contract sets: each has a name, the first part of
//! every key.

use evm_chain::{Checkpoint, IndexRow, IndexStore, IndexStoreError};

use crate::engine::{Batch, Database, EngineError};

/// The form of a row is in the table's name: another form is another table.
const ROWS: &str = "chain-index-rows-1";
const CHECKPOINTS: &str = "chain-index-checkpoints-1";
const NOTES: &str = "chain-index-notes-1";

/// [`IndexStore`] in a directory.
#[derive(Debug, Clone)]
pub struct EmbeddedChainIndex {
    database: Database,
    name: String,
}

impl EmbeddedChainIndex {
    /// The index `name` in this database.
    pub fn new(database: Database, name: &str) -> Self {
        Self { database, name: name.to_owned() }
    }

    /// Keys of this index begin so; no name is the beginning of another's.
    fn prefix(&self) -> Vec<u8> {
        let mut prefix = self.name.clone().into_bytes();
        prefix.push(0);
        prefix
    }

    /// Sorts by number: big-endian.
    fn key(&self, numbers: &[u64]) -> Vec<u8> {
        let mut key = self.prefix();
        key.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
        key
    }
}

// The engine takes the error by value when it is done with it.
#[allow(clippy::needless_pass_by_value, reason = "as map_err calls it")]
fn failed(error: EngineError) -> IndexStoreError {
    IndexStoreError(error.to_string())
}

impl IndexStore for EmbeddedChainIndex {
    fn checkpoints(&self) -> Result<Vec<Checkpoint>, IndexStoreError> {
        let rows = self.database.range_json(CHECKPOINTS, &self.prefix(), None, usize::MAX);
        Ok(rows.map_err(failed)?.into_iter().map(|(_, checkpoint)| checkpoint).collect())
    }

    fn rows(&self) -> Result<Vec<IndexRow>, IndexStoreError> {
        let rows = self.database.range_json(ROWS, &self.prefix(), None, usize::MAX);
        Ok(rows.map_err(failed)?.into_iter().map(|(_, row)| row).collect())
    }

    fn commit(
        &self,
        rows: &[IndexRow],
        after: Option<Checkpoint>,
        checkpoint: Checkpoint,
        keep_from: u64,
    ) -> Result<bool, IndexStoreError> {
        let _writer = self.database.exclusive();
        let kept = self.checkpoints()?;
        if kept.last().copied() != after {
            return Ok(false);
        }
        let mut batch = Batch::new();
        for old in kept.iter().filter(|old| old.number < keep_from) {
            batch.delete(CHECKPOINTS, self.key(&[old.number]));
        }
        for row in rows {
            let key = self.key(&[row.block, row.log_index]);
            batch.put_json(ROWS, key, row).map_err(failed)?;
        }
        let key = self.key(&[checkpoint.number]);
        batch.put_json(CHECKPOINTS, key, &checkpoint).map_err(failed)?;
        self.database.commit(batch).map_err(failed)?;
        Ok(true)
    }

    fn roll_back(&self, number: Option<u64>) -> Result<(), IndexStoreError> {
        let _writer = self.database.exclusive();
        let goes = |block: u64| number.is_none_or(|number| block > number);
        let mut batch = Batch::new();
        for row in self.rows()?.iter().filter(|row| goes(row.block)) {
            batch.delete(ROWS, self.key(&[row.block, row.log_index]));
        }
        for old in self.checkpoints()?.iter().filter(|old| goes(old.number)) {
            batch.delete(CHECKPOINTS, self.key(&[old.number]));
        }
        self.database.commit(batch).map_err(failed)
    }

    fn note(&self) -> Result<Option<String>, IndexStoreError> {
        self.database.get_json(NOTES, self.prefix()).map_err(failed)
    }

    fn set_note(&self, note: &str) -> Result<(), IndexStoreError> {
        self.database.put_json(NOTES, self.prefix(), &note).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use evm_chain::{IndexFact, check_index_store};

    use super::*;
    use crate::engine::EngineKind;

    #[test]
    fn it_keeps_the_contract_beside_another_index() {
        let database = Database::open_temporary().unwrap();
        let other = EmbeddedChainIndex::new(database.clone(), "chain-1");
        let row = IndexRow { block: 7, log_index: 0, fact: IndexFact::TypeSet { types: vec![] } };
        let point = Checkpoint { number: 7, hash: [7; 32] };
        assert!(other.commit(std::slice::from_ref(&row), None, point, 0).unwrap());
        check_index_store(&EmbeddedChainIndex::new(database, "chain-12")).unwrap();
        assert_eq!((other.rows().unwrap(), other.checkpoints().unwrap()), (vec![row], vec![point]));
        assert_eq!(other.note().unwrap(), None);
    }

    #[test]
    fn what_was_committed_survives_reopening() {
        let directory = tempfile::tempdir().unwrap();
        let open = || Database::open(directory.path(), EngineKind::Fjall).unwrap();
        let point = Checkpoint { number: 300, hash: [3; 32] };
        {
            let index = EmbeddedChainIndex::new(open(), "a");
            let first = Checkpoint { number: 2, hash: [2; 32] };
            assert!(index.commit(&[], None, first, 0).unwrap());
            assert!(index.commit(&[], Some(first), point, 3).unwrap());
            index.set_note("{}").unwrap();
        }
        let index = EmbeddedChainIndex::new(open(), "a");
        assert_eq!(index.checkpoints().unwrap(), [point]);
        assert_eq!(index.note().unwrap().as_deref(), Some("{}"));
    }
}

//! Changes that are applied together or not at all.

use serde::Serialize;

use super::EngineError;

/// One change of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Writes `value` under `key`.
    Put {
        /// The table.
        table: String,
        /// The key.
        key: Vec<u8>,
        /// The value.
        value: Vec<u8>,
    },
    /// Removes `key`; removing what is not there is no error.
    Delete {
        /// The table.
        table: String,
        /// The key.
        key: Vec<u8>,
    },
}

/// An ordered list of changes; a later change of the same key wins.
#[derive(Debug, Default)]
pub struct Batch(pub(super) Vec<Change>);

impl Batch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a write.
    pub fn put(&mut self, table: &str, key: impl AsRef<[u8]>, value: impl Into<Vec<u8>>) {
        self.0.push(Change::Put {
            table: table.to_owned(),
            key: key.as_ref().to_vec(),
            value: value.into(),
        });
    }

    /// Adds a write of a JSON record.
    pub fn put_json<T: Serialize>(
        &mut self,
        table: &str,
        key: impl AsRef<[u8]>,
        value: &T,
    ) -> Result<(), EngineError> {
        let bytes = serde_json::to_vec(value).map_err(|error| EngineError::Record {
            table: table.to_owned(),
            reason: error.to_string(),
        })?;
        self.put(table, key, bytes);
        Ok(())
    }

    /// Adds a removal.
    pub fn delete(&mut self, table: &str, key: impl AsRef<[u8]>) {
        self.0.push(Change::Delete { table: table.to_owned(), key: key.as_ref().to_vec() });
    }

    /// How many changes it holds.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

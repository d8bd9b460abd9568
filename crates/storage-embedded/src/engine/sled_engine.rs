//! The engine over sled 0.34: one tree, the table's name in front of the key, because
//! sled applies a batch atomically within one tree only.

use std::path::Path;

use super::batch::{Batch, Change};
use super::{Engine, EngineError, Row};

pub(super) struct SledEngine(sled::Db);

impl SledEngine {
    pub(super) fn open(path: &Path) -> Result<Self, EngineError> {
        // No timed flush: commit() flushes by itself before it acknowledges.
        let opened = sled::Config::new().path(path).flush_every_ms(None).open();
        opened
            .map(Self)
            .map_err(|error| EngineError::Open { path: path.to_owned(), reason: error.to_string() })
    }
}

/// A zero byte ends the table's name, so that no table is a prefix of another.
fn full_key(table: &str, key: &[u8]) -> Vec<u8> {
    let mut full = Vec::with_capacity(table.len() + 1 + key.len());
    full.extend_from_slice(table.as_bytes());
    full.push(0);
    full.extend_from_slice(key);
    full
}

impl Engine for SledEngine {
    fn get(&self, table: &str, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        let value = self.0.get(full_key(table, key)).map_err(failed("reading"))?;
        Ok(value.map(|bytes| bytes.to_vec()))
    }

    fn range(
        &self,
        table: &str,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, EngineError> {
        let whole_prefix = full_key(table, prefix);
        let skip = after.map(|after| full_key(table, after));
        let start = match &skip {
            Some(after) if *after >= whole_prefix => after.clone(),
            _ => whole_prefix.clone(),
        };
        let mut rows = Vec::new();
        for row in self.0.range(start..) {
            let (key, value) = row.map_err(failed("listing"))?;
            if rows.len() == limit || !key.starts_with(&whole_prefix) {
                break;
            }
            if skip.as_deref() == Some(&key[..]) {
                continue;
            }
            rows.push((key[table.len() + 1..].to_vec(), value.to_vec()));
        }
        Ok(rows)
    }

    fn commit(&self, batch: Batch) -> Result<(), EngineError> {
        let mut write = sled::Batch::default();
        for change in batch.0 {
            match change {
                Change::Put { table, key, value } => write.insert(full_key(&table, &key), value),
                Change::Delete { table, key } => write.remove(full_key(&table, &key)),
            }
        }
        self.0.apply_batch(write).map_err(failed("committing"))?;
        self.0.flush().map(drop).map_err(failed("syncing"))
    }
}

fn failed(doing: &'static str) -> impl Fn(sled::Error) -> EngineError {
    move |error| EngineError::Io { doing, reason: error.to_string() }
}

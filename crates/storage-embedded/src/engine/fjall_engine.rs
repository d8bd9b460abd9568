//! The engine over fjall: one keyspace a table, batches synced before they are acknowledged.

use std::collections::HashMap;
use std::ops::Bound;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode, Readable as _, Snapshot};

use super::batch::{Batch, Change};
use super::{Engine, EngineError, Row};

/// Journal kept before it is flushed: our stores are small records, and a
/// service on a small machine should not hold half a gigabyte of log.
const JOURNAL_BYTES: u64 = 64 * 1024 * 1024;

/// What a table collects in memory before it is written out. Several wait their turn while the one
/// worker compacts, so that the default of 64 MiB each grows to most of a gigabyte in a bulk job.
const MEMTABLE_BYTES: u64 = 16 * 1024 * 1024;

pub(super) struct FjallEngine {
    database: Database,
    // Opening a keyspace takes a lock and a look-up by name; handles are cheap clones.
    tables: RwLock<HashMap<String, Keyspace>>,
}

impl FjallEngine {
    pub(super) fn open(path: &Path) -> Result<Self, EngineError> {
        let database = Database::builder(path)
            .max_journaling_size(JOURNAL_BYTES)
            .worker_threads(1)
            .open()
            .map_err(|error| EngineError::Open {
                path: path.to_owned(),
                reason: error.to_string(),
            })?;
        Ok(Self { database, tables: RwLock::new(HashMap::new()) })
    }

    fn table(&self, name: &str) -> Result<Keyspace, EngineError> {
        let known = self.tables.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if let Some(keyspace) = known {
            return Ok(keyspace);
        }
        let keyspace = self
            .database
            .keyspace(name, || KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE_BYTES))
            .map_err(failed("opening a table"))?;
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        Ok(tables.entry(name.to_owned()).or_insert(keyspace).clone())
    }
}

impl Engine for FjallEngine {
    fn get(&self, table: &str, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        let value = self.table(table)?.get(key).map_err(failed("reading"))?;
        Ok(value.map(|bytes| bytes.to_vec()))
    }

    fn range(
        &self,
        table: &str,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, EngineError> {
        let bounds = (beginning(prefix, after), Bound::Unbounded);
        collect(self.table(table)?.range::<Vec<u8>, _>(bounds), prefix, limit)
    }

    fn commit(&self, batch: Batch) -> Result<(), EngineError> {
        let mut write = self.database.batch().durability(Some(PersistMode::SyncAll));
        for change in batch.0 {
            match change {
                Change::Put { table, key, value } => write.insert(&self.table(&table)?, key, value),
                Change::Delete { table, key } => write.remove(&self.table(&table)?, key),
            }
        }
        write.commit().map_err(failed("committing"))
    }

    fn snapshot(&self) -> Option<Arc<dyn Engine>> {
        let snapshot = self.database.snapshot();
        let tables = RwLock::new(HashMap::new());
        let live = Self { database: self.database.clone(), tables };
        Some(Arc::new(FjallSnapshot { snapshot, live }))
    }
}

/// One moment of a database.
struct FjallSnapshot {
    snapshot: Snapshot,
    // For the names of tables; nothing is read through it.
    live: FjallEngine,
}

impl Engine for FjallSnapshot {
    fn get(&self, table: &str, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        let value = self.snapshot.get(&self.live.table(table)?, key).map_err(failed("reading"))?;
        Ok(value.map(|bytes| bytes.to_vec()))
    }

    fn range(
        &self,
        table: &str,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, EngineError> {
        let bounds = (beginning(prefix, after), Bound::Unbounded);
        collect(self.snapshot.range::<Vec<u8>, _>(&self.live.table(table)?, bounds), prefix, limit)
    }

    fn commit(&self, _: Batch) -> Result<(), EngineError> {
        let reason = "a snapshot is only read".to_owned();
        Err(EngineError::Io { doing: "committing", reason })
    }
}

fn beginning(prefix: &[u8], after: Option<&[u8]>) -> Bound<Vec<u8>> {
    match after {
        Some(after) if after >= prefix => Bound::Excluded(after.to_vec()),
        _ => Bound::Included(prefix.to_vec()),
    }
}

fn collect(
    guards: impl Iterator<Item = fjall::Guard>,
    prefix: &[u8],
    limit: usize,
) -> Result<Vec<Row>, EngineError> {
    let mut rows = Vec::new();
    for guard in guards {
        if rows.len() == limit {
            break;
        }
        let (key, value) = guard.into_inner().map_err(failed("listing"))?;
        if !key.starts_with(prefix) {
            break;
        }
        rows.push((key.to_vec(), value.to_vec()));
    }
    Ok(rows)
}

fn failed(doing: &'static str) -> impl Fn(fjall::Error) -> EngineError {
    move |error| EngineError::Io { doing, reason: error.to_string() }
}

//! A key-value engine in four calls: get, range, commit, and one writer at a time.
//!
//! Everything a store acknowledges goes through [`Engine::commit`], which returns
//! only when the whole batch is on disk. Read-check-write sections hold
//! [`Database::exclusive`], so that "is this code still unused?" and "it is used
//! now" cannot be torn apart by a second request.

mod batch;
mod fjall_engine;
#[cfg(feature = "sled")]
mod sled_engine;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use batch::{Batch, Change};

/// A row of a table: key and value.
pub type Row = (Vec<u8>, Vec<u8>);

/// Why the engine could not do its work. None of these is a statement about the data asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The directory cannot be opened: in use by another process, unreadable, or damaged.
    #[error("the store at {path} cannot be opened: {reason}")]
    Open {
        /// The directory.
        path: PathBuf,
        /// What the database said.
        reason: String,
    },
    /// Reading or writing failed; for a commit, nothing of the batch was acknowledged.
    #[error("the store failed while {doing}: {reason}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// What the database said.
        reason: String,
    },
    /// A record is there but is not of the form this build reads.
    #[error("a record of table {table} cannot be read: {reason}")]
    Record {
        /// The table.
        table: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The engine asked for is not compiled in.
    #[error("this build has no engine {0:?}: build with the feature of that name")]
    NotCompiledIn(EngineKind),
}

impl EngineError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Open { .. } => "store_unavailable",
            Self::Io { .. } => "store_failed",
            Self::Record { .. } => "store_record_unreadable",
            Self::NotCompiledIn(_) => "store_engine_missing",
        }
    }
}

/// What an embedded database must do for us.
pub trait Engine: Send + Sync {
    /// The value under `key`, if there is one.
    fn get(&self, table: &str, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError>;

    /// Rows whose key starts with `prefix`, in key order, at most `limit`,
    /// beginning after the key `after` (exclusive) where one is given.
    fn range(
        &self,
        table: &str,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, EngineError>;

    /// Applies all changes or none, and returns when they would survive a power cut.
    fn commit(&self, batch: Batch) -> Result<(), EngineError>;

    /// A view of this moment that later commits do not change and that takes none; `None` where the
    /// engine has no such thing.
    fn snapshot(&self) -> Option<Arc<dyn Engine>> {
        None
    }
}

/// Which embedded database holds the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineKind {
    /// The default; decision record 0005 has the measurements.
    #[default]
    Fjall,
    /// Behind the feature `sled`, same contract tests.
    Sled,
}

/// An open store directory; clones share it.
#[derive(Clone)]
pub struct Database {
    engine: Arc<dyn Engine>,
    writer: Arc<Mutex<()>>,
    // Removes the directory of a temporary store when the last clone goes.
    _temporary: Option<Arc<TemporaryDirectory>>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Database")
    }
}

impl Database {
    /// Opens the store at `path`, creating the directory when it is missing. It is made
    /// the owner's alone (mode 0700): what lies in it are people's credentials.
    pub fn open(path: &Path, kind: EngineKind) -> Result<Self, EngineError> {
        private_directory(path).map_err(|error| EngineError::Open {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        let engine: Arc<dyn Engine> = match kind {
            EngineKind::Fjall => Arc::new(fjall_engine::FjallEngine::open(path)?),
            #[cfg(feature = "sled")]
            EngineKind::Sled => Arc::new(sled_engine::SledEngine::open(path)?),
            #[cfg(not(feature = "sled"))]
            EngineKind::Sled => return Err(EngineError::NotCompiledIn(kind)),
        };
        Ok(Self { engine, writer: Arc::new(Mutex::new(())), _temporary: None })
    }

    /// A store in a fresh directory below the system's temporary one, removed with the last clone.
    pub fn open_temporary() -> Result<Self, EngineError> {
        Self::open_temporary_with(EngineKind::default())
    }

    /// As [`Database::open_temporary`], with the engine named.
    pub fn open_temporary_with(kind: EngineKind) -> Result<Self, EngineError> {
        let directory = TemporaryDirectory::create()?;
        let mut database = Self::open(&directory.0, kind)?;
        database._temporary = Some(Arc::new(directory));
        Ok(database)
    }

    /// Holds the single writer's place until dropped. Never hold it across an `await`.
    pub fn exclusive(&self) -> MutexGuard<'_, ()> {
        // A panic while holding the guard wrote nothing (commits are atomic), so the
        // poison says nothing about the data.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The store as it is at this moment, to be read while others write; `None` where the engine
    /// has no snapshots.
    pub fn snapshot(&self) -> Option<Self> {
        // Between commits: what belongs together is there together.
        let _writer = self.exclusive();
        let engine = self.engine.snapshot()?;
        let writer = Arc::new(Mutex::new(()));
        Some(Self { engine, writer, _temporary: self._temporary.clone() })
    }

    /// Reads a JSON record.
    pub fn get_json<T: DeserializeOwned>(
        &self,
        table: &str,
        key: impl AsRef<[u8]>,
    ) -> Result<Option<T>, EngineError> {
        self.engine.get(table, key.as_ref())?.map(|bytes| decode(table, &bytes)).transpose()
    }

    /// Reads the JSON records of a range; see [`Engine::range`].
    pub fn range_json<T: DeserializeOwned>(
        &self,
        table: &str,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, T)>, EngineError> {
        let rows = self.engine.range(table, prefix, after, limit)?;
        rows.into_iter().map(|(key, bytes)| Ok((key, decode(table, &bytes)?))).collect()
    }

    /// Writes one JSON record durably.
    pub fn put_json<T: Serialize>(
        &self,
        table: &str,
        key: impl AsRef<[u8]>,
        value: &T,
    ) -> Result<(), EngineError> {
        let mut batch = Batch::new();
        batch.put_json(table, key, value)?;
        self.engine.commit(batch)
    }
}

impl std::ops::Deref for Database {
    type Target = dyn Engine;

    fn deref(&self) -> &Self::Target {
        &*self.engine
    }
}

fn decode<T: DeserializeOwned>(table: &str, bytes: &[u8]) -> Result<T, EngineError> {
    serde_json::from_slice(bytes)
        .map_err(|error| EngineError::Record { table: table.to_owned(), reason: error.to_string() })
}

#[cfg(unix)]
fn private_directory(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};

    // Never open to others, not even between creation and the change below.
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    if std::fs::metadata(path)?.permissions().mode() & 0o777 != 0o700 {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn private_directory(path: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(path)
}

/// A directory that is removed when dropped.
struct TemporaryDirectory(PathBuf);

impl TemporaryDirectory {
    fn create() -> Result<Self, EngineError> {
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        // Process numbers come round again, and a process that was killed leaves its directory behind: a name that is
        // taken is passed over, or a new store would open on somebody's old data.
        loop {
            let next = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let name = format!("sinpyo-store-{}-{next}", std::process::id());
            let path = std::env::temp_dir().join(name);
            match std::fs::create_dir(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(EngineError::Open { path, reason: error.to_string() });
                }
            }
        }
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        // Best effort: a leftover in the temporary directory harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

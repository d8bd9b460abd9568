//! What a verifier must not forget, as a trait: open sessions, and the newest status list and
//! trust list it has ever seen. Backends pass [`crate::store_contract`].
use async_trait::async_trait;
use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};

use crate::session::SessionRecord;

/// Why the store could not do its work. Never a statement about the data asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another step was faster: the record is no longer at the expected revision.
    #[error("the record was changed in the meantime")]
    Conflict,
    /// A record with this id exists already.
    #[error("a record with this id exists already")]
    Exists,
    /// The backend failed; nothing of the step was kept.
    #[error("the store failed: {0}")]
    Backend(String),
}

impl StoreError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            StoreError::Conflict => "store_conflict",
            StoreError::Exists => "store_exists",
            StoreError::Backend(_) => "store_failed",
        }
    }
}

/// The newest list seen under one address (status lists) or of one operator (trust list).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenList {
    /// Its version.
    pub version: u64,
    /// SHA-256 over its bytes as served, hexadecimal.
    pub sha256: String,
    /// When its issuer says it was made.
    pub as_of: Moment,
}

/// How a list relates to what was seen before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeenBefore {
    /// Newer, or the first, or the very same.
    Current,
    /// Older than this one.
    Older(SeenList),
    /// Another list under the same version.
    Differs(SeenList),
}

impl SeenBefore {
    /// Compares an offered list with the newest one seen.
    pub fn compare(seen: Option<&SeenList>, offered: &SeenList) -> SeenBefore {
        match seen {
            Some(seen) if offered.version < seen.version => SeenBefore::Older(seen.clone()),
            Some(seen) if offered.version == seen.version && offered.sha256 != seen.sha256 => {
                SeenBefore::Differs(seen.clone())
            }
            _ => SeenBefore::Current,
        }
    }
}

/// Remembers the newest lists.
#[async_trait]
pub trait SeenLists: Send + Sync {
    /// Compares with what was seen under `key` and, when the list is current, remembers it.
    /// One atomic step, durable when it returns.
    ///
    /// # Errors
    /// [`StoreError::Backend`].
    async fn see_list(&self, key: &str, offered: &SeenList) -> Result<SeenBefore, StoreError>;
}

/// Remembers a bounded number of lists, the least lately seen are forgotten first: for verifiers
/// without a trust list, before whom anybody can bring up issuers without end.
#[derive(Debug)]
pub struct RecentLists {
    capacity: usize,
    lists: std::sync::Mutex<RecentTable>,
}

#[derive(Debug, Default)]
struct RecentTable {
    /// Counts looks.
    clock: u64,
    /// With the look at which each was last seen.
    lists: std::collections::BTreeMap<String, (u64, SeenList)>,
}

impl RecentLists {
    /// Remembers at most so many, in memory.
    pub fn new(capacity: usize) -> Self {
        RecentLists { capacity: capacity.max(1), lists: std::sync::Mutex::default() }
    }
}

#[async_trait]
impl SeenLists for RecentLists {
    async fn see_list(&self, key: &str, offered: &SeenList) -> Result<SeenBefore, StoreError> {
        let mut guard = self.lists.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let RecentTable { clock, lists } = &mut *guard;
        *clock += 1;
        let found = SeenBefore::compare(lists.get(key).map(|(_, list)| list), offered);
        match lists.get_mut(key) {
            Some(known) if found == SeenBefore::Current => *known = (*clock, offered.clone()),
            Some(known) => known.0 = *clock,
            None => {
                if lists.len() >= self.capacity
                    && let Some(oldest) =
                        lists.iter().min_by_key(|(_, (seen, _))| *seen).map(|(key, _)| key.clone())
                {
                    lists.remove(&oldest);
                }
                lists.insert(key.to_owned(), (*clock, offered.clone()));
            }
        }
        Ok(found)
    }
}

/// The store of a verifier.
#[async_trait]
pub trait VerifierStore: SeenLists {
    /// Keeps a new session at revision 0.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when its id or public id is taken.
    async fn create_session(&self, session: &SessionRecord) -> Result<(), StoreError>;

    /// The session with this private id.
    ///
    /// # Errors
    /// [`StoreError::Backend`].
    async fn session(&self, id: &str) -> Result<Option<SessionRecord>, StoreError>;

    /// The session with this public id (the one in `request_uri` and `response_uri`).
    ///
    /// # Errors
    /// [`StoreError::Backend`].
    async fn session_by_public_id(&self, id: &str) -> Result<Option<SessionRecord>, StoreError>;

    /// Replaces a session if it still stands at `session.revision`, and raises the revision by
    /// one. Compare-and-set: of two steps from one revision exactly one succeeds.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it does not.
    async fn advance_session(&self, session: &SessionRecord) -> Result<(), StoreError>;

    /// Deletes sessions that expired before the moment, at most `limit`; tells how many.
    ///
    /// # Errors
    /// [`StoreError::Backend`].
    async fn forget_sessions(&self, before: Moment, limit: usize) -> Result<usize, StoreError>;
}

/// A store in memory, for tests and for checks that keep nothing.
#[derive(Debug, Default)]
pub struct MemoryStore {
    inner: std::sync::Mutex<MemoryTables>,
}

#[derive(Debug, Default)]
struct MemoryTables {
    sessions: std::collections::BTreeMap<String, SessionRecord>,
    lists: std::collections::BTreeMap<String, SeenList>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn tables(&self) -> std::sync::MutexGuard<'_, MemoryTables> {
        // Each section below leaves the tables consistent, so a poisoned lock is usable.
        self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[async_trait]
impl SeenLists for MemoryStore {
    async fn see_list(&self, key: &str, offered: &SeenList) -> Result<SeenBefore, StoreError> {
        let mut tables = self.tables();
        let found = SeenBefore::compare(tables.lists.get(key), offered);
        if found == SeenBefore::Current {
            tables.lists.insert(key.to_owned(), offered.clone());
        }
        Ok(found)
    }
}

#[async_trait]
impl VerifierStore for MemoryStore {
    async fn create_session(&self, session: &SessionRecord) -> Result<(), StoreError> {
        let mut tables = self.tables();
        let taken = tables
            .sessions
            .values()
            .any(|known| known.id == session.id || known.public_id == session.public_id);
        if taken {
            return Err(StoreError::Exists);
        }
        tables.sessions.insert(session.id.clone(), session.clone());
        Ok(())
    }

    async fn session(&self, id: &str) -> Result<Option<SessionRecord>, StoreError> {
        Ok(self.tables().sessions.get(id).cloned())
    }

    async fn session_by_public_id(&self, id: &str) -> Result<Option<SessionRecord>, StoreError> {
        Ok(self.tables().sessions.values().find(|session| session.public_id == id).cloned())
    }

    async fn advance_session(&self, session: &SessionRecord) -> Result<(), StoreError> {
        let mut tables = self.tables();
        match tables.sessions.get_mut(&session.id) {
            Some(known) if known.revision == session.revision => {
                *known = SessionRecord { revision: session.revision + 1, ..session.clone() };
                Ok(())
            }
            _ => Err(StoreError::Conflict),
        }
    }

    async fn forget_sessions(&self, before: Moment, limit: usize) -> Result<usize, StoreError> {
        let mut tables = self.tables();
        let old: Vec<String> = tables
            .sessions
            .values()
            .filter(|session| session.forget_after < before)
            .take(limit)
            .map(|session| session.id.clone())
            .collect();
        for id in &old {
            tables.sessions.remove(id);
        }
        Ok(old.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(version: u64) -> SeenList {
        let as_of = Moment::from_unix(1_800_000_000);
        SeenList { version, sha256: format!("{version:064}"), as_of }
    }

    #[tokio::test]
    async fn a_bounded_memory_keeps_what_was_seen_last() {
        let recent = RecentLists::new(3);
        for key in ["a", "b", "c"] {
            assert_eq!(recent.see_list(key, &list(5)).await, Ok(SeenBefore::Current));
        }
        // `a` is looked at again, so `b` goes when a fourth comes.
        assert_eq!(recent.see_list("a", &list(4)).await, Ok(SeenBefore::Older(list(5))));
        assert_eq!(recent.see_list("d", &list(1)).await, Ok(SeenBefore::Current));
        assert_eq!(recent.see_list("a", &list(4)).await, Ok(SeenBefore::Older(list(5))));
        assert_eq!(recent.see_list("b", &list(4)).await, Ok(SeenBefore::Current), "forgotten");
        let same = SeenList { sha256: "f".repeat(64), ..list(5) };
        assert_eq!(recent.see_list("a", &same).await, Ok(SeenBefore::Differs(list(5))));
        for number in 0..1_000 {
            recent.see_list(&number.to_string(), &list(1)).await.unwrap();
        }
        assert_eq!(recent.lists.lock().unwrap().lists.len(), 3);
    }
}

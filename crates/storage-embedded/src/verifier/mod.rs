//! The verifier's store over the embedded engine.
//!
//! Sessions lie under their private id; the public id and the time of forgetting are indexes of
//! their own, written in the same batch. Lists are kept under a digest of their address.
use async_trait::async_trait;
use credential_model::moment::Moment;
use credential_verification::{
    session::SessionRecord,
    store::{SeenBefore, SeenList, SeenLists, StoreError, VerifierStore},
};

use crate::engine::{Batch, Database, EngineError};

mod portable;
#[cfg(test)]
mod tests;

/// The form of a row is in the table's name: another form is another table.
const SESSIONS: &str = "verifier-sessions-1";
const PUBLIC_IDS: &str = "verifier-public-ids-1";
const EXPIRY: &str = "verifier-expiry-1";
const LISTS: &str = "verifier-lists-1";

/// [`VerifierStore`] in a directory.
#[derive(Debug, Clone)]
pub struct EmbeddedVerifierStore {
    database: Database,
}

impl EmbeddedVerifierStore {
    /// The verifier's tables in this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    fn read(&self, id: &str) -> Result<Option<SessionRecord>, StoreError> {
        self.database.get_json(SESSIONS, id).map_err(failed)
    }
}

// The engine takes the error by value when it is done with it.
#[allow(clippy::needless_pass_by_value)]
fn failed(error: EngineError) -> StoreError {
    StoreError::Backend(error.to_string())
}

/// Sorts by time: big-endian seconds, then the id.
fn expiry_key(session: &SessionRecord) -> Vec<u8> {
    let mut key = time_prefix(session.forget_after).to_vec();
    key.extend_from_slice(session.id.as_bytes());
    key
}

fn time_prefix(moment: Moment) -> [u8; 8] {
    u64::try_from(moment.unix()).unwrap_or(0).to_be_bytes()
}

#[async_trait]
impl SeenLists for EmbeddedVerifierStore {
    async fn see_list(&self, key: &str, offered: &SeenList) -> Result<SeenBefore, StoreError> {
        let _writer = self.database.exclusive();
        let seen: Option<SeenList> = self.database.get_json(LISTS, key).map_err(failed)?;
        let found = SeenBefore::compare(seen.as_ref(), offered);
        // The same list again needs no write, and so no fsync on the way of every check.
        if found == SeenBefore::Current && seen.as_ref() != Some(offered) {
            self.database.put_json(LISTS, key, offered).map_err(failed)?;
        }
        Ok(found)
    }
}

#[async_trait]
impl VerifierStore for EmbeddedVerifierStore {
    async fn create_session(&self, session: &SessionRecord) -> Result<(), StoreError> {
        let _writer = self.database.exclusive();
        let taken = self.read(&session.id)?.is_some()
            || self
                .database
                .get(PUBLIC_IDS, session.public_id.as_bytes())
                .map_err(failed)?
                .is_some();
        if taken {
            return Err(StoreError::Exists);
        }
        let mut batch = Batch::new();
        batch.put_json(SESSIONS, &session.id, session).map_err(failed)?;
        batch.put(PUBLIC_IDS, &session.public_id, session.id.as_bytes());
        batch.put(EXPIRY, expiry_key(session), session.public_id.as_bytes());
        self.database.commit(batch).map_err(failed)
    }

    async fn session(&self, id: &str) -> Result<Option<SessionRecord>, StoreError> {
        self.read(id)
    }

    async fn session_by_public_id(&self, id: &str) -> Result<Option<SessionRecord>, StoreError> {
        let Some(private) = self.database.get(PUBLIC_IDS, id.as_bytes()).map_err(failed)? else {
            return Ok(None);
        };
        let private = String::from_utf8(private)
            .map_err(|_| StoreError::Backend("an index row is damaged".to_owned()))?;
        self.read(&private)
    }

    async fn advance_session(&self, session: &SessionRecord) -> Result<(), StoreError> {
        let _writer = self.database.exclusive();
        match self.read(&session.id)? {
            Some(present) if present.revision == session.revision => {
                let next = SessionRecord { revision: session.revision + 1, ..session.clone() };
                self.database.put_json(SESSIONS, &session.id, &next).map_err(failed)
            }
            _ => Err(StoreError::Conflict),
        }
    }

    async fn forget_sessions(&self, before: Moment, limit: usize) -> Result<usize, StoreError> {
        let _writer = self.database.exclusive();
        let rows = self.database.range(EXPIRY, &[], None, limit).map_err(failed)?;
        let mut batch = Batch::new();
        let mut forgotten = 0;
        let end = time_prefix(before);
        for (key, public_id) in rows {
            // Rows are in time order: the first young one ends the work.
            let Some((time, id)) = key.split_first_chunk::<8>() else { continue };
            if *time >= end {
                break;
            }
            batch.delete(SESSIONS, id);
            batch.delete(PUBLIC_IDS, &public_id);
            batch.delete(EXPIRY, &key);
            forgotten += 1;
        }
        if forgotten > 0 {
            self.database.commit(batch).map_err(failed)?;
        }
        Ok(forgotten)
    }
}

//! Officers' access in the embedded database: rows on shelves, in the issuer's small-record space.

use async_trait::async_trait;
use credential_model::moment::Moment;
use officer_access::store::{AccessStore, Row, Shelf, StoreError, Write};
use serde::{Deserialize, Serialize};

use crate::engine::{Batch, Database, EngineError};

#[cfg(test)]
mod tests;

/// Shared with the issuer's tables: another keyspace would cost start-up time and memory.
const SPACE: &str = "issuer";
const EXPIRY: &[u8] = b"access.expiry\0";

/// [`AccessStore`] over one [`Database`].
#[derive(Debug, Clone)]
pub struct EmbeddedAccessStore {
    database: Database,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    revision: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<Moment>,
    text: String,
}

type Answer<T> = Result<T, StoreError>;

impl EmbeddedAccessStore {
    /// The office's rows in this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    fn kept(&self, shelf: Shelf, key: &str) -> Answer<Option<Kept>> {
        self.database.get_json(SPACE, place(shelf, key)).map_err(failed)
    }

    fn found(&self, shelf: Shelf, key: &str, revision: u64) -> Answer<Kept> {
        let kept = self.kept(shelf, key)?.filter(|kept| kept.revision == revision);
        kept.ok_or(StoreError::Conflict)
    }

    fn put(
        batch: &mut Batch,
        (shelf, key): (Shelf, &str),
        before: Option<&Kept>,
        kept: &Kept,
    ) -> Answer<()> {
        if let Some(old) = before.and_then(|before| before.expires) {
            batch.delete(SPACE, expiry_key(old, shelf, key));
        }
        if let Some(expires) = kept.expires {
            batch.put(SPACE, expiry_key(expires, shelf, key), place(shelf, key));
        }
        batch.put_json(SPACE, place(shelf, key), kept).map_err(failed)
    }

    fn add(&self, batch: &mut Batch, write: &Write) -> Answer<()> {
        match write {
            Write::Insert { shelf, key, text, expires } => {
                if self.kept(*shelf, key)?.is_some() {
                    return Err(StoreError::Taken);
                }
                let kept = Kept { revision: 1, expires: *expires, text: text.clone() };
                Self::put(batch, (*shelf, key), None, &kept)
            }
            Write::Replace { shelf, key, revision, text, expires } => {
                let before = self.found(*shelf, key, *revision)?;
                let kept = Kept { revision: revision + 1, expires: *expires, text: text.clone() };
                Self::put(batch, (*shelf, key), Some(&before), &kept)
            }
            Write::Delete { shelf, key, revision } => {
                let before = self.found(*shelf, key, *revision)?;
                if let Some(expires) = before.expires {
                    batch.delete(SPACE, expiry_key(expires, *shelf, key));
                }
                batch.delete(SPACE, place(*shelf, key));
                Ok(())
            }
        }
    }
}

fn prefix(shelf: Shelf) -> Vec<u8> {
    format!("access.{}\0", shelf.as_str()).into_bytes()
}

fn place(shelf: Shelf, key: &str) -> Vec<u8> {
    [prefix(shelf), key.as_bytes().to_vec()].concat()
}

/// Sorts by time: big-endian seconds, then the row's place.
fn expiry_key(expires: Moment, shelf: Shelf, key: &str) -> Vec<u8> {
    [EXPIRY, &time(expires)[..], &place(shelf, key)].concat()
}

fn time(moment: Moment) -> [u8; 8] {
    u64::try_from(moment.unix()).unwrap_or(0).to_be_bytes()
}

fn failed(error: EngineError) -> StoreError {
    match error {
        EngineError::Record { .. } => StoreError::Unreadable(error.to_string()),
        _ => StoreError::Backend(error.to_string()),
    }
}

// Synchronous inside: an embedded database has nothing to await, and one commit is one disk flush.
#[async_trait]
impl AccessStore for EmbeddedAccessStore {
    async fn get(&self, shelf: Shelf, key: &str) -> Answer<Option<Row>> {
        let kept = self.kept(shelf, key)?;
        Ok(kept.map(|kept| Row {
            key: key.to_owned(),
            revision: kept.revision,
            expires: kept.expires,
            text: kept.text,
        }))
    }

    async fn list(&self, shelf: Shelf, after: Option<&str>, limit: usize) -> Answer<Vec<Row>> {
        let (prefix, after) = (prefix(shelf), after.map(|after| place(shelf, after)));
        let rows = self.database.range_json::<Kept>(SPACE, &prefix, after.as_deref(), limit);
        let rows = rows.map_err(failed)?;
        rows.into_iter()
            .map(|(key, kept)| {
                let key = String::from_utf8(key[prefix.len()..].to_vec())
                    .map_err(|_| StoreError::Unreadable("a key is no text".to_owned()))?;
                Ok(Row { key, revision: kept.revision, expires: kept.expires, text: kept.text })
            })
            .collect()
    }

    async fn apply(&self, writes: &[Write]) -> Answer<()> {
        if writes.is_empty() {
            return Ok(());
        }
        let _writer = self.database.exclusive();
        let mut batch = Batch::new();
        for write in writes {
            self.add(&mut batch, write)?;
        }
        self.database.commit(batch).map_err(failed)
    }

    async fn forget(&self, now: Moment, limit: usize) -> Answer<usize> {
        let _writer = self.database.exclusive();
        let rows = self.database.range(SPACE, EXPIRY, None, limit).map_err(failed)?;
        let mut batch = Batch::new();
        let mut forgotten = 0;
        let end = time(now);
        for (key, place) in rows {
            // Rows are in time order: the first young one ends the work.
            if key[EXPIRY.len()..].first_chunk::<8>().is_none_or(|time| *time >= end) {
                break;
            }
            batch.delete(SPACE, place);
            batch.delete(SPACE, key);
            forgotten += 1;
        }
        if forgotten > 0 {
            self.database.commit(batch).map_err(failed)?;
        }
        Ok(forgotten)
    }
}

//! The verifier's store as shelves of rows, for `store copy`
//! ([`credential_issuance::store_copy`]).

use async_trait::async_trait;
use credential_issuance::store_copy::{CopyError, Portable, Row, VERIFIER_SHELVES};
use credential_verification::session::SessionRecord;

use super::{EXPIRY, EmbeddedVerifierStore, LISTS, PUBLIC_IDS, SESSIONS, expiry_key};
use crate::engine::{Batch, EngineError};

const MARKS: &str = "verifier-marks-1";
const MARK: &str = "copy_unfinished";

fn failed(error: EngineError) -> CopyError {
    CopyError::Backend(error.to_string())
}

fn table(shelf: &str) -> Option<&'static str> {
    match shelf {
        "sessions" => Some(SESSIONS),
        "lists" => Some(LISTS),
        _ => None,
    }
}

#[async_trait]
impl Portable for EmbeddedVerifierStore {
    fn shelves(&self) -> &'static [&'static str] {
        VERIFIER_SHELVES
    }

    async fn rows(
        &self,
        shelf: &str,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, CopyError> {
        let Some(table) = table(shelf) else { return Ok(Vec::new()) };
        let rows = self.database.range(table, &[], after, limit).map_err(failed)?;
        Ok(rows.into_iter().map(|(key, value)| Row { key, value }).collect())
    }

    async fn put_rows(&self, shelf: &str, rows: &[Row]) -> Result<(), CopyError> {
        let unreadable = |reason: String| CopyError::Unreadable { shelf: shelf.to_owned(), reason };
        let Some(table) = table(shelf) else {
            return Err(unreadable("this store has no such shelf".to_owned()));
        };
        let _writer = self.database.exclusive();
        let mut batch = Batch::new();
        for row in rows {
            if shelf == "sessions" {
                let session: SessionRecord = serde_json::from_slice(&row.value)
                    .map_err(|error| unreadable(error.to_string()))?;
                batch.put(PUBLIC_IDS, &session.public_id, session.id.as_bytes());
                batch.put(EXPIRY, expiry_key(&session), session.public_id.as_bytes());
            }
            batch.put(table, &row.key, row.value.clone());
        }
        self.database.commit(batch).map_err(failed)
    }

    async fn copy_unfinished(&self) -> Result<bool, CopyError> {
        Ok(self.database.get(MARKS, MARK.as_bytes()).map_err(failed)?.is_some())
    }

    async fn mark_copy(&self, unfinished: bool) -> Result<(), CopyError> {
        let mut batch = Batch::new();
        if unfinished {
            batch.put(MARKS, MARK, "1");
        } else {
            batch.delete(MARKS, MARK);
        }
        self.database.commit(batch).map_err(failed)
    }
}

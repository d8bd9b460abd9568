//! The verifier's shelves.

use async_trait::async_trait;
use credential_issuance::ids::Digest;
use credential_issuance::store_copy::{CopyError, Portable, Row, VERIFIER_SHELVES};
use credential_verification::session::SessionRecord;
use sqlx::PgConnection;

use super::{Keys, MARK, Values, bad, copy_error, select, text};
use crate::PostgresVerifierStore;
use crate::issuer::Work;
use crate::record::{bigint, limit as bound};
use crate::work::{in_transaction, reading};

const SESSIONS: &str =
    "SELECT id, record FROM verifier_sessions WHERE id > $1 ORDER BY id LIMIT $2";
const LISTS: &str = "SELECT key, record FROM verifier_lists WHERE key > $1 ORDER BY key LIMIT $2";

#[async_trait]
impl Portable for PostgresVerifierStore {
    fn shelves(&self) -> &'static [&'static str] {
        VERIFIER_SHELVES
    }

    async fn rows(
        &self,
        shelf: &str,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, CopyError> {
        let query = match shelf {
            "sessions" => SESSIONS,
            "lists" => LISTS,
            _ => return Ok(Vec::new()),
        };
        let rows = reading!(self.database, |on| -> Work<Vec<Row>> {
            select(on, query, (Keys::Text, Values::Text), after, bound(limit)).await
        });
        rows.map_err(copy_error(shelf))
    }

    async fn put_rows(&self, shelf: &str, rows: &[Row]) -> Result<(), CopyError> {
        let put = in_transaction!(self.database, |on| -> Work<()> {
            for row in rows {
                let (key, value) = (text(&row.key)?, text(&row.value)?);
                match shelf {
                    "sessions" => session(on, key, value).await?,
                    "lists" => list(on, key, value).await?,
                    _ => return Err(bad("this store has no such shelf")),
                }
            }
            Ok(())
        });
        put.map_err(copy_error(shelf))
    }

    async fn copy_unfinished(&self) -> Result<bool, CopyError> {
        let marked = reading!(self.database, |on| -> Work<bool> {
            let query = "SELECT EXISTS (SELECT 1 FROM verifier_singles WHERE name = $1)";
            Ok(sqlx::query_scalar(query).bind(MARK).fetch_one(on).await?)
        });
        marked.map_err(copy_error(MARK))
    }

    async fn mark_copy(&self, unfinished: bool) -> Result<(), CopyError> {
        let marked = in_transaction!(self.database, |on| -> Work<()> {
            let query = if unfinished {
                "INSERT INTO verifier_singles (name, record) VALUES ($1, '') ON CONFLICT DO NOTHING"
            } else {
                "DELETE FROM verifier_singles WHERE name = $1"
            };
            sqlx::query(query).bind(MARK).execute(on).await?;
            Ok(())
        });
        marked.map_err(copy_error(MARK))
    }
}

async fn session(on: &mut PgConnection, id: &str, record: &str) -> Work<()> {
    let session: SessionRecord =
        serde_json::from_str(record).map_err(|error| bad(&error.to_string()))?;
    sqlx::query(
        "INSERT INTO verifier_sessions (id, public_id, revision, forget_after, record) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(&session.public_id)
    .bind(bigint(session.revision)?)
    .bind(session.forget_after.unix())
    .bind(record)
    .execute(on)
    .await?;
    Ok(())
}

async fn list(on: &mut PgConnection, key: &str, record: &str) -> Work<()> {
    sqlx::query(
        "INSERT INTO verifier_lists (sha256, key, record) VALUES ($1, $2, $3) \
         ON CONFLICT DO NOTHING",
    )
    .bind(&Digest::of(key.as_bytes()).0[..])
    .bind(key)
    .bind(record)
    .execute(on)
    .await?;
    Ok(())
}

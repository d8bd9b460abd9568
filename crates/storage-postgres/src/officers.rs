//! Officers' access in PostgreSQL: rows on shelves in one table.

use async_trait::async_trait;
use credential_model::moment::Moment;
use officer_access::store::{AccessStore, Row, Shelf, StoreError, Write};
use sqlx::PgConnection;

use crate::Postgres;
use crate::failure::{Failure, Fault};
use crate::record::{limit as bound, nameable};
use crate::work::{in_transaction, reading};

/// [`AccessStore`] over one [`Postgres`] database; clones share it.
#[derive(Debug, Clone)]
pub struct PostgresAccessStore {
    database: Postgres,
}

type Answer<T> = Result<T, StoreError>;
type Work<T> = Result<T, Fault<StoreError>>;
type Columns = (String, i64, Option<i64>, String);

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        Self::Backend(failure.to_string())
    }
}

impl PostgresAccessStore {
    /// The office's rows in this database.
    pub fn new(database: Postgres) -> Self {
        Self { database }
    }
}

fn row((key, revision, expires, text): Columns) -> Work<Row> {
    let revision = u64::try_from(revision).map_err(|_| {
        Fault::Refused(StoreError::Unreadable("a revision is out of range".to_owned()))
    })?;
    Ok(Row { key, revision, expires: expires.map(Moment::from_unix), text })
}

fn number(revision: u64) -> Work<i64> {
    i64::try_from(revision).map_err(|_| Fault::Refused(StoreError::Conflict))
}

/// One change; a condition that does not hold rolls the whole transaction back.
async fn change(on: &mut PgConnection, write: &Write) -> Work<()> {
    let (changed, otherwise) = match write {
        Write::Insert { shelf, key, text, expires } => {
            let made = sqlx::query(
                "INSERT INTO officer_rows (shelf, key, revision, expires, record) \
                 VALUES ($1, $2, 1, $3, $4) ON CONFLICT DO NOTHING",
            )
            .bind(shelf.as_str())
            .bind(key)
            .bind(expires.map(Moment::unix))
            .bind(text)
            .execute(on)
            .await?;
            (made.rows_affected(), StoreError::Taken)
        }
        Write::Replace { shelf, key, revision, text, expires } => {
            let made = sqlx::query(
                "UPDATE officer_rows SET revision = revision + 1, expires = $4, record = $5 \
                 WHERE shelf = $1 AND key = $2 AND revision = $3",
            )
            .bind(shelf.as_str())
            .bind(key)
            .bind(number(*revision)?)
            .bind(expires.map(Moment::unix))
            .bind(text)
            .execute(on)
            .await?;
            (made.rows_affected(), StoreError::Conflict)
        }
        Write::Delete { shelf, key, revision } => {
            let query = "DELETE FROM officer_rows WHERE shelf = $1 AND key = $2 AND revision = $3";
            let made = sqlx::query(query)
                .bind(shelf.as_str())
                .bind(key)
                .bind(number(*revision)?)
                .execute(on)
                .await?;
            (made.rows_affected(), StoreError::Conflict)
        }
    };
    if changed == 1 { Ok(()) } else { Err(Fault::Refused(otherwise)) }
}

#[async_trait]
impl AccessStore for PostgresAccessStore {
    async fn get(&self, shelf: Shelf, key: &str) -> Answer<Option<Row>> {
        if !nameable(key) {
            return Ok(None);
        }
        reading!(self.database, |on| -> Work<Option<Row>> {
            let found: Option<Columns> = sqlx::query_as(
                "SELECT key, revision, expires, record FROM officer_rows \
                 WHERE shelf = $1 AND key = $2",
            )
            .bind(shelf.as_str())
            .bind(key)
            .fetch_optional(on)
            .await?;
            found.map(row).transpose()
        })
    }

    async fn list(&self, shelf: Shelf, after: Option<&str>, limit: usize) -> Answer<Vec<Row>> {
        let after = after.unwrap_or_default();
        if !nameable(after) {
            return Ok(Vec::new());
        }
        reading!(self.database, |on| -> Work<Vec<Row>> {
            let found: Vec<Columns> = sqlx::query_as(
                "SELECT key, revision, expires, record FROM officer_rows \
                 WHERE shelf = $1 AND key > $2 ORDER BY key LIMIT $3",
            )
            .bind(shelf.as_str())
            .bind(after)
            .bind(bound(limit))
            .fetch_all(on)
            .await?;
            found.into_iter().map(row).collect()
        })
    }

    async fn apply(&self, writes: &[Write]) -> Answer<()> {
        if writes.is_empty() {
            return Ok(());
        }
        in_transaction!(self.database, |on| -> Work<()> {
            for write in writes {
                change(on, write).await?;
            }
            Ok(())
        })
    }

    async fn forget(&self, now: Moment, limit: usize) -> Answer<usize> {
        in_transaction!(self.database, |on| -> Work<usize> {
            let forgotten = sqlx::query(
                "DELETE FROM officer_rows WHERE (shelf, key) IN (SELECT shelf, key \
                 FROM officer_rows WHERE expires < $1 ORDER BY expires, shelf, key LIMIT $2)",
            )
            .bind(now.unix())
            .bind(bound(limit))
            .execute(on)
            .await?;
            Ok(usize::try_from(forgotten.rows_affected()).unwrap_or(usize::MAX))
        })
    }
}

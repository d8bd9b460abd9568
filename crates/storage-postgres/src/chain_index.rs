//! The index of keys' states and accreditations ([`evm_chain::Indexer`]), shared by replicas.
//!
//! Every replica may bring it forward: a commit names the checkpoint that its rows follow, under a
//! lock on the index's own row, so rows of two forks never mix.

use std::sync::Arc;

use credential_issuance::store::StoreError;
use credential_model::ambient::Entropy;
use evm_chain::{Checkpoint, IndexRow, IndexStore, IndexStoreError};
use sqlx::PgConnection;

use crate::database_thread::DatabaseThread;
use crate::issuer::Work;
use crate::record::{bigint, bounded, decode, decode_all, encode};
use crate::work::{in_transaction, reading};
use crate::{OpenError, Postgres, PostgresOptions};

/// [`IndexStore`] over PostgreSQL; clones share its thread, which ends with the last of them.
#[derive(Clone)]
pub struct PostgresChainIndex {
    thread: DatabaseThread,
    name: String,
}

impl std::fmt::Debug for PostgresChainIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresChainIndex").field("name", &self.name).finish_non_exhaustive()
    }
}

impl PostgresChainIndex {
    /// The index `name` (of one contract set) in this database. Starts a thread and checks the
    /// schema; blocks until both are done.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(
        options: &PostgresOptions,
        entropy: Arc<dyn Entropy>,
        name: &str,
    ) -> Result<Self, OpenError> {
        let thread = DatabaseThread::open("postgres-chain-index", options, entropy)?;
        Ok(Self { thread, name: name.to_owned() })
    }

    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&tokio::runtime::Runtime, &Postgres, &str) -> Result<T, StoreError>
        + Send
        + 'static,
    ) -> Result<T, IndexStoreError> {
        let name = self.name.clone();
        let answer = self.thread.ask(move |runtime, database| question(runtime, database, &name));
        let answer = answer.ok_or_else(|| IndexStoreError("the index thread ended".to_owned()))?;
        answer.map_err(|error| IndexStoreError(error.to_string()))
    }
}

impl IndexStore for PostgresChainIndex {
    fn checkpoints(&self) -> Result<Vec<Checkpoint>, IndexStoreError> {
        self.ask(|runtime, database, name| {
            runtime.block_on(async {
                reading!(database, |on| -> Work<Vec<Checkpoint>> { checkpoints(on, name).await })
            })
        })
    }

    fn rows(&self) -> Result<Vec<IndexRow>, IndexStoreError> {
        self.ask(|runtime, database, name| {
            runtime.block_on(async {
                reading!(database, |on| -> Work<Vec<IndexRow>> {
                    let texts: Vec<String> = sqlx::query_scalar(
                        "SELECT record FROM chain_index_rows WHERE name = $1 \
                         ORDER BY block, log_index",
                    )
                    .bind(name)
                    .fetch_all(on)
                    .await?;
                    decode_all("chain_index_rows", &texts)
                })
            })
        })
    }

    fn commit(
        &self,
        rows: &[IndexRow],
        after: Option<Checkpoint>,
        checkpoint: Checkpoint,
        keep_from: u64,
    ) -> Result<bool, IndexStoreError> {
        let rows = rows.to_vec();
        self.ask(move |runtime, database, name| {
            runtime.block_on(commit(database, name, &rows, after, checkpoint, keep_from))
        })
    }

    fn roll_back(&self, number: Option<u64>) -> Result<(), IndexStoreError> {
        self.ask(move |runtime, database, name| {
            runtime.block_on(async {
                in_transaction!(database, |on| -> Work<()> {
                    lock(&mut *on, name).await?;
                    // Block numbers begin at 0.
                    let above = number.map_or(-1, bounded);
                    for delete in [
                        "DELETE FROM chain_index_rows WHERE name = $1 AND block > $2",
                        "DELETE FROM chain_index_checkpoints WHERE name = $1 AND block > $2",
                    ] {
                        sqlx::query(delete).bind(name).bind(above).execute(&mut *on).await?;
                    }
                    Ok(())
                })
            })
        })
    }

    fn note(&self) -> Result<Option<String>, IndexStoreError> {
        self.ask(|runtime, database, name| {
            runtime.block_on(async {
                reading!(database, |on| -> Work<Option<String>> {
                    let query = "SELECT note FROM chain_indexes WHERE name = $1";
                    let found: Option<Option<String>> =
                        sqlx::query_scalar(query).bind(name).fetch_optional(on).await?;
                    Ok(found.flatten())
                })
            })
        })
    }

    fn set_note(&self, note: &str) -> Result<(), IndexStoreError> {
        let note = note.to_owned();
        self.ask(move |runtime, database, name| {
            runtime.block_on(async {
                in_transaction!(database, |on| -> Work<()> {
                    lock(&mut *on, name).await?;
                    sqlx::query("UPDATE chain_indexes SET note = $2 WHERE name = $1")
                        .bind(name)
                        .bind(&note)
                        .execute(on)
                        .await?;
                    Ok(())
                })
            })
        })
    }
}

/// Lets one writer of this index at a time past.
async fn lock(on: &mut PgConnection, name: &str) -> Work<()> {
    sqlx::query("INSERT INTO chain_indexes (name) VALUES ($1) ON CONFLICT (name) DO NOTHING")
        .bind(name)
        .execute(&mut *on)
        .await?;
    sqlx::query("SELECT name FROM chain_indexes WHERE name = $1 FOR UPDATE")
        .bind(name)
        .execute(on)
        .await?;
    Ok(())
}

async fn checkpoints(on: &mut PgConnection, name: &str) -> Work<Vec<Checkpoint>> {
    let texts: Vec<String> = sqlx::query_scalar(
        "SELECT record FROM chain_index_checkpoints WHERE name = $1 ORDER BY block",
    )
    .bind(name)
    .fetch_all(on)
    .await?;
    decode_all("chain_index_checkpoints", &texts)
}

async fn commit(
    database: &Postgres,
    name: &str,
    rows: &[IndexRow],
    after: Option<Checkpoint>,
    checkpoint: Checkpoint,
    keep_from: u64,
) -> Result<bool, StoreError> {
    in_transaction!(database, |on| -> Work<bool> {
        lock(&mut *on, name).await?;
        let newest: Option<String> = sqlx::query_scalar(
            "SELECT record FROM chain_index_checkpoints WHERE name = $1 \
             ORDER BY block DESC LIMIT 1",
        )
        .bind(name)
        .fetch_optional(&mut *on)
        .await?;
        let newest = newest.map(|text| decode("chain_index_checkpoints", &text)).transpose()?;
        if newest != after {
            return Ok(false);
        }
        for row in rows {
            sqlx::query(
                "INSERT INTO chain_index_rows (name, block, log_index, record) \
                 VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (name, block, log_index) DO UPDATE SET record = excluded.record",
            )
            .bind(name)
            .bind(bigint(row.block)?)
            .bind(bigint(row.log_index)?)
            .bind(encode(row)?)
            .execute(&mut *on)
            .await?;
        }
        sqlx::query("DELETE FROM chain_index_checkpoints WHERE name = $1 AND block < $2")
            .bind(name)
            .bind(bounded(keep_from))
            .execute(&mut *on)
            .await?;
        sqlx::query(
            "INSERT INTO chain_index_checkpoints (name, block, record) VALUES ($1, $2, $3) \
             ON CONFLICT (name, block) DO UPDATE SET record = excluded.record",
        )
        .bind(name)
        .bind(bigint(checkpoint.number)?)
        .bind(encode(&checkpoint)?)
        .execute(on)
        .await?;
        Ok(true)
    })
}

//! The chain writer's outbox, in the same database as what it anchors.
//!
//! One account has one writer (see `ChainWriter`): among replicas the one that holds the account's
//! lease, by the server's clock. Every row is written under the lease's lock, so a process that
//! slept past its time finds out instead of overwriting its successor's rows. Should two writers
//! use an account without leases, `put` refuses what would make two transactions of one: another
//! purpose or other bytes under a nonce that is taken, and a second nonce for a purpose that is on
//! its way.

use std::sync::Arc;

use credential_issuance::store::StoreError;
use credential_model::ambient::Entropy;
use evm_chain::{LeaseOutcome, Outbox, OutboxError, OutboxRow, OutboxState, WriterLease};
use sqlx::PgConnection;

use crate::database_thread::DatabaseThread;
use crate::failure::Fault;
use crate::issuer::{Work, refuse};
use crate::record::{decode, decode_all, encode};
use crate::work::{in_transaction, reading};
use crate::{OpenError, Postgres, PostgresOptions};

/// [`Outbox`] over PostgreSQL; clones share its thread, which ends with the last of them.
#[derive(Clone)]
pub struct PostgresOutbox {
    thread: DatabaseThread,
}

impl std::fmt::Debug for PostgresOutbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PostgresOutbox")
    }
}

impl PostgresOutbox {
    /// Starts the thread and checks the schema. Blocks until both are done.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(options: &PostgresOptions, entropy: Arc<dyn Entropy>) -> Result<Self, OpenError> {
        Ok(Self { thread: DatabaseThread::open("postgres-outbox", options, entropy)? })
    }

    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&tokio::runtime::Runtime, &Postgres) -> Result<T, OutboxError>
        + Send
        + 'static,
    ) -> Result<T, OutboxError> {
        let answer = self.thread.ask(question);
        answer.unwrap_or_else(|| Err(OutboxError("the outbox thread ended".to_owned())))
    }
}

impl Outbox for PostgresOutbox {
    fn load(&self) -> Result<Vec<OutboxRow>, OutboxError> {
        self.ask(|runtime, database| runtime.block_on(load(database)))
    }

    fn put(&self, row: &OutboxRow) -> Result<(), OutboxError> {
        let row = row.clone();
        self.ask(move |runtime, database| runtime.block_on(put(database, &row, None)))
    }

    fn lease(&self, lease: &WriterLease) -> Result<LeaseOutcome, OutboxError> {
        let lease = lease.clone();
        self.ask(move |runtime, database| runtime.block_on(claim(database, &lease)))
    }

    fn put_held(&self, row: &OutboxRow, lease: &WriterLease) -> Result<(), OutboxError> {
        let (row, lease) = (row.clone(), lease.clone());
        self.ask(move |runtime, database| runtime.block_on(put(database, &row, Some(&lease))))
    }

    fn release(&self, lease: &WriterLease) -> Result<(), OutboxError> {
        let lease = lease.clone();
        self.ask(move |runtime, database| runtime.block_on(release(database, &lease)))
    }
}

fn failed(error: StoreError) -> OutboxError {
    OutboxError(error.to_string())
}

async fn load(database: &Postgres) -> Result<Vec<OutboxRow>, OutboxError> {
    let rows = reading!(database, |on| -> Work<Vec<OutboxRow>> { all(on).await });
    rows.map_err(failed)
}

async fn all(on: &mut PgConnection) -> Work<Vec<OutboxRow>> {
    let texts: Vec<String> =
        sqlx::query_scalar("SELECT record FROM issuer_outbox ORDER BY key").fetch_all(on).await?;
    decode_all("outbox", &texts)
}

/// The account's name in the table of leases.
fn account(lease: &WriterLease) -> String {
    format!("{}/{}", lease.chain_id, lease.sender)
}

async fn claim(database: &Postgres, lease: &WriterLease) -> Result<LeaseOutcome, OutboxError> {
    let claimed = in_transaction!(database, |on| -> Work<LeaseOutcome> {
        // The row's lock lets one claimant at a time past; the clock is the server's alone.
        let granted = sqlx::query(
            "INSERT INTO issuer_leases AS held (account, holder, held_until) \
             VALUES ($1, $2, clock_timestamp() + $3 * INTERVAL '1 second') \
             ON CONFLICT (account) DO UPDATE \
             SET holder = excluded.holder, held_until = excluded.held_until \
             WHERE held.holder = excluded.holder OR held.held_until <= clock_timestamp()",
        )
        .bind(account(lease))
        .bind(&lease.holder)
        .bind(i64::from(lease.seconds))
        .execute(&mut *on)
        .await?;
        if granted.rows_affected() == 1 {
            return Ok(LeaseOutcome::Granted);
        }
        let holder = "SELECT holder FROM issuer_leases WHERE account = $1";
        let holder = sqlx::query_scalar(holder).bind(account(lease)).fetch_one(on).await?;
        Ok(LeaseOutcome::HeldBy(holder))
    });
    claimed.map_err(failed)
}

async fn release(database: &Postgres, lease: &WriterLease) -> Result<(), OutboxError> {
    let released = in_transaction!(database, |on| -> Work<()> {
        sqlx::query("DELETE FROM issuer_leases WHERE account = $1 AND holder = $2")
            .bind(account(lease))
            .bind(&lease.holder)
            .execute(on)
            .await?;
        Ok(())
    });
    released.map_err(failed)
}

/// Whether the claimant is still the writer, held so until the transaction ends. A time that ran
/// out does no harm as long as nobody else took the lease.
async fn still_held(on: &mut PgConnection, lease: &WriterLease) -> Work<()> {
    let holder: Option<String> =
        sqlx::query_scalar("SELECT holder FROM issuer_leases WHERE account = $1 FOR UPDATE")
            .bind(account(lease))
            .fetch_optional(on)
            .await?;
    if holder.as_ref() == Some(&lease.holder) {
        return Ok(());
    }
    tracing::warn!(holder, "the lease on this chain account went to another process");
    refuse(StoreError::Taken("chain account's lease"))
}

async fn put(
    database: &Postgres,
    row: &OutboxRow,
    lease: Option<&WriterLease>,
) -> Result<(), OutboxError> {
    let put = in_transaction!(database, |on| -> Work<()> {
        if let Some(lease) = lease {
            still_held(&mut *on, lease).await?;
        }
        // One at a time: what is refused below depends on rows that may not be there yet.
        sqlx::query("SELECT number FROM issuer_heads WHERE name = 'outbox' FOR UPDATE")
            .execute(&mut *on)
            .await?;
        let before: Option<String> =
            sqlx::query_scalar("SELECT record FROM issuer_outbox WHERE key = $1")
                .bind(row.key())
                .fetch_optional(&mut *on)
                .await?;
        match before {
            Some(text) => continues(&decode("outbox", &text)?, row)?,
            None => is_first(&all(on).await?, row)?,
        }
        sqlx::query(
            "INSERT INTO issuer_outbox (key, record) VALUES ($1, $2) \
             ON CONFLICT (key) DO UPDATE SET record = excluded.record",
        )
        .bind(row.key())
        .bind(encode(row)?)
        .execute(on)
        .await?;
        Ok(())
    });
    put.map_err(failed)
}

/// The same transaction, perhaps signed anew with a higher fee.
fn continues(before: &OutboxRow, row: &OutboxRow) -> Work<()> {
    let follows = before.hash == row.hash || row.replaced.contains(&before.hash);
    if before.purpose == row.purpose && follows {
        return Ok(());
    }
    tracing::error!(nonce = row.nonce, "a second writer uses this chain account");
    refuse(StoreError::Taken("transaction nonce"))
}

/// No other row of the account is on its way, or through, for the same purpose.
fn is_first(rows: &[OutboxRow], row: &OutboxRow) -> Result<(), Fault<StoreError>> {
    let same = |other: &&OutboxRow| {
        other.chain_id == row.chain_id
            && other.sender == row.sender
            && other.purpose == row.purpose
            && other.to == row.to
            && !matches!(other.state, OutboxState::Failed { .. })
    };
    match rows.iter().find(same) {
        None => Ok(()),
        Some(_) => refuse(StoreError::Taken("transaction purpose")),
    }
}

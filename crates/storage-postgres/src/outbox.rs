//! The chain writer's outbox, in the same database as what it anchors.
//!
//! [`Outbox`] is synchronous and the driver is not, so a thread with a small runtime and one
//! connection of its own answers; a caller blocks for one round trip and one commit, as it does
//! with the embedded store's disk flush.
//!
//! One account has one writer (see `ChainWriter`). Should a second one start by mistake, `put`
//! refuses what would make two transactions of one: another purpose or other bytes under a nonce
//! that is taken, and a second nonce for a purpose that is on its way.

use std::sync::{Arc, mpsc};

use credential_issuance::store::StoreError;
use credential_model::ambient::Entropy;
use evm_chain::{Outbox, OutboxError, OutboxRow, OutboxState};
use sqlx::PgConnection;

use crate::failure::Fault;
use crate::issuer::{Work, refuse};
use crate::record::{decode, decode_all, encode};
use crate::work::{in_transaction, reading};
use crate::{OpenError, Postgres, PostgresOptions, schema};

enum Question {
    Load(mpsc::SyncSender<Result<Vec<OutboxRow>, OutboxError>>),
    Put(Box<OutboxRow>, mpsc::SyncSender<Result<(), OutboxError>>),
}

/// [`Outbox`] over PostgreSQL; clones share its thread, which ends with the last of them.
#[derive(Clone)]
pub struct PostgresOutbox {
    questions: mpsc::SyncSender<Question>,
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
        let options = PostgresOptions { max_connections: 1, ..options.clone() };
        let (questions, asked) = mpsc::sync_channel(16);
        let (opened, ready) = mpsc::sync_channel(1);
        let answer = move || answer(&options, entropy, &opened, &asked);
        std::thread::Builder::new()
            .name("postgres-outbox".to_owned())
            .spawn(answer)
            .map_err(|error| no_thread(&error.to_string()))?;
        ready.recv().map_err(|_| no_thread("the thread ended"))??;
        Ok(Self { questions })
    }

    fn ask<T>(
        &self,
        question: impl FnOnce(mpsc::SyncSender<Result<T, OutboxError>>) -> Question,
    ) -> Result<T, OutboxError> {
        let gone = || OutboxError("the outbox thread ended".to_owned());
        let (reply, answer) = mpsc::sync_channel(1);
        self.questions.send(question(reply)).map_err(|_| gone())?;
        answer.recv().map_err(|_| gone())?
    }
}

impl Outbox for PostgresOutbox {
    fn load(&self) -> Result<Vec<OutboxRow>, OutboxError> {
        self.ask(Question::Load)
    }

    fn put(&self, row: &OutboxRow) -> Result<(), OutboxError> {
        self.ask(|reply| Question::Put(Box::new(row.clone()), reply))
    }
}

fn no_thread(reason: &str) -> OpenError {
    let kind = crate::failure::FailureKind::Failed;
    OpenError::Server(crate::failure::Failure::new(kind, format!("outbox thread: {reason}")))
}

fn answer(
    options: &PostgresOptions,
    entropy: Arc<dyn Entropy>,
    opened: &mpsc::SyncSender<Result<(), OpenError>>,
    asked: &mpsc::Receiver<Question>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return drop(opened.send(Err(no_thread(&error.to_string())))),
    };
    let database = runtime.block_on(async {
        let database = Postgres::unchecked(options, entropy)?;
        schema::check(&database).await?;
        Ok(database)
    });
    let database = match database {
        Ok(database) => database,
        Err(error) => return drop(opened.send(Err(error))),
    };
    if opened.send(Ok(())).is_err() {
        return;
    }
    // Whoever asked and went away does not hear the answer; that is their choice.
    while let Ok(question) = asked.recv() {
        match question {
            Question::Load(reply) => drop(reply.send(runtime.block_on(load(&database)))),
            Question::Put(row, reply) => drop(reply.send(runtime.block_on(put(&database, &row)))),
        }
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

async fn put(database: &Postgres, row: &OutboxRow) -> Result<(), OutboxError> {
    let put = in_transaction!(database, |on| -> Work<()> {
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

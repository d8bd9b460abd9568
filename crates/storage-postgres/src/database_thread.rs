//! A thread that asks the database for callers who are not asynchronous.
//!
//! The traits of the chain room ([`evm_chain::Outbox`], [`evm_chain::IndexStore`]) are synchronous
//! and the driver is not, so a thread with a small runtime and one connection of its own answers; a
//! caller blocks for one round trip and one commit, as it does with the embedded store's disk flush.

use std::sync::{Arc, mpsc};

use credential_model::ambient::Entropy;
use tokio::runtime::Runtime;

use crate::failure::{Failure, FailureKind};
use crate::{OpenError, Postgres, PostgresOptions, schema};

type Question = Box<dyn FnOnce(&Runtime, &Postgres) + Send>;

/// Clones share the thread, which ends with the last of them.
#[derive(Clone)]
pub(crate) struct DatabaseThread {
    questions: mpsc::SyncSender<Question>,
}

impl DatabaseThread {
    /// Starts the thread and checks the schema. Blocks until both are done.
    ///
    /// # Errors
    /// [`OpenError`].
    pub(crate) fn open(
        name: &str,
        options: &PostgresOptions,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, OpenError> {
        let options = PostgresOptions { max_connections: 1, ..options.clone() };
        let (questions, asked) = mpsc::sync_channel(16);
        let (opened, ready) = mpsc::sync_channel(1);
        let answer = move || answer(&options, entropy, &opened, &asked);
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(answer)
            .map_err(|error| no_thread(&error.to_string()))?;
        ready.recv().map_err(|_| no_thread("the thread ended"))??;
        Ok(Self { questions })
    }

    /// Has the thread do this, and waits for it; none when the thread ended.
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Runtime, &Postgres) -> T + Send + 'static,
    ) -> Option<T> {
        let (reply, answer) = mpsc::sync_channel(1);
        let asked: Question = Box::new(move |runtime, database| {
            // Whoever asked and went away does not hear the answer; that is their choice.
            let _ = reply.send(question(runtime, database));
        });
        self.questions.send(asked).ok()?;
        answer.recv().ok()
    }
}

fn no_thread(reason: &str) -> OpenError {
    OpenError::Server(Failure::new(FailureKind::Failed, format!("database thread: {reason}")))
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
    while let Ok(question) = asked.recv() {
        question(&runtime, &database);
    }
}

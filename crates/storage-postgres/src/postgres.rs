//! The way to a database: pool, transactions, and what is tried again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use credential_model::ambient::Entropy;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{Connection as _, PgConnection, Transaction};

use crate::failure::{Failure, FailureKind, Fault};
use crate::work::{Tries, reading};
use crate::{OpenError, PostgresOptions, schema};

/// After so many commits of this process, marks of yesterday are removed, at most so many.
const SWEEP_EVERY: u64 = 1_000;

/// An open database; clones share its pool.
#[derive(Clone)]
pub struct Postgres {
    pool: PgPool,
    entropy: Arc<dyn Entropy>,
    patience: Duration,
    commits: Arc<AtomicU64>,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Postgres({} connections)", self.pool.size())
    }
}

impl Postgres {
    /// Opens a database whose schema is this build's. `entropy` makes the marks of transactions.
    ///
    /// # Errors
    /// [`OpenError`]; nothing in the database is changed.
    pub async fn connect(
        options: &PostgresOptions,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, OpenError> {
        let database = Self::unchecked(options, entropy)?;
        schema::check(&database).await?;
        Ok(database)
    }

    /// Brings the database's schema to this build's version, from any version before it or from
    /// nothing, and opens it. Several replicas may do so at once: one migrates, the others wait.
    ///
    /// # Errors
    /// [`OpenError`]; a migration that fails is rolled back.
    pub async fn migrate(
        options: &PostgresOptions,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, OpenError> {
        let database = Self::unchecked(options, entropy)?;
        schema::migrate(&database).await?;
        schema::check(&database).await?;
        Ok(database)
    }

    /// A pool without a look at the schema.
    pub(crate) fn unchecked(
        options: &PostgresOptions,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, OpenError> {
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections.max(1))
            .acquire_timeout(options.patience)
            // Costs a round trip and saves a failed transaction after every restart of the server.
            .test_before_acquire(true)
            .connect_lazy_with(options.connect_options()?);
        Ok(Self { pool, entropy, patience: options.patience, commits: Arc::default() })
    }

    /// Closes the pool; operations under way end first.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Whether the server answers, for readiness probes.
    ///
    /// # Errors
    /// [`Failure`] when it does not within the patience.
    pub async fn ping(&self) -> Result<(), Failure> {
        reading!(self, |on| -> Result<(), Fault<Failure>> { Ok(on.ping().await?) })
    }

    pub(crate) fn tries(&self) -> Tries {
        Tries::new(self.patience)
    }

    pub(crate) async fn connection<E>(&self) -> Result<PoolConnection<sqlx::Postgres>, Fault<E>> {
        Ok(self.pool.acquire().await?)
    }

    pub(crate) async fn begin<E>(&self) -> Result<Begun<'_>, Fault<E>> {
        let mut mark = [0; 16];
        self.entropy.fill(&mut mark);
        Ok(Begun { database: self, mark, transaction: self.pool.begin().await? })
    }

    /// Whether the transaction of this mark took place. After the answer "no" it never will.
    async fn settle(&self, mark: [u8; 16]) -> Result<bool, Failure> {
        let asked = reading!(self, |on| -> Result<bool, Fault<Failure>> {
            // Waits for the other transaction where it is still under way.
            sqlx::query(
                "INSERT INTO sinpyo_commit_marks (mark, applied) VALUES ($1, false) \
                 ON CONFLICT (mark) DO NOTHING",
            )
            .bind(&mark[..])
            .execute(&mut *on)
            .await?;
            let query = "SELECT applied FROM sinpyo_commit_marks WHERE mark = $1";
            Ok(sqlx::query_scalar(query).bind(&mark[..]).fetch_one(on).await?)
        });
        asked.map_err(|failure: Failure| {
            Failure::new(FailureKind::OutcomeUnknown, format!("it broke during COMMIT; {failure}"))
        })
    }

    /// Now and then removes marks nobody will ask for any more. Failing is no matter.
    async fn sweep(&self) {
        if self.commits.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY != SWEEP_EVERY - 1 {
            return;
        }
        let swept = sqlx::query(
            "DELETE FROM sinpyo_commit_marks WHERE mark IN (SELECT mark FROM sinpyo_commit_marks \
             WHERE at < CURRENT_TIMESTAMP - INTERVAL '1 day' ORDER BY at LIMIT 10000)",
        )
        .execute(&self.pool)
        .await;
        if let Err(error) = swept {
            tracing::debug!(%error, "old commit marks stay for now");
        }
    }
}

/// A transaction under way.
pub(crate) struct Begun<'d> {
    database: &'d Postgres,
    mark: [u8; 16],
    transaction: Transaction<'static, sqlx::Postgres>,
}

impl Begun<'_> {
    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    /// Commits what was done, or rolls back what was refused.
    pub(crate) async fn finish<T, E: From<Failure>>(
        self,
        worked: Result<T, Fault<E>>,
    ) -> Result<T, Fault<E>> {
        let Self { database, mark, mut transaction } = self;
        let value = match worked {
            Ok(value) => value,
            Err(fault) => {
                // The server rolls back by itself where the connection is gone.
                let _ = transaction.rollback().await;
                return Err(fault);
            }
        };
        sqlx::query("INSERT INTO sinpyo_commit_marks (mark, applied) VALUES ($1, true)")
            .bind(&mark[..])
            .execute(&mut *transaction)
            .await?;
        let Err(error) = transaction.commit().await else {
            database.sweep().await;
            return Ok(value);
        };
        let fault = Fault::from(error);
        if fault.is_rolled_back() {
            return Err(fault);
        }
        let reason = fault.reason();
        tracing::warn!(reason, "a connection broke during COMMIT; asking what became of it");
        match database.settle(mark).await {
            Ok(true) => Ok(value),
            Ok(false) => Err(Fault::Gone(reason.to_owned())),
            Err(failure) => Err(Fault::Refused(failure.into())),
        }
    }
}

//! How a piece of work is tried: on a connection or in a transaction, again where that is safe.

use std::time::Duration;

use tokio::time::Instant;

use crate::failure::{Failure, FailureKind, Fault};

/// How often one operation gives way to others before it says so.
const GIVING_WAY: u32 = 12;
/// First and longest pause between two tries.
const PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Runs reading work on a connection, again where the connection or the server went away.
///
/// Macros, not functions over closures: the compiler cannot yet see that the future of a borrowing
/// asynchronous closure may be sent to another thread.
macro_rules! reading {
    ($database:expr, |$on:ident| -> $answer:ty $work:block) => {{
        let database = &$database;
        let mut tries = database.tries();
        loop {
            let worked: $answer = match database.connection().await {
                Err(fault) => Err(fault),
                Ok(mut connection) => {
                    async {
                        let $on: &mut sqlx::PgConnection = &mut connection;
                        let worked: $answer = $work;
                        worked
                    }
                    .await
                }
            };
            match worked {
                Ok(value) => break Ok(value),
                Err(fault) => {
                    if let Err(error) = tries.next(fault).await {
                        break Err(error);
                    }
                }
            }
        }
    }};
}
pub(crate) use reading;

/// Runs work in a transaction and commits it: whole, once, durably, or not at all.
macro_rules! in_transaction {
    ($database:expr, |$on:ident| -> $answer:ty $work:block) => {{
        let database = &$database;
        let mut tries = database.tries();
        loop {
            let worked: $answer = match database.begin().await {
                Err(fault) => Err(fault),
                Ok(mut begun) => {
                    let worked: $answer = async {
                        let $on: &mut sqlx::PgConnection = begun.connection();
                        let worked: $answer = $work;
                        worked
                    }
                    .await;
                    begun.finish(worked).await
                }
            };
            match worked {
                Ok(value) => break Ok(value),
                Err(fault) => {
                    if let Err(error) = tries.next(fault).await {
                        break Err(error);
                    }
                }
            }
        }
    }};
}
pub(crate) use in_transaction;

/// How long and how often one operation is tried.
pub(crate) struct Tries {
    until: Instant,
    pause: Duration,
    gave_way: u32,
}

impl Tries {
    pub(crate) fn new(patience: Duration) -> Self {
        Self { until: Instant::now() + patience, pause: PAUSE, gave_way: 0 }
    }

    /// Pauses before the next try, or answers why there is none.
    pub(crate) async fn next<E: From<Failure>>(&mut self, fault: Fault<E>) -> Result<(), E> {
        match fault {
            Fault::Refused(answer) => return Err(answer),
            Fault::Broken(reason) => return Err(Failure::new(FailureKind::Failed, reason).into()),
            Fault::Again(reason) => {
                self.gave_way += 1;
                if self.gave_way >= GIVING_WAY {
                    return Err(Failure::new(FailureKind::Contended, reason).into());
                }
            }
            Fault::Gone(reason) => {
                if Instant::now() + self.pause >= self.until {
                    return Err(Failure::new(FailureKind::Unreachable, reason).into());
                }
            }
        }
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Ok(())
    }
}

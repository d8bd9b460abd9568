//! What carries bulk jobs on: checks, issues, closes, changes statuses. Everything it does is
//! durable step by step, so it may die at any moment and another replica may do the same beside it.

use std::sync::Arc;
use std::time::Duration;

use credential_issuance::bulk::{BulkError, CHUNK_ROWS, ChunkWork, Job, JobStage};
use credential_issuance::ids::JobId;
use tokio::task::JoinSet;

use crate::state::App;

/// How often it looks for work, and waits after a failure.
const IDLE: Duration = Duration::from_millis(500);
/// Chunks a thread issues before other jobs get a turn.
const TURN: usize = 8;

/// Runs until dropped.
pub(crate) async fn run(app: &App) {
    loop {
        let jobs = match app.issuer.bulk_jobs_at_work().await {
            Ok(jobs) => jobs,
            Err(BulkError::NotHere) => return,
            Err(error) => {
                tracing::error!(code = error.code(), "bulk jobs cannot be looked at");
                Vec::new()
            }
        };
        let mut worked = false;
        for job in jobs {
            match work(app, &job).await {
                Ok(some) => {
                    if some {
                        app.stalls.over(&job.id);
                    }
                    worked |= some;
                }
                Err(error) => {
                    app.stalls.note(&job.id, &error);
                    tracing::warn!(job = %job.id, code = error.code(), %error, "bulk job stalled, will be tried again");
                }
            }
        }
        if !worked {
            tokio::time::sleep(IDLE).await;
        }
    }
}

/// One turn of a job; answers whether anything was done.
async fn work(app: &App, job: &Job) -> Result<bool, BulkError> {
    let issuer = &app.issuer;
    match job.stage {
        JobStage::Checking => {
            let checked = issuer.check_job(&job.id).await?;
            tracing::info!(job = %job.id, stage = checked.stage.as_str(), "bulk job checked");
        }
        JobStage::Running => return issue(app, job).await,
        JobStage::Cancelled if job.outcome.is_none() => {
            issuer.close_cancelled(&job.id).await?;
            app.anchor_soon.notify_one();
        }
        _ => {
            while !issuer.carry_out_order(&job.id).await? {}
            app.anchor_soon.notify_one();
        }
    }
    Ok(true)
}

async fn issue(app: &App, job: &Job) -> Result<bool, BulkError> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut turns = JoinSet::new();
    for _ in 0..threads {
        let pause = job.rate.map(|rate| Pace { rate, threads });
        turns.spawn(turn(Arc::clone(app), job.id.clone(), pause));
    }
    let mut worked = false;
    let mut failed = None;
    while let Some(ended) = turns.join_next().await {
        match ended {
            Ok(Ok(some)) => worked |= some,
            Ok(Err(error)) => {
                // Each is noted: the first names the cause, the others what follows from it.
                app.stalls.note(&job.id, &error);
                failed = Some(error);
            }
            Err(_) => failed = Some(BulkError::Worker),
        }
    }
    failed.map_or(Ok(worked), Err)
}

/// How slowly a thread goes, so that all together keep the job's rate.
#[derive(Clone, Copy)]
struct Pace {
    rate: u32,
    threads: usize,
}

impl Pace {
    fn after(self, rows: u64) -> Duration {
        let rows = rows.saturating_mul(self.threads as u64);
        Duration::from_millis(rows.saturating_mul(1000) / u64::from(self.rate.max(1)))
    }
}

async fn turn(app: App, job: JobId, pace: Option<Pace>) -> Result<bool, BulkError> {
    let mut worked = false;
    for _ in 0..TURN {
        match app.issuer.issue_chunk(&job).await? {
            ChunkWork::Committed(done) => {
                worked = true;
                if let Some(pace) = pace {
                    // In small steps, so that pause and cancel are heard.
                    let mut left = pace.after(done.rows().min(CHUNK_ROWS as u64));
                    while !left.is_zero() && app.issuer.job_is_running(&job).await? {
                        let step = left.min(IDLE);
                        tokio::time::sleep(step).await;
                        left -= step;
                    }
                }
            }
            ChunkWork::Finished => {
                tracing::info!(%job, "bulk job done");
                app.anchor_soon.notify_one();
                return Ok(true);
            }
            ChunkWork::Busy | ChunkWork::Stopped => break,
        }
    }
    Ok(worked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_threads_together_keep_the_rate() {
        let pace = Pace { rate: 1024, threads: 2 };
        assert_eq!(pace.after(1024), Duration::from_secs(2));
        assert_eq!(pace.after(0), Duration::ZERO);
        assert_eq!(Pace { rate: 0, threads: 1 }.after(u64::MAX).as_millis(), u128::from(u64::MAX));
    }
}

//! Issuing: claim a chunk, sign it, commit it; when none is left, add up.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::chunk::{ClaimMark, Row, RowFinding};
use super::desk::BulkError;
use super::job::{Job, JobStage, Progress};
use super::press::{Press, Pressed};
use super::store::{ChunkCommit, ClaimWish, Claimed, RowKey};
use crate::Issuer;
use crate::audit::AuditAction;
use crate::ids::JobId;
use crate::status::ListClass;
use crate::store::StoreError;

/// What one unit of work was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkWork {
    /// A chunk is committed.
    Committed(Progress),
    /// All that is left is in other hands; look again later.
    Busy,
    /// The job is not running any more.
    Stopped,
    /// No chunk was left: the job is done.
    Finished,
}

impl Issuer {
    /// Issues the next chunk of a running job.
    pub async fn issue_chunk(&self, id: &JobId) -> Result<ChunkWork, BulkError> {
        let bulk = self.bulk()?;
        let job = self.bulk_job(id).await?;
        if job.stage != JobStage::Running {
            return Ok(ChunkWork::Stopped);
        }
        let now = self.now();
        let mark = ClaimMark {
            worker: self.run.clone(),
            token: credential_model::ambient::random_id(&*self.entropy),
            until: now.plus_seconds(bulk.settings.lease_seconds),
        };
        let class = ListClass::of(job.plan.credential_type);
        let wish = ClaimWish { mark, now, class, list_size: self.settings.list_size };
        let (head, rows) = match bulk.store.claim_chunk(id, &wish).await {
            Ok(Claimed::Chunk(head, rows)) => (*head, rows),
            Ok(Claimed::Busy) => return Ok(ChunkWork::Busy),
            Ok(Claimed::None) => return self.finish_job(id).await,
            Err(StoreError::Conflict) => return Ok(ChunkWork::Stopped),
            Err(error) => return Err(error.into()),
        };
        let press = self.chunk_press(&job, &head, &rows).await?;
        let worker = press.clone();
        let pressed = tokio::task::spawn_blocking(move || worker.print(head, rows))
            .await
            .map_err(|_| BulkError::Worker)?
            .map_err(BulkError::Signing)?;
        self.commit(&press, pressed).await
    }

    async fn chunk_press(
        &self,
        job: &Job,
        head: &super::ChunkHead,
        rows: &[Row],
    ) -> Result<Press, BulkError> {
        let mut codes: BTreeSet<String> = job.plan.kind.iter().cloned().collect();
        codes.extend(rows.iter().filter_map(|row| match row {
            Row::Ready(cells) => cells.get("kind").cloned(),
            _ => None,
        }));
        let maker = self.with_kinds(&self.maker(&job.plan), codes).await?;
        let places = head.places.as_ref().ok_or(StoreError::Missing("status places"))?;
        let list = self.store.list(&places.list).await?.ok_or(StoreError::Missing("list"))?;
        Ok(Press {
            maker: Arc::new(maker),
            identity: self.identity.clone(),
            entropy: Arc::clone(&self.entropy),
            now: self.now(),
            secret: self.bulk()?.secret,
            list_url: self.settings.list_url(&list.id),
            allocator: self.allocator(&list),
        })
    }

    async fn commit(&self, press: &Press, mut pressed: Pressed) -> Result<ChunkWork, BulkError> {
        let bulk = self.bulk()?;
        for _ in 0..4 {
            let done = pressed.head.done.unwrap_or_default();
            let event = self
                .event("service", AuditAction::ChunkIssued)
                .about("job", &pressed.head.job)
                .about("chunk", pressed.head.number)
                .about("issued", done.issued)
                .about("refused", done.refused)
                .about("held", done.held);
            let commit = ChunkCommit {
                head: pressed.head,
                rows: pressed.rows,
                records: pressed.records,
                keys: pressed.keys,
                leaves: pressed.leaves,
                audit: event,
            };
            match bulk.store.commit_chunk(&commit).await {
                Ok(()) => return Ok(ChunkWork::Committed(done)),
                // Another job issued one of these rows since the check: those fall out.
                Err(StoreError::Taken(_)) => {
                    let ChunkCommit { head, rows, records, keys, leaves, .. } = commit;
                    pressed = Pressed { head, rows, records, keys, leaves };
                    self.drop_known(press, &mut pressed).await?;
                }
                // Cancelled, or the claim ran out and somebody else has the chunk.
                Err(StoreError::Conflict) => return Ok(ChunkWork::Stopped),
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    async fn drop_known(&self, press: &Press, pressed: &mut Pressed) -> Result<(), BulkError> {
        let keys: Vec<RowKey> = pressed.keys.iter().map(|(key, _)| *key).collect();
        let known = self.bulk()?.store.known_rows(&keys).await?;
        let mut fresh = known.iter().map(Option::is_none);
        pressed.records.retain(|_| fresh.next().unwrap_or(true));
        let first = u64::from(pressed.head.number) * super::CHUNK_ROWS as u64;
        for ((_, row), known) in pressed.keys.iter().zip(&known) {
            let place = usize::try_from(row - first).ok().and_then(|at| pressed.rows.get_mut(at));
            if let (Some(_), Some(row)) = (known, place) {
                *row = Row::Refused(vec![RowFinding::row("row_issued_before")]);
            }
        }
        let mut fresh = known.iter().map(Option::is_none);
        pressed.keys.retain(|_| fresh.next().unwrap_or(true));
        press.close(pressed);
        Ok(())
    }

    /// Closes a job whose chunks are all committed.
    async fn finish_job(&self, id: &JobId) -> Result<ChunkWork, BulkError> {
        let job = self.bulk_job(id).await?;
        if job.stage != JobStage::Running {
            return Ok(ChunkWork::Stopped);
        }
        let next = Job { stage: JobStage::Done, finished_at: Some(self.now()), ..job.next() };
        self.add_up(next).await
    }

    /// Adds up a job that was cancelled: what was not issued is held.
    pub async fn close_cancelled(&self, id: &JobId) -> Result<ChunkWork, BulkError> {
        let job = self.bulk_job(id).await?;
        if job.stage != JobStage::Cancelled || job.outcome.is_some() {
            return Ok(ChunkWork::Stopped);
        }
        self.bulk()?.store.drop_parts(id, job.parts()).await?;
        self.add_up(job.next()).await
    }

    /// The reconciliation: what the commits counted, what the rows themselves say, and what the
    /// check counted must agree, or nothing is closed.
    async fn add_up(&self, mut next: Job) -> Result<ChunkWork, BulkError> {
        let bulk = self.bulk()?;
        let heads = bulk.store.chunks(&next.id).await?;
        let mut committed = Progress::default();
        let mut left = Progress::default();
        for head in &heads {
            match head.done {
                Some(done) => committed = committed.and(done),
                None => {
                    left.held += head.ready;
                    left.refused += head.rows - head.ready;
                }
            }
        }
        let recounted = self.recount(&heads).await?;
        let rows = next.totals.map_or(0, |totals| totals.rows);
        let outcome = committed.and(left);
        let wanted = if next.totals.is_some() { rows } else { outcome.rows() };
        let over = next.stage == JobStage::Cancelled || left == Progress::default();
        if recounted != committed || outcome.rows() != wanted || !over {
            return Err(BulkError::Unreconciled(format!(
                "rows {rows}, chunks {committed:?}, recounted {recounted:?}, left {left:?}"
            )));
        }
        next.outcome = Some(outcome);
        next.root = super::root::job_root(bulk, &next.id, &heads);
        let event = self
            .event("service", AuditAction::JobClosed)
            .about("job", &next.id)
            .about("rows", outcome.rows())
            .about("issued", outcome.issued)
            .about("refused", outcome.refused)
            .about("held", outcome.held);
        match bulk.store.replace_job(&next, Some(event)).await {
            Ok(()) => {
                bulk.store.drop_parts(&next.id, next.parts()).await?;
                Ok(ChunkWork::Finished)
            }
            Err(StoreError::Conflict) => Ok(ChunkWork::Busy),
            Err(error) => Err(error.into()),
        }
    }

    /// Counts the rows of committed chunks one by one.
    async fn recount(&self, heads: &[super::ChunkHead]) -> Result<Progress, BulkError> {
        let mut sum = Progress::default();
        for head in heads.iter().filter(|head| head.done.is_some()) {
            let chunk = self.bulk()?.store.chunk(&head.job, head.number).await?;
            let (_, rows) = chunk.ok_or(StoreError::Missing("chunk"))?;
            sum = sum.and(super::tally(&rows));
        }
        Ok(sum)
    }
}

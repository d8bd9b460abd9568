//! Bulk jobs: jobs, parts of files, chunks, and the commit that issues a chunk.

use async_trait::async_trait;
use credential_issuance::audit::AuditEvent;
use credential_issuance::bulk::{
    BulkStore, ChunkCommit, ChunkHead, ClaimWish, Claimed, Job, JobStage, Places, Row, RowKey,
    SealedRecord,
};
use credential_issuance::credential::CredentialRecord;
use credential_issuance::ids::{Digest, JobId};
use credential_issuance::status::ListRecord;

use super::{Answer, EmbeddedIssuerStore, Page, StoreError, credentials, tables};
use crate::engine::Batch;

/// Where a row was issued, as [`tables::JOB_KEYS`] keeps it.
fn row_place(job: &JobId, row: u64) -> Vec<u8> {
    [job.as_str().as_bytes(), b"/", &row.to_be_bytes()].concat()
}

/// `job/` and a number, big-endian, so that a job's rows sort by number.
pub(super) fn numbered(job: &JobId, number: u32) -> Vec<u8> {
    [job.as_str().as_bytes(), b"/", &number.to_be_bytes()].concat()
}

fn number_of(key: &[u8]) -> Answer<u32> {
    let digits = key.last_chunk::<4>().copied();
    digits.map(u32::from_be_bytes).ok_or_else(|| damaged("a chunk's key"))
}

fn damaged(what: &str) -> StoreError {
    StoreError::Unreadable(format!("{what} is damaged"))
}

// As for `IssuerStore`: nothing to await, one commit is one disk flush.
#[async_trait]
impl BulkStore for EmbeddedIssuerStore {
    async fn create_job(&self, job: &Job, audit: AuditEvent) -> Answer<()> {
        let _writer = self.database.exclusive();
        if self.get(tables::JOBS, job.id.as_str().as_bytes())?.is_some() {
            return Err(StoreError::Taken("job"));
        }
        let mut batch = Batch::new();
        put_job(&mut batch, job)?;
        self.seal_into(&mut batch, audit)?;
        self.commit(batch)
    }
    async fn job(&self, id: &JobId) -> Answer<Option<Job>> {
        self.record(tables::JOBS, id.as_str())
    }
    async fn jobs(&self, after: Option<&JobId>, limit: usize) -> Answer<Vec<Job>> {
        self.page(tables::JOBS, Page { after: after.map(JobId::as_str), limit })
    }
    async fn replace_job(&self, job: &Job, audit: Option<AuditEvent>) -> Answer<()> {
        let _writer = self.database.exclusive();
        let mut batch = Batch::new();
        self.next_job(&mut batch, job)?;
        if let Some(event) = audit {
            self.seal_into(&mut batch, event)?;
        }
        self.commit(batch)
    }
    async fn jobs_at_work(&self) -> Answer<Vec<Job>> {
        let mut jobs = Vec::new();
        for (id, _) in self.rows(tables::JOBS_AT_WORK, b"", None, usize::MAX)? {
            jobs.extend(self.record::<Job>(tables::JOBS, id)?);
        }
        Ok(jobs)
    }
    async fn job_to_anchor(&self) -> Answer<Option<Job>> {
        match self.rows(tables::JOBS_TO_ANCHOR, b"", None, 1)?.pop() {
            Some((id, _)) => self.record(tables::JOBS, id),
            None => Ok(None),
        }
    }
    async fn put_part(&self, job: &JobId, number: u32, bytes: &[u8]) -> Answer<()> {
        let mut batch = Batch::new();
        tables::JOB_PARTS.put(&mut batch, numbered(job, number), bytes);
        self.commit(batch)
    }
    async fn part(&self, job: &JobId, number: u32) -> Answer<Option<Vec<u8>>> {
        self.get(tables::JOB_PARTS, &numbered(job, number))
    }
    async fn drop_parts(&self, job: &JobId, count: u32) -> Answer<()> {
        let mut batch = Batch::new();
        for number in 0..count {
            tables::JOB_PARTS.delete(&mut batch, numbered(job, number));
        }
        self.commit(batch)
    }
    async fn put_chunk(&self, revision: u64, head: &ChunkHead, rows: &[Row]) -> Answer<()> {
        let _writer = self.database.exclusive();
        let job = self.known_job(&head.job)?;
        if job.revision != revision {
            return Err(StoreError::Conflict);
        }
        let mut batch = Batch::new();
        let key = numbered(&head.job, head.number);
        tables::put(&mut batch, tables::CHUNKS, &key, head)?;
        tables::put(&mut batch, tables::CHUNK_ROWS, &key, &rows)?;
        tables::CHUNKS_LEFT.put(&mut batch, &key, tables::PRESENT);
        self.commit(batch)
    }
    async fn chunks(&self, job: &JobId) -> Answer<Vec<ChunkHead>> {
        let prefix = tables::member_key(job.as_str(), "");
        let rows = self.rows(tables::CHUNKS, &prefix, None, usize::MAX)?;
        rows.iter().map(|(_, bytes)| tables::decode(tables::CHUNKS, bytes)).collect()
    }
    async fn chunk(&self, job: &JobId, number: u32) -> Answer<Option<(ChunkHead, Vec<Row>)>> {
        let key = numbered(job, number);
        let head = self.record(tables::CHUNKS, &key)?;
        Ok(head.zip(self.record(tables::CHUNK_ROWS, &key)?))
    }
    async fn known_rows(&self, keys: &[RowKey]) -> Answer<Vec<Option<(JobId, u64)>>> {
        keys.iter().map(|key| self.known_row(key)).collect()
    }
    async fn claim_chunk(&self, job: &JobId, wish: &ClaimWish) -> Answer<Claimed> {
        self.write_claim(job, wish)
    }
    async fn commit_chunk(&self, commit: &ChunkCommit) -> Answer<()> {
        self.write_chunk(commit)
    }
    async fn leaves(&self, job: &JobId, number: u32) -> Answer<Option<Vec<Digest>>> {
        let Some(bytes) = self.get(tables::LEAVES, &numbered(job, number))? else {
            return Ok(None);
        };
        let (leaves, rest) = bytes.as_chunks::<32>();
        if rest.is_empty() {
            Ok(Some(leaves.iter().copied().map(Digest).collect()))
        } else {
            Err(damaged("a chunk's leaves"))
        }
    }
    async fn change_statuses(
        &self,
        job: &Job,
        records: &[CredentialRecord],
        audit: AuditEvent,
    ) -> Answer<()> {
        self.write_statuses(job, records, audit)
    }
}

pub(super) fn put_job(batch: &mut Batch, job: &Job) -> Answer<()> {
    let id = job.id.as_str();
    tables::put(batch, tables::JOBS, id, job)?;
    for (table, member) in
        [(tables::JOBS_AT_WORK, job.wants_work()), (tables::JOBS_TO_ANCHOR, job.wants_anchor())]
    {
        if member {
            table.put(batch, id, tables::PRESENT);
        } else {
            table.delete(batch, id);
        }
    }
    Ok(())
}

impl EmbeddedIssuerStore {
    fn known_job(&self, id: &JobId) -> Answer<Job> {
        self.record(tables::JOBS, id.as_str())?.ok_or(StoreError::Missing("job"))
    }

    fn next_job(&self, batch: &mut Batch, job: &Job) -> Answer<()> {
        if self.known_job(&job.id)?.revision + 1 != job.revision {
            return Err(StoreError::Conflict);
        }
        put_job(batch, job)
    }

    fn known_row(&self, key: &RowKey) -> Answer<Option<(JobId, u64)>> {
        let Some(place) = self.get(tables::JOB_KEYS, key)? else { return Ok(None) };
        let parts = place.split_last_chunk::<8>();
        let (job, row) = parts.ok_or_else(|| damaged("a row's place"))?;
        let job = std::str::from_utf8(job).ok().and_then(|job| job.strip_suffix('/'));
        let job = job.and_then(|job| JobId::parse(job).ok());
        Ok(Some((job.ok_or_else(|| damaged("a row's place"))?, u64::from_be_bytes(*row))))
    }

    /// An embedded store has one process, so another worker's claim is that of a dead one; only
    /// claims of this worker are respected, until they run out.
    fn write_claim(&self, job: &JobId, wish: &ClaimWish) -> Answer<Claimed> {
        let _writer = self.database.exclusive();
        if self.known_job(job)?.stage != JobStage::Running {
            return Err(StoreError::Conflict);
        }
        let prefix = tables::member_key(job.as_str(), "");
        let mut after: Option<Vec<u8>> = None;
        let mut busy = false;
        loop {
            let left = self.rows(tables::CHUNKS_LEFT, &prefix, after.as_deref(), 16)?;
            let Some((last, _)) = left.last() else {
                return Ok(if busy { Claimed::Busy } else { Claimed::None });
            };
            after = Some(last.clone());
            for (key, _) in left {
                let head: Option<ChunkHead> = self.record(tables::CHUNKS, &key)?;
                let head = head.ok_or(StoreError::Missing("chunk"))?;
                let taken = head.claim.as_ref().is_some_and(|claim| {
                    claim.worker == wish.mark.worker && claim.until > wish.now
                });
                if taken {
                    busy = true;
                    continue;
                }
                return self.take_chunk(head, number_of(&key)?, wish);
            }
        }
    }

    fn take_chunk(&self, head: ChunkHead, number: u32, wish: &ClaimWish) -> Answer<Claimed> {
        let key = numbered(&head.job, number);
        let rows: Option<Vec<Row>> = self.record(tables::CHUNK_ROWS, &key)?;
        let rows = rows.ok_or(StoreError::Missing("chunk's rows"))?;
        let mut batch = Batch::new();
        let mut head = ChunkHead { claim: Some(wish.mark.clone()), ..head };
        if head.places.is_none() {
            let list = self.list_with_room(&mut batch, wish, head.ready)?;
            head.places = Some(Places { list: list.id.clone(), first: list.next });
            let list = ListRecord { next: list.next + head.ready, ..list };
            tables::put(&mut batch, tables::LISTS, list.id.as_str(), &list)?;
        }
        tables::put(&mut batch, tables::CHUNKS, &key, &head)?;
        self.commit(batch)?;
        Ok(Claimed::Chunk(Box::new(head), rows))
    }

    /// The open list, or the next one when that has no room for a whole chunk.
    fn list_with_room(
        &self,
        batch: &mut Batch,
        wish: &ClaimWish,
        needed: u64,
    ) -> Answer<ListRecord> {
        let prefix = wish.class.prefix();
        let open: Option<ListRecord> =
            self.through(tables::LISTS_OPEN, prefix.as_bytes(), tables::LISTS)?;
        if let Some(list) = open.filter(|list| list.room() >= needed) {
            return Ok(list);
        }
        let lists: Vec<ListRecord> =
            self.page(tables::LISTS, Page { after: None, limit: usize::MAX })?;
        let number = lists.iter().filter(|list| list.class == wish.class).count() as u64 + 1;
        let list = ListRecord::open(wish.class, number, wish.list_size, wish.now);
        if self.get(tables::LISTS, list.id.as_str().as_bytes())?.is_some() {
            return Err(StoreError::Conflict);
        }
        tables::LISTS_OPEN.put(batch, prefix, list.id.as_str());
        Ok(list)
    }

    fn write_chunk(&self, commit: &ChunkCommit) -> Answer<()> {
        let mut batch = Batch::new();
        // The bulk of the work, and it depends on nothing stored: before the writer's place is taken.
        for sealed in &commit.records {
            let id = sealed.record.id.as_str();
            tables::put_text(&mut batch, tables::CREDENTIALS, id, &sealed.text);
        }
        let _writer = self.database.exclusive();
        let head = &commit.head;
        let key = numbered(&head.job, head.number);
        let before: ChunkHead =
            self.record(tables::CHUNKS, &key)?.ok_or(StoreError::Missing("chunk"))?;
        let stage = self.known_job(&head.job)?.stage;
        let ours = before.done.is_none()
            && before.claim == head.claim
            && before.places == head.places
            && matches!(stage, JobStage::Running | JobStage::Paused);
        if !ours || head.done.is_none() {
            return Err(StoreError::Conflict);
        }
        let mut fresh = std::collections::BTreeSet::new();
        for (row_key, row) in &commit.keys {
            if !fresh.insert(row_key) || self.get(tables::JOB_KEYS, row_key)?.is_some() {
                return Err(StoreError::Taken("row"));
            }
            tables::JOB_KEYS.put(&mut batch, row_key, row_place(&head.job, *row));
        }
        let mut places = std::collections::BTreeSet::new();
        for SealedRecord { record, .. } in &commit.records {
            let place = credentials::place(&record.list, record.index);
            let id = record.id.as_str();
            if !places.insert(record.index) || self.get(tables::PLACES, &place)?.is_some() {
                return Err(StoreError::Taken("status index"));
            }
            // Of the ways to find a credential only this one: who looks for a row has its number.
            tables::PLACES.put(&mut batch, place, id);
        }
        let closed = ChunkHead { claim: None, ..head.clone() };
        tables::put(&mut batch, tables::CHUNKS, &key, &closed)?;
        tables::put(&mut batch, tables::CHUNK_ROWS, &key, &commit.rows)?;
        tables::CHUNKS_LEFT.delete(&mut batch, &key);
        if !commit.leaves.is_empty() {
            let leaves: Vec<u8> = commit.leaves.iter().flat_map(|leaf| leaf.0).collect();
            tables::LEAVES.put(&mut batch, &key, leaves);
        }
        self.seal_into(&mut batch, commit.audit.clone())?;
        self.commit(batch)
    }

    fn write_statuses(
        &self,
        job: &Job,
        records: &[CredentialRecord],
        audit: AuditEvent,
    ) -> Answer<()> {
        let _writer = self.database.exclusive();
        let mut batch = Batch::new();
        self.next_job(&mut batch, job)?;
        self.statuses_into(&mut batch, records)?;
        self.seal_into(&mut batch, audit)?;
        self.commit(batch)
    }
}

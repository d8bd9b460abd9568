//! The dry run: every row is read and checked as if it were issued, and nothing is issued.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use status_lists::StatusEntry;
use tokio::task::JoinHandle;

use super::chunk::{ChunkHead, Row, RowFinding};
use super::columns::{Columns, Field};
use super::desk::BulkError;
use super::document::{Cells, Maker, cells, row_key};
use super::job::{CHUNK_ROWS, Encoding, FileFault, Job, JobStage, MAX_ROWS, Plan, Totals};
use super::store::RowKey;
use super::table::{RawRow, Table};
use crate::Issuer;
use crate::audit::AuditAction;
use crate::ids::JobId;
use crate::store::StoreError;

/// A row after the part of the check that needs no other row.
type Checked = (Row, Option<RowKey>);

/// Where a check stands.
struct Check<'a> {
    job: &'a Job,
    maker: Arc<Maker>,
    columns: Option<Arc<Columns>>,
    rows: Vec<RawRow>,
    at_work: VecDeque<JoinHandle<Vec<Checked>>>,
    seen: HashSet<RowKey>,
    totals: Totals,
}

impl Issuer {
    /// Checks every row of a job that is `checking` and leaves it `checked` or `refused`. Cut off
    /// at any moment, it is simply done again.
    pub async fn check_job(&self, id: &JobId) -> Result<Job, BulkError> {
        let job = self.bulk_job(id).await?;
        if job.stage != JobStage::Checking {
            return Ok(job);
        }
        let found = match self.check_rows(&job).await {
            // Another replica was through first, or somebody cancelled.
            Err(BulkError::Store(StoreError::Conflict)) => return self.bulk_job(id).await,
            other => other?,
        };
        let mut next = job.next();
        match found {
            Ok(totals) => {
                next.stage = JobStage::Checked;
                next.totals = Some(totals);
            }
            Err(fault) => {
                next.stage = JobStage::Refused;
                next.fault = Some(fault);
            }
        }
        let event = self
            .event("service", AuditAction::JobChecked)
            .about("job", id)
            .about("outcome", next.stage.as_str())
            .about("ready", next.totals.map_or(0, |totals| totals.ready))
            .about("refused", next.totals.map_or(0, |totals| totals.refused));
        match self.bulk()?.store.replace_job(&next, Some(event)).await {
            Ok(()) => Ok(next),
            // Cancelled meanwhile, or checked by another replica.
            Err(StoreError::Conflict) => self.bulk_job(id).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn check_rows(&self, job: &Job) -> Result<Result<Totals, FileFault>, BulkError> {
        let bulk = self.bulk()?;
        let mut table = Table::new(job.encoding.unwrap_or(Encoding::Utf8));
        let mut check = Check {
            job,
            maker: Arc::new(self.maker(&job.plan)),
            columns: None,
            rows: Vec::new(),
            at_work: VecDeque::new(),
            seen: HashSet::new(),
            totals: Totals { rows: 0, ready: 0, refused: 0, chunks: 0 },
        };
        let parts = job.parts();
        for number in 0..=parts {
            let rows = if number < parts {
                let part = bulk.store.part(&job.id, number).await?;
                table.push(&part.ok_or(BulkError::PartMissing(number))?)
            } else {
                table.finish()
            };
            for row in rows {
                if let Err(fault) = self.take_row(&mut check, row).await? {
                    return Ok(Err(fault));
                }
            }
        }
        if check.columns.is_none() {
            return Ok(Err(file_fault("missing_header")));
        }
        if !check.rows.is_empty() {
            self.begin_chunk(&mut check).await?;
        }
        while !check.at_work.is_empty() {
            self.end_chunk(&mut check).await?;
        }
        Ok(Ok(check.totals))
    }

    async fn take_row(
        &self,
        check: &mut Check<'_>,
        row: RawRow,
    ) -> Result<Result<(), FileFault>, BulkError> {
        if check.columns.is_none() {
            let plan = &check.job.plan;
            let read = match &row {
                Err(code) => Err(file_fault(code)),
                Ok(cells) => Columns::read(cells, plan.credential_type, plan.kind.is_some()),
            };
            return Ok(read.map(|columns| check.columns = Some(Arc::new(columns))));
        }
        check.rows.push(row);
        if check.totals.rows + check.rows.len() as u64 + in_flight(check) > MAX_ROWS {
            return Ok(Err(file_fault("too_many_rows")));
        }
        if check.rows.len() == CHUNK_ROWS {
            self.begin_chunk(check).await?;
        }
        Ok(Ok(()))
    }

    /// Hands a chunk to a thread; as many as there are cores work at once.
    async fn begin_chunk(&self, check: &mut Check<'_>) -> Result<(), BulkError> {
        let Some(columns) = check.columns.clone() else { return Ok(()) };
        let rows = std::mem::take(&mut check.rows);
        self.know_kinds(check, &columns, &rows).await?;
        let maker = Arc::clone(&check.maker);
        let secret = self.bulk()?.secret;
        let now = self.now();
        check.at_work.push_back(tokio::task::spawn_blocking(move || {
            rows.into_iter().map(|row| check_row(&maker, &columns, &secret, now, row)).collect()
        }));
        if check.at_work.len() >= self.bulk()?.settings.ahead {
            self.end_chunk(check).await?;
        }
        Ok(())
    }

    /// Looks up the kinds that a chunk names for the first time.
    async fn know_kinds(
        &self,
        check: &mut Check<'_>,
        columns: &Columns,
        rows: &[RawRow],
    ) -> Result<(), BulkError> {
        let mut codes: BTreeSet<String> = check.job.plan.kind.iter().cloned().collect();
        if let Some(at) = columns.fields.iter().position(|field| *field == Field::Kind) {
            let named = rows.iter().flatten().filter_map(|row| row.get(at)?.as_deref());
            codes.extend(named.map(|code| code.trim().to_owned()));
        }
        codes.retain(|code| !check.maker.kinds.contains_key(code));
        let maker = self.with_kinds(&check.maker, codes).await?;
        check.maker = Arc::new(maker);
        Ok(())
    }

    /// Adds those of the kinds that are in the catalogue.
    pub(super) async fn with_kinds(
        &self,
        maker: &Maker,
        codes: BTreeSet<String>,
    ) -> Result<Maker, BulkError> {
        let mut maker = maker.clone();
        for code in codes {
            if let Some(kind) = self.store.kind(&code).await? {
                if !self.bulk()?.may_give(&code) && !maker.barred.contains(&code) {
                    maker.barred.push(code.clone());
                }
                maker.kinds.insert(code, kind);
            }
        }
        Ok(maker)
    }

    /// What documents of a plan follow from, no kind known yet.
    pub(super) fn maker(&self, plan: &Plan) -> Maker {
        Maker {
            plan: plan.clone(),
            profile: self.identity.profile(),
            public_url: self.settings.public_url.clone(),
            kinds: HashMap::new(),
            barred: Vec::new(),
        }
    }

    /// Compares a chunk with the rows before it and keeps it.
    async fn end_chunk(&self, check: &mut Check<'_>) -> Result<(), BulkError> {
        let Some(task) = check.at_work.pop_front() else { return Ok(()) };
        let mut rows = task.await.map_err(|_| BulkError::Worker)?;
        let bulk = self.bulk()?;
        let keys: Vec<RowKey> = rows.iter().filter_map(|(_, key)| *key).collect();
        let mut known = bulk.store.known_rows(&keys).await?.into_iter();
        for (row, key) in &mut rows {
            let Some(key) = key else { continue };
            let elsewhere = known.next().flatten().filter(|(job, _)| *job != check.job.id);
            if elsewhere.is_some() {
                *row = Row::Refused(vec![RowFinding::row("row_issued_before")]);
            } else if !check.seen.insert(*key) {
                *row = Row::Refused(vec![RowFinding::row("row_twice")]);
            }
        }
        let rows: Vec<Row> = rows.into_iter().map(|(row, _)| row).collect();
        let head = ChunkHead::checked(&check.job.id, check.totals.chunks, &rows);
        bulk.store.put_chunk(check.job.revision, &head, &rows).await?;
        let totals = &mut check.totals;
        totals.chunks += 1;
        totals.rows += head.rows;
        totals.ready += head.ready;
        totals.refused += head.rows - head.ready;
        Ok(())
    }
}

fn in_flight(check: &Check<'_>) -> u64 {
    (check.at_work.len() * CHUNK_ROWS) as u64
}

fn file_fault(code: &str) -> FileFault {
    FileFault { code: code.to_owned(), column: None }
}

fn check_row(
    maker: &Maker,
    columns: &Columns,
    secret: &[u8; 32],
    now: credential_model::moment::Moment,
    row: RawRow,
) -> Checked {
    let cells: Result<Cells, _> =
        row.map_err(|code| vec![RowFinding::row(code)]).and_then(|row| cells(columns, &row));
    // A stand-in for the place that a claim will reserve; the id is one that nobody has.
    let place = StatusEntry::new("https://sinpyo.example/status/trial", 0);
    let id = "urn:uuid:00000000-0000-4000-8000-000000000000";
    let checked = cells
        .and_then(|cells| maker.document(&cells, id, now, &place, Some(columns)).map(|_| cells));
    match checked {
        Ok(cells) => {
            let key = row_key(secret, &maker.plan, &cells);
            (Row::Ready(cells), Some(key))
        }
        Err(findings) => (Row::Refused(findings), None),
    }
}

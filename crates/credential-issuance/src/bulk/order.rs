//! Batch-wide suspend, reinstate, revoke: one order, carried out chunk after chunk, published at the end.

use std::collections::BTreeSet;

use super::desk::{BulkError, check_officer};
use super::job::{CHUNK_ROWS, Job, StatusOrder};
use super::{Row, names};
use crate::Issuer;
use crate::audit::AuditAction;
use crate::credential::{CredentialRecord, StatusChange};
use crate::ids::{JobId, ListId};
use crate::status::{StatusAction, transition};
use crate::store::StoreError;

impl Issuer {
    /// Records an order about everything a job issued, and everything holders claimed from it.
    pub async fn order_job_status(
        &self,
        id: &JobId,
        action: StatusAction,
        reason: &str,
        officer: &str,
    ) -> Result<Job, BulkError> {
        check_officer(officer)?;
        crate::officer::check_reason(reason).map_err(|()| BulkError::Reason)?;
        let job = self.bulk_job(id).await?;
        if job.order.as_ref().is_some_and(|order| !order.done) {
            return Err(BulkError::OrderRunning);
        }
        // Before the job is over, rows would be issued behind the order's back.
        if !job.stage.is_over() || job.outcome.is_none() {
            let step = match action {
                StatusAction::Suspend => "suspend",
                StatusAction::Reinstate => "reinstate",
                StatusAction::Revoke => "revoke",
                StatusAction::Supersede => "supersede",
            };
            return Err(BulkError::NotAllowed { from: job.stage.as_str(), step });
        }
        let order = StatusOrder {
            action,
            reason: reason.to_owned(),
            by: officer.to_owned(),
            at: self.now(),
            next_chunk: 0,
            changed: 0,
            passed_over: 0,
            done: false,
        };
        let next = Job { order: Some(order), ..job.next() };
        let event = self
            .event("officer", AuditAction::JobStatusOrdered)
            .about("job", id)
            .about("action", action.as_str())
            .about("officer", officer)
            .because(Some(reason.to_owned()));
        self.bulk()?.store.replace_job(&next, Some(event)).await?;
        Ok(next)
    }

    /// Carries an order on by one chunk; publishes the lists and closes it when none is left.
    /// Answers whether it is done.
    pub async fn carry_out_order(&self, id: &JobId) -> Result<bool, BulkError> {
        let bulk = self.bulk()?;
        let job = self.bulk_job(id).await?;
        let Some(order) = job.order.clone().filter(|order| !order.done) else { return Ok(true) };
        let Some((_, rows)) = bulk.store.chunk(id, order.next_chunk).await? else {
            self.publish_lists_of(&job).await?;
            let order = StatusOrder { done: true, ..order };
            let next = Job { order: Some(order), ..job.next() };
            bulk.store.replace_job(&next, None).await?;
            return Ok(true);
        };
        let (records, passed_over) = self.changed_records(&job, &order, &rows).await?;
        let event = self
            .event("service", AuditAction::StatusChanged)
            .about("job", id)
            .about("chunk", order.next_chunk)
            .about("count", records.len())
            .about("action", order.action.as_str())
            .because(Some(order.reason.clone()));
        let order = StatusOrder {
            next_chunk: order.next_chunk + 1,
            changed: order.changed + records.len() as u64,
            passed_over: order.passed_over + passed_over,
            ..order
        };
        let next = Job { order: Some(order), ..job.next() };
        bulk.store.change_statuses(&next, &records, event).await?;
        Ok(false)
    }

    /// The credentials of a chunk, and those holders claimed from it, with their new status.
    async fn changed_records(
        &self,
        job: &Job,
        order: &StatusOrder,
        rows: &[Row],
    ) -> Result<(Vec<CredentialRecord>, u64), StoreError> {
        let first = u64::from(order.next_chunk) * CHUNK_ROWS as u64;
        let mut records = Vec::new();
        let mut passed_over = 0;
        for (number, row) in (first..).zip(rows) {
            if *row != Row::Issued {
                continue;
            }
            let missing = |_| StoreError::Missing("credential");
            let id = names::credential_id(&job.id, number).map_err(missing)?;
            let record = self.store.credential(&id).await?;
            let offer = names::offer_id(&self.secrets.codes, &job.id, number).map_err(missing)?;
            let claimed = self.store.credentials_of_offer(&offer).await?;
            let record = record.ok_or(StoreError::Missing("credential"))?;
            for record in std::iter::once(record).chain(claimed) {
                match transition(record.status, order.action) {
                    Some(to) if record.issued().is_some() => {
                        let from = record.status;
                        let mut next = CredentialRecord {
                            status: to,
                            revision: record.revision + 1,
                            ..record
                        };
                        let reason = order.reason.clone();
                        next.history.push(StatusChange { at: order.at, from, to, reason });
                        records.push(next);
                    }
                    _ => passed_over += 1,
                }
            }
        }
        Ok((records, passed_over))
    }

    async fn publish_lists_of(&self, job: &Job) -> Result<(), BulkError> {
        let heads = self.bulk()?.store.chunks(&job.id).await?;
        let mut lists: BTreeSet<ListId> =
            heads.into_iter().filter_map(|head| Some(head.places?.list)).collect();
        // Claimed credentials stand in the open list of the time of their claim: whatever changed.
        lists.extend(self.store.lists().await?.into_iter().map(|list| list.id));
        for list in lists {
            self.publish_list(&list).await?;
        }
        Ok(())
    }
}

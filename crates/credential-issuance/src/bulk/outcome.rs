//! What became of each row, for the officer's file.

use credential_model::moment::Moment;
use serde::Serialize;

use super::desk::BulkError;
use super::job::{CHUNK_ROWS, Job};
use super::names;
use super::{Row, RowFinding};
use crate::Issuer;
use crate::ids::JobId;
use crate::offer::OfferStage;

/// Whether a holder took what a row offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimState {
    /// Nobody came yet.
    Unclaimed,
    /// A wallet exchanged the code.
    Claimed,
    /// The time is over.
    Expired,
}

/// A row's line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutcomeRow {
    /// As spreadsheets count: the header is 1.
    pub row: u64,
    /// `ready`, `issued`, `refused` or `held`.
    pub outcome: &'static str,
    /// Why, where it is refused or held.
    pub findings: Vec<RowFinding>,
    /// The credential's id.
    pub credential: Option<String>,
    /// The holder's address to claim at; single use.
    pub offer_url: Option<String>,
    /// The link that wallets open.
    pub offer_uri: Option<String>,
    /// Until when.
    pub claim_until: Option<Moment>,
    /// Whether somebody did.
    pub claim: Option<ClaimState>,
}

impl Issuer {
    /// Lines of a chunk; none behind the last one. Offers are told here and kept nowhere.
    pub async fn job_outcomes(
        &self,
        id: &JobId,
        chunk: u32,
    ) -> Result<Option<Vec<OutcomeRow>>, BulkError> {
        let bulk = self.bulk()?;
        let job = self.bulk_job(id).await?;
        let Some((_, rows)) = bulk.store.chunk(id, chunk).await? else { return Ok(None) };
        let first = u64::from(chunk) * CHUNK_ROWS as u64;
        let mut lines = Vec::with_capacity(rows.len());
        for (number, row) in (first..).zip(rows) {
            lines.push(self.outcome(&job, number, row).await?);
        }
        Ok(Some(lines))
    }

    async fn outcome(&self, job: &Job, number: u64, row: Row) -> Result<OutcomeRow, BulkError> {
        let mut line = OutcomeRow {
            row: number + 2,
            outcome: "ready",
            findings: Vec::new(),
            credential: None,
            offer_url: None,
            offer_uri: None,
            claim_until: None,
            claim: None,
        };
        match row {
            Row::Ready(_) if job.stage.is_over() => {
                line.outcome = "held";
                line.findings.push(RowFinding::row("job_cancelled"));
            }
            Row::Ready(_) => {}
            Row::Refused(findings) => {
                line.outcome = "refused";
                line.findings = findings;
            }
            Row::Held(code) => {
                line.outcome = "held";
                line.findings.push(RowFinding::row(&code));
            }
            Row::Issued => {
                line.outcome = "issued";
                let id = names::credential_id(&job.id, number);
                line.credential = id.ok().map(|id| id.to_string());
                self.tell_offer(job, number, &mut line).await?;
            }
        }
        Ok(line)
    }

    async fn tell_offer(
        &self,
        job: &Job,
        number: u64,
        line: &mut OutcomeRow,
    ) -> Result<(), BulkError> {
        let Some(id) = self.row_offer(&job.id, number) else { return Ok(()) };
        let offer = self.store.offer(&id).await?;
        line.claim_until = job.claim_until();
        let late = job.claim_until().is_some_and(|until| self.now() > until);
        line.claim = Some(match offer.as_ref().map(|offer| &offer.stage) {
            Some(OfferStage::Redeemed(_)) => ClaimState::Claimed,
            Some(OfferStage::Dead(_) | OfferStage::Expired(_)) => ClaimState::Expired,
            _ if late => ClaimState::Expired,
            _ => ClaimState::Unclaimed,
        });
        if line.claim == Some(ClaimState::Unclaimed) {
            let url = self.offer_url(&id);
            line.offer_uri = url::Url::parse(&url)
                .ok()
                .map(|url| openid4vc_messages::CredentialOfferUri::ByReference(url).to_uri());
            line.offer_url = Some(url);
        }
        Ok(())
    }
}

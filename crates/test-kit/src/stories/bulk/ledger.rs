//! The outcome file read back, line by line, nothing of it kept.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use url::Url;
use web_fetch::FetchRequest;

use crate::Town;
use crate::stories::Scene;

/// What the lines sum up to.
#[derive(Default)]
pub(super) struct Ledger {
    pub(super) issued: u64,
    pub(super) refused: u64,
    pub(super) held: u64,
    /// Rows that are missing or out of order.
    gaps: u64,
    /// Credentials whose name is not the one of their row, which no other row can have.
    strange: u64,
    /// An offer to claim.
    pub(super) offer: String,
    last: u64,
}

/// Reads all outcomes of a job, 1,024 at a time.
pub(super) async fn read(town: &Town, id: &str) -> Result<Ledger> {
    let mut ledger = Ledger { last: 1, ..Ledger::default() };
    let mut chunk = Some("0".to_owned());
    while let Some(number) = chunk {
        let url = format!("{}/admin/jobs/{id}/outcomes?chunk={number}", town.issuer_url);
        let request = FetchRequest::get(Url::parse(&url)?).bearer(&town.admin_token);
        let answer = town.http.send(request.max_bytes(8 * 1024 * 1024)).await?;
        ensure!(answer.is_success(), "the outcomes end with {}", answer.status);
        chunk = answer.header("sinpyo-next-chunk").map(str::to_owned);
        let text = String::from_utf8(answer.body)?;
        for line in text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())) {
            ledger.take(id, line)?;
        }
    }
    Ok(ledger)
}

impl Ledger {
    fn take(&mut self, job: &str, line: &str) -> Result<()> {
        let mut cells = line.split(',');
        let row: u64 = cells.next().and_then(|cell| cell.parse().ok()).context("no row number")?;
        let outcome = cells.next().unwrap_or_default();
        if row == self.last {
            // A second finding about the same row.
            ensure!(outcome == "refused", "row {row} has two outcomes");
            return Ok(());
        }
        self.gaps += u64::from(row != self.last + 1);
        self.last = row;
        match outcome {
            "issued" => {
                self.issued += 1;
                let name = format!("bulk-{job}-{:08}", row - 2);
                let credential = cells.clone().find(|cell| cell.starts_with("bulk-"));
                self.strange += u64::from(credential != Some(name.as_str()));
                if self.offer.is_empty() {
                    let offer = cells.find(|cell| cell.starts_with("openid-credential-offer:"));
                    self.offer = offer.unwrap_or_default().to_owned();
                }
            }
            "refused" => self.refused += 1,
            "held" => self.held += 1,
            other => anyhow::bail!("row {row} is {other}"),
        }
        Ok(())
    }

    /// The reconciliation, from the file's side and from the job's.
    pub(super) fn scenes(&self, rows: u64, bad: u64, job: &Value) -> Result<Vec<Scene>> {
        let told = |name: &str| job["outcome"][name].as_u64().context("the job has no outcome");
        let all = self.issued + self.refused + self.held;
        Ok(vec![
            Scene::new("rows in = issued + refused + held", &rows.to_string(), all.to_string()),
            Scene::new("rows refused", &bad.to_string(), self.refused.to_string()),
            Scene::new("rows held", "0", self.held.to_string()),
            Scene::new("gaps and rows out of order", "0", self.gaps.to_string()),
            Scene::new("credentials under a foreign name", "0", self.strange.to_string()),
            Scene::new(
                "the job says the same",
                &format!("{}/{}/{}", self.issued, self.refused, self.held),
                format!("{}/{}/{}", told("issued")?, told("refused")?, told("held")?),
            ),
        ])
    }
}

//! What happened on which day, counted from the audit trail.
//!
//! The count goes on where it was: the trail's new entries are read, a bounded number a page, and
//! the sums are kept in the store. So a page costs what is new, not what there is.

use std::collections::BTreeMap;

use credential_issuance::audit::{AuditAction, AuditEntry};
use credential_issuance::store::StoreError;
use serde::{Deserialize, Serialize};

use crate::state::App;

/// Under which name the sums lie.
const NAME: &str = "tally-1";
/// Entries read in one go, and goes of one page.
const CHUNK: usize = 1_000;
const GOES: usize = 20;
/// Days that are kept.
const DAYS: usize = 800;

/// One day's sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Day {
    pub(super) offered: u64,
    pub(super) issued: u64,
    pub(super) suspended: u64,
    pub(super) revoked: u64,
    pub(super) reinstated: u64,
}

/// The sums by day (in Korea), and how far the trail was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tally {
    seq: u64,
    pub(super) days: BTreeMap<String, Day>,
}

impl Tally {
    fn take(&mut self, entry: &AuditEntry) {
        self.seq = entry.seq;
        let event = &entry.event;
        let subject = |name: &str| event.subjects.get(name).map_or("", String::as_str);
        let mut sums = Day::default();
        match event.action {
            AuditAction::OfferCreated => sums.offered = 1,
            AuditAction::CredentialsIssued => {
                sums.issued = subject("credentials").split_whitespace().count() as u64;
            }
            AuditAction::ChunkIssued => sums.issued = subject("issued").parse().unwrap_or(0),
            AuditAction::StatusChanged => match subject("to") {
                "suspended" => sums.suspended = 1,
                "revoked" => sums.revoked = 1,
                "valid" => sums.reinstated = 1,
                _ => return,
            },
            _ => return,
        }
        let day = self.days.entry(event.at.date_kst()).or_default();
        day.offered += sums.offered;
        day.issued += sums.issued;
        day.suspended += sums.suspended;
        day.revoked += sums.revoked;
        day.reinstated += sums.reinstated;
        while self.days.len() > DAYS {
            self.days.pop_first();
        }
    }

    /// How far the trail was read.
    pub(super) fn seq(&self) -> u64 {
        self.seq
    }

    /// One day; zeros where nothing happened.
    pub(super) fn day(&self, day: &str) -> Day {
        self.days.get(day).copied().unwrap_or_default()
    }
}

/// The sums up to now; `false` where there was more to read than one page reads.
pub(super) async fn current(app: &App) -> Result<(Tally, bool), StoreError> {
    let failed = |error: officer_access::store::StoreError| StoreError::Backend(error.to_string());
    let found = app.access.single::<Tally>(NAME).await.map_err(failed)?;
    let (mut tally, revision) = found.unwrap_or_default();
    let begun = tally.seq;
    let mut whole = false;
    for _ in 0..GOES {
        let entries = app.issuer.audit_trail(tally.seq, CHUNK).await?;
        entries.iter().for_each(|entry| tally.take(entry));
        if entries.len() < CHUNK {
            whole = true;
            break;
        }
    }
    if tally.seq != begun {
        match app.access.put_single(NAME, revision, &tally).await {
            // Another page counted the same entries.
            Ok(()) => {}
            Err(error) if matches!(error.code(), "store_conflict" | "already_exists") => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Ok((tally, whole))
}

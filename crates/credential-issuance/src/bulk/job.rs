//! A job: what it is to do, how far it has come, who said so.
//!
//! ```text
//! uploading ─▶ uploaded ─▶ checking ─▶ checked ─▶ approved ─▶ running ⇄ paused
//!                             │ file unreadable      (by another officer)  │
//!                             ▼                                            ▼
//!                          refused            any of these ─▶ cancelled   done
//! ```

use credential_model::catalogue::CredentialType;
use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};

use crate::ids::{Digest, JobId};
use crate::status::StatusAction;

/// Rows of a chunk: one durable commit each, and one perfect subtree of the anchored tree.
pub const CHUNK_ROWS: usize = 1024;
/// Most rows of a file.
pub const MAX_ROWS: u64 = 2 * 1024 * 1024;
/// Most bytes of a file.
pub const MAX_FILE: u64 = 1024 * 1024 * 1024;
/// Bytes of a part of the file, except the last; below the usual limit of a request body.
pub const PART_BYTES: usize = 512 * 1024;

/// How far a job has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobStage {
    /// Parts of the file are missing.
    Uploading,
    /// The file is here, whole, with the digest that was announced.
    Uploaded,
    /// Its rows are being checked.
    Checking,
    /// The file as a whole cannot be read; see [`Job::fault`].
    Refused,
    /// Every row was checked.
    Checked,
    /// A second officer agreed.
    Approved,
    /// Chunks are being issued.
    Running,
    /// No further chunk is begun.
    Paused,
    /// Every row is issued, refused or held.
    Done,
    /// Stopped for good; rows that were not issued are held.
    Cancelled,
}

impl JobStage {
    /// Its name in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uploading => "uploading",
            Self::Uploaded => "uploaded",
            Self::Checking => "checking",
            Self::Refused => "refused",
            Self::Checked => "checked",
            Self::Approved => "approved",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }

    /// The stage after a step; `None` where the step is not allowed.
    pub fn after(self, step: JobStep) -> Option<Self> {
        use JobStage as S;
        match (self, step) {
            (S::Uploading, JobStep::Seal) => Some(S::Uploaded),
            (S::Uploaded | S::Checked | S::Refused, JobStep::Check) => Some(S::Checking),
            (S::Checked, JobStep::Approve) => Some(S::Approved),
            (S::Approved | S::Paused, JobStep::Run) => Some(S::Running),
            (S::Running, JobStep::Pause) => Some(S::Paused),
            (S::Done | S::Cancelled, JobStep::Cancel) => None,
            (_, JobStep::Cancel) => Some(S::Cancelled),
            _ => None,
        }
    }

    /// Whether nothing more will be issued.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled)
    }
}

/// What an officer can do with a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobStep {
    /// Say that all parts are there.
    Seal,
    /// Have every row checked.
    Check,
    /// Agree, as a second officer.
    Approve,
    /// Begin or go on.
    Run,
    /// Begin no further chunk.
    Pause,
    /// Stop for good.
    Cancel,
}

impl JobStep {
    /// Its name in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Seal => "seal",
            Self::Check => "check",
            Self::Approve => "approve",
            Self::Run => "run",
            Self::Pause => "pause",
            Self::Cancel => "cancel",
        }
    }
}

/// How the file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// CP949 (the WHATWG's EUC-KR).
    Cp949,
}

/// What a job issues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The type of all its credentials.
    #[serde(with = "crate::text_form::credential_type")]
    pub credential_type: CredentialType,
    /// The kind of all its badges; a column names it where this is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// For how many seconds after its end holders may claim.
    pub claim_seconds: i64,
}

/// The file as a whole cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFault {
    /// A stable code, such as `missing_column`.
    pub code: String,
    /// The column it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
}

/// What the check counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Rows of the file.
    pub rows: u64,
    /// Rows that can be issued.
    pub ready: u64,
    /// Rows that cannot.
    pub refused: u64,
    /// Chunks they are in.
    pub chunks: u32,
}

/// What has become of rows. `issued + refused + held` of a job that is over is its rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Chunks that are committed.
    pub chunks: u32,
    /// Rows with a credential.
    pub issued: u64,
    /// Rows whose content is not acceptable.
    pub refused: u64,
    /// Rows that are fine and were not issued: the job was cancelled, or the proof failed.
    pub held: u64,
}

impl Progress {
    /// All rows it counts.
    pub fn rows(&self) -> u64 {
        self.issued + self.refused + self.held
    }

    /// The sum.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            chunks: self.chunks + other.chunks,
            issued: self.issued + other.issued,
            refused: self.refused + other.refused,
            held: self.held + other.held,
        }
    }
}

/// An order to change the status of everything the job issued; the worker carries it out chunk
/// after chunk and goes on after a crash where it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusOrder {
    /// What to do.
    pub action: StatusAction,
    /// Why.
    pub reason: String,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Moment,
    /// The first chunk that is not done.
    pub next_chunk: u32,
    /// Credentials changed so far.
    pub changed: u64,
    /// Credentials that the action did not apply to (revoked before, and the like).
    pub passed_over: u64,
    /// Whether it is carried out.
    pub done: bool,
}

/// A bulk job as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// See [`super::names::job_id`].
    pub id: JobId,
    /// Counts the record's writes from 1.
    pub revision: u64,
    /// When it was announced.
    pub created_at: Moment,
    /// SHA-256 of the file.
    pub sha256: Digest,
    /// Its bytes.
    pub bytes: u64,
    /// How it is written; known once it is here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    /// What to issue.
    pub plan: Plan,
    /// How far it has come.
    pub stage: JobStage,
    /// The officer who brought the file.
    pub uploaded_by: String,
    /// The officer who agreed; never the one who brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    /// Why the file was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<FileFault>,
    /// What the check counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<Totals>,
    /// At most so many rows a second and replica.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<u32>,
    /// When it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Moment>,
    /// Rows by what became of them; written when the job is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Progress>,
    /// Root over everything it issued; absent when that is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<Digest>,
    /// The local number of the anchor batch that holds the root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<u64>,
    /// The newest order about all its credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<StatusOrder>,
}

impl Job {
    /// Number of parts of its file.
    pub fn parts(&self) -> u32 {
        let parts = self.bytes.div_ceil(PART_BYTES as u64);
        u32::try_from(parts).unwrap_or(u32::MAX)
    }

    /// Whether a worker has something to do with it.
    pub fn wants_work(&self) -> bool {
        matches!(self.stage, JobStage::Checking | JobStage::Running)
            || (self.stage == JobStage::Cancelled && self.outcome.is_none())
            || self.order.as_ref().is_some_and(|order| !order.done)
    }

    /// Whether its root waits for an epoch.
    pub fn wants_anchor(&self) -> bool {
        self.stage.is_over() && self.root.is_some() && self.batch.is_none()
    }

    /// Until when a row can be claimed; while the job is not over, no end is set.
    pub fn claim_until(&self) -> Option<Moment> {
        Some(self.finished_at?.plus_seconds(self.plan.claim_seconds))
    }

    /// The same job one revision later.
    #[must_use]
    pub fn next(&self) -> Self {
        Self { revision: self.revision + 1, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use JobStage as S;
    use JobStep as T;

    #[test]
    fn the_whole_table_of_steps() {
        let stages = [
            S::Uploading,
            S::Uploaded,
            S::Checking,
            S::Refused,
            S::Checked,
            S::Approved,
            S::Running,
            S::Paused,
            S::Done,
            S::Cancelled,
        ];
        let allowed = [
            (S::Uploading, T::Seal, S::Uploaded),
            (S::Uploaded, T::Check, S::Checking),
            (S::Checked, T::Check, S::Checking),
            (S::Refused, T::Check, S::Checking),
            (S::Checked, T::Approve, S::Approved),
            (S::Approved, T::Run, S::Running),
            (S::Paused, T::Run, S::Running),
            (S::Running, T::Pause, S::Paused),
        ];
        for stage in stages {
            for step in [T::Seal, T::Check, T::Approve, T::Run, T::Pause] {
                let wanted = allowed.iter().find(|(s, t, _)| *s == stage && *t == step);
                assert_eq!(stage.after(step), wanted.map(|(_, _, to)| *to), "{stage:?} {step:?}");
            }
            let cancelled = (!stage.is_over()).then_some(S::Cancelled);
            assert_eq!(stage.after(T::Cancel), cancelled, "{stage:?}");
        }
    }
}

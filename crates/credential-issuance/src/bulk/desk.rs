//! What officers do with jobs: bring a file, have it checked, agree, start, pause, stop.

use credential_model::catalogue::CredentialType;
use credential_model::forbidden;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::job::{Job, JobStage, JobStep, MAX_FILE, PART_BYTES, Plan, Progress};
use super::table::EncodingProbe;
use super::{Bulk, names};
use crate::Issuer;
use crate::audit::AuditAction;
use crate::ids::{Digest, JobId};
use crate::status::PublishError;
use crate::store::StoreError;

/// What an officer announces before the file itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewJob {
    /// Type name, such as `KrQualificationBadge`.
    #[serde(rename = "type")]
    pub credential_type: String,
    /// The code of the kind of all rows; a column names it when absent.
    #[serde(default)]
    pub kind: Option<String>,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// For how many seconds after the job its offers can be claimed; the service's own when absent.
    #[serde(default)]
    pub claim_seconds: Option<i64>,
}

/// A job announced, or found: the same file again.
#[derive(Debug)]
pub struct Announced {
    /// The job.
    pub job: Job,
    /// Whether it was there before.
    pub known: bool,
}

/// Why something was not done with a job.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BulkError {
    /// This issuer has no backend for bulk jobs.
    #[error("this issuer runs no bulk jobs")]
    NotHere,
    /// No such job.
    #[error("there is no job with this id")]
    Unknown,
    /// No such type.
    #[error("there is no credential type of this name")]
    UnknownType,
    /// The kind is not in the catalogue.
    #[error("the kind is not in the catalogue of kinds")]
    UnknownKind,
    /// The issuer may not give this kind.
    #[error("this issuer is not entitled to give this kind")]
    KindNotEntitled,
    /// Digest, length or another number makes no sense.
    #[error("{0}")]
    Malformed(&'static str),
    /// The officer's name makes no sense.
    #[error(
        "an officer's name has 1 to 64 characters, no control characters and no number that must never be recorded"
    )]
    Officer,
    /// A part is too long, too short, or beyond the file.
    #[error("part {number} must have {wanted} bytes")]
    Part {
        /// Which.
        number: u32,
        /// Its length.
        wanted: usize,
    },
    /// Parts are missing.
    #[error("part {0} of the file is missing")]
    PartMissing(u32),
    /// The file is not the one that was announced.
    #[error("the parts are not the file that was announced: their SHA-256 differs")]
    WrongFile,
    /// The stage does not allow the step.
    #[error("a job that is {from} cannot {step}")]
    NotAllowed {
        /// Its stage.
        from: &'static str,
        /// The step.
        step: &'static str,
    },
    /// The officer who brought the file wants to approve it.
    #[error("the officer who uploaded a job cannot approve it: another one must")]
    SameOfficer,
    /// The reason for a status change is missing or not acceptable.
    #[error(
        "a reason of 1 to 500 characters is needed, without numbers that must never be recorded"
    )]
    Reason,
    /// Another order about the same job is not carried out yet.
    #[error("an earlier order about this job is still being carried out")]
    OrderRunning,
    /// The sums of a job differ: nothing is closed, an operator must look.
    #[error("the job does not add up: {0}")]
    Unreconciled(String),
    /// A credential could not be signed; the chunk is tried again.
    #[error("signing failed: {0}")]
    Signing(String),
    /// A thread of the work was lost; the chunk is tried again.
    #[error("a worker thread was lost")]
    Worker,
    /// A list could not be published; it will be.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BulkError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotHere => "no_bulk",
            Self::Unknown => "unknown_job",
            Self::UnknownType => "unknown_type",
            Self::UnknownKind => "unknown_kind",
            Self::KindNotEntitled => "kind_not_entitled",
            Self::Malformed(_) => "invalid_job",
            Self::Officer => "invalid_officer",
            Self::Part { .. } => "invalid_part",
            Self::PartMissing(_) => "part_missing",
            Self::WrongFile => "wrong_file",
            Self::NotAllowed { .. } => "job_step_not_allowed",
            Self::SameOfficer => "same_officer",
            Self::Reason => "invalid_reason",
            Self::OrderRunning => "order_running",
            Self::Unreconciled(_) => "job_unreconciled",
            Self::Signing(_) => "signing_failed",
            Self::Worker => "worker_lost",
            Self::Publish(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}

/// Whether a text can be an officer's name in records.
pub(super) fn check_officer(officer: &str) -> Result<(), BulkError> {
    let fine = (1..=64).contains(&officer.chars().count())
        && officer.trim() == officer
        && !officer.chars().any(char::is_control)
        && forbidden::find_in_text(officer).is_none();
    if fine { Ok(()) } else { Err(BulkError::Officer) }
}

impl Issuer {
    pub(crate) fn bulk(&self) -> Result<&Bulk, BulkError> {
        self.bulk.as_ref().ok_or(BulkError::NotHere)
    }

    /// Announces a file. Announced again, at whatever replica, it is the same job.
    pub async fn announce_job(&self, new: NewJob, officer: &str) -> Result<Announced, BulkError> {
        let bulk = self.bulk()?;
        check_officer(officer)?;
        let credential_type =
            CredentialType::from_type_name(&new.credential_type).ok_or(BulkError::UnknownType)?;
        let sha256 = Digest::parse(&new.sha256)
            .map_err(|_| BulkError::Malformed("sha256 must be 64 hexadecimal digits"))?;
        if !(1..=MAX_FILE).contains(&new.bytes) {
            return Err(BulkError::Malformed("a file has 1 byte to 1 GiB"));
        }
        let claim_seconds = new.claim_seconds.unwrap_or(bulk.settings.claim_seconds);
        if !(60..=5 * 366 * 86_400).contains(&claim_seconds) {
            return Err(BulkError::Malformed("claim_seconds must be a minute to five years"));
        }
        let badge = credential_type == CredentialType::QualificationBadge;
        let kind = new.kind.filter(|_| badge);
        if let Some(code) = &kind {
            self.store.kind(code).await?.ok_or(BulkError::UnknownKind)?;
            if !bulk.may_give(code) {
                return Err(BulkError::KindNotEntitled);
            }
        }
        let issuer = self.identity.did().as_str();
        let id = names::job_id(&sha256, credential_type, kind.as_deref(), issuer)
            .map_err(|_| BulkError::Malformed("no id follows from this job"))?;
        if let Some(job) = bulk.store.job(&id).await? {
            return Ok(Announced { job, known: true });
        }
        let job = Job {
            id,
            revision: 1,
            created_at: self.now(),
            sha256,
            bytes: new.bytes,
            encoding: None,
            plan: Plan { credential_type, kind, claim_seconds },
            stage: JobStage::Uploading,
            uploaded_by: officer.to_owned(),
            approved_by: None,
            fault: None,
            totals: None,
            rate: None,
            finished_at: None,
            outcome: None,
            root: None,
            batch: None,
            order: None,
        };
        let event = self
            .event("officer", AuditAction::JobAnnounced)
            .about("job", &job.id)
            .about("officer", officer)
            .about("sha256", job.sha256);
        match bulk.store.create_job(&job, event).await {
            Ok(()) => Ok(Announced { job, known: false }),
            // Another replica was faster with the same file.
            Err(StoreError::Taken(_)) => {
                let job = bulk.store.job(&job.id).await?.ok_or(BulkError::Unknown)?;
                Ok(Announced { job, known: true })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Takes a part of the file; the same part again changes nothing.
    pub async fn put_job_part(
        &self,
        id: &JobId,
        number: u32,
        bytes: &[u8],
    ) -> Result<(), BulkError> {
        let job = self.bulk_job(id).await?;
        if job.stage != JobStage::Uploading {
            // Late or repeated: the file is whole already.
            return Ok(());
        }
        let begin = u64::from(number) * PART_BYTES as u64;
        let wanted = job.bytes.saturating_sub(begin).min(PART_BYTES as u64);
        let wanted = usize::try_from(wanted).unwrap_or(0);
        if wanted == 0 || bytes.len() != wanted {
            return Err(BulkError::Part { number, wanted });
        }
        Ok(self.bulk()?.store.put_part(id, number, bytes).await?)
    }

    /// A job.
    pub async fn bulk_job(&self, id: &JobId) -> Result<Job, BulkError> {
        self.bulk()?.store.job(id).await?.ok_or(BulkError::Unknown)
    }

    /// Jobs in id order after an id.
    pub async fn bulk_jobs(
        &self,
        after: Option<&JobId>,
        limit: usize,
    ) -> Result<Vec<Job>, BulkError> {
        Ok(self.bulk()?.store.jobs(after, limit).await?)
    }

    /// Jobs that a worker has something to do with.
    pub async fn bulk_jobs_at_work(&self) -> Result<Vec<Job>, BulkError> {
        Ok(self.bulk()?.store.jobs_at_work().await?)
    }

    /// Whether chunks of a job are being issued.
    pub async fn job_is_running(&self, id: &JobId) -> Result<bool, BulkError> {
        Ok(self.bulk_job(id).await?.stage == JobStage::Running)
    }

    /// How far a job has come.
    pub async fn job_progress(&self, id: &JobId) -> Result<Progress, BulkError> {
        Ok(self.bulk()?.store.progress(id).await?)
    }

    /// Takes a step with a job. A step that was taken before is answered as it then was.
    pub async fn step_job(
        &self,
        id: &JobId,
        step: JobStep,
        officer: &str,
        rate: Option<u32>,
    ) -> Result<Job, BulkError> {
        check_officer(officer)?;
        if rate == Some(0) {
            return Err(BulkError::Malformed("a rate is at least one row a second"));
        }
        for _ in 0..8 {
            match self.step_once(id, step, officer, rate).await {
                Err(BulkError::Store(StoreError::Conflict)) => {}
                other => return other,
            }
        }
        Err(StoreError::Conflict.into())
    }

    async fn step_once(
        &self,
        id: &JobId,
        step: JobStep,
        officer: &str,
        rate: Option<u32>,
    ) -> Result<Job, BulkError> {
        let job = self.bulk_job(id).await?;
        let refused = BulkError::NotAllowed { from: job.stage.as_str(), step: step.as_str() };
        if step == JobStep::Run && job.stage == JobStage::Running && rate == job.rate {
            return Ok(job);
        }
        let stage = match (step, job.stage) {
            // A running job can get another rate.
            (JobStep::Run, JobStage::Running) => JobStage::Running,
            _ => job.stage.after(step).ok_or(refused)?,
        };
        let mut next = Job { stage, ..job.next() };
        match step {
            JobStep::Seal => next.encoding = Some(self.whole_file(&job).await?),
            JobStep::Approve if job.uploaded_by == officer => return Err(BulkError::SameOfficer),
            JobStep::Approve => next.approved_by = Some(officer.to_owned()),
            JobStep::Check => {
                next.fault = None;
                next.totals = None;
            }
            JobStep::Run => next.rate = rate,
            JobStep::Cancel => next.finished_at = Some(self.now()),
            JobStep::Pause => {}
        }
        let event = self
            .event("officer", AuditAction::JobStepped)
            .about("job", id)
            .about("step", step.as_str())
            .about("officer", officer);
        self.bulk()?.store.replace_job(&next, Some(event)).await?;
        Ok(next)
    }

    /// Reads all parts: the digest must be the announced one, and the encoding is told.
    async fn whole_file(&self, job: &Job) -> Result<super::Encoding, BulkError> {
        let bulk = self.bulk()?;
        let mut hash = Sha256::new();
        let mut probe = EncodingProbe::default();
        for number in 0..job.parts() {
            let part = bulk.store.part(&job.id, number).await?;
            let part = part.ok_or(BulkError::PartMissing(number))?;
            hash.update(&part);
            probe.push(&part);
        }
        let sha256: [u8; 32] = hash.finalize().into();
        if Digest(sha256) == job.sha256 { Ok(probe.encoding()) } else { Err(BulkError::WrongFile) }
    }
}

impl Bulk {
    pub(super) fn may_give(&self, kind: &str) -> bool {
        self.settings.kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|known| known == kind))
    }
}

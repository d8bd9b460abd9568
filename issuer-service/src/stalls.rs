//! Why bulk jobs do not go on, as this process met it. In memory only: where the store is full,
//! nothing can be written about it, and the next success makes it untrue.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use credential_issuance::bulk::BulkError;
use credential_issuance::ids::JobId;
use credential_issuance::store::StoreError;
use localized_text::{Locale, has, say, say_with};

/// What systems say of a disk without room: ENOSPC, EFBIG (a quota of the process), EDQUOT, and
/// PostgreSQL's `disk_full`.
const FULL: [&str; 5] =
    ["os error 28", "os error 27", "os error 122", "No space left on device", "File too large"];

/// The jobs that do not go on, each with a stable code.
#[derive(Debug, Default)]
pub struct Stalls(Mutex<BTreeMap<JobId, &'static str>>);

impl Stalls {
    /// Notes a failure. A store that was full fails in other words afterwards: the cause stays.
    pub(crate) fn note(&self, job: &JobId, error: &BulkError) {
        let code = code(error);
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = jobs.entry(job.clone()).or_insert(code);
        if !(*known == "store_full" && matches!(code, "store_failed" | "store_closed")) {
            *known = code;
        }
    }

    /// The job goes on.
    pub(crate) fn over(&self, job: &JobId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(job);
    }

    /// The code of what stops a job.
    pub(crate) fn of(&self, job: &JobId) -> Option<&'static str> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(job).copied()
    }
}

fn code(error: &BulkError) -> &'static str {
    match error {
        BulkError::Store(StoreError::Backend(told))
            if FULL.iter().any(|word| told.contains(word)) =>
        {
            "store_full"
        }
        // The embedded engine takes no more writes after one that failed.
        BulkError::Store(StoreError::Backend(told)) if told.contains("Poisoned") => "store_closed",
        other => other.code(),
    }
}

/// A sentence about a stall: what it is, and that nothing is lost.
pub(crate) fn sentence(locale: Locale, code: &str) -> String {
    let id = format!("jobs-stall-{}", code.replace('_', "-"));
    if has(locale, &id) {
        say(locale, &id)
    } else {
        say_with(locale, "jobs-stall", &[("code", code)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(told: &str) -> BulkError {
        BulkError::Store(StoreError::Backend(told.to_owned()))
    }

    #[test]
    fn a_full_disk_is_named_until_the_job_goes_on() {
        let (stalls, job) = (Stalls::default(), JobId::parse("0123").unwrap());
        assert_eq!(stalls.of(&job), None);
        stalls.note(&job, &failed("committing: No space left on device (os error 28)"));
        assert_eq!(stalls.of(&job), Some("store_full"));
        stalls.note(&job, &failed("committing: Poisoned"));
        assert_eq!(stalls.of(&job), Some("store_full"), "the cause, not what follows from it");
        stalls.note(&job, &BulkError::Signing("gone".to_owned()));
        assert_eq!(stalls.of(&job), Some("signing_failed"));
        stalls.over(&job);
        assert_eq!(stalls.of(&job), None);
        stalls.note(&job, &failed("the server is starting up"));
        assert_eq!(stalls.of(&job), Some("store_failed"));
    }

    #[test]
    fn each_stall_has_a_sentence_in_both_languages() {
        for locale in [Locale::Ko, Locale::En] {
            for code in
                ["store_full", "store_closed", "store_failed", "signing_failed", "job_unreconciled"]
            {
                assert!(has(locale, &format!("jobs-stall-{}", code.replace('_', "-"))), "{code}");
            }
            assert!(sentence(locale, "worker_lost").contains("worker_lost"));
        }
    }
}

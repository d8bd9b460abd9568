//! From findings to the three answers. Pure: no network, no clock.
use serde::{Deserialize, Serialize};

use crate::{
    domain::{DomainOutcome, DomainReport},
    outcome::{CheckId, Finding, OutcomeKind},
};

/// Yes, no, or not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// Looked, and it is so.
    Yes,
    /// Looked, and it is not so.
    No,
    /// Could not look, or what was seen does not decide.
    Unknown,
}

impl Answer {
    /// `yes`, `no` or `unknown`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Answer::Yes => "yes",
            Answer::No => "no",
            Answer::Unknown => "unknown",
        }
    }

    /// Both must hold: a no wins over an unknown, an unknown over a yes.
    #[must_use]
    pub const fn and(self, other: Answer) -> Answer {
        match (self, other) {
            (Answer::No, _) | (_, Answer::No) => Answer::No,
            (Answer::Unknown, _) | (_, Answer::Unknown) => Answer::Unknown,
            (Answer::Yes, Answer::Yes) => Answer::Yes,
        }
    }
}

/// The three answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Verdict {
    /// Is it genuine, unaltered, and shown by whom it belongs to?
    pub authentic: Answer,
    /// Is it in force at the moment asked about?
    pub in_force: Answer,
    /// Was the issuer entitled to issue this kind?
    pub entitled: Answer,
}

impl Verdict {
    /// All three hold for both.
    #[must_use]
    pub const fn and(self, other: Verdict) -> Verdict {
        Verdict {
            authentic: self.authentic.and(other.authentic),
            in_force: self.in_force.and(other.in_force),
            entitled: self.entitled.and(other.entitled),
        }
    }

    /// The overall answer without a domain check.
    pub const fn overall(self) -> Overall {
        match self.authentic.and(self.in_force).and(self.entitled) {
            Answer::Yes => Overall::Accept,
            Answer::No => Overall::Reject,
            Answer::Unknown => Overall::Unknown,
        }
    }
}

/// What the three answers (and a domain check, if one was asked) come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Overall {
    /// Everything holds.
    Accept,
    /// At least one thing was looked at and does not hold, or stayed open although the type's
    /// policy wants it known.
    Reject,
    /// Nothing speaks against it, but something could not be looked at.
    Unknown,
}

impl Overall {
    /// `accept`, `reject` or `unknown`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Overall::Accept => "accept",
            Overall::Reject => "reject",
            Overall::Unknown => "unknown",
        }
    }

    /// Takes a policy into account that refuses something which stayed open.
    #[must_use]
    pub const fn with_policy(self, refuses: bool) -> Overall {
        match self {
            Overall::Unknown if refuses => Overall::Reject,
            other => other,
        }
    }

    /// Takes a domain check into account.
    #[must_use]
    pub fn with_domain(self, domain: Option<&DomainReport>) -> Overall {
        match (self, domain.map(|report| report.outcome)) {
            (Overall::Reject, _) | (_, Some(DomainOutcome::Fail)) => Overall::Reject,
            (Overall::Unknown, _) | (_, Some(DomainOutcome::Indeterminate)) => Overall::Unknown,
            (Overall::Accept, Some(DomainOutcome::Pass) | None) => Overall::Accept,
        }
    }
}

/// The checks behind each question; all that are not listed skipped must pass.
const AUTHENTIC: [CheckId; 8] = [
    CheckId::Format,
    CheckId::Proof,
    CheckId::Contexts,
    CheckId::Schema,
    CheckId::SchemaDigest,
    CheckId::ForbiddenNumbers,
    CheckId::RelatedResources,
    CheckId::HolderBinding,
];
const IN_FORCE: [CheckId; 2] = [CheckId::Validity, CheckId::Status];
const ENTITLED: [CheckId; 1] = [CheckId::Entitlement];

/// Decides the three answers from the findings on one credential.
///
/// A question whose essential check did not run stays unknown: nothing is yes by omission.
pub fn decide(findings: &[Finding]) -> Verdict {
    Verdict {
        authentic: answer(findings, &AUTHENTIC, CheckId::Proof),
        in_force: answer(findings, &IN_FORCE, CheckId::Validity),
        entitled: answer(findings, &ENTITLED, CheckId::Entitlement),
    }
}

fn answer(findings: &[Finding], asked: &[CheckId], essential: CheckId) -> Answer {
    let mut essential_passed = false;
    let mut unknown = false;
    for finding in findings.iter().filter(|finding| asked.contains(&finding.check)) {
        match finding.outcome.kind() {
            OutcomeKind::Failed => return Answer::No,
            OutcomeKind::Inconclusive => unknown = true,
            OutcomeKind::Passed => essential_passed |= finding.check == essential,
            OutcomeKind::Skipped => {
                // Only a check that was really not asked for may be missing: the ones that were
                // not reached leave their question open.
                unknown |= finding.outcome.code().leaves_open();
            }
        }
    }
    if essential_passed && !unknown { Answer::Yes } else { Answer::Unknown }
}

impl crate::codes::Code {
    /// True for skipped checks that leave their question open.
    const fn leaves_open(self) -> bool {
        matches!(
            self,
            crate::codes::Code::StatusNotReached | crate::codes::Code::EntitlementNotReached
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{codes::Code, outcome::CheckOutcome};

    fn all_good() -> Vec<Finding> {
        vec![
            Finding::new(CheckId::Format, CheckOutcome::passed(Code::FormatOk)),
            Finding::new(CheckId::Proof, CheckOutcome::passed(Code::ProofOk)),
            Finding::new(CheckId::Contexts, CheckOutcome::skipped(Code::ContextsNotUsed)),
            Finding::new(CheckId::Schema, CheckOutcome::passed(Code::SchemaOk)),
            Finding::new(CheckId::Validity, CheckOutcome::passed(Code::ValidityOk)),
            Finding::new(CheckId::Status, CheckOutcome::passed(Code::StatusValid)),
            Finding::new(CheckId::Entitlement, CheckOutcome::passed(Code::EntitlementOk)),
        ]
    }

    fn with(check: CheckId, outcome: CheckOutcome) -> Verdict {
        let mut findings = all_good();
        findings.retain(|finding| finding.check != check);
        findings.push(Finding::new(check, outcome));
        decide(&findings)
    }

    #[test]
    fn everything_in_order_is_accepted() {
        let verdict = decide(&all_good());
        assert_eq!(verdict.overall(), Overall::Accept);
    }

    #[test]
    fn nothing_looked_at_is_unknown() {
        let verdict = decide(&[]);
        assert_eq!(verdict.authentic, Answer::Unknown);
        assert_eq!(verdict.in_force, Answer::Unknown);
        assert_eq!(verdict.entitled, Answer::Unknown);
        assert_eq!(verdict.overall(), Overall::Unknown);
    }

    #[test]
    fn unreachable_list_is_neither_valid_nor_invalid() {
        let verdict =
            with(CheckId::Status, CheckOutcome::inconclusive(Code::StatusUnavailable, ""));
        assert_eq!(verdict.in_force, Answer::Unknown);
        assert_eq!(verdict.authentic, Answer::Yes);
        assert_eq!(verdict.overall(), Overall::Unknown);
    }

    #[test]
    fn revoked_touches_only_in_force() {
        let verdict = with(CheckId::Status, CheckOutcome::failed(Code::StatusRevoked, ""));
        assert_eq!(
            (verdict.authentic, verdict.in_force, verdict.entitled),
            (Answer::Yes, Answer::No, Answer::Yes)
        );
        assert_eq!(verdict.overall(), Overall::Reject);
    }

    #[test]
    fn a_failure_beats_an_unknown() {
        let mut findings = all_good();
        findings
            .push(Finding::new(CheckId::Status, CheckOutcome::inconclusive(Code::StatusStale, "")));
        findings.push(Finding::new(CheckId::Proof, CheckOutcome::failed(Code::ProofInvalid, "")));
        assert_eq!(decide(&findings).overall(), Overall::Reject);
    }

    #[test]
    fn not_reached_leaves_the_question_open() {
        let verdict = with(CheckId::Status, CheckOutcome::skipped(Code::StatusNotReached));
        assert_eq!(verdict.in_force, Answer::Unknown);
        let verdict =
            with(CheckId::Entitlement, CheckOutcome::skipped(Code::EntitlementNotReached));
        assert_eq!(verdict.entitled, Answer::Unknown);
    }

    #[test]
    fn absent_status_where_none_is_needed_is_fine() {
        let verdict = with(CheckId::Status, CheckOutcome::skipped(Code::StatusAbsent));
        assert_eq!(verdict.in_force, Answer::Yes);
    }
}

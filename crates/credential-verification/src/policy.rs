//! What an open conclusion means for the verdict, per credential type.
//!
//! A conclusion that leaves a question open ("the list is stale", "nothing proves it older than
//! the theft") leaves the answer unknown. Where a trade cannot live with unknown, it is refused:
//! the answer stays unknown, the overall verdict becomes "reject", and the report names the code.
//! No policy can turn a finding into an acceptance.
use std::collections::{BTreeMap, BTreeSet};

use credential_model::catalogue::{CredentialType, StalePolicy};
use serde::{Deserialize, Serialize};

use crate::{
    codes::Code,
    outcome::{Finding, OutcomeKind},
};

/// What to do with an open conclusion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// The verdict stays unknown: a person decides.
    Open,
    /// The verdict is a refusal.
    Refuse,
}

/// The open conclusions a policy speaks about.
pub const CONCLUSIONS: [Code; 23] = [
    Code::StatusStale,
    Code::StatusRolledBack,
    Code::StatusEquivocated,
    Code::StatusUnavailable,
    Code::StatusAddressRefused,
    Code::StatusTooLarge,
    Code::StatusMalformed,
    Code::StatusProofInvalid,
    Code::StatusProofUnchecked,
    Code::StatusForeignIssuer,
    Code::StatusRequired,
    Code::StatusOffline,
    Code::StatusAnchorUnavailable,
    Code::StatusNotInArchive,
    Code::ClockBehind,
    Code::ClockAhead,
    Code::EntitlementListUnavailable,
    Code::EntitlementRegistryUnreachable,
    Code::ProofKeyCompromisedUnproven,
    Code::ProofKeyStateUnknown,
    Code::IssuerAnchorUnavailable,
    Code::IssuerAnchorMismatch,
    Code::IssuerUnreachable,
];

/// Conclusions that are refused for trades where a life or much money hangs on them.
const CLOSED: [Code; 8] = [
    Code::StatusStale,
    Code::StatusRolledBack,
    Code::StatusEquivocated,
    Code::StatusForeignIssuer,
    Code::StatusProofInvalid,
    Code::StatusRequired,
    Code::StatusUnavailable,
    Code::StatusAnchorUnavailable,
];

/// What one type refuses; everything else stays open.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Policy(BTreeSet<Code>);

/// The policies of all types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policies(BTreeMap<CredentialType, Policy>);

/// Why a policy file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// No such credential type.
    #[error("there is no credential type {0}")]
    UnknownType(String),
    /// No conclusion that a policy may speak about.
    #[error("{0} is no open conclusion")]
    NotAConclusion(Code),
}

impl PolicyError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            PolicyError::UnknownType(_) => "policy_unknown_type",
            PolicyError::NotAConclusion(_) => "policy_not_a_conclusion",
        }
    }
}

/// A section of a configuration file: type name → code → effect, on top of the standard table.
/// Written in JSON `{"DroneFlightPermit": {"status-stale": "open"}}`, in TOML as tables.
pub type PolicyOverrides = BTreeMap<String, BTreeMap<Code, Effect>>;

impl Default for Policies {
    /// The standard table. Every type refuses a signature by a stolen key that nothing proves
    /// older than the theft. Types whose status policy is "fail closed" (flight permits, and
    /// licences and registrations a flight rests on) refuse every state that is not known well.
    fn default() -> Self {
        let each = CredentialType::ALL.into_iter().map(|known| {
            let mut refused = BTreeSet::from([Code::ProofKeyCompromisedUnproven]);
            if known.stale_policy() == StalePolicy::FailClosed {
                refused.extend(CLOSED);
            }
            (known, Policy(refused))
        });
        Policies(each.collect())
    }
}

impl Policies {
    /// The standard table with changes.
    ///
    /// # Errors
    /// [`PolicyError`].
    pub fn with(mut self, overrides: &PolicyOverrides) -> Result<Self, PolicyError> {
        for (name, effects) in overrides {
            let known = CredentialType::ALL.into_iter().find(|known| known.type_name() == name);
            let known = known.ok_or_else(|| PolicyError::UnknownType(name.clone()))?;
            let policy = self.0.entry(known).or_insert_with(|| Policy(BTreeSet::new()));
            for (code, effect) in effects {
                if !CONCLUSIONS.contains(code) {
                    return Err(PolicyError::NotAConclusion(*code));
                }
                match effect {
                    Effect::Refuse => policy.0.insert(*code),
                    Effect::Open => policy.0.remove(code),
                };
            }
        }
        Ok(self)
    }

    /// The effect of an open conclusion on a type; open for types that are not ours.
    pub fn effect(&self, known: Option<CredentialType>, code: Code) -> Effect {
        let refused =
            known.and_then(|known| self.0.get(&known)).is_some_and(|one| one.0.contains(&code));
        if refused { Effect::Refuse } else { Effect::Open }
    }

    /// The findings that this type does not live with.
    pub(crate) fn refused(&self, known: Option<CredentialType>, findings: &[Finding]) -> Vec<Code> {
        let open = findings.iter().filter(|one| one.outcome.kind() == OutcomeKind::Inconclusive);
        let codes = open.map(|one| one.outcome.code());
        codes.filter(|code| self.effect(known, *code) == Effect::Refuse).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CheckId, CheckOutcome};

    #[test]
    fn permits_are_closed_and_badges_open() {
        let policies = Policies::default();
        let of = |known, code| policies.effect(Some(known), code);
        let (permit, badge) =
            (CredentialType::DroneFlightPermit, CredentialType::QualificationBadge);
        assert_eq!(of(permit, Code::StatusStale), Effect::Refuse);
        assert_eq!(of(badge, Code::StatusStale), Effect::Open);
        for known in CredentialType::ALL {
            assert_eq!(of(known, Code::ProofKeyCompromisedUnproven), Effect::Refuse);
            assert_eq!(of(known, Code::ClockBehind), Effect::Open, "a wrong clock refuses nobody");
        }
        assert_eq!(policies.effect(None, Code::StatusStale), Effect::Open);
    }

    #[test]
    fn a_file_changes_single_conclusions_and_nothing_else() {
        let text = r#"{"KrQualificationBadge": {"status-stale": "refuse"},
            "DroneFlightPermit": {"status-stale": "open"}}"#;
        let overrides: PolicyOverrides = serde_json::from_str(text).unwrap();
        let policies = Policies::default().with(&overrides).unwrap();
        let of = |known| policies.effect(Some(known), Code::StatusStale);
        assert_eq!(of(CredentialType::QualificationBadge), Effect::Refuse);
        assert_eq!(of(CredentialType::DroneFlightPermit), Effect::Open);
        // A finding that was made is no matter of policy.
        for bad in [
            r#"{"KrQualificationBadge": {"status-revoked": "open"}}"#,
            r#"{"KrQualificationBadge": {"proof-invalid": "open"}}"#,
            r#"{"Nothing": {}}"#,
        ] {
            let overrides: PolicyOverrides = serde_json::from_str(bad).unwrap();
            assert!(Policies::default().with(&overrides).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_open_findings_are_refused() {
        let policies = Policies::default();
        let permit = Some(CredentialType::DroneFlightPermit);
        let finding = |outcome| [Finding::new(CheckId::Status, outcome)];
        let open = finding(CheckOutcome::inconclusive(Code::StatusStale, ""));
        assert_eq!(policies.refused(permit, &open), [Code::StatusStale]);
        let passed = finding(CheckOutcome::passed(Code::StatusValid));
        assert!(policies.refused(permit, &passed).is_empty());
    }
}

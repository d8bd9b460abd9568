//! What a single check can say. A negative finding is a value; "could not look" is its own value.
use std::fmt;

use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};

use crate::codes::Code;

/// The checks made on every credential, in the order of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CheckId {
    /// The bytes are one of the three credential formats and of a known type.
    Format,
    /// The issuer's proof holds (signature, key, purpose, controller, proof dates).
    Proof,
    /// The JSON-LD contexts are on the closed list and in the fixed order.
    Contexts,
    /// Schema and typed rules of the credential type.
    Schema,
    /// `credentialSchema.digestSRI` names the schema that we checked against.
    SchemaDigest,
    /// No resident registration number or the like anywhere.
    ForbiddenNumbers,
    /// Digests of `relatedResource` entries.
    RelatedResources,
    /// `validFrom` / `validUntil`.
    Validity,
    /// Status list: valid, suspended, revoked, superseded, or not known.
    Status,
    /// The issuer is accredited for this type and kind.
    Entitlement,
    /// Evidence that the holder attached; only reported where there is some.
    Staple,
    /// The presenter controls the key the credential is bound to, for this request.
    HolderBinding,
}

impl CheckId {
    /// Every check, in report order.
    pub const ALL: [CheckId; 12] = [
        CheckId::Format,
        CheckId::Proof,
        CheckId::Contexts,
        CheckId::Schema,
        CheckId::SchemaDigest,
        CheckId::ForbiddenNumbers,
        CheckId::RelatedResources,
        CheckId::Validity,
        CheckId::Status,
        CheckId::Entitlement,
        CheckId::Staple,
        CheckId::HolderBinding,
    ];

    /// Stable text used in reports and message ids.
    pub const fn as_str(self) -> &'static str {
        match self {
            CheckId::Format => "format",
            CheckId::Proof => "proof",
            CheckId::Contexts => "contexts",
            CheckId::Schema => "schema",
            CheckId::SchemaDigest => "schema-digest",
            CheckId::ForbiddenNumbers => "forbidden-numbers",
            CheckId::RelatedResources => "related-resources",
            CheckId::Validity => "validity",
            CheckId::Status => "status",
            CheckId::Entitlement => "entitlement",
            CheckId::Staple => "staple",
            CheckId::HolderBinding => "holder-binding",
        }
    }
}

impl fmt::Display for CheckId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What supports a passed check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Stable code, e.g. `status-valid`.
    pub code: Code,
    /// Technical English detail; never a person's data.
    pub detail: Option<String>,
    /// The moment the knowledge behind this finding dates from, where it has one.
    pub as_of: Option<Moment>,
}

/// Why a check failed, could not be made, or was not asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Stable code, e.g. `status-revoked`.
    pub code: Code,
    /// Technical English detail; never a person's data.
    pub detail: Option<String>,
    /// The moment the knowledge behind this finding dates from, where it has one.
    pub as_of: Option<Moment>,
}

/// The outcome of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckOutcome {
    /// Looked, and it is in order.
    Passed(Evidence),
    /// Looked, and it is not in order.
    Failed(Reason),
    /// Could not look, or what was seen does not decide.
    Inconclusive(Reason),
    /// Not required here.
    Skipped(Reason),
}

impl CheckOutcome {
    /// Passed, without further detail.
    pub fn passed(code: Code) -> Self {
        CheckOutcome::Passed(Evidence { code, detail: None, as_of: None })
    }

    /// Failed, with a technical detail.
    pub fn failed(code: Code, detail: impl Into<String>) -> Self {
        CheckOutcome::Failed(Reason { code, detail: non_empty(detail.into()), as_of: None })
    }

    /// Could not look, with a technical detail.
    pub fn inconclusive(code: Code, detail: impl Into<String>) -> Self {
        CheckOutcome::Inconclusive(Reason { code, detail: non_empty(detail.into()), as_of: None })
    }

    /// Not asked for.
    pub fn skipped(code: Code) -> Self {
        CheckOutcome::Skipped(Reason { code, detail: None, as_of: None })
    }

    /// The same outcome with the moment its knowledge dates from.
    #[must_use]
    pub fn as_of(mut self, moment: Moment) -> Self {
        match &mut self {
            CheckOutcome::Passed(evidence) => evidence.as_of = Some(moment),
            CheckOutcome::Failed(reason)
            | CheckOutcome::Inconclusive(reason)
            | CheckOutcome::Skipped(reason) => reason.as_of = Some(moment),
        }
        self
    }

    /// The same outcome with a technical detail.
    #[must_use]
    pub fn detailed(mut self, text: impl Into<String>) -> Self {
        let text = non_empty(text.into());
        match &mut self {
            CheckOutcome::Passed(evidence) => evidence.detail = text,
            CheckOutcome::Failed(reason)
            | CheckOutcome::Inconclusive(reason)
            | CheckOutcome::Skipped(reason) => reason.detail = text,
        }
        self
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        match self {
            CheckOutcome::Passed(evidence) => evidence.code,
            CheckOutcome::Failed(reason)
            | CheckOutcome::Inconclusive(reason)
            | CheckOutcome::Skipped(reason) => reason.code,
        }
    }

    /// The technical detail, where there is one.
    pub fn detail(&self) -> Option<&str> {
        match self {
            CheckOutcome::Passed(evidence) => evidence.detail.as_deref(),
            CheckOutcome::Failed(reason)
            | CheckOutcome::Inconclusive(reason)
            | CheckOutcome::Skipped(reason) => reason.detail.as_deref(),
        }
    }

    /// The moment the knowledge dates from, where it has one.
    pub fn moment(&self) -> Option<Moment> {
        match self {
            CheckOutcome::Passed(evidence) => evidence.as_of,
            CheckOutcome::Failed(reason)
            | CheckOutcome::Inconclusive(reason)
            | CheckOutcome::Skipped(reason) => reason.as_of,
        }
    }

    /// `passed`, `failed`, `inconclusive` or `skipped`.
    pub const fn kind(&self) -> OutcomeKind {
        match self {
            CheckOutcome::Passed(_) => OutcomeKind::Passed,
            CheckOutcome::Failed(_) => OutcomeKind::Failed,
            CheckOutcome::Inconclusive(_) => OutcomeKind::Inconclusive,
            CheckOutcome::Skipped(_) => OutcomeKind::Skipped,
        }
    }
}

/// The four kinds of outcome as reports write them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutcomeKind {
    /// In order.
    Passed,
    /// Not in order.
    Failed,
    /// Not known.
    Inconclusive,
    /// Not asked.
    Skipped,
}

impl OutcomeKind {
    /// Stable text used in reports and message ids.
    pub const fn as_str(self) -> &'static str {
        match self {
            OutcomeKind::Passed => "passed",
            OutcomeKind::Failed => "failed",
            OutcomeKind::Inconclusive => "inconclusive",
            OutcomeKind::Skipped => "skipped",
        }
    }
}

/// One finished check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which check.
    pub check: CheckId,
    /// What it said.
    pub outcome: CheckOutcome,
}

impl Finding {
    /// Pairs a check with its outcome.
    pub fn new(check: CheckId, outcome: CheckOutcome) -> Self {
        Finding { check, outcome }
    }
}

fn non_empty(text: String) -> Option<String> {
    // Details come from errors of other rooms; they are bounded so that a hostile
    // document cannot blow up a report.
    const LIMIT: usize = 400;
    if text.is_empty() {
        None
    } else if text.chars().count() > LIMIT {
        Some(text.chars().take(LIMIT).chain(std::iter::once('…')).collect())
    } else {
        Some(text)
    }
}

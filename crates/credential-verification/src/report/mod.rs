//! The report: findings, verdict, moment and what was asked, as data. The only place where a
//! verdict is written down; pages and commands show it and compute nothing.
use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    codes::Code,
    domain::DomainReport,
    examine::Examination,
    outcome::{CheckId, CheckOutcome, Finding, OutcomeKind},
    verdict::{Overall, Verdict},
};

mod shown;
mod text;

pub use shown::Shown;
pub use text::{Line, Sections};

/// Version of the report's form.
pub const REPORT_VERSION: u8 = 1;

/// A report, form v1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Version of this form: 1.
    pub v: u8,
    /// Check number (검증번호), for the file.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub number: Option<String>,
    /// The three answers over all credentials.
    pub verdict: Verdict,
    /// What they come to, domain check included.
    pub overall: Overall,
    /// The moment asked about.
    pub moment: Moment,
    /// When the check was made, where the question was about a past moment.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub examined_at: Option<Moment>,
    /// Conclusions that stayed open and that the policy of a shown type does not live with.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub refused: Vec<Code>,
    /// The first credential.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credential: Option<CredentialSummary>,
    /// The three answers for the first credential alone.
    pub credential_verdict: Verdict,
    /// The findings on the first credential.
    pub checks: Vec<CheckReport>,
    /// Further credentials of the same presentation, each with its own verdict.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub further: Vec<CredentialReport>,
    /// The domain check, if one was asked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub domain: Option<DomainReport>,
    /// What was asked, by whom and why.
    pub asked: Asked,
    /// How old the knowledge behind the answers is.
    pub knowledge: Knowledge,
}

/// One credential with its own findings and answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CredentialReport {
    /// What was shown.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credential: Option<CredentialSummary>,
    /// The three answers for this one.
    pub verdict: Verdict,
    /// The findings.
    pub checks: Vec<CheckReport>,
    /// How old the knowledge is.
    pub knowledge: Knowledge,
}

/// What was shown of a credential.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CredentialSummary {
    /// Type name, e.g. `KrQualificationBadge`; empty for unknown types.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The type's name for people.
    pub type_label: Words,
    /// `ldp_vc`, `jwt_vc_json` or `dc+sd-jwt`.
    pub format: String,
    /// Who issued it.
    pub issuer: IssuerSummary,
    /// Start of validity.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub valid_from: Option<Moment>,
    /// End of validity.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub valid_until: Option<Moment>,
    /// Labelled values in the order of the credential.
    pub shown: Vec<Shown>,
    /// Outer rings of permitted areas, `[longitude, latitude]`, for a sketch.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub areas: Vec<Vec<[f64; 2]>>,
}

/// The issuer as the report names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuerSummary {
    /// DID.
    pub id: String,
    /// Registered name (trust registry), else the name the credential claims.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<Words>,
    /// Whether the name comes from the registry.
    pub registered: bool,
    /// Who accredited it, from the root down.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub authority: Vec<Words>,
    /// Since when its accreditation holds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub accredited_since: Option<Moment>,
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// Korean.
    pub ko: String,
    /// English.
    pub en: String,
}

impl Words {
    /// The same text in both.
    pub fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Words { ko: text.clone(), en: text }
    }
}

/// One finding as the report writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReport {
    /// Which check.
    pub id: CheckId,
    /// passed, failed, inconclusive or skipped.
    pub outcome: OutcomeKind,
    /// Stable code.
    pub code: Code,
    /// Technical detail in English, without personal data.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
}

impl From<&Finding> for CheckReport {
    fn from(finding: &Finding) -> Self {
        CheckReport {
            id: finding.check,
            outcome: finding.outcome.kind(),
            code: finding.outcome.code(),
            detail: finding.outcome.detail().map(str::to_owned),
        }
    }
}

/// What was asked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// `presentation` (a wallet answered a request) or `document` (pasted or uploaded).
    pub kind: AskedKind,
    /// The purpose the holder was told.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub purpose: Option<Words>,
    /// The template of the request.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub template: Option<String>,
    /// Who asked: the full client identifier.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub client_id: Option<String>,
    /// The query.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub query: Option<Value>,
}

/// How the credential came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AskedKind {
    /// Pasted or uploaded.
    #[default]
    Document,
    /// A wallet answered a request.
    Presentation,
}

/// How old the knowledge behind the answers is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Knowledge {
    /// Date of the status list, or none was read.
    pub status_as_of: Option<Moment>,
    /// Date of the anchored head, or none was read.
    pub anchor_as_of: Option<Moment>,
    /// How old the knowledge about the accreditation is, where the registry answered from memory.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub accreditation_as_of: Option<Moment>,
}

impl Report {
    /// Writes the report on examined credentials (at least one; the first leads).
    pub fn new(
        examinations: &[Examination],
        domain: Option<DomainReport>,
        asked: Asked,
        moment: Moment,
    ) -> Self {
        let mut parts = examinations.iter().map(CredentialReport::from);
        let first = parts.next();
        let further: Vec<CredentialReport> = parts.collect();
        let verdict = first
            .iter()
            .chain(&further)
            .map(|part| part.verdict)
            .reduce(Verdict::and)
            // Nothing examined: nothing known.
            .unwrap_or_else(|| crate::verdict::decide(&[]));
        let mut refused: Vec<Code> =
            examinations.iter().flat_map(|one| one.refused.iter().copied()).collect();
        refused.sort_unstable();
        refused.dedup();
        let overall =
            verdict.overall().with_policy(!refused.is_empty()).with_domain(domain.as_ref());
        let first = first.unwrap_or_else(|| CredentialReport {
            credential: None,
            verdict,
            checks: Vec::new(),
            knowledge: Knowledge::default(),
        });
        Report {
            v: REPORT_VERSION,
            number: None,
            verdict,
            overall,
            moment,
            examined_at: examinations.iter().find_map(|one| one.examined_at),
            refused,
            credential: first.credential,
            credential_verdict: first.verdict,
            checks: first.checks,
            further,
            domain,
            asked,
            knowledge: first.knowledge,
        }
    }

    /// The same report under a check number.
    #[must_use]
    pub fn numbered(mut self, number: impl Into<String>) -> Self {
        self.number = Some(number.into());
        self
    }

    /// Every credential of the report, the first included.
    pub fn credentials(
        &self,
    ) -> impl Iterator<Item = (Option<&CredentialSummary>, &Verdict, &[CheckReport])> {
        let first = (self.credential.as_ref(), &self.credential_verdict, self.checks.as_slice());
        std::iter::once(first).chain(
            self.further
                .iter()
                .map(|part| (part.credential.as_ref(), &part.verdict, part.checks.as_slice())),
        )
    }

    /// The finding of one check on the first credential.
    pub fn check(&self, id: CheckId) -> Option<&CheckReport> {
        self.checks.iter().find(|check| check.id == id)
    }
}

impl From<&Examination> for CredentialReport {
    fn from(examination: &Examination) -> Self {
        CredentialReport {
            credential: CredentialSummary::of(examination),
            verdict: examination.verdict,
            checks: examination.findings.iter().map(CheckReport::from).collect(),
            knowledge: Knowledge {
                status_as_of: examination.status_as_of,
                anchor_as_of: examination.anchor_as_of,
                accreditation_as_of: examination
                    .outcome(CheckId::Entitlement)
                    .and_then(CheckOutcome::moment),
            },
        }
    }
}

impl CredentialSummary {
    fn of(examination: &Examination) -> Option<Self> {
        let content = &examination.content;
        if !content.body().is_object() {
            return None;
        }
        let (type_name, type_label) = match content.credential_type() {
            Some(known) => (
                known.type_name().to_owned(),
                Words { ko: known.label("ko"), en: known.label("en") },
            ),
            None => (String::new(), Words::same("")),
        };
        let registered = examination.issuer_names.is_some();
        let name = examination
            .issuer_names
            .clone()
            .map(|(ko, en)| Words { ko, en })
            .or_else(|| content.issuer_name().map(Words::same));
        Some(CredentialSummary {
            type_name,
            type_label,
            format: content.format().as_str().to_owned(),
            issuer: IssuerSummary {
                id: content.issuer().unwrap_or_default().to_owned(),
                name,
                registered,
                authority: examination
                    .authority
                    .iter()
                    .map(|(ko, en)| Words { ko: ko.clone(), en: en.clone() })
                    .collect(),
                accredited_since: examination.accredited_since,
            },
            valid_from: content.valid_from().and_then(Result::ok),
            valid_until: content.valid_until().and_then(Result::ok),
            shown: shown::shown(content),
            areas: shown::areas(content),
        })
    }

    /// A shown value by its path, in one language.
    pub fn value(&self, path: &str, korean: bool) -> Option<&str> {
        self.shown
            .iter()
            .find(|item| item.path == path)
            .map(|item| if korean { item.value.ko.as_str() } else { item.value.en.as_str() })
    }
}

#[cfg(test)]
mod tests;

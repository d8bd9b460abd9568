//! Checks that belong to a trade: a drone in the field, a battery at the insurer's, an athlete's
//! certificate, a badge for a post. Pure functions over verified claims; PASS, FAIL or
//! INDETERMINATE with a reason, never "fine" on missing input.
use credential_model::{catalogue::CredentialType, moment::Moment};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{codes::Code, verdict::Overall};

pub mod athlete;
pub mod badge;
pub mod battery;
pub mod drone;
pub mod request;

pub use request::{DomainRequest, DomainRequestError};

/// The three answers of a domain check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum DomainOutcome {
    /// Looked, and it does not hold.
    Fail,
    /// Something needed is missing or does not decide.
    Indeterminate,
    /// Looked, and it holds.
    Pass,
}

impl DomainOutcome {
    /// `PASS`, `FAIL` or `INDETERMINATE`.
    pub const fn as_str(self) -> &'static str {
        match self {
            DomainOutcome::Pass => "PASS",
            DomainOutcome::Fail => "FAIL",
            DomainOutcome::Indeterminate => "INDETERMINATE",
        }
    }
}

/// One line of a domain check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainCheck {
    /// Short stable id, e.g. `area`.
    pub id: String,
    /// What it said.
    pub outcome: DomainOutcome,
    /// Why.
    pub code: Code,
    /// Figures behind the finding, in English and without personal data.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
}

impl DomainCheck {
    pub(crate) fn pass(id: &str, code: Code) -> Self {
        DomainCheck { id: id.to_owned(), outcome: DomainOutcome::Pass, code, detail: None }
    }

    pub(crate) fn fail(id: &str, code: Code) -> Self {
        DomainCheck { id: id.to_owned(), outcome: DomainOutcome::Fail, code, detail: None }
    }

    pub(crate) fn open(id: &str, code: Code) -> Self {
        DomainCheck { id: id.to_owned(), outcome: DomainOutcome::Indeterminate, code, detail: None }
    }

    #[must_use]
    pub(crate) fn with(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

/// A whole domain check: the profile and its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainReport {
    /// `drone-field`, `battery-insurance`, `battery-used-car`, `athlete-admission`,
    /// `badge-hiring` or `training`.
    pub profile: String,
    /// FAIL if any line fails, else INDETERMINATE if any is open, else PASS.
    pub outcome: DomainOutcome,
    /// The lines.
    pub checks: Vec<DomainCheck>,
    /// Things that only a person can check, verbatim from the permit.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub checklist: Vec<String>,
}

impl DomainReport {
    pub(crate) fn new(profile: &str, checks: Vec<DomainCheck>) -> Self {
        // An empty list of lines proves nothing.
        let outcome =
            checks.iter().map(|check| check.outcome).min().unwrap_or(DomainOutcome::Indeterminate);
        DomainReport { profile: profile.to_owned(), outcome, checks, checklist: Vec::new() }
    }
}

/// What a domain check sees of one examined credential.
#[derive(Debug, Clone)]
pub struct Presented<'a> {
    /// Type of the credential.
    pub credential_type: CredentialType,
    /// How the three questions were answered.
    pub overall: Overall,
    /// Members of the subject, as far as disclosed.
    pub subject: &'a Value,
    /// DID of the subject, if the credential names one.
    pub subject_id: Option<&'a str>,
    /// RFC 7638 thumbprint of the key the credential is bound to, if any.
    pub holder: Option<&'a str>,
    /// Whether possession of that key was proven in the answer under examination.
    pub proven: bool,
    /// When the credential says the fact was awarded.
    pub awarded: Option<&'a str>,
}

/// Runs the asked profile.
pub fn run(request: &DomainRequest, presented: &[Presented<'_>], now: Moment) -> DomainReport {
    match request {
        DomainRequest::BadgeHiring(input) => badge::hiring(input, presented),
        DomainRequest::Training => badge::training(presented),
        DomainRequest::BatteryInsurance(input) => battery::insurance(input, presented, now),
        DomainRequest::BatteryUsedCar(input) => battery::used_car(input, presented, now),
        DomainRequest::AthleteAdmission(input) => athlete::admission(input, presented),
        DomainRequest::DroneField(input) => drone::field(input, presented, now),
    }
}

/// A finite number given as JSON number or decimal string (measures travel as decimal strings).
pub(crate) fn number(value: Option<&Value>) -> Option<f64> {
    let parsed = match value? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => {
            let text = text.trim();
            // `f64::from_str` also reads "inf", "NaN" and exponents; a measure has none of them.
            let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte));
            if !plain || text.len() > 32 {
                return None;
            }
            text.parse().ok()?
        }
        _ => return None,
    };
    parsed.is_finite().then_some(parsed)
}

/// Non-empty text at a JSON pointer.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

/// Finds the first presented credential of a type.
pub(crate) fn find<'p, 'a>(
    presented: &'p [Presented<'a>],
    wanted: CredentialType,
) -> Option<&'p Presented<'a>> {
    presented.iter().find(|item| item.credential_type == wanted)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_finite_and_plain() {
        assert_eq!(number(Some(&json!(9.5))), Some(9.5));
        assert_eq!(number(Some(&json!("10.52"))), Some(10.52));
        assert_eq!(number(Some(&json!("-1.4"))), Some(-1.4));
        for bad in [
            json!("NaN"),
            json!("inf"),
            json!("1e9"),
            json!(""),
            json!("1,0"),
            json!(null),
            json!(true),
        ] {
            assert_eq!(number(Some(&bad)), None, "{bad}");
        }
        assert_eq!(number(None), None);
    }

    #[test]
    fn the_weakest_line_decides_and_no_line_decides_nothing() {
        let pass = DomainCheck::pass("a", Code::BadgeKindOk);
        let open = DomainCheck::open("b", Code::BadgeKindUnknown);
        let fail = DomainCheck::fail("c", Code::BadgeKindOther);
        assert_eq!(DomainReport::new("p", vec![pass.clone()]).outcome, DomainOutcome::Pass);
        assert_eq!(
            DomainReport::new("p", vec![pass.clone(), open.clone()]).outcome,
            DomainOutcome::Indeterminate
        );
        assert_eq!(DomainReport::new("p", vec![pass, open, fail]).outcome, DomainOutcome::Fail);
        assert_eq!(DomainReport::new("p", vec![]).outcome, DomainOutcome::Indeterminate);
    }
}

//! Competition result for an admission office: confirmed by the federation, then by the KSOC.
use credential_model::catalogue::CredentialType;
use serde::Deserialize;
use serde_json::Value;

use super::{DomainCheck, DomainReport, Presented, find, text};
use crate::codes::Code;

/// Inputs of `athlete-admission`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AthleteAdmission {
    /// DIDs of federations whose confirmation counts; empty: any federation's.
    #[serde(default)]
    pub federations: Vec<String>,
    /// DIDs under which the KSOC confirms; empty: any that is named as the KSOC.
    #[serde(default)]
    pub ksoc: Vec<String>,
}

/// Confirmation order and validity of the result.
pub fn admission(input: &AthleteAdmission, presented: &[Presented<'_>]) -> DomainReport {
    let subject = find(presented, CredentialType::CompetitionResult).map(|found| found.subject);
    DomainReport::new("athlete-admission", vec![confirmation(input, subject), result(subject)])
}

/// Who stands at a place of `confirmedBy`.
#[derive(PartialEq)]
enum Role {
    Federation,
    Ksoc,
    Other,
}

fn confirmation(input: &AthleteAdmission, subject: Option<&Value>) -> DomainCheck {
    const ID: &str = "confirmation";
    let entries = subject.and_then(|subject| subject.get("confirmedBy")).and_then(Value::as_array);
    let Some(entries) = entries.filter(|entries| !entries.is_empty()) else {
        return DomainCheck::open(ID, Code::AthleteUnknown);
    };
    let roles: Vec<Role> = entries.iter().take(20).map(|entry| role(input, entry)).collect();
    let federation = roles.iter().position(|role| *role == Role::Federation);
    let ksoc = roles.iter().position(|role| *role == Role::Ksoc);
    match (federation, ksoc) {
        (None, _) => DomainCheck::fail(ID, Code::AthleteFederationMissing),
        (Some(_), None) => DomainCheck::fail(ID, Code::AthleteKsocMissing),
        (Some(federation), Some(ksoc)) if ksoc < federation => {
            DomainCheck::fail(ID, Code::AthleteOrder)
        }
        (Some(federation), Some(ksoc)) => {
            match (date(&entries[federation]), date(&entries[ksoc])) {
                (Some(first), Some(second)) if second < first => {
                    DomainCheck::fail(ID, Code::AthleteOrder).with("by their dates")
                }
                _ => DomainCheck::pass(ID, Code::AthleteConfirmed),
            }
        }
    }
}

fn role(input: &AthleteAdmission, entry: &Value) -> Role {
    let id = text(entry, "/id").or_else(|| text(entry, "/did")).or_else(|| entry.as_str());
    let counts = |list: &[String]| {
        list.is_empty() || id.is_some_and(|id| list.iter().any(|known| known == id))
    };
    match text(entry, "/role") {
        Some("FEDERATION") if counts(&input.federations) => Role::Federation,
        Some("OLYMPIC_COMMITTEE") if counts(&input.ksoc) => Role::Ksoc,
        _ => Role::Other,
    }
}

fn date(entry: &Value) -> Option<&str> {
    text(entry, "/confirmedAt").or_else(|| text(entry, "/date"))
}

fn result(subject: Option<&Value>) -> DomainCheck {
    const ID: &str = "result";
    let Some(subject) = subject else {
        return DomainCheck::open(ID, Code::AthleteResultUnknown);
    };
    if let Some(mark) = text(subject, "/irm") {
        return DomainCheck::fail(ID, Code::AthleteResultVoid).with(mark);
    }
    match subject.get("rank") {
        Some(Value::Number(rank)) => {
            DomainCheck::pass(ID, Code::AthleteResultOk).with(format!("rank {rank}"))
        }
        _ => DomainCheck::open(ID, Code::AthleteResultUnknown),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{domain::DomainOutcome, verdict::Overall};

    fn run(input: &AthleteAdmission, subject: &Value) -> DomainReport {
        admission(
            input,
            &[Presented {
                credential_type: CredentialType::CompetitionResult,
                overall: Overall::Accept,
                subject,
                subject_id: None,
                holder: None,
                proven: false,
                awarded: None,
            }],
        )
    }

    fn good() -> Value {
        json!({"rank": 1, "confirmedBy": [
            {"role": "FEDERATION", "id": "did:web:federation.example", "confirmedAt": "2026-10-01T00:00:00Z"},
            {"role": "OLYMPIC_COMMITTEE", "id": "did:web:ksoc.example", "confirmedAt": "2026-10-02T00:00:00Z"}
        ]})
    }

    fn code(subject: &Value) -> Code {
        run(&AthleteAdmission::default(), subject).checks[0].code
    }

    #[test]
    fn federation_then_ksoc_passes() {
        assert_eq!(run(&AthleteAdmission::default(), &good()).outcome, DomainOutcome::Pass);
    }

    #[test]
    fn missing_or_turned_confirmations_fail() {
        let mut turned = good();
        turned["confirmedBy"].as_array_mut().unwrap().reverse();
        assert_eq!(code(&turned), Code::AthleteOrder);
        let mut dates = good();
        dates["confirmedBy"][1]["confirmedAt"] = json!("2026-09-30T00:00:00Z");
        assert_eq!(code(&dates), Code::AthleteOrder);
        let mut alone = good();
        alone["confirmedBy"].as_array_mut().unwrap().pop();
        assert_eq!(code(&alone), Code::AthleteKsocMissing);
        let mut other = good();
        other["confirmedBy"].as_array_mut().unwrap().remove(0);
        assert_eq!(code(&other), Code::AthleteFederationMissing);
        assert_eq!(code(&json!({"rank": 1})), Code::AthleteUnknown);
        assert_eq!(code(&json!({"rank": 1, "confirmedBy": []})), Code::AthleteUnknown);
    }

    #[test]
    fn only_named_bodies_count_when_named() {
        let input = AthleteAdmission {
            federations: vec!["did:web:federation.example".into()],
            ksoc: vec!["did:web:other.example".into()],
        };
        assert_eq!(run(&input, &good()).checks[0].code, Code::AthleteKsocMissing);
    }

    #[test]
    fn disqualified_and_unshown_results() {
        let mut void = good();
        void["irm"] = json!("DQ");
        void["rank"] = Value::Null;
        assert_eq!(
            run(&AthleteAdmission::default(), &void).checks[1].code,
            Code::AthleteResultVoid
        );
        let mut hidden = good();
        hidden.as_object_mut().unwrap().remove("rank");
        let report = run(&AthleteAdmission::default(), &hidden);
        assert_eq!(report.checks[1].code, Code::AthleteResultUnknown);
        assert_eq!(report.outcome, DomainOutcome::Indeterminate);
        assert_eq!(
            admission(&AthleteAdmission::default(), &[]).outcome,
            DomainOutcome::Indeterminate
        );
    }
}

//! Qualification badge for a post, and training history. Whether the issuer is accredited for
//! the kind is the entitlement question; here stands whether it is the kind that was asked for.
use credential_model::catalogue::CredentialType;
use serde::Deserialize;
use serde_json::Value;

use super::{DomainCheck, DomainReport, Presented, find, text};
use crate::codes::Code;

/// Inputs of `badge-hiring`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BadgeHiring {
    /// Codes of the kinds that count (e.g. `1320`); empty: any kind.
    #[serde(default)]
    pub kinds: Vec<String>,
}

/// Is the badge of one of the asked kinds?
pub fn hiring(input: &BadgeHiring, presented: &[Presented<'_>]) -> DomainReport {
    let kind = find(presented, CredentialType::QualificationBadge)
        .and_then(|badge| kind_code(badge.subject));
    let check = match kind {
        None => DomainCheck::open("kind", Code::BadgeKindUnknown),
        Some(kind) if input.kinds.is_empty() => {
            DomainCheck::pass("kind", Code::BadgeKindAny).with(format!("kind {kind}"))
        }
        Some(kind) if input.kinds.iter().any(|asked| asked == kind) => {
            DomainCheck::pass("kind", Code::BadgeKindOk).with(format!("kind {kind}"))
        }
        Some(kind) => DomainCheck::fail("kind", Code::BadgeKindOther)
            .with(format!("kind {kind}, asked {}", input.kinds.join(", "))),
    };
    DomainReport::new("badge-hiring", vec![check])
}

/// Were all shown courses completed?
pub fn training(presented: &[Presented<'_>]) -> DomainReport {
    let records = find(presented, CredentialType::TrainingHistory)
        .and_then(|history| history.subject.get("records"))
        .and_then(Value::as_array)
        .map(|records| records.iter().filter(|record| record.is_object()).collect::<Vec<_>>())
        .unwrap_or_default();
    let mut checks: Vec<DomainCheck> = records
        .iter()
        .enumerate()
        .map(|(index, record)| {
            let id = format!("course-{}", index + 1);
            match text(record, "/completion") {
                Some("COMPLETED" | "EARLY_EMPLOYED") => {
                    DomainCheck::pass(&id, Code::TrainingCompleted)
                }
                Some(_) => DomainCheck::fail(&id, Code::TrainingNotCompleted),
                None => DomainCheck::open(&id, Code::TrainingUnknown),
            }
        })
        .collect();
    if checks.is_empty() {
        checks.push(DomainCheck::open("course", Code::TrainingUnknown));
    }
    DomainReport::new("training", checks)
}

/// The Q-Net kind code of a badge: `achievement.humanCode`.
pub(crate) fn kind_code(subject: &Value) -> Option<&str> {
    text(subject, "/achievement/humanCode")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{domain::DomainOutcome, verdict::Overall};

    fn presented(credential_type: CredentialType, subject: &Value) -> Presented<'_> {
        Presented {
            credential_type,
            overall: Overall::Accept,
            subject,
            subject_id: None,
            holder: None,
            proven: false,
            awarded: None,
        }
    }

    #[test]
    fn asked_kind_passes_other_kind_fails_hidden_kind_is_open() {
        let asked = BadgeHiring { kinds: vec!["1320".to_owned()] };
        let run = |subject: &Value| {
            hiring(&asked, &[presented(CredentialType::QualificationBadge, subject)]).outcome
        };
        assert_eq!(run(&json!({"achievement": {"humanCode": "1320"}})), DomainOutcome::Pass);
        assert_eq!(run(&json!({"achievement": {"humanCode": "2290"}})), DomainOutcome::Fail);
        assert_eq!(run(&json!({"achievement": {}})), DomainOutcome::Indeterminate);
        assert_eq!(hiring(&asked, &[]).outcome, DomainOutcome::Indeterminate);
    }

    #[test]
    fn no_asked_kind_takes_any_but_still_needs_one() {
        let any = BadgeHiring::default();
        let subject = json!({"achievement": {"humanCode": "1320"}});
        let shown = [presented(CredentialType::QualificationBadge, &subject)];
        assert_eq!(hiring(&any, &shown).outcome, DomainOutcome::Pass);
        assert_eq!(hiring(&any, &[]).outcome, DomainOutcome::Indeterminate);
    }

    #[test]
    fn courses() {
        let run = |subject: &Value| {
            training(&[presented(CredentialType::TrainingHistory, subject)]).outcome
        };
        assert_eq!(run(&json!({"records": [{"completion": "COMPLETED"}]})), DomainOutcome::Pass);
        assert_eq!(
            run(&json!({"records": [{"completion": "COMPLETED"}, {"completion": "DROPPED"}]})),
            DomainOutcome::Fail
        );
        assert_eq!(run(&json!({"records": [{"courseName": "x"}]})), DomainOutcome::Indeterminate);
        assert_eq!(run(&json!({"records": []})), DomainOutcome::Indeterminate);
        assert_eq!(run(&json!({})), DomainOutcome::Indeterminate);
    }
}

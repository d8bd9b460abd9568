//! Was the issuer accredited for this type and kind when it signed?
use credential_model::{catalogue::CredentialType, moment::Moment};
use trust_registry::{Entitlement, Question, TrustSource};

use crate::{codes::Code, content::Content, domain::badge, outcome::CheckOutcome};

/// What the registry says, with the issuer's registered names.
pub struct EntitlementFinding {
    /// Passed, failed or inconclusive.
    pub outcome: CheckOutcome,
    /// Korean and English name in the registry.
    pub names: Option<(String, String)>,
    /// Korean and English names of those who accredited it, from the root down.
    pub authority: Vec<(String, String)>,
    /// Since when its accreditation holds.
    pub since: Option<Moment>,
}

/// Asks the registry about the moment of signing. Without a registry nothing is claimed.
///
/// `signed` is what the proof says; only where it says nothing does `validFrom` stand for it,
/// because a credential may begin to be valid long before or after it was signed.
pub fn check(
    content: &Content,
    issuer: &str,
    signed: Option<Moment>,
    trust: Option<&dyn TrustSource>,
    now: Moment,
) -> EntitlementFinding {
    let known_at = trust.and_then(TrustSource::known_at);
    let dated = |outcome: CheckOutcome| match known_at {
        Some(moment) => outcome.as_of(moment),
        None => outcome,
    };
    match ask(content, issuer, signed, trust, now) {
        Ok(entitled) => EntitlementFinding { outcome: dated(entitled.outcome), ..entitled },
        Err(outcome) => {
            let outcome = dated(outcome);
            EntitlementFinding { outcome, names: None, authority: Vec::new(), since: None }
        }
    }
}

fn ask(
    content: &Content,
    issuer: &str,
    signed: Option<Moment>,
    trust: Option<&dyn TrustSource>,
    now: Moment,
) -> Result<EntitlementFinding, CheckOutcome> {
    let Some(known) = content.credential_type() else {
        return Err(CheckOutcome::inconclusive(Code::EntitlementTypeUnknown, ""));
    };
    let trust = trust.ok_or_else(|| {
        CheckOutcome::inconclusive(Code::EntitlementListUnavailable, "no trust list configured")
    })?;
    let kind = kind_of(known, content);
    // The date is the issuer's claim; one in the future is judged as of now.
    let signed = signed.or_else(|| content.valid_from().and_then(Result::ok));
    let issued = signed.map_or(now, |moment| moment.min(now));
    let question = Question { issuer, type_name: known.type_name(), kind, at: issued };
    let detail = trust.label();
    let failed = |code| Err(CheckOutcome::failed(code, detail.clone()));
    let open = |code| Err(CheckOutcome::inconclusive(code, detail.clone()));
    match trust.entitlement(&question, now) {
        Entitlement::Entitled { name_ko, name_en, authority, authority_en, since } => {
            Ok(EntitlementFinding {
                outcome: CheckOutcome::passed(Code::EntitlementOk).detailed(detail),
                names: Some((name_ko, name_en)),
                authority: authority.into_iter().zip(authority_en).collect(),
                since,
            })
        }
        Entitlement::NotAccredited => Err(not_accredited(trust, &question, now, &detail)),
        Entitlement::NotForThisKind if kind.is_none() && kind_is_expected(known) => {
            open(Code::EntitlementKindHidden)
        }
        Entitlement::NotForThisKind => failed(Code::EntitlementOtherKind),
        Entitlement::NotAtThatTime => failed(Code::EntitlementNotInForce),
        Entitlement::SuspendedAtThatTime => failed(Code::EntitlementSuspended),
        Entitlement::Widened => failed(Code::EntitlementWidened),
        Entitlement::RegistryUnreachable => open(Code::EntitlementRegistryUnreachable),
        _ => open(Code::EntitlementListUnavailable),
    }
}

/// "Unknown" and "known for something else" are two messages for two different next steps.
fn not_accredited(
    trust: &dyn TrustSource,
    question: &Question<'_>,
    now: Moment,
    detail: &str,
) -> CheckOutcome {
    let elsewhere = CredentialType::ALL.into_iter().any(|other| {
        let other = Question { type_name: other.type_name(), ..*question };
        matches!(
            trust.entitlement(&other, now),
            Entitlement::Entitled { .. }
                | Entitlement::NotForThisKind
                | Entitlement::NotAtThatTime
                | Entitlement::SuspendedAtThatTime
        )
    });
    let code = if elsewhere { Code::EntitlementOtherType } else { Code::EntitlementUnknownIssuer };
    CheckOutcome::failed(code, detail)
}

fn kind_is_expected(credential_type: CredentialType) -> bool {
    credential_type == CredentialType::QualificationBadge
}

fn kind_of(credential_type: CredentialType, content: &Content) -> Option<&str> {
    match credential_type {
        CredentialType::QualificationBadge => badge::kind_code(content.subject()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use credential_model::format::CredentialFormat;
    use serde_json::{Value, json};
    use trust_registry::TrustList;

    use super::*;

    fn list() -> TrustList {
        TrustList::parse(&json!({
            "version": 3, "issued": "2026-01-01T00:00:00Z", "expires": "2027-01-01T00:00:00Z",
            "operator": "did:web:ministry.example",
            "entries": [{
                "issuer": "did:web:issuer.example", "name_ko": "가상발급원", "name_en": "Fictitious issuer",
                "types": ["KrQualificationBadge"], "kinds": ["1320"],
                "from": "2026-02-01T00:00:00Z", "authority": ["가상부처"]
            }]
        }))
        .unwrap()
    }

    fn badge(kind: Value, from: &str) -> Content {
        Content::new(
            CredentialFormat::LdpVc,
            Some(CredentialType::QualificationBadge),
            json!({"validFrom": from, "credentialSubject": {"achievement": {"humanCode": kind}}}),
        )
    }

    fn code(content: &Content, issuer: &str, now: &str) -> Code {
        let list = list();
        check(content, issuer, None, Some(&list), Moment::parse(now).unwrap()).outcome.code()
    }

    const ISSUER: &str = "did:web:issuer.example";
    const NOW: &str = "2026-06-01T00:00:00Z";

    #[test]
    fn entitled_for_type_and_kind() {
        let content = badge(json!("1320"), "2026-03-01T00:00:00Z");
        let list = list();
        let finding = check(&content, ISSUER, None, Some(&list), Moment::parse(NOW).unwrap());
        assert_eq!(finding.outcome.code(), Code::EntitlementOk);
        assert_eq!(finding.names, Some(("가상발급원".into(), "Fictitious issuer".into())));
    }

    #[test]
    fn each_refusal_has_its_code() {
        let good = badge(json!("1320"), "2026-03-01T00:00:00Z");
        assert_eq!(code(&good, "did:web:other.example", NOW), Code::EntitlementUnknownIssuer);
        let other_kind = badge(json!("9999"), "2026-03-01T00:00:00Z");
        assert_eq!(code(&other_kind, ISSUER, NOW), Code::EntitlementOtherKind);
        let hidden = badge(json!(null), "2026-03-01T00:00:00Z");
        assert_eq!(code(&hidden, ISSUER, NOW), Code::EntitlementKindHidden);
        let early = badge(json!("1320"), "2026-01-15T00:00:00Z");
        assert_eq!(code(&early, ISSUER, NOW), Code::EntitlementNotInForce);
        let battery = Content::new(
            CredentialFormat::LdpVc,
            Some(CredentialType::EvBatteryReport),
            json!({"validFrom": "2026-03-01T00:00:00Z", "credentialSubject": {}}),
        );
        assert_eq!(code(&battery, ISSUER, NOW), Code::EntitlementOtherType);
    }

    #[test]
    fn the_moment_of_signing_counts_and_not_the_start_of_validity() {
        let list = list();
        let at = |from: &str, signed: &str| {
            let content = badge(json!("1320"), from);
            let (signed, now) = (Moment::parse(signed).unwrap(), Moment::parse(NOW).unwrap());
            check(&content, ISSUER, Some(signed), Some(&list), now).outcome.code()
        };
        let (before, within) = ("2026-01-15T00:00:00Z", "2026-03-01T00:00:00Z");
        assert_eq!(at(before, within), Code::EntitlementOk, "backdated validity, signed within");
        assert_eq!(at(within, before), Code::EntitlementNotInForce, "signed too early");
        assert_eq!(at(before, "2026-12-01T00:00:00Z"), Code::EntitlementOk, "judged as of now");
    }

    #[test]
    fn without_current_list_or_type_nothing_is_claimed() {
        let good = badge(json!("1320"), "2026-03-01T00:00:00Z");
        assert_eq!(code(&good, ISSUER, "2027-06-01T00:00:00Z"), Code::EntitlementListUnavailable);
        let outcome = check(&good, ISSUER, None, None, Moment::parse(NOW).unwrap()).outcome;
        assert_eq!(outcome.code(), Code::EntitlementListUnavailable);
        let unknown = Content::new(CredentialFormat::LdpVc, None, json!({"credentialSubject": {}}));
        assert_eq!(code(&unknown, ISSUER, NOW), Code::EntitlementTypeUnknown);
    }
}

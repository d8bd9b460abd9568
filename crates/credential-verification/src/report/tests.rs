use credential_model::{catalogue::CredentialType, format::CredentialFormat};
use localized_text::{Locale, has};
use serde_json::json;

use super::*;
use crate::{
    content::Content,
    domain::{DomainCheck, DomainOutcome},
    outcome::CheckOutcome,
    verdict::decide,
};

fn now() -> Moment {
    Moment::parse("2026-11-23T05:30:00Z").unwrap()
}

fn examination(kind: CredentialType, change: impl FnOnce(&mut Vec<Finding>)) -> Examination {
    let mut findings = vec![
        Finding::new(CheckId::Format, CheckOutcome::passed(Code::FormatOk)),
        Finding::new(CheckId::Proof, CheckOutcome::passed(Code::ProofOk)),
        Finding::new(CheckId::Contexts, CheckOutcome::passed(Code::ContextsOk)),
        Finding::new(CheckId::Schema, CheckOutcome::passed(Code::SchemaOk)),
        Finding::new(CheckId::Validity, CheckOutcome::passed(Code::ValidityOk)),
        Finding::new(CheckId::Status, CheckOutcome::passed(Code::StatusValid)),
        Finding::new(CheckId::Entitlement, CheckOutcome::passed(Code::EntitlementOk)),
        Finding::new(CheckId::HolderBinding, CheckOutcome::passed(Code::BindingOk)),
    ];
    change(&mut findings);
    let mut body = kind.example();
    body["validUntil"] = json!("2027-01-05T00:00:00Z");
    Examination {
        content: Content::new(CredentialFormat::LdpVc, Some(kind), body),
        verdict: decide(&findings),
        findings,
        verified: None,
        refused: Vec::new(),
        authority: vec![("고용노동부(예시)".into(), "Ministry of Employment (sample)".into())],
        accredited_since: None,
        issuer_names: Some(("가상 자격발급기관(시험용)".into(), "Fictitious issuer (test)".into())),
        status_as_of: Some(now().minus_seconds(600)),
        anchor_as_of: None,
        holder: None,
        moment: now(),
        examined_at: None,
    }
}

fn set(findings: &mut [Finding], check: CheckId, outcome: CheckOutcome) {
    for finding in findings.iter_mut().filter(|finding| finding.check == check) {
        finding.outcome = outcome.clone();
    }
}

fn asked() -> Asked {
    Asked {
        kind: AskedKind::Presentation,
        purpose: Some(Words {
            ko: "채용을 위한 자격 진위확인".into(),
            en: "Checking a qualification for employment".into(),
        }),
        ..Asked::default()
    }
}

fn snapshots(name: &str, report: &Report) {
    insta::assert_snapshot!(format!("{name}-ko"), report.to_text(Locale::Ko));
    insta::assert_snapshot!(format!("{name}-en"), report.to_text(Locale::En));
}

#[test]
fn every_code_has_a_sentence_and_an_action_in_both_languages() {
    for locale in [Locale::Ko, Locale::En] {
        for code in Code::ALL {
            assert!(has(locale, &code.message_id()), "{locale:?} {}", code.message_id());
            assert!(has(locale, &code.action_id()), "{locale:?} {}", code.action_id());
            assert_eq!(Code::parse(code.as_str()), Some(*code));
        }
        for check in CheckId::ALL {
            assert!(has(locale, &format!("verdict-check-{check}")), "{locale:?} {check}");
        }
        for profile in crate::templates::Template::ALL {
            let id = format!("verdict-profile-{}", profile.as_str());
            assert!(has(locale, &id), "{locale:?} {id}");
        }
    }
}

#[test]
fn an_accepted_badge() {
    let found = examination(CredentialType::QualificationBadge, |_| {});
    let report = Report::new(&[found], None, asked(), now()).numbered("0192-TEST");
    assert_eq!(report.overall, Overall::Accept);
    snapshots("accepted-badge", &report);
}

#[test]
fn a_revoked_badge() {
    let found = examination(CredentialType::QualificationBadge, |findings| {
        set(findings, CheckId::Status, CheckOutcome::failed(Code::StatusRevoked, ""));
    });
    let report = Report::new(&[found], None, asked(), now());
    assert_eq!(report.overall, Overall::Reject);
    snapshots("revoked-badge", &report);
}

#[test]
fn an_unreachable_list_reads_as_unknown() {
    let found = examination(CredentialType::QualificationBadge, |findings| {
        set(
            findings,
            CheckId::Status,
            CheckOutcome::inconclusive(Code::StatusUnavailable, "timed_out"),
        );
    });
    let mut found = found;
    found.status_as_of = None;
    let report = Report::new(&[found], None, asked(), now());
    assert_eq!(report.overall, Overall::Unknown);
    snapshots("unreachable-list", &report);
}

#[test]
fn three_drone_documents_with_a_failed_field_check() {
    let documents = [
        examination(CredentialType::DroneFlightPermit, |_| {}),
        examination(CredentialType::DronePilotLicence, |_| {}),
        examination(CredentialType::DroneRegistration, |_| {}),
    ];
    let mut domain = crate::domain::DomainReport::new(
        "drone-field",
        vec![
            DomainCheck::pass("time", Code::DroneTimeOk),
            DomainCheck::fail("area", Code::DroneAreaOutside),
            DomainCheck::open("altitude", Code::DroneAltitudeReference),
        ],
    );
    domain.checklist = vec!["OBSERVER: 관찰자 1명 배치".into()];
    assert_eq!(domain.outcome, DomainOutcome::Fail);
    let report = Report::new(&documents, Some(domain), Asked::default(), now());
    assert_eq!(report.overall, Overall::Reject);
    assert_eq!(report.further.len(), 2);
    snapshots("drone-outside", &report);
}

#[test]
fn unreadable_bytes_get_a_report_too() {
    let report = Report::new(
        &[Examination::unreadable("credential_unknown_format", now())],
        None,
        Asked::default(),
        now(),
    );
    assert_eq!(report.overall, Overall::Reject);
    snapshots("unreadable", &report);
}

#[test]
fn the_form_is_stable_and_reads_back() {
    let found = examination(CredentialType::QualificationBadge, |_| {});
    let report = Report::new(&[found], None, asked(), now()).numbered("0192-TEST");
    let value = serde_json::to_value(&report).unwrap();
    assert_eq!(value["v"], 1);
    assert_eq!(value["verdict"]["in_force"], "yes");
    assert_eq!(value["overall"], "accept");
    assert_eq!(value["checks"][1], json!({"id": "proof", "outcome": "passed", "code": "proof-ok"}));
    assert_eq!(value["knowledge"]["anchor_as_of"], serde_json::Value::Null);
    let back: Report = serde_json::from_value(value).unwrap();
    assert_eq!(back, report);
}

#[test]
fn one_bad_document_spoils_the_whole() {
    let good = examination(CredentialType::DronePilotLicence, |_| {});
    let bad = examination(CredentialType::DroneRegistration, |findings| {
        set(findings, CheckId::Proof, CheckOutcome::failed(Code::ProofInvalid, ""));
    });
    let report = Report::new(&[good, bad], None, Asked::default(), now());
    assert_eq!(report.overall, Overall::Reject);
    assert_eq!(report.credential_verdict.overall(), Overall::Accept);
    assert_eq!(report.further[0].verdict.overall(), Overall::Reject);
}

#[test]
fn nothing_examined_is_nothing_known() {
    let report = Report::new(&[], None, Asked::default(), now());
    assert_eq!(report.overall, Overall::Unknown);
}

//! Schema and typed rules of the credential type, and the digest of the schema it names.
use credential_model::{
    catalogue::{CredentialType, RuleViolation, validate_claims, validate_document},
    format::CredentialFormat,
};
use credential_proofs::data_integrity::Cryptosuite;
use serde_json::Value;

use crate::{codes::Code, content::Content, outcome::CheckOutcome};

/// Validates the compacted original (or the disclosed claims) against the type. Under a proof of selective disclosure
/// members may be hidden: then what is shown is held to the type, and what is absent to nothing.
pub fn check(content: &Content) -> CheckOutcome {
    let Some(known) = content.credential_type() else {
        return CheckOutcome::skipped(Code::SchemaTypeUnknown);
    };
    let body = content.body();
    let broken = match content.format() {
        CredentialFormat::SdJwtVc => violations(validate_claims(known, body)),
        _ => violations(validate_document(known, body)),
    };
    if broken.is_empty() {
        return CheckOutcome::passed(Code::SchemaOk);
    }
    if !is_derived(body) {
        return broken_rules(&broken);
    }
    let broken = violations(validate_claims(known, &shown_claims(known, body)));
    if broken.is_empty() {
        return CheckOutcome::passed(Code::SchemaOk).detailed("not every member is disclosed");
    }
    broken_rules(&broken)
}

fn violations(result: Result<(), Vec<RuleViolation>>) -> Vec<RuleViolation> {
    let all = result.err().unwrap_or_default().into_iter();
    all.filter(|violation| !has_its_own_check(violation)).collect()
}

fn broken_rules(violations: &[RuleViolation]) -> CheckOutcome {
    // The first few, by place and rule only: values may be personal.
    let text = violations
        .iter()
        .take(5)
        .map(|violation| format!("{} {}", violation.pointer, violation.code))
        .collect::<Vec<_>>()
        .join("; ");
    CheckOutcome::failed(Code::SchemaViolation, text)
}

/// Whether every proof is one of selective disclosure. Any other signs the whole document, so that nothing is hidden.
fn is_derived(document: &Value) -> bool {
    let selective = |proof: &Value| {
        proof
            .get("cryptosuite")
            .and_then(Value::as_str)
            .and_then(Cryptosuite::parse)
            .is_some_and(Cryptosuite::is_selective)
    };
    match document.get("proof") {
        Some(Value::Array(proofs)) => !proofs.is_empty() && proofs.iter().all(selective),
        Some(proof) => selective(proof),
        None => false,
    }
}

/// What a derived document shows of its subject, in the form that the rules for partly disclosed content know.
fn shown_claims(known: CredentialType, document: &Value) -> Value {
    let subject = document.get("credentialSubject").and_then(Value::as_object);
    let mut claims = subject.cloned().unwrap_or_default();
    for member in ["id", "type"] {
        claims.remove(member);
    }
    for member in ["awardedDate", "evidence"] {
        if let Some(value) = document.get(member) {
            claims.insert(member.to_owned(), value.clone());
        }
    }
    claims.insert("vct".to_owned(), Value::from(known.vct()));
    Value::Object(claims)
}

/// Contexts and forbidden numbers are reported under their own names.
fn has_its_own_check(violation: &RuleViolation) -> bool {
    violation.code == "contexts_not_as_listed" || violation.code.starts_with("forbidden")
}

/// Compares `credentialSchema.digestSRI` with the digest of the schema we validate against.
pub fn check_digest(content: &Content) -> CheckOutcome {
    let (Some(known), Some(named)) =
        (content.credential_type(), content.body().get("credentialSchema"))
    else {
        return CheckOutcome::skipped(Code::SchemaDigestAbsent);
    };
    let entries: Vec<&Value> = match named {
        Value::Array(entries) => entries.iter().take(16).collect(),
        single => vec![single],
    };
    let ours = entries
        .iter()
        .find(|entry| entry.get("id").and_then(Value::as_str) == Some(known.schema_id()));
    match ours {
        None => CheckOutcome::inconclusive(Code::SchemaDigestForeign, ""),
        Some(entry) => digest_of(entry, known),
    }
}

fn digest_of(entry: &Value, known: CredentialType) -> CheckOutcome {
    match entry.get("digestSRI").and_then(Value::as_str) {
        None => CheckOutcome::skipped(Code::SchemaDigestAbsent),
        Some(digest) if digest == known.schema_digest_sri() => {
            CheckOutcome::passed(Code::SchemaDigestOk)
        }
        Some(_) => CheckOutcome::failed(Code::SchemaDigestMismatch, ""),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn badge(change: impl FnOnce(&mut Value)) -> Content {
        let kind = CredentialType::QualificationBadge;
        let mut body = kind.example();
        change(&mut body);
        Content::new(CredentialFormat::LdpVc, Some(kind), body)
    }

    #[test]
    fn every_example_of_the_catalogue_passes() {
        for kind in CredentialType::ALL {
            let content = Content::new(CredentialFormat::LdpVc, Some(kind), kind.example());
            let outcome = check(&content);
            assert_eq!(outcome.code(), Code::SchemaOk, "{} {outcome:?}", kind.type_name());
        }
    }

    #[test]
    fn broken_rules_are_named_by_place() {
        let content = badge(|body| {
            body["credentialSubject"]["achievement"] = json!({});
        });
        let outcome = check(&content);
        assert_eq!(outcome.code(), Code::SchemaViolation);
        assert!(outcome.detail().is_some_and(|detail| detail.contains("/credentialSubject")));
    }

    #[test]
    fn hidden_members_break_nothing_under_selective_disclosure() {
        let under = |proof: Value, shown: Value| {
            check(&badge(|body| {
                for member in ["validFrom", "validUntil", "credentialSchema", "credentialStatus"] {
                    body.as_object_mut().unwrap().remove(member);
                }
                let mut subject = body["credentialSubject"].clone();
                subject.as_object_mut().unwrap().retain(|name, _| shown.get(name).is_some());
                for (name, value) in shown.as_object().unwrap() {
                    if !value.is_null() {
                        subject[name] = value.clone();
                    }
                }
                body["credentialSubject"] = subject;
                body["proof"] = proof;
            }))
        };
        let proof = |suite: &str| json!({"type": "DataIntegrityProof", "cryptosuite": suite});
        let some = json!({"type": null, "person": null});
        for suite in ["ecdsa-sd-2023", "bbs-2023"] {
            for proof in [proof(suite), json!([proof(suite)])] {
                let outcome = under(proof, some.clone());
                assert_eq!(outcome.code(), Code::SchemaOk, "{outcome:?}");
                assert!(outcome.detail().is_some(), "it says that something is hidden");
            }
            let wrong = under(proof(suite), json!({"type": null, "person": {"name": 7}}));
            assert_eq!(wrong.code(), Code::SchemaViolation, "what is shown must be right");
            let unheard = under(proof(suite), json!({"type": null, "unheard": 1}));
            assert_eq!(unheard.code(), Code::SchemaViolation);
        }
        for whole in [
            proof("eddsa-rdfc-2022"),
            json!([proof("ecdsa-sd-2023"), proof("eddsa-rdfc-2022")]),
            json!([]),
            json!("ecdsa-sd-2023"),
        ] {
            assert_eq!(under(whole, some.clone()).code(), Code::SchemaViolation);
        }
    }

    #[test]
    fn unknown_types_have_no_schema() {
        let content = Content::new(CredentialFormat::LdpVc, None, json!({}));
        assert_eq!(check(&content).code(), Code::SchemaTypeUnknown);
        assert_eq!(check_digest(&content).code(), Code::SchemaDigestAbsent);
    }

    #[test]
    fn schema_digests() {
        let kind = CredentialType::QualificationBadge;
        let with =
            |schema: Value| check_digest(&badge(|body| body["credentialSchema"] = schema)).code();
        let good = json!({"id": kind.schema_id(), "type": "JsonSchema", "digestSRI": kind.schema_digest_sri()});
        assert_eq!(with(good.clone()), Code::SchemaDigestOk);
        assert_eq!(
            with(json!([{"id": "https://other.example/schema", "type": "JsonSchema"}, good])),
            Code::SchemaDigestOk
        );
        assert_eq!(
            with(json!({"id": kind.schema_id(), "type": "JsonSchema", "digestSRI": "sha256-AAAA"})),
            Code::SchemaDigestMismatch
        );
        assert_eq!(
            with(json!({"id": kind.schema_id(), "type": "JsonSchema"})),
            Code::SchemaDigestAbsent
        );
        assert_eq!(
            with(json!({"id": "https://other.example/schema", "type": "JsonSchema"})),
            Code::SchemaDigestForeign
        );
    }
}

//! Schema and typed rules of the credential type, and the digest of the schema it names.
use credential_model::{
    catalogue::{CredentialType, RuleViolation, validate_claims, validate_document},
    format::CredentialFormat,
};
use serde_json::Value;

use crate::{codes::Code, content::Content, outcome::CheckOutcome};

/// Validates the compacted original (or the disclosed claims) against the type.
pub fn check(content: &Content) -> CheckOutcome {
    let Some(known) = content.credential_type() else {
        return CheckOutcome::skipped(Code::SchemaTypeUnknown);
    };
    let result = match content.format() {
        CredentialFormat::SdJwtVc => validate_claims(known, content.body()),
        _ => validate_document(known, content.body()),
    };
    let violations: Vec<RuleViolation> = result
        .err()
        .unwrap_or_default()
        .into_iter()
        .filter(|violation| !has_its_own_check(violation))
        .collect();
    if violations.is_empty() {
        return CheckOutcome::passed(Code::SchemaOk);
    }
    // The first few, by place and rule only: values may be personal.
    let text = violations
        .iter()
        .take(5)
        .map(|violation| format!("{} {}", violation.pointer, violation.code))
        .collect::<Vec<_>>()
        .join("; ");
    CheckOutcome::failed(Code::SchemaViolation, text)
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

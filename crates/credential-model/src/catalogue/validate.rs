//! Checking documents and claim sets: shape, contexts, rules, forbidden numbers.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::rules::{self, Completeness};
use super::{CredentialType, RuleViolation};
use crate::forbidden;
use crate::moment::Moment;

/// Reads a value as a type's subject struct.
pub(super) fn read<T: DeserializeOwned>(subject: &Value) -> Result<(), String> {
    // serde's message may quote the value it refuses; only its category is told.
    T::deserialize(subject)
        .map(drop)
        .map_err(|error| format!("not the shape of the type's subject ({:?})", error.classify()))
}

/// Checks a VCDM 2.0 document (with or without proof) as a document of this type.
///
/// The compacted original is checked: contexts (closed list, order), type, JSON Schema
/// (feature `schema-check`), the subject struct, the rules between fields, the order of
/// `validFrom` and `validUntil`, and the numbers that may never be in a credential.
///
/// # Errors
/// All broken rules; pointers start at the document.
pub fn validate_document(
    credential_type: CredentialType,
    document: &Value,
) -> Result<(), Vec<RuleViolation>> {
    let mut found = Vec::new();
    let info = credential_type.info();
    if document.get("@context") != Some(&json!(info.contexts)) {
        found.push(violation(
            "/@context",
            "contexts_not_as_listed",
            "must be exactly the type's contexts in their order",
        ));
    }
    if document.get("type") != Some(&json!(info.type_array)) {
        found.push(violation("/type", "type_not_as_listed", "must be exactly the type's array"));
    }
    #[cfg(feature = "schema-check")]
    found.extend(super::schema_check::document(credential_type, document));
    let subject = document.get("credentialSubject").unwrap_or(&Value::Null);
    found.extend(below("/credentialSubject", subject_violations(credential_type, subject)));
    let moment = |member: &str| {
        document.get(member).and_then(Value::as_str).and_then(|text| Moment::parse(text).ok())
    };
    match (moment("validFrom"), moment("validUntil")) {
        (Some(from), Some(until)) if until <= from => found.push(violation(
            "/validUntil",
            "validity_out_of_order",
            "must lie after validFrom",
        )),
        (Some(_), Some(_)) => {}
        _ => found.push(violation(
            "/validFrom",
            "validity_missing",
            "validFrom and validUntil are RFC 3339 date-times",
        )),
    }
    if credential_type == CredentialType::DroneFlightPermit
        && let (Some(until), Some(end)) =
            (moment("validUntil"), super::drone_flight_permit::last_end(subject))
        && until > end
    {
        found.push(violation(
            "/validUntil",
            "validity_exceeds_windows",
            "a permit is valid no longer than its last time window",
        ));
    }
    found.extend(not_normalised(document));
    found.extend(forbidden_numbers(document));
    finish(found)
}

/// Checks a `credentialSubject` alone: struct, rules and forbidden numbers.
///
/// # Errors
/// All broken rules; pointers start at the subject.
pub fn validate_subject(
    credential_type: CredentialType,
    subject: &Value,
) -> Result<(), Vec<RuleViolation>> {
    let mut found = subject_violations(credential_type, subject);
    found.extend(not_normalised(subject));
    found.extend(forbidden_numbers(subject));
    finish(found)
}

/// Checks the disclosed claims of an SD-JWT VC: what is there obeys the schema and the
/// rules; what the holder hid may be absent.
///
/// # Errors
/// All broken rules; pointers start at the claim set.
pub fn validate_claims(
    credential_type: CredentialType,
    claims: &Value,
) -> Result<(), Vec<RuleViolation>> {
    let mut found = Vec::new();
    if !claims.is_object() {
        return Err(vec![violation("", "claims_not_an_object", "must be a JSON object")]);
    }
    if claims.get("vct").and_then(Value::as_str) != Some(credential_type.vct()) {
        found.push(violation("/vct", "vct_mismatch", "is not the vct of the type"));
    }
    #[cfg(feature = "schema-check")]
    found.extend(super::schema_check::claims(credential_type, claims));
    found.extend(rules::check_subject(credential_type, claims, Completeness::Disclosed));
    if let (Some(from), Some(until)) =
        (claims.get("nbf").and_then(Value::as_i64), claims.get("exp").and_then(Value::as_i64))
        && until <= from
    {
        found.push(violation("/exp", "validity_out_of_order", "must lie after nbf"));
    }
    found.extend(not_normalised(claims));
    found.extend(forbidden_numbers(claims));
    finish(found)
}

fn subject_violations(credential_type: CredentialType, subject: &Value) -> Vec<RuleViolation> {
    let mut found = Vec::new();
    if let Err(detail) = (credential_type.info().read)(subject) {
        found.push(RuleViolation { pointer: String::new(), code: "subject_shape", detail });
    }
    found.extend(rules::check_subject(credential_type, subject, Completeness::Whole));
    found
}

fn forbidden_numbers(value: &Value) -> Option<RuleViolation> {
    forbidden::find_in_value(value).map(|finding| RuleViolation {
        pointer: finding.pointer,
        code: finding.kind.code(),
        detail: "a number that may never be in a credential".to_owned(),
    })
}

/// Strings are NFC (credentials.md A.0), so that equal names are equal bytes.
fn not_normalised(value: &Value) -> Option<RuleViolation> {
    fn find(value: &Value, pointer: &str) -> Option<String> {
        match value {
            Value::String(text) => (!crate::unicode::is_nfc(text)).then(|| pointer.to_owned()),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .find_map(|(index, item)| find(item, &format!("{pointer}/{index}"))),
            Value::Object(members) => members.iter().find_map(|(name, item)| {
                let step = name.replace('~', "~0").replace('/', "~1");
                find(item, &format!("{pointer}/{step}"))
            }),
            _ => None,
        }
    }
    find(value, "").map(|pointer| violation(&pointer, "not_nfc", "text is not NFC-normalised"))
}

fn below(base: &str, violations: Vec<RuleViolation>) -> impl Iterator<Item = RuleViolation> {
    violations.into_iter().map(move |mut v| {
        v.pointer.insert_str(0, base);
        v
    })
}

fn violation(pointer: &str, code: &'static str, detail: &str) -> RuleViolation {
    RuleViolation { pointer: pointer.to_owned(), code, detail: detail.to_owned() }
}

fn finish(found: Vec<RuleViolation>) -> Result<(), Vec<RuleViolation>> {
    if found.is_empty() { Ok(()) } else { Err(found) }
}

//! How registered claims and document members correspond.

use credential_model::moment::Moment;
use serde_json::{Map, Value};

use super::JwtVcError;
use crate::expected::CLOCK_SKEW_SECONDS;
use crate::jose::numeric_date;

/// Claims of the token that are no members of the document.
pub(super) const REGISTERED: [&str; 9] =
    ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf", "nonce"];

/// First context of VCDM 2.0.
pub(super) const CONTEXT_V2: &str = "https://www.w3.org/ns/credentials/v2";
/// First context of VCDM 1.1.
pub(super) const CONTEXT_V1: &str = "https://www.w3.org/2018/credentials/v1";

/// `issuer`, as text or as the `id` of an object.
pub(super) fn issuer_id(document: &Value) -> Option<&str> {
    id_of(document.get("issuer")?)
}

/// A string, or the `id` of an object.
pub(super) fn id_of(value: &Value) -> Option<&str> {
    match value {
        Value::String(id) => Some(id),
        Value::Object(members) => members.get("id")?.as_str(),
        _ => None,
    }
}

/// The `id` of the only subject.
pub(super) fn subject_id(document: &Value) -> Option<&str> {
    match document.get("credentialSubject")? {
        Value::Array(subjects) => match subjects.as_slice() {
            [subject] => subject.get("id")?.as_str(),
            _ => None,
        },
        subject => subject.get("id")?.as_str(),
    }
}

/// Whether the first context is `context`.
pub(super) fn first_context_is(document: &Value, context: &str) -> bool {
    match document.get("@context") {
        Some(Value::Array(contexts)) => contexts.first().and_then(Value::as_str) == Some(context),
        Some(Value::String(only)) => only == context,
        _ => false,
    }
}

/// Whether `type` contains `name`.
pub(super) fn has_type(document: &Value, name: &str) -> bool {
    match document.get("type") {
        Some(Value::Array(types)) => types.iter().any(|one| one.as_str() == Some(name)),
        Some(Value::String(only)) => only == name,
        _ => false,
    }
}

/// A claim that, when present, must be a string.
pub(super) fn text<'c>(
    claims: &'c Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'c str>, JwtVcError> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JwtVcError::Claim(name)),
    }
}

/// A claim that, when present, must be a `NumericDate`.
pub(super) fn date(
    claims: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<Moment>, JwtVcError> {
    match claims.get(name) {
        None => Ok(None),
        Some(value) => numeric_date(value).map(Some).ok_or(JwtVcError::Claim(name)),
    }
}

/// The dates of the token itself. A date that only repeats the document's is left to the judge of the document:
/// an expired credential is still authentic.
pub(super) fn check_dates(
    claims: &Map<String, Value>,
    document: &Value,
    (from, until): (&str, &str),
    now: Moment,
) -> Result<(), JwtVcError> {
    let stated = |name: &str| {
        document.get(name).and_then(Value::as_str).and_then(|text| Moment::parse(text).ok())
    };
    let not_before = date(claims, "nbf")?.filter(|moment| stated(from) != Some(*moment));
    let issued = date(claims, "iat")?;
    let latest = now.plus_seconds(CLOCK_SKEW_SECONDS);
    if not_before.is_some_and(|moment| moment > latest)
        || issued.is_some_and(|moment| moment > latest)
    {
        return Err(JwtVcError::NotYetValid);
    }
    let expires = date(claims, "exp")?.filter(|moment| stated(until) != Some(*moment));
    if expires.is_some_and(|moment| moment < now.minus_seconds(CLOCK_SKEW_SECONDS)) {
        return Err(JwtVcError::Expired);
    }
    Ok(())
}

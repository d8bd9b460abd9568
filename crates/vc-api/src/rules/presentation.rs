use serde_json::Value;

use super::members::{check_id, check_party, check_typed, types};
use super::{RuleError, Version, version};

/// More credentials than anybody presents at once.
const MAX_CREDENTIALS: usize = 64;

/// A presentation has the form of VCDM 2.0 section 4.13, or of VCDM 1.1 section 4.10. What it contains is another check.
///
/// # Errors
/// [`RuleError`], the first breach found.
pub fn check_presentation(document: &Value) -> Result<Version, RuleError> {
    let members =
        document.as_object().ok_or(RuleError::member("presentation", "it must be an object"))?;
    let version = version(members)?;
    if !types(members).is_some_and(|types| types.contains(&"VerifiablePresentation")) {
        return Err(RuleError::member("type", "it must contain VerifiablePresentation"));
    }
    check_id(members, "id")?;
    if let Some(holder) = members.get("holder") {
        check_party(holder, "holder")?;
    }
    check_typed(members, "termsOfUse", false)?;
    for credential in credentials(document)? {
        // VCDM 1.1 has tokens as bare strings; 2.0 puts them into envelopes.
        if !(credential.is_object() || (version == Version::V1 && credential.is_string())) {
            return Err(RuleError::member("verifiableCredential", "it must hold objects"));
        }
    }
    Ok(version)
}

/// The credentials of a presentation, in order.
///
/// # Errors
/// [`RuleError::Member`] for an empty list, or more than anybody presents.
pub fn credentials(document: &Value) -> Result<&[Value], RuleError> {
    const NAME: &str = "verifiableCredential";
    match document.get(NAME) {
        None => Ok(&[]),
        Some(Value::Array(list)) if (1..=MAX_CREDENTIALS).contains(&list.len()) => Ok(list),
        Some(Value::Array(_)) => Err(RuleError::member(NAME, "it must hold 1 to 64 credentials")),
        Some(one) => Ok(std::slice::from_ref(one)),
    }
}

use credential_model::moment::Moment;
use serde_json::{Map, Value};

use super::members::{check_id, check_party, check_typed, check_words, objects, types};
use super::{Extent, RuleError, Version, dates, related, version};

/// How far two honest clocks may differ, in seconds.
const SKEW_SECONDS: i64 = 60;

/// A credential has the form of VCDM 2.0 section 4, or of VCDM 1.1 section 4. Terms are another check:
/// [`super::check_terms`]; so are the dates at a given moment: [`check_validity`].
///
/// # Errors
/// [`RuleError`], the first breach found.
pub fn check_credential(document: &Value, extent: Extent) -> Result<Version, RuleError> {
    let document =
        document.as_object().ok_or(RuleError::member("credential", "it must be an object"))?;
    let version = version(document)?;
    check_type(document)?;
    check_id(document, "id")?;
    let issuer = document.get("issuer").ok_or(RuleError::member("issuer", "it is missing"))?;
    check_party(issuer, "issuer")?;
    if let Value::Object(issuer) = issuer {
        check_words(issuer, "name")?;
        check_words(issuer, "description")?;
    }
    check_subject(document, extent)?;
    check_words(document, "name")?;
    check_words(document, "description")?;
    for (member, id_required) in [
        ("credentialStatus", version == Version::V1),
        ("credentialSchema", true),
        ("refreshService", version == Version::V1),
        ("termsOfUse", false),
        ("evidence", false),
        ("confidenceMethod", false),
        ("renderMethod", false),
    ] {
        check_typed(document, member, id_required)?;
    }
    dates(document, ["validFrom", "validUntil"])?;
    dates(document, ["issuanceDate", "expirationDate"])?;
    related::check(document)?;
    Ok(version)
}

/// The moment lies within the validity that the credential states, give or take a minute. What is not stated, or hidden,
/// is not judged.
///
/// # Errors
/// [`RuleError::Range`]; [`RuleError::Member`] for dates that cannot be read.
pub fn check_validity(document: &Value, now: Moment) -> Result<(), RuleError> {
    let Some(document) = document.as_object() else { return Ok(()) };
    for names in [["validFrom", "validUntil"], ["issuanceDate", "expirationDate"]] {
        let [from, until] = dates(document, names)?;
        if from.is_some_and(|from| now.plus_seconds(SKEW_SECONDS) < from) {
            return Err(RuleError::Range { member: names[0], why: "it is not valid yet" });
        }
        if until.is_some_and(|until| now.minus_seconds(SKEW_SECONDS) > until) {
            return Err(RuleError::Range { member: names[1], why: "it has expired" });
        }
    }
    Ok(())
}

fn check_type(document: &Map<String, Value>) -> Result<(), RuleError> {
    let types = types(document)
        .ok_or(RuleError::member("type", "it must be one type or a list of types"))?;
    if types.contains(&"VerifiableCredential") {
        Ok(())
    } else {
        Err(RuleError::member("type", "it must contain VerifiableCredential"))
    }
}

fn check_subject(document: &Map<String, Value>, extent: Extent) -> Result<(), RuleError> {
    const NAME: &str = "credentialSubject";
    let Some(subject) = document.get(NAME) else {
        return match extent {
            Extent::Disclosed => Ok(()),
            Extent::Whole => Err(RuleError::member(NAME, "it is missing")),
        };
    };
    for subject in objects(subject, NAME)? {
        check_id(subject, NAME)?;
    }
    Ok(())
}

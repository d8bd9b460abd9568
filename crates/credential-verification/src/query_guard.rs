//! What nobody may ask a wallet for: resident registration numbers and their like. A verifier
//! that asks for one is refused before any request exists (PIPA section 24-2: consent is no
//! ground for processing them).
use credential_model::forbidden;
use serde_json::Value;

use crate::report::Words;

/// Claim names that mean such a number, lower case, without separators.
const NAMES: [&str; 16] = [
    "rrn",
    "residentregistrationnumber",
    "residentnumber",
    "residentregistrationno",
    "nationalid",
    "nationalidentitynumber",
    "jumin",
    "juminnumber",
    "juminno",
    "jumindeungrokbeonho",
    "alienregistrationnumber",
    "foreignerregistrationnumber",
    "passportnumber",
    "passportno",
    "driverlicensenumber",
    "connectinginformation",
];
/// The same in Korean, without blanks.
const KOREAN: [&str; 6] =
    ["주민등록번호", "주민번호", "외국인등록번호", "여권번호", "운전면허번호", "연계정보"];

/// Looks through paths and values of the query and through the purpose.
///
/// # Errors
/// The name that may not be asked for.
pub fn check(query: &Value, purpose: &Words) -> Result<(), String> {
    if forbidden::find_in_value(query).is_some() {
        return Err("a number in the query".to_owned());
    }
    for text in [&purpose.ko, &purpose.en] {
        if forbidden::find_in_text(text).is_some() {
            return Err("a number in the purpose".to_owned());
        }
        let squeezed = squeeze(text);
        if let Some(name) = KOREAN.iter().find(|name| squeezed.contains(**name)) {
            return Err((*name).to_owned());
        }
    }
    for path in paths(query) {
        for element in path.iter().filter_map(Value::as_str) {
            let squeezed = squeeze(element);
            let named = NAMES.contains(&squeezed.as_str())
                || KOREAN.iter().any(|name| squeezed.contains(name));
            if named {
                return Err(element.chars().take(64).collect());
            }
        }
    }
    Ok(())
}

/// Every claim path of the query.
fn paths(query: &Value) -> Vec<&Vec<Value>> {
    query
        .get("credentials")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|credential| credential.get("claims").and_then(Value::as_array))
        .flatten()
        .filter_map(|claim| claim.get("path").and_then(Value::as_array))
        .collect()
}

/// Lower case, letters and digits only: `resident_registration-number` and
/// `residentRegistrationNumber` are one name.
fn squeeze(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asks(path: Value) -> Result<(), String> {
        let query = json!({"credentials": [{"id": "a", "format": "dc+sd-jwt", "meta": {}, "claims": [{"path": path}]}]});
        check(&query, &Words { ko: "채용 확인".into(), en: "hiring".into() })
    }

    #[test]
    fn ordinary_claims_may_be_asked_for() {
        assert_eq!(asks(json!(["person", "name"])), Ok(()));
        assert_eq!(asks(json!(["licenseNumber"])), Ok(()));
        assert_eq!(asks(json!(["records", null, "courseName"])), Ok(()));
    }

    #[test]
    fn resident_numbers_may_not_in_any_spelling() {
        for name in [
            "rrn",
            "residentRegistrationNumber",
            "resident_registration_number",
            "주민등록번호",
            "Jumin-No",
            "passportNumber",
        ] {
            assert!(asks(json!(["person", name])).is_err(), "{name}");
        }
    }

    #[test]
    fn nor_in_purpose_or_values() {
        let query = json!({"credentials": []});
        assert!(check(&query, &Words { ko: "주민 등록번호 확인".into(), en: "x".into() }).is_err());
        let number = format!("{}-{}", "000101", "3000000");
        let query = json!({"credentials": [{"claims": [{"path": ["a"], "values": [number]}]}]});
        assert!(check(&query, &Words::same("x")).is_err());
    }
}

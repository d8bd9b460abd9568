//! Literals (JSON-LD 1.1 API section 8.2.2, object to RDF conversion).

use credential_model::jcs;
use serde_json::{Number, Value};

use super::error::JsonLdError;
use crate::rdf_canon::{Dataset, TermId};

pub(super) const XSD_BOOLEAN: &str = "http://www.w3.org/2001/XMLSchema#boolean";
pub(super) const XSD_INTEGER: &str = "http://www.w3.org/2001/XMLSchema#integer";
pub(super) const XSD_DOUBLE: &str = "http://www.w3.org/2001/XMLSchema#double";
const RDF_JSON: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON";
/// Integers beyond 2^53 differ between readers (RFC 7493 section 2.2).
const MAX_SAFE: f64 = 9_007_199_254_740_991.0;

/// A JSON literal, canonical by JCS.
pub(super) fn json(dataset: &mut Dataset, value: &Value) -> Result<TermId, JsonLdError> {
    let text = jcs::canonicalize(value).map_err(|_| JsonLdError::InvalidValue("@json"))?;
    Ok(dataset.typed(&text, RDF_JSON))
}

/// A scalar with an optional datatype; without one, the datatype follows from the JSON type.
pub(super) fn scalar(
    dataset: &mut Dataset,
    value: &Value,
    datatype: Option<&str>,
) -> Result<TermId, JsonLdError> {
    match value {
        Value::String(text) => Ok(match datatype {
            Some(datatype) => dataset.typed(text, datatype),
            None => dataset.string(text),
        }),
        Value::Bool(truth) => {
            Ok(dataset
                .typed(if *truth { "true" } else { "false" }, datatype.unwrap_or(XSD_BOOLEAN)))
        }
        Value::Number(number) => {
            let (text, natural) = number_text(number, datatype == Some(XSD_DOUBLE))?;
            Ok(dataset.typed(&text, datatype.unwrap_or(natural)))
        }
        Value::Null => Err(JsonLdError::DataLoss("a null")),
        Value::Array(_) | Value::Object(_) => Err(JsonLdError::InvalidValue("@value")),
    }
}

/// Canonical lexical form. JSON has one kind of number: `10.0` is the integer 10, whatever the writer meant.
fn number_text(number: &Number, as_double: bool) -> Result<(String, &'static str), JsonLdError> {
    // With `arbitrary_precision` a number may be anything textual: only finite doubles are numbers here.
    let value = number
        .as_f64()
        .filter(|value| value.is_finite())
        .ok_or(JsonLdError::InvalidValue("a number"))?;
    let whole = value.fract() == 0.0 && value.abs() < 1e21;
    if !whole || as_double {
        return Ok((double_text(value), XSD_DOUBLE));
    }
    if value.abs() > MAX_SAFE {
        return Err(JsonLdError::DataLoss("the last digits of an integer beyond 2^53"));
    }
    // Exact: the value is an integer within 2^53. Adding zero turns -0 into 0.
    Ok((format!("{}", (value + 0.0) as i64), XSD_INTEGER))
}

/// `%1.15E` with trailing zeros of the mantissa removed: `1.05E1`, `1.0E-7`.
fn double_text(value: f64) -> String {
    let text = format!("{value:.15E}");
    let Some((mantissa, exponent)) = text.split_once('E') else { return text };
    let trimmed = mantissa.trim_end_matches('0');
    let zero = if trimmed.ends_with('.') { "0" } else { "" };
    format!("{trimmed}{zero}E{exponent}")
}

/// A well-formed language tag (BCP 47, as loosely as RDF wants it).
pub(super) fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let good = |part: &str| (1..=8).contains(&part.len());
    parts
        .next()
        .is_some_and(|first| good(first) && first.bytes().all(|byte| byte.is_ascii_alphabetic()))
        && parts.all(|part| good(part) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &str, as_double: bool) -> String {
        number_text(&serde_json::from_str(json).unwrap(), as_double).unwrap().0
    }

    #[test]
    fn numbers() {
        for (json, expected) in [
            ("10", "10"),
            ("10.0", "10"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("1e2", "100"),
            ("10.5", "1.05E1"),
            ("-1.5e-7", "-1.5E-7"),
            ("0.1", "1.0E-1"),
            ("1e21", "1.0E21"),
            ("9007199254740991", "9007199254740991"),
            ("5e-324", "4.940656458412465E-324"),
        ] {
            assert_eq!(text(json, false), expected, "{json}");
        }
        assert_eq!(text("10", true), "1.0E1");
        assert_eq!(text("0", true), "0.0E0");
        let beyond = serde_json::from_str("9007199254740993").unwrap();
        assert!(number_text(&beyond, false).is_err());
    }

    #[test]
    fn language_tags() {
        for good in ["ko", "en-US", "zh-Hant-TW", "i-klingon"] {
            assert!(is_language_tag(good), "{good}");
        }
        for bad in ["", "-", "ko_KR", "1a", "toolongtag", "en-", "en US", "en>"] {
            assert!(!is_language_tag(bad), "{bad}");
        }
    }
}

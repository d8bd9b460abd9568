//! Problem details (RFC 9457) with the types of VCDM 2.0 section 7.3, Data Integrity 1.0 section 4.7 and Bitstring Status
//! List 1.0 section 4.

use serde::Serialize;

/// What cannot be read at all.
pub const PARSING_ERROR: &str = "https://www.w3.org/TR/vc-data-model#PARSING_ERROR";
/// A value that the data model does not allow.
pub const MALFORMED_VALUE_ERROR: &str = "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR";
/// A date outside its range.
pub const RANGE_ERROR: &str = "https://www.w3.org/TR/vc-data-model#RANGE_ERROR";
/// A securing mechanism other than Data Integrity does not hold.
pub const CRYPTOGRAPHIC_SECURITY_ERROR: &str =
    "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR";
/// A Data Integrity proof does not hold.
pub const PROOF_VERIFICATION_ERROR: &str = "https://w3id.org/security#PROOF_VERIFICATION_ERROR";
/// A Data Integrity proof could not be made.
pub const PROOF_GENERATION_ERROR: &str = "https://w3id.org/security#PROOF_GENERATION_ERROR";
/// A document has no canonical form.
pub const PROOF_TRANSFORMATION_ERROR: &str = "https://w3id.org/security#PROOF_TRANSFORMATION_ERROR";
/// The proof answers another challenge.
pub const INVALID_CHALLENGE_ERROR: &str = "https://w3id.org/security#INVALID_CHALLENGE_ERROR";
/// A status list could not be had.
pub const STATUS_RETRIEVAL_ERROR: &str =
    "https://www.w3.org/ns/credentials/status-list#STATUS_RETRIEVAL_ERROR";
/// A status list says that the credential does not count, or does not hold itself.
pub const STATUS_VERIFICATION_ERROR: &str =
    "https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR";

/// One finding against a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProblemDetail {
    /// The standard's type, a URL.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The last part of the type in words.
    pub title: String,
    /// Our stable code, more exact than the type.
    pub code: String,
    /// What and why. Never a claim's value.
    pub detail: String,
}

impl ProblemDetail {
    /// A finding of this type; the title follows from it.
    #[must_use]
    pub fn new(kind: &'static str, code: impl Into<String>, detail: impl Into<String>) -> Self {
        let name = kind.rsplit('#').next().unwrap_or(kind);
        Self {
            kind,
            title: name.to_lowercase().replace('_', " "),
            code: code.into(),
            detail: detail.into(),
        }
    }
}

/// An error's words with those of its causes, where it does not repeat them itself.
pub(crate) fn reason(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.ends_with(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = inner.source();
    }
    text
}

//! The bodies of VC-API requests. The caller has read the JSON strictly (no duplicate keys, bounded depth); here the form
//! is checked. What is not understood is refused, as VC-API demands of servers.

use credential_model::did::ProofPurpose;
use serde_json::{Map, Value};

use crate::problem::{MALFORMED_VALUE_ERROR, PARSING_ERROR, ProblemDetail};

/// More pointers than any credential has parts.
const MAX_POINTERS: usize = 256;
const MAX_TEXT: usize = 1024;

/// Why a body is no request of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The body is no JSON object.
    #[error("the body is no JSON object")]
    NotAnObject,
    /// A member that must be there is not.
    #[error("the member {0:?} is missing")]
    Missing(&'static str),
    /// A member has the wrong form.
    #[error("the member {0:?} is malformed: {1}")]
    Malformed(&'static str, &'static str),
    /// A member or option that means nothing here.
    #[error("{0:?} is not understood here")]
    NotUnderstood(String),
}

impl RequestError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAnObject => "request_not_an_object",
            Self::Missing(_) => "request_member_missing",
            Self::Malformed(..) => "request_member_malformed",
            Self::NotUnderstood(_) => "request_member_not_understood",
        }
    }

    /// As a problem detail.
    #[must_use]
    pub fn problem(&self) -> ProblemDetail {
        let kind = match self {
            Self::NotAnObject | Self::Missing(_) => PARSING_ERROR,
            _ => MALFORMED_VALUE_ERROR,
        };
        ProblemDetail::new(kind, self.code(), self.to_string())
    }
}

/// `POST /credentials/issue`: `{credential, options?: {mandatoryPointers?}}`.
#[derive(Debug, Clone, PartialEq)]
pub struct IssueRequest {
    /// The credential to secure; an object, not looked at yet.
    pub credential: Value,
    /// What every derived proof must disclose; `None` leaves it to the instance.
    pub mandatory_pointers: Option<Vec<String>>,
}

impl IssueRequest {
    /// Reads the body.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn parse(body: &Value) -> Result<Self, RequestError> {
        let body = members(body, &["credential", "options"])?;
        let credential = body.get("credential").ok_or(RequestError::Missing("credential"))?;
        if !credential.is_object() {
            return Err(RequestError::Malformed("credential", "it must be an object"));
        }
        let options = options(body, &["mandatoryPointers"])?;
        Ok(Self {
            credential: credential.clone(),
            mandatory_pointers: pointers(options, "mandatoryPointers")?,
        })
    }
}

/// `POST /credentials/derive`: `{verifiableCredential, options: {selectivePointers, presentationHeader?}}`.
#[derive(Debug, Clone, PartialEq)]
pub struct DeriveRequest {
    /// The credential with a base proof.
    pub credential: Value,
    /// What is disclosed besides the mandatory parts.
    pub selective_pointers: Vec<String>,
    /// Text bound into a `bbs-2023` proof, such as a verifier's nonce.
    pub presentation_header: Option<String>,
}

impl DeriveRequest {
    /// Reads the body.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn parse(body: &Value) -> Result<Self, RequestError> {
        let body = members(body, &["verifiableCredential", "options"])?;
        let name = "verifiableCredential";
        let credential = body.get(name).ok_or(RequestError::Missing(name))?;
        if !credential.is_object() {
            return Err(RequestError::Malformed(name, "it must be an object"));
        }
        let options = options(body, &["selectivePointers", "presentationHeader"])?;
        Ok(Self {
            credential: credential.clone(),
            selective_pointers: pointers(options, "selectivePointers")?.unwrap_or_default(),
            presentation_header: text(options, "presentationHeader")?.map(str::to_owned),
        })
    }
}

/// The options of both verify calls.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VerifyOptions {
    /// The challenge that the proofs must repeat.
    pub challenge: Option<String>,
    /// The domain that the proofs must repeat.
    pub domain: Option<String>,
    /// The purpose that the proofs must have; `None`: the usual one of the document.
    pub expected_purpose: Option<ProofPurpose>,
    /// The checks that the caller names. All are made in any case; a status that cannot be looked up is only a warning
    /// when the caller names checks and status is none of them.
    pub checks: Option<Vec<String>>,
    /// Whether the credential comes back in the answer.
    pub return_credential: bool,
}

impl VerifyOptions {
    const KNOWN: [&'static str; 10] = [
        "challenge",
        "domain",
        "expectedProofPurpose",
        "checks",
        "returnCredential",
        "returnPresentation",
        "returnProblemDetails",
        "returnResults",
        "verifiablePresentation",
        "verifiableCredential",
    ];

    /// Whether the caller insists on knowing the status.
    #[must_use]
    pub fn wants_status(&self) -> bool {
        let status = |name: &String| name == "status" || name == "credentialStatus";
        self.checks.as_ref().is_none_or(|checks| checks.is_empty() || checks.iter().any(status))
    }

    fn parse(body: &Map<String, Value>) -> Result<Self, RequestError> {
        let Some(options) = options(body, &Self::KNOWN)? else { return Ok(Self::default()) };
        let purpose = text(Some(options), "expectedProofPurpose")?;
        let expected_purpose = match purpose {
            None => None,
            Some(name) => Some(ProofPurpose::parse(name).ok_or(RequestError::Malformed(
                "expectedProofPurpose",
                "it is no proof purpose that we know",
            ))?),
        };
        Ok(Self {
            challenge: text(Some(options), "challenge")?.map(str::to_owned),
            domain: text(Some(options), "domain")?.map(str::to_owned),
            expected_purpose,
            checks: strings(Some(options), "checks", 16)?,
            return_credential: flag(options, "returnCredential")?
                || flag(options, "returnPresentation")?,
        })
    }
}

/// `POST /credentials/verify`: `{verifiableCredential, options?}`.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifyRequest {
    /// A secured document, an envelope, or a compact token as string.
    pub credential: Value,
    /// See [`VerifyOptions`].
    pub options: VerifyOptions,
}

impl VerifyRequest {
    /// Reads the body.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn parse(body: &Value) -> Result<Self, RequestError> {
        let body = members(body, &["verifiableCredential", "options"])?;
        Ok(Self {
            credential: secured(body, "verifiableCredential")?,
            options: VerifyOptions::parse(body)?,
        })
    }
}

/// `POST /presentations/verify`: `{verifiablePresentation, options?: {challenge, domain}}`; `presentation` names an
/// unsigned one.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifyPresentationRequest {
    /// A presentation, signed or not, an envelope, or a compact token as string.
    pub presentation: Value,
    /// Whether the caller itself calls it unsigned.
    pub unsigned: bool,
    /// See [`VerifyOptions`].
    pub options: VerifyOptions,
}

impl VerifyPresentationRequest {
    /// Reads the body.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn parse(body: &Value) -> Result<Self, RequestError> {
        let body = members(body, &["verifiablePresentation", "presentation", "options"])?;
        let unsigned = body.contains_key("presentation");
        if unsigned && body.contains_key("verifiablePresentation") {
            return Err(RequestError::Malformed("presentation", "two presentations are given"));
        }
        let name = if unsigned { "presentation" } else { "verifiablePresentation" };
        Ok(Self {
            presentation: secured(body, name)?,
            unsigned,
            options: VerifyOptions::parse(body)?,
        })
    }
}

/// The members of a body that has no others than these.
fn members<'b>(body: &'b Value, known: &[&str]) -> Result<&'b Map<String, Value>, RequestError> {
    let members = body.as_object().ok_or(RequestError::NotAnObject)?;
    understood(members, known)?;
    Ok(members)
}

fn understood(members: &Map<String, Value>, known: &[&str]) -> Result<(), RequestError> {
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(RequestError::NotUnderstood(name.chars().take(64).collect())),
    }
}

/// `options`; absent and `{}` are the same.
fn options<'b>(
    body: &'b Map<String, Value>,
    known: &[&str],
) -> Result<Option<&'b Map<String, Value>>, RequestError> {
    match body.get("options") {
        None => Ok(None),
        Some(Value::Object(options)) => understood(options, known).map(|()| Some(options)),
        Some(_) => Err(RequestError::Malformed("options", "it must be an object")),
    }
}

fn secured(body: &Map<String, Value>, name: &'static str) -> Result<Value, RequestError> {
    match body.get(name) {
        None => Err(RequestError::Missing(name)),
        Some(value @ (Value::Object(_) | Value::String(_))) => Ok(value.clone()),
        Some(_) => Err(RequestError::Malformed(name, "it must be an object or a token")),
    }
}

fn text<'o>(
    options: Option<&'o Map<String, Value>>,
    name: &'static str,
) -> Result<Option<&'o str>, RequestError> {
    match options.and_then(|options| options.get(name)) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() && text.len() <= MAX_TEXT => Ok(Some(text)),
        Some(_) => Err(RequestError::Malformed(name, "it must be a string of 1 to 1024 bytes")),
    }
}

fn flag(options: &Map<String, Value>, name: &'static str) -> Result<bool, RequestError> {
    match options.get(name) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(RequestError::Malformed(name, "it must be true or false")),
    }
}

fn strings(
    options: Option<&Map<String, Value>>,
    name: &'static str,
    most: usize,
) -> Result<Option<Vec<String>>, RequestError> {
    let Some(value) = options.and_then(|options| options.get(name)) else { return Ok(None) };
    let malformed = RequestError::Malformed(name, "it must be a list of strings");
    let list = value.as_array().filter(|list| list.len() <= most).ok_or(malformed.clone())?;
    list.iter()
        .map(|entry| entry.as_str().map(str::to_owned).ok_or(malformed.clone()))
        .collect::<Result<_, _>>()
        .map(Some)
}

fn pointers(
    options: Option<&Map<String, Value>>,
    name: &'static str,
) -> Result<Option<Vec<String>>, RequestError> {
    strings(options, name, MAX_POINTERS)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn options_absent_empty_and_with_pointers() {
        let credential = json!({"a": 1});
        for options in [None, Some(json!({}))] {
            let mut body = json!({"credential": credential});
            if let Some(options) = options {
                body["options"] = options;
            }
            let request = IssueRequest::parse(&body).unwrap();
            assert_eq!(request.mandatory_pointers, None);
            assert_eq!(request.credential, credential);
        }
        let body = json!({"credential": {}, "options": {"mandatoryPointers": ["/issuer"]}});
        let request = IssueRequest::parse(&body).unwrap();
        assert_eq!(request.mandatory_pointers, Some(vec!["/issuer".to_owned()]));
    }

    #[test]
    fn rubbish_is_refused() {
        for body in [
            json!(null),
            json!([]),
            json!("x"),
            json!({}),
            json!({"credential": null}),
            json!({"credential": []}),
            json!({"credential": "x"}),
            json!({"credential": {}, "options": []}),
            json!({"credential": {}, "options": null}),
            json!({"credential": {}, "options": {"mandatoryPointers": "/a"}}),
            json!({"credential": {}, "options": {"mandatoryPointers": [1]}}),
            json!({"credential": {}, "options": {"else": 1}}),
            json!({"credential": {}, "more": 1}),
        ] {
            assert!(IssueRequest::parse(&body).is_err(), "{body}");
        }
        for body in [
            json!({}),
            json!({"verifiableCredential": null}),
            json!({"verifiableCredential": 3}),
            json!({"verifiableCredential": {}, "options": {"challenge": 3}}),
            json!({"verifiableCredential": {}, "options": {"challenge": ""}}),
            json!({"verifiableCredential": {}, "options": {"expectedProofPurpose": "x"}}),
            json!({"verifiableCredential": {}, "options": {"checks": "proof"}}),
            json!({"verifiableCredential": {}, "options": {"returnCredential": "yes"}}),
        ] {
            assert!(VerifyRequest::parse(&body).is_err(), "{body}");
        }
        assert!(
            VerifyPresentationRequest::parse(
                &json!({"presentation": {}, "verifiablePresentation": {}})
            )
            .is_err()
        );
    }
}

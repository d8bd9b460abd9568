//! A credential as it arrived: parsed, its format known, nothing verified.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::catalogue::CredentialType;
use crate::format::CredentialFormat;
use crate::jcs;
use crate::json::{self, JsonError, Limits};
use crate::moment::Moment;

/// A credential's wire form.
#[derive(Clone, PartialEq, Eq)]
pub enum Encoded {
    /// A JSON object with an embedded proof (`ldp_vc`).
    Json(Value),
    /// A compact JWS or an SD-JWT (`jwt_vc_json`, `dc+sd-jwt`).
    Compact(String),
}

/// A credential nobody has verified: everything read from it is a claim, not a fact.
#[derive(Clone, PartialEq, Eq)]
pub struct UnverifiedCredential {
    /// The format it was recognised as.
    pub format: CredentialFormat,
    /// The wire form, unchanged.
    pub encoded: Encoded,
    claims: Value,
}

/// Why bytes are no credential we can read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// Nothing there.
    #[error("empty")]
    Empty,
    /// Longer than a credential may be.
    #[error("longer than {MAX_BYTES} bytes")]
    TooLarge,
    /// Looks like JSON but is not accepted.
    #[error("not acceptable JSON")]
    Json(#[from] JsonError),
    /// A JSON document without a proof.
    #[error("a credential without any proof")]
    Unsecured,
    /// Neither a credential document nor a compact JWS nor an SD-JWT.
    #[error("not a credential in a known format")]
    UnknownFormat,
    /// A compact form whose parts cannot be read.
    #[error("a malformed compact form")]
    MalformedCompact,
}

impl ParseError {
    /// Stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "credential_empty",
            Self::TooLarge => "credential_too_large",
            Self::Json(error) => error.code(),
            Self::Unsecured => "credential_unsecured",
            Self::UnknownFormat => "credential_unknown_format",
            Self::MalformedCompact => "credential_malformed_compact",
        }
    }
}

/// Longest credential read, in bytes (security.md row 5).
pub const MAX_BYTES: usize = 256 * 1024;

impl UnverifiedCredential {
    /// Reads a credential from bytes: a JSON document, a compact form, or a compact form
    /// as a JSON string. Blanks around it are ignored.
    ///
    /// # Errors
    /// [`ParseError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        if bytes.len() > MAX_BYTES {
            return Err(ParseError::TooLarge);
        }
        let bytes = bytes.trim_ascii();
        match bytes.first() {
            None => Err(ParseError::Empty),
            Some(b'{' | b'"' | b'[' | 0xEF) => {
                Self::from_value(&json::parse_strict(bytes, &Limits::default())?)
            }
            Some(_) => {
                let text = std::str::from_utf8(bytes).map_err(|_| ParseError::UnknownFormat)?;
                Self::from_compact(text)
            }
        }
    }

    /// [`Self::parse`] for text.
    ///
    /// # Errors
    /// [`ParseError`].
    pub fn parse_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text.as_bytes())
    }

    /// Reads a credential from a JSON value as it stands in a `vp_token` or a response:
    /// an object with a proof, a string with a compact form, or an
    /// `EnvelopedVerifiableCredential` (VCDM 2.0 §4.13.1).
    ///
    /// The value must come from [`json::parse_strict`].
    ///
    /// # Errors
    /// [`ParseError`].
    pub fn from_value(value: &Value) -> Result<Self, ParseError> {
        match value {
            Value::String(text) => Self::from_compact(text.trim()),
            Value::Object(members) => {
                if let Some(compact) = enveloped(members) {
                    return Self::from_compact(compact);
                }
                if !type_list(value).iter().any(|t| t == "VerifiableCredential") {
                    return Err(ParseError::UnknownFormat);
                }
                if !members.contains_key("proof") {
                    return Err(ParseError::Unsecured);
                }
                Ok(Self {
                    format: CredentialFormat::LdpVc,
                    encoded: Encoded::Json(value.clone()),
                    claims: value.clone(),
                })
            }
            _ => Err(ParseError::UnknownFormat),
        }
    }

    fn from_compact(text: &str) -> Result<Self, ParseError> {
        if text.len() > MAX_BYTES {
            return Err(ParseError::TooLarge);
        }
        let (jws, is_sd_jwt) = match text.split_once('~') {
            Some((jws, _)) => (jws, true),
            None => (text, false),
        };
        let parts: Vec<&str> = jws.split('.').collect();
        let [header, payload, signature] = parts[..] else {
            return Err(ParseError::UnknownFormat);
        };
        if signature.is_empty() || !is_base64url(signature) {
            return Err(ParseError::MalformedCompact);
        }
        json_part(header)?;
        let payload = json_part(payload)?;
        let (format, claims) = if is_sd_jwt {
            (CredentialFormat::SdJwtVc, payload)
        } else if payload.get("vc").is_some() {
            (CredentialFormat::JwtVcJson, vcdm_1_view(&payload))
        } else if payload.get("@context").is_some() {
            (CredentialFormat::JwtVcJson, payload)
        } else {
            return Err(ParseError::UnknownFormat);
        };
        Ok(Self { format, encoded: Encoded::Compact(text.to_owned()), claims })
    }

    /// What the credential says, unverified: the VCDM document, or the SD-JWT payload
    /// without disclosures applied.
    #[must_use]
    pub fn claims_unverified(&self) -> Value {
        self.claims.clone()
    }

    /// The issuer's identifier as the credential states it.
    #[must_use]
    pub fn issuer_unverified(&self) -> Option<String> {
        let issuer = match self.format {
            CredentialFormat::SdJwtVc => self.claims.get("iss"),
            _ => self.claims.get("issuer"),
        }?;
        issuer.as_str().or_else(|| issuer.get("id")?.as_str()).map(str::to_owned)
    }

    /// The credential type of our catalogue that the credential claims to be.
    #[must_use]
    pub fn credential_type_unverified(&self) -> Option<CredentialType> {
        match self.format {
            CredentialFormat::SdJwtVc => {
                CredentialType::from_vct(self.claims.get("vct")?.as_str()?)
            }
            _ => CredentialType::from_types(&type_list(&self.claims)),
        }
    }

    /// The wire form as a JSON value: the object, or the compact form as a string.
    #[must_use]
    pub fn to_wire(&self) -> Value {
        match &self.encoded {
            Encoded::Json(value) => value.clone(),
            Encoded::Compact(text) => Value::String(text.clone()),
        }
    }

    /// SHA-256 that names this credential: over the JCS form of a JSON document, the text
    /// of a compact JWS, or the issuer-signed part of an SD-JWT (so that it does not
    /// change with what the holder discloses).
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let hashed = match &self.encoded {
            Encoded::Json(value) => return json_digest(value),
            Encoded::Compact(text) => {
                Sha256::digest(text.split('~').next().unwrap_or_default().as_bytes())
            }
        };
        hashed.into()
    }
}

/// [`UnverifiedCredential::digest`] of an `ldp_vc` that is at hand as JSON and need not be copied.
#[must_use]
pub fn json_digest(credential: &Value) -> [u8; 32] {
    // The strict parser admits only what JCS can write; a hand-made value that it cannot still gets
    // a name of its own.
    let text = jcs::canonicalize(credential).unwrap_or_else(|_| credential.to_string());
    Sha256::digest(text.as_bytes()).into()
}

impl std::fmt::Debug for UnverifiedCredential {
    /// Never shows claims: credentials end up in logs by `{:?}` (security.md row 20).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnverifiedCredential")
            .field("format", &self.format)
            .field("digest", &hex::encode(self.digest()))
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Encoded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Json(_) => "Json(…)",
            Self::Compact(_) => "Compact(…)",
        })
    }
}

/// The `type` of a document as a list of strings.
#[must_use]
pub fn type_list(document: &Value) -> Vec<String> {
    match document.get("type") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(many)) => {
            many.iter().filter_map(|t| t.as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    }
}

fn enveloped(members: &Map<String, Value>) -> Option<&str> {
    let is_envelope = match members.get("type")? {
        Value::String(one) => one == "EnvelopedVerifiableCredential",
        Value::Array(many) => many.iter().any(|t| t == "EnvelopedVerifiableCredential"),
        _ => false,
    };
    let data = members.get("id")?.as_str()?.strip_prefix("data:")?;
    let (media_type, content) = data.split_once(',')?;
    let known = ["application/vc+jwt", "application/dc+sd-jwt", "application/vc+sd-jwt"];
    (is_envelope && known.contains(&media_type)).then_some(content)
}

fn json_part(part: &str) -> Result<Value, ParseError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| ParseError::MalformedCompact)?;
    let value = json::parse_strict(&bytes, &Limits::default())?;
    if value.is_object() { Ok(value) } else { Err(ParseError::MalformedCompact) }
}

fn is_base64url(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// VCDM 1.1 §6.3.1: registered claims stand for members of the `vc` claim.
fn vcdm_1_view(payload: &Value) -> Value {
    let mut document = payload.get("vc").and_then(Value::as_object).cloned().unwrap_or_default();
    let text = |name: &str| payload.get(name).and_then(Value::as_str).map(str::to_owned);
    let date = |name: &str| {
        let seconds = payload.get(name).and_then(Value::as_f64)?;
        #[expect(clippy::cast_possible_truncation, reason = "from_unix holds it at the edges")]
        Some(Value::String(Moment::from_unix(seconds as i64).to_string()))
    };
    if let Some(issuer) = text("iss") {
        match document.get_mut("issuer") {
            Some(Value::Object(profile)) => {
                profile.entry("id").or_insert(Value::String(issuer));
            }
            Some(_) => {}
            None => {
                document.insert("issuer".to_owned(), Value::String(issuer));
            }
        }
    }
    if let Some(id) = text("jti") {
        document.entry("id").or_insert(Value::String(id));
    }
    if let Some(date) = date("nbf") {
        document.entry("issuanceDate").or_insert(date);
    }
    if let Some(date) = date("exp") {
        document.entry("expirationDate").or_insert(date);
    }
    if let (Some(subject), Some(Value::Object(claims))) =
        (text("sub"), document.get_mut("credentialSubject"))
    {
        claims.entry("id").or_insert(Value::String(subject));
    }
    Value::Object(document)
}

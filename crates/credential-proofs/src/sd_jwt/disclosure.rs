//! One salted claim: making, reading, hashing.

use credential_model::json::{Limits, parse_strict};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::SdJwtError;
use crate::base64url;

/// Names that carry the mechanism itself.
pub(super) const RESERVED: [&str; 2] = ["_sd", "..."];

/// Claims of the top level that an SD-JWT VC must show (draft-ietf-oauth-sd-jwt-vc, section 2.2.2.2): hiding one of
/// them would let the holder choose which rules apply.
pub(super) const ALWAYS_VISIBLE: [&str; 7] =
    ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"];

/// A disclosure as it travels, with its content.
#[derive(Debug, Clone)]
pub(super) struct Disclosure {
    pub(super) text: String,
    pub(super) digest: String,
    /// `None` for an array element.
    pub(super) name: Option<String>,
    pub(super) value: Value,
}

impl Disclosure {
    /// Reads `base64url([salt, name, value])` or `base64url([salt, value])` (RFC 9901 section 4.2).
    pub(super) fn parse(text: &str) -> Result<Self, SdJwtError> {
        let bytes = base64url::decode(text).ok_or(SdJwtError::MalformedDisclosure)?;
        let Ok(Value::Array(members)) = parse_strict(&bytes, &Limits::default()) else {
            return Err(SdJwtError::MalformedDisclosure);
        };
        let mut members = members.into_iter();
        let (name, value) = match (members.next(), members.next(), members.next(), members.next()) {
            (Some(Value::String(_)), Some(Value::String(name)), Some(value), None) => {
                (Some(name), value)
            }
            (Some(Value::String(_)), Some(value), None, None) => (None, value),
            _ => return Err(SdJwtError::MalformedDisclosure),
        };
        if name.as_deref().is_some_and(|name| RESERVED.contains(&name)) {
            return Err(SdJwtError::ReservedName);
        }
        Ok(Self { text: text.to_owned(), digest: digest(text), name, value })
    }

    /// Makes a disclosure with 128 bits of salt.
    pub(super) fn make(salt: &[u8; 16], name: Option<&str>, value: Value) -> Self {
        let salt = Value::from(base64url::encode(salt));
        let members = match name {
            Some(name) => vec![salt, Value::from(name), value.clone()],
            None => vec![salt, value.clone()],
        };
        let text = base64url::encode(Value::Array(members).to_string());
        Self { digest: digest(&text), text, name: name.map(str::to_owned), value }
    }
}

/// The digest of a disclosure: over its text as it travels (RFC 9901 section 4.2.3).
pub(super) fn digest(text: &str) -> String {
    base64url::encode(Sha256::digest(text.as_bytes()))
}

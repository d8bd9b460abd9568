//! A secured credential or presentation as it comes out of a file, its form told by itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use credential_model::credential::MAX_BYTES;
use credential_model::json::{Limits, parse_strict};
use credential_proofs::envelope::{Enveloped, MediaType, is_envelope};
use credential_proofs::jose::CompactJws;
use serde_json::Value;

use super::problem::Problem;

/// What stands in a file.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Secured {
    /// A JSON object: a proof is inside, or it is not secured.
    Json(Value),
    /// A token or COSE structure of a media type.
    Enveloped(Enveloped),
    /// A token without a type of its own: the VCDM 1.1 form (`vc`, `vp` claims).
    Legacy(String),
}

impl Secured {
    /// How the form is called.
    pub(super) fn format(&self) -> &'static str {
        match self {
            Self::Json(value) if is_presentation(value) => "ldp_vp",
            Self::Json(_) => "ldp_vc",
            Self::Enveloped(inner) => inner.media_type.typ(),
            Self::Legacy(_) => "jwt_vc_json",
        }
    }

    /// As it stands in a presentation.
    pub(super) fn to_value(&self) -> Value {
        match self {
            Self::Json(value) => value.clone(),
            Self::Enveloped(inner) => inner.to_value(),
            Self::Legacy(token) => Value::from(token.as_str()),
        }
    }

    /// Reads a file: JSON, a compact token (also as a JSON string), an envelope, or COSE as bytes, base64 or base64url.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Problem> {
        // COSE_Sign1: tag 18, or the bare array of four.
        if matches!(bytes.first(), Some(0xd2 | 0x84)) {
            return cose(bytes.to_vec());
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Problem::parsing("not UTF-8"))?.trim();
        match text.as_bytes().first() {
            None => Err(Problem::parsing("empty")),
            Some(b'{' | b'[' | b'"') => {
                let limits = Limits::with_max_bytes(4 * MAX_BYTES);
                let value = parse_strict(text.as_bytes(), &limits)
                    .map_err(|error| Problem::parsing(error.to_string()))?;
                Self::from_value(value)
            }
            Some(_) => Self::from_text(text),
        }
    }

    /// A member of `verifiableCredential`.
    pub(super) fn from_value(value: Value) -> Result<Self, Problem> {
        match value {
            Value::String(text) => Self::from_text(text.trim()),
            Value::Object(_) if is_envelope(&value) => Enveloped::read(&value)
                .map(Self::Enveloped)
                .map_err(|error| Problem::new(error.code(), error.to_string())),
            Value::Object(_) => Ok(Self::Json(value)),
            _ => Err(Problem::parsing("neither a JSON object nor a token")),
        }
    }

    fn from_text(text: &str) -> Result<Self, Problem> {
        let signed = text.split('~').next().unwrap_or_default();
        if signed.split('.').count() == 3 {
            return token(text, signed);
        }
        base64_text(text).map_or_else(|| Err(Problem::parsing("not a known form")), cose)
    }
}

fn token(text: &str, signed: &str) -> Result<Secured, Problem> {
    let refused =
        |error: credential_proofs::jose::JoseError| Problem::new(error.code(), error.to_string());
    let jws = CompactJws::parse(signed).map_err(refused)?;
    let typ = jws.typ().unwrap_or_default();
    let typ = typ.strip_prefix("application/").unwrap_or(typ);
    let with_disclosures = signed.len() != text.len();
    let known = MediaType::ALL.into_iter().find(|media_type| media_type.typ() == typ);
    match known {
        Some(media_type)
            if !media_type.is_binary() && typ.ends_with("sd-jwt") == with_disclosures =>
        {
            Enveloped::new(media_type, text)
                .map(Secured::Enveloped)
                .map_err(|error| Problem::new(error.code(), error.to_string()))
        }
        None if matches!(typ, "" | "JWT") && !with_disclosures => {
            Ok(Secured::Legacy(text.to_owned()))
        }
        _ => Err(Problem::new("token_type", format!("a token of type {typ:?} in this form"))),
    }
}

fn cose(bytes: Vec<u8>) -> Result<Secured, Problem> {
    let refused =
        |error: credential_proofs::cose::CoseError| Problem::new(error.code(), error.to_string());
    let signed = credential_proofs::cose::Sign1::parse(&bytes).map_err(refused)?;
    let document = signed.payload_json().map_err(refused)?;
    let media_type = if is_presentation(&document) { MediaType::VpCose } else { MediaType::VcCose };
    Enveloped::new(media_type, bytes)
        .map(Secured::Enveloped)
        .map_err(|error| Problem::new(error.code(), error.to_string()))
}

/// Base64 or base64url, padded or not.
fn base64_text(text: &str) -> Option<Vec<u8>> {
    if text.len() > 2 * MAX_BYTES {
        return None;
    }
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(false);
    let alphabet = if text.contains(['-', '_']) {
        base64::alphabet::URL_SAFE
    } else {
        base64::alphabet::STANDARD
    };
    GeneralPurpose::new(&alphabet, config).decode(text).ok()
}

/// COSE goes over text channels as base64 (standards.md).
pub(super) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Whether a document says that it is a presentation.
pub(super) fn is_presentation(document: &Value) -> bool {
    credential_model::credential::type_list(document)
        .iter()
        .any(|kind| kind == "VerifiablePresentation" || kind == "EnvelopedVerifiablePresentation")
}

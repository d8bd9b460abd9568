//! Envelopes: `EnvelopedVerifiableCredential` and `EnvelopedVerifiablePresentation` (VCDM 2.0 sections 4.13 and 4.14),
//! with the media types of VC-JOSE-COSE section 6.1.
//!
//! A token of text stands in the `data:` URL as it is, COSE in base64.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Value, json};

use crate::jose::CompactJws;
use crate::secured_document::{CONTEXT_V2, has_type, is_version_2};

/// The longest content we open.
const MAX_BYTES: usize = 1024 * 1024;

/// RFC 4648 section 4: written with padding, read with or without, stray bits refused.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(false),
);

/// Reads base64 of the standard alphabet, padded or not; nothing else, no white space.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

/// What is inside an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaType {
    /// `application/vc+jwt`
    VcJwt,
    /// `application/vp+jwt`
    VpJwt,
    /// `application/vc+sd-jwt`
    VcSdJwt,
    /// `application/vp+sd-jwt`
    VpSdJwt,
    /// `application/vc+cose`
    VcCose,
    /// `application/vp+cose`
    VpCose,
    /// `application/dc+sd-jwt`: an SD-JWT VC, which is no VCDM document but travels in presentations as well.
    DcSdJwt,
}

impl MediaType {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::VcJwt,
        Self::VpJwt,
        Self::VcSdJwt,
        Self::VpSdJwt,
        Self::VcCose,
        Self::VpCose,
        Self::DcSdJwt,
    ];

    /// The media type in full, as COSE headers and `data:` URLs have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VcJwt => "application/vc+jwt",
            Self::VpJwt => "application/vp+jwt",
            Self::VcSdJwt => "application/vc+sd-jwt",
            Self::VpSdJwt => "application/vp+sd-jwt",
            Self::VcCose => "application/vc+cose",
            Self::VpCose => "application/vp+cose",
            Self::DcSdJwt => "application/dc+sd-jwt",
        }
    }

    /// Reads [`MediaType::as_str`], exactly.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }

    /// As JOSE headers have it in `typ`: without `application/`.
    #[must_use]
    pub fn typ(self) -> &'static str {
        let text = self.as_str();
        text.strip_prefix("application/").unwrap_or(text)
    }

    /// As JOSE headers have it in `cty`: `vc` or `vp` (empty for `dc+sd-jwt`, which has no document inside).
    #[must_use]
    pub fn content(self) -> &'static str {
        match self {
            Self::VcJwt | Self::VcSdJwt | Self::VcCose => "vc",
            Self::VpJwt | Self::VpSdJwt | Self::VpCose => "vp",
            Self::DcSdJwt => "",
        }
    }

    /// Whether a presentation is inside.
    #[must_use]
    pub fn is_presentation(self) -> bool {
        self.content() == "vp"
    }

    /// Whether the content is bytes (COSE) and not text.
    #[must_use]
    pub fn is_binary(self) -> bool {
        matches!(self, Self::VcCose | Self::VpCose)
    }
}

/// Why an envelope was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// Not an object of one of the two types under the context of VCDM 2.0.
    #[error("not an enveloped credential or presentation")]
    NotAnEnvelope,
    /// `id` is no `data:` URL.
    #[error("the id is no data URL")]
    NotADataUrl,
    /// The media type is none of ours, or of the other kind than the object's type says.
    #[error("the media type is not supported here")]
    UnsupportedMediaType,
    /// The content is empty, too long, or not in the encoding of its media type.
    #[error("the content is not encoded as its media type demands")]
    Encoding,
}

impl EnvelopeError {
    /// Stable code for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAnEnvelope => "envelope_malformed",
            Self::NotADataUrl => "envelope_not_a_data_url",
            Self::UnsupportedMediaType => "envelope_media_type",
            Self::Encoding => "envelope_encoding",
        }
    }
}

/// An opened envelope. What is inside was **not** verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enveloped {
    /// What is inside.
    pub media_type: MediaType,
    content: Vec<u8>,
}

impl Enveloped {
    /// Text of a token, or bytes of a COSE structure.
    ///
    /// # Errors
    /// [`EnvelopeError::Encoding`] when the content is empty, too long, or text with letters that no token has.
    pub fn new(media_type: MediaType, content: impl Into<Vec<u8>>) -> Result<Self, EnvelopeError> {
        let content = content.into();
        let token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(byte);
        if content.is_empty()
            || content.len() > MAX_BYTES
            || (!media_type.is_binary() && !content.iter().all(token))
        {
            return Err(EnvelopeError::Encoding);
        }
        Ok(Self { media_type, content })
    }

    /// A credential as a compact token, its media type told by its form and its `typ`.
    ///
    /// # Errors
    /// [`EnvelopeError::Encoding`] when the text is no token, [`EnvelopeError::UnsupportedMediaType`] for a token with
    /// the `typ` of something else.
    pub fn credential_token(token: &str) -> Result<Self, EnvelopeError> {
        let (signed, disclosures) = match token.split_once('~') {
            Some((signed, _)) => (signed, true),
            None => (token, false),
        };
        let jws = CompactJws::parse(signed).map_err(|_| EnvelopeError::Encoding)?;
        let typ = jws.typ().unwrap_or_default();
        let media_type = match (disclosures, typ.strip_prefix("application/").unwrap_or(typ)) {
            (false, "vc+jwt") => MediaType::VcJwt,
            (true, "vc+sd-jwt") => MediaType::VcSdJwt,
            (true, "dc+sd-jwt") => MediaType::DcSdJwt,
            _ => return Err(EnvelopeError::UnsupportedMediaType),
        };
        Self::new(media_type, token)
    }

    /// Reads the object with its `data:` URL.
    ///
    /// # Errors
    /// Every [`EnvelopeError`].
    pub fn read(value: &Value) -> Result<Self, EnvelopeError> {
        let credential = has_type(value, CREDENTIAL);
        if credential == has_type(value, PRESENTATION) || !is_version_2(value) {
            return Err(EnvelopeError::NotAnEnvelope);
        }
        let id = value.get("id").and_then(Value::as_str).ok_or(EnvelopeError::NotAnEnvelope)?;
        let (head, content) = id
            .strip_prefix("data:")
            .and_then(|rest| rest.split_once(','))
            .ok_or(EnvelopeError::NotADataUrl)?;
        let (name, in_base64) = match head.strip_suffix(";base64") {
            Some(name) => (name, true),
            None => (head, false),
        };
        let media_type = MediaType::parse(name)
            .filter(|known| known.is_presentation() != credential)
            .ok_or(EnvelopeError::UnsupportedMediaType)?;
        if in_base64 != media_type.is_binary() || content.len() > MAX_BYTES / 3 * 4 + 4 {
            return Err(EnvelopeError::Encoding);
        }
        let content = if in_base64 {
            from_base64(content).ok_or(EnvelopeError::Encoding)?
        } else {
            content.as_bytes().to_vec()
        };
        Self::new(media_type, content)
    }

    /// The object, as it stands in a presentation or alone.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let name = self.media_type.as_str();
        let id = match self.token() {
            Some(token) => format!("data:{name},{token}"),
            None => format!("data:{name};base64,{}", BASE64.encode(&self.content)),
        };
        let kind = if self.media_type.is_presentation() { PRESENTATION } else { CREDENTIAL };
        json!({"@context": [CONTEXT_V2], "id": id, "type": [kind]})
    }

    /// The token, when the content is text.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        if self.media_type.is_binary() { None } else { std::str::from_utf8(&self.content).ok() }
    }

    /// The content as bytes: the letters of a token, or a COSE structure.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.content
    }
}

const CREDENTIAL: &str = "EnvelopedVerifiableCredential";
const PRESENTATION: &str = "EnvelopedVerifiablePresentation";

/// Whether the object says it is an envelope. Whether it is a good one, [`Enveloped::read`] tells.
#[must_use]
pub fn is_envelope(value: &Value) -> bool {
    has_type(value, CREDENTIAL) || has_type(value, PRESENTATION)
}

use coset::cbor::Value as Cbor;
use coset::iana::Algorithm as Registered;
use coset::{
    CborSerializable as _, CoseSign1, CoseSign1Builder, HeaderBuilder, Label,
    RegisteredLabelWithPrivate, TaggedCborSerializable as _,
};
use credential_model::did::DidUrl;
use credential_model::json::{Limits, parse_strict};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use signing_keys::{Algorithm, PublicKey, Signer};

use super::{CoseError, claims, scan};
use crate::base64url;
use crate::envelope::MediaType;
use crate::secured_document::Claims;

/// No structure of ours is longer: a presentation of 1 MiB is the outer limit of every face.
const MAX_BYTES: usize = 1024 * 1024;
/// A header carries identifiers.
const MAX_HEADER_BYTES: usize = 32 * 1024;
/// Tag 18, `COSE_Sign1` (RFC 9052 section 4.2), in its shortest form.
const TAG_18: u8 = 0xd2;
/// Labels of the IANA registry of COSE header parameters.
const CRIT: i64 = 2;
const CONTENT_TYPE: i64 = 3;
const KID: i64 = 4;
pub(super) const CLAIMS: i64 = 15;
const TYP: i64 = 16;
/// Parameters that bring their own key, certificate, further signature or initialization vector: none is obeyed, and a
/// signer who means one is not understood by ignoring it.
const FORBIDDEN: [i64; 12] = [5, 6, 7, 9, 11, 12, 13, 14, 32, 33, 34, 35];

/// A `COSE_Sign1` whose form was checked and whose signature was **not**: see [`Sign1::verify`].
#[derive(Debug, Clone)]
pub struct Sign1 {
    inner: CoseSign1,
    payload: Vec<u8>,
    algorithm: Algorithm,
    typ: Option<String>,
    content_type: Option<String>,
    claims: Claims,
    tagged: bool,
}

impl Sign1 {
    /// Parses, with tag 18 or without a tag, and checks the form.
    ///
    /// # Errors
    /// Every [`CoseError`] that needs no key.
    pub fn parse(bytes: &[u8]) -> Result<Self, CoseError> {
        if bytes.len() > MAX_BYTES {
            return Err(CoseError::TooLong { limit: MAX_BYTES });
        }
        let (tagged, untagged) = match bytes.split_first() {
            Some((&TAG_18, rest)) => (true, rest),
            _ => (false, bytes),
        };
        scan::check(untagged).map_err(CoseError::Cbor)?;
        // The header lies in a byte string, which the first look does not enter.
        let protected = scan::first_string(untagged).ok_or(CoseError::NotSign1)?;
        if protected.len() > MAX_HEADER_BYTES {
            return Err(CoseError::TooLong { limit: MAX_HEADER_BYTES });
        }
        scan::check(protected).map_err(CoseError::Cbor)?;
        let inner = CoseSign1::from_slice(untagged).map_err(|_| CoseError::NotSign1)?;
        let payload = inner.payload.clone().ok_or(CoseError::NotSign1)?;
        if !inner.unprotected.is_empty() {
            return Err(CoseError::UnprotectedHeader);
        }

        let header = &inner.protected.header;
        if !header.crit.is_empty() {
            return Err(CoseError::ForbiddenHeader { label: CRIT });
        }
        if !header.iv.is_empty()
            || !header.partial_iv.is_empty()
            || !header.counter_signatures.is_empty()
        {
            return Err(CoseError::ForbiddenHeader { label: FORBIDDEN[0] });
        }
        let algorithm = match &header.alg {
            Some(RegisteredLabelWithPrivate::Assigned(registered)) => from_registered(*registered),
            _ => None,
        };
        let algorithm = algorithm.ok_or(CoseError::UnsupportedAlgorithm)?;
        let content_type = match &header.content_type {
            None => None,
            Some(coset::ContentType::Text(text)) => Some(text.clone()),
            Some(_) => return Err(CoseError::ForbiddenHeader { label: CONTENT_TYPE }),
        };
        let mut typ = None;
        let mut read = Claims::default();
        for (label, value) in &header.rest {
            match label {
                Label::Int(label) if FORBIDDEN.contains(label) => {
                    return Err(CoseError::ForbiddenHeader { label: *label });
                }
                Label::Int(TYP) => match value {
                    Cbor::Text(text) => typ = Some(text.clone()),
                    _ => return Err(CoseError::ForbiddenHeader { label: TYP }),
                },
                Label::Int(CLAIMS) => read = claims::read(value)?,
                _ => {}
            }
        }
        Ok(Self { inner, payload, algorithm, typ, content_type, claims: read, tagged })
    }

    /// The payload, unverified until [`Sign1::verify`] has succeeded.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The payload as a JSON object under the strict parser.
    ///
    /// # Errors
    /// [`CoseError::Json`] when it is none.
    pub fn payload_json(&self) -> Result<Value, CoseError> {
        let limits = Limits { max_bytes: MAX_BYTES, ..Limits::default() };
        let value = parse_strict(&self.payload, &limits).map_err(|_| CoseError::Json)?;
        if value.is_object() { Ok(value) } else { Err(CoseError::Json) }
    }

    /// `alg` as the header claims it; only [`Sign1::verify`] compares it with the key.
    #[must_use]
    pub fn claimed_algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// `typ` (label 16), if present.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// The content type (label 3), if present.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// `kid` (label 4) as bytes; empty when absent.
    #[must_use]
    pub fn kid(&self) -> &[u8] {
        &self.inner.protected.header.key_id
    }

    /// The DID URL in `kid`, so that the caller can resolve it.
    ///
    /// # Errors
    /// [`CoseError::NoVerificationMethod`] when there is none.
    pub fn verification_method(&self) -> Result<DidUrl, CoseError> {
        std::str::from_utf8(self.kid())
            .ok()
            .and_then(|text| DidUrl::parse(text).ok())
            .ok_or(CoseError::NoVerificationMethod)
    }

    /// Whether tag 18 stood in front.
    #[must_use]
    pub fn is_tagged(&self) -> bool {
        self.tagged
    }

    pub(crate) fn claims(&self) -> &Claims {
        &self.claims
    }

    /// Checks type, content type, algorithm and signature.
    ///
    /// # Errors
    /// [`CoseError::WrongType`], [`CoseError::WrongContentType`], [`CoseError::AlgorithmMismatch`],
    /// [`CoseError::BadSignature`].
    pub fn verify(&self, key: &PublicKey, media_type: MediaType) -> Result<(), CoseError> {
        if self.typ() != Some(media_type.as_str()) {
            return Err(CoseError::WrongType);
        }
        let expected = format!("application/{}", media_type.content());
        if self.content_type().is_some_and(|content| content != expected) {
            return Err(CoseError::WrongContentType);
        }
        if self.algorithm != key.algorithm() {
            return Err(CoseError::AlgorithmMismatch);
        }
        key.verify(&self.inner.tbs_data(&[]), &self.inner.signature)
            .map_err(|_| CoseError::BadSignature)
    }
}

/// The algorithms of VC-JOSE-COSE; the fully specified names of RFC 9864 mean the same keys.
fn from_registered(registered: Registered) -> Option<Algorithm> {
    match registered {
        Registered::EdDSA | Registered::Ed25519 => Some(Algorithm::EdDsa),
        Registered::ES256 | Registered::ESP256 => Some(Algorithm::Es256),
        Registered::ES384 | Registered::ESP384 => Some(Algorithm::Es384),
        Registered::ES512 | Registered::ESP512 => Some(Algorithm::Es512),
        _ => None,
    }
}

fn to_registered(algorithm: Algorithm) -> Option<Registered> {
    match algorithm {
        Algorithm::EdDsa => Some(Registered::EdDSA),
        Algorithm::Es256 => Some(Registered::ES256),
        Algorithm::Es384 => Some(Registered::ES384),
        Algorithm::Es512 => Some(Registered::ES512),
        _ => None,
    }
}

/// A `COSE_Sign1` ready to be recorded and then signed, exactly as recorded. Serialized as base64url of the structure
/// with an empty signature.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PreparedCose {
    inner: CoseSign1,
    signing_input: Vec<u8>,
}

impl PreparedCose {
    /// Protected header (`alg`, `kid`, `typ`, content type, claims) and payload.
    pub(crate) fn new(
        media_type: MediaType,
        kid: &[u8],
        claims: &Claims,
        payload: Vec<u8>,
        algorithm: Algorithm,
    ) -> Result<Self, CoseError> {
        if payload.len() + kid.len() > MAX_BYTES - MAX_HEADER_BYTES {
            return Err(CoseError::TooLong { limit: MAX_BYTES - MAX_HEADER_BYTES });
        }
        let algorithm = to_registered(algorithm).ok_or(CoseError::UnsupportedAlgorithm)?;
        let mut header = HeaderBuilder::new()
            .algorithm(algorithm)
            .content_type(format!("application/{}", media_type.content()))
            .key_id(kid.to_vec());
        if claims != &Claims::default() {
            header = header.value(CLAIMS, claims::write(claims));
        }
        let header = header.value(TYP, Cbor::Text(media_type.as_str().to_owned())).build();
        if header.key_id.is_empty() {
            return Err(CoseError::ForbiddenHeader { label: KID });
        }
        let inner = CoseSign1Builder::new().protected(header).payload(payload).build();
        Ok(Self { signing_input: inner.tbs_data(&[]), inner })
    }

    /// The bytes the signer signs: the `Sig_structure` (RFC 9052 section 4.4).
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        &self.signing_input
    }

    /// Joins the signature on; the result carries tag 18.
    ///
    /// # Errors
    /// [`CoseError::NotSign1`], which cannot happen for a prepared structure.
    pub fn seal(mut self, signature: &[u8]) -> Result<Vec<u8>, CoseError> {
        self.inner.signature = signature.to_vec();
        self.inner.to_tagged_vec().map_err(|_| CoseError::NotSign1)
    }

    /// Signs and seals.
    pub(crate) fn sign(self, signer: &dyn Signer) -> Result<Vec<u8>, CoseError> {
        let signature = signer.sign(&self.signing_input).map_err(CoseError::Signing)?;
        self.seal(&signature)
    }
}

impl From<PreparedCose> for String {
    fn from(prepared: PreparedCose) -> Self {
        let bytes = prepared.inner.to_vec().expect("a structure that was read or built is CBOR");
        base64url::encode(bytes)
    }
}

impl TryFrom<String> for PreparedCose {
    type Error = CoseError;

    fn try_from(text: String) -> Result<Self, CoseError> {
        let bytes = base64url::decode(&text).ok_or(CoseError::Cbor("not base64url"))?;
        // Read as strictly as from a stranger: a record may have been damaged.
        let inner = Sign1::parse(&bytes)?.inner;
        if !inner.signature.is_empty() {
            return Err(CoseError::NotSign1);
        }
        Ok(Self { signing_input: inner.tbs_data(&[]), inner })
    }
}

//! Certificates of verifiers: the `x5c` of a request object (OID4VP 1.0 §5.9.3, RFC 5280).
//!
//! What a wallet needs and no more: the leaf's key, its names, its dates, that each
//! certificate of the chain signed the one before it, and whether the chain ends at an
//! anchor the holder configured. Keys are those the rest of the house knows (P-256,
//! P-384, Ed25519). No network: no CRL, no OCSP, no AIA fetching.

mod der;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use credential_model::moment::Moment;
use serde_json::json;
use sha2::{Digest, Sha256};
use signing_keys::PublicKey;

use der::{Element, Reader};

/// A chain longer than this is refused unread.
const MAX_CHAIN: usize = 5;
/// A certificate larger than this is refused unread.
const MAX_CERTIFICATE_BYTES: usize = 8 * 1024;

/// Why a chain of certificates is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// Not a certificate this reader understands.
    #[error("a certificate of the verifier cannot be read ({0})")]
    Malformed(&'static str),
    /// No certificate, or too many.
    #[error("the verifier's certificate chain has {0} certificates; 1 to 5 are accepted")]
    ChainLength(usize),
    /// The key of the leaf is of a kind we cannot check with.
    #[error("the verifier's certificate carries a key of an unsupported kind")]
    UnsupportedKey,
    /// A certificate is not signed by the next one of the chain.
    #[error("certificate {0} of the verifier's chain is not signed by the next one")]
    BrokenChain(usize),
    /// Outside its dates.
    #[error("a certificate of the verifier is expired or not yet valid")]
    Dates,
    /// An extension marked critical is not understood.
    #[error("a certificate of the verifier has a critical extension this wallet does not know")]
    CriticalExtension,
}

impl CertificateError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "certificate_malformed",
            Self::ChainLength(_) => "certificate_chain_length",
            Self::UnsupportedKey => "certificate_key_unsupported",
            Self::BrokenChain(_) => "certificate_chain_broken",
            Self::Dates => "certificate_dates",
            Self::CriticalExtension => "certificate_critical_extension",
        }
    }
}

/// A parsed certificate; nothing about it is proven yet.
#[derive(Debug, Clone)]
pub struct Certificate {
    encoded: Vec<u8>,
    signed_part: Vec<u8>,
    signature_algorithm: Vec<u8>,
    signature: Vec<u8>,
    issuer: Vec<u8>,
    subject: Vec<u8>,
    key: Option<PublicKey>,
    not_before: Moment,
    not_after: Moment,
    authority: bool,
    unknown_critical: bool,
    /// `dNSName` entries of the subject alternative name, lower case.
    pub dns_names: Vec<String>,
    /// The organisation (or common name) the certificate states, as written.
    pub subject_name: Option<String>,
}

/// A chain whose links hold.
#[derive(Debug, Clone)]
pub struct CheckedChain {
    /// The verifier's own certificate.
    pub leaf: Certificate,
    /// The leaf's key.
    pub key: PublicKey,
    /// Whether the chain ends at one of the holder's anchors.
    pub anchored: bool,
}

impl Certificate {
    /// Reads one DER certificate.
    ///
    /// # Errors
    /// [`CertificateError::Malformed`].
    pub fn from_der(encoded: &[u8]) -> Result<Self, CertificateError> {
        if encoded.len() > MAX_CERTIFICATE_BYTES {
            return Err(CertificateError::Malformed("size"));
        }
        let mut outer = Reader::new(encoded);
        let mut certificate = Reader::new(outer.take(der::SEQUENCE)?.value);
        outer.end()?;
        let body = certificate.take(der::SEQUENCE)?;
        let signature_algorithm = certificate.take(der::SEQUENCE)?;
        let signature = der::bits(certificate.take(der::BIT_STRING)?)?.to_vec();
        certificate.end()?;

        let mut fields = Reader::new(body.value);
        fields.take_optional(0xa0)?;
        fields.take(der::INTEGER)?;
        // RFC 5280 §4.1.1.2: inner and outer algorithm must be the same.
        if fields.take(der::SEQUENCE)?.whole != signature_algorithm.whole {
            return Err(CertificateError::Malformed("signature algorithm"));
        }
        let issuer = fields.take(der::SEQUENCE)?;
        let mut dates = Reader::new(fields.take(der::SEQUENCE)?.value);
        let not_before = moment(dates.next()?)?;
        let not_after = moment(dates.next()?)?;
        dates.end()?;
        let subject = fields.take(der::SEQUENCE)?;
        let key = public_key(fields.take(der::SEQUENCE)?.value)?;
        fields.take_optional(0x81)?;
        fields.take_optional(0x82)?;
        let mut parsed = Self {
            encoded: encoded.to_vec(),
            signed_part: body.whole.to_vec(),
            signature_algorithm: algorithm(signature_algorithm.value)?.to_vec(),
            signature,
            issuer: issuer.whole.to_vec(),
            subject: subject.whole.to_vec(),
            key,
            not_before,
            not_after,
            authority: false,
            unknown_critical: false,
            dns_names: Vec::new(),
            subject_name: subject_name(subject.value)?,
        };
        if let Some(extensions) = fields.take_optional(0xa3)? {
            let mut wrapper = Reader::new(extensions.value);
            parsed.read_extensions(wrapper.take(der::SEQUENCE)?.value)?;
            wrapper.end()?;
        }
        fields.end()?;
        Ok(parsed)
    }

    /// base64url SHA-256 of the DER bytes: the value of an `x509_hash` client identifier.
    pub fn hash(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.encoded))
    }

    fn read_extensions(&mut self, bytes: &[u8]) -> Result<(), CertificateError> {
        let mut extensions = Reader::new(bytes);
        while !extensions.is_empty() {
            let mut extension = Reader::new(extensions.take(der::SEQUENCE)?.value);
            let id = extension.take(der::OBJECT_IDENTIFIER)?.value;
            let critical =
                extension.take_optional(der::BOOLEAN)?.is_some_and(|flag| flag.value != [0]);
            let value = extension.take(der::OCTET_STRING)?.value;
            extension.end()?;
            match id {
                // subjectAltName
                [0x55, 0x1d, 0x11] => {
                    let mut names = Reader::new(Reader::new(value).take(der::SEQUENCE)?.value);
                    while !names.is_empty() {
                        let name = names.next()?;
                        if name.tag == 0x82 {
                            self.dns_names.push(text(name.value)?.to_ascii_lowercase());
                        }
                    }
                }
                // basicConstraints
                [0x55, 0x1d, 0x13] => {
                    let mut fields = Reader::new(Reader::new(value).take(der::SEQUENCE)?.value);
                    self.authority =
                        fields.take_optional(der::BOOLEAN)?.is_some_and(|flag| flag.value != [0]);
                }
                // keyUsage, extendedKeyUsage, certificatePolicies: nothing we decide on.
                [0x55, 0x1d, 0x0f | 0x25 | 0x20] => {}
                _ => self.unknown_critical |= critical,
            }
        }
        Ok(())
    }

    /// Whether `issuer` signed this certificate; `None` when it used an algorithm we do not have.
    fn signed_by(&self, issuer: &Self) -> Option<bool> {
        if self.issuer != issuer.subject {
            return Some(false);
        }
        let key = issuer.key.as_ref()?;
        let (expected, width) = match self.signature_algorithm.as_slice() {
            [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02] => ("ES256", Some(32)),
            [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03] => ("ES384", Some(48)),
            [0x2b, 0x65, 0x70] => ("EdDSA", None),
            _ => return None,
        };
        // A P-384 key that signed with SHA-256 is legal X.509 but not one of our algorithms.
        if key.algorithm().jose() != expected {
            return None;
        }
        let signature = match width {
            Some(width) => match der::ecdsa_raw(&self.signature, width) {
                Ok(raw) => raw,
                Err(_) => return Some(false),
            },
            None => self.signature.clone(),
        };
        Some(key.verify(&self.signed_part, &signature).is_ok())
    }

    fn in_force(&self, now: Moment) -> bool {
        self.not_before <= now && now <= self.not_after
    }
}

/// Reads and checks the `x5c` header of a request object (RFC 7515 §4.1.6: standard base64, leaf first).
///
/// # Errors
/// Every [`CertificateError`]; an unanchored but otherwise sound chain is *not* one: see
/// [`CheckedChain::anchored`].
pub fn check_chain(
    x5c: &[String],
    anchors: &[Vec<u8>],
    now: Moment,
) -> Result<CheckedChain, CertificateError> {
    if x5c.is_empty() || x5c.len() > MAX_CHAIN {
        return Err(CertificateError::ChainLength(x5c.len()));
    }
    let mut chain = Vec::with_capacity(x5c.len());
    for text in x5c {
        let bytes = STANDARD.decode(text).map_err(|_| CertificateError::Malformed("base64"))?;
        let certificate = Certificate::from_der(&bytes)?;
        if !certificate.in_force(now) {
            return Err(CertificateError::Dates);
        }
        if certificate.unknown_critical {
            return Err(CertificateError::CriticalExtension);
        }
        chain.push(certificate);
    }
    let mut linked = true;
    for (at, pair) in chain.windows(2).enumerate() {
        match pair[0].signed_by(&pair[1]) {
            Some(true) if pair[1].authority => {}
            // An algorithm we lack: the link is not shown to hold, so nothing above it counts.
            None => linked = false,
            Some(_) => return Err(CertificateError::BrokenChain(at)),
        }
    }
    let anchored = linked
        && anchors.iter().any(|anchor| {
            chain.iter().any(|certificate| certificate.encoded == *anchor)
                || Certificate::from_der(anchor).is_ok_and(|anchor| {
                    anchor.authority
                        && anchor.in_force(now)
                        && chain.last().is_some_and(|last| last.signed_by(&anchor) == Some(true))
                })
        });
    let leaf = chain.swap_remove(0);
    let key = leaf.key.clone().ok_or(CertificateError::UnsupportedKey)?;
    Ok(CheckedChain { leaf, key, anchored })
}

fn text(bytes: &[u8]) -> Result<&str, CertificateError> {
    std::str::from_utf8(bytes).map_err(|_| CertificateError::Malformed("text"))
}

fn algorithm(bytes: &[u8]) -> Result<&[u8], CertificateError> {
    Ok(Reader::new(bytes).take(der::OBJECT_IDENTIFIER)?.value)
}

/// The key of a SubjectPublicKeyInfo; `None` when it is of a kind we do not use.
fn public_key(info: &[u8]) -> Result<Option<PublicKey>, CertificateError> {
    let mut fields = Reader::new(info);
    let mut kind = Reader::new(fields.take(der::SEQUENCE)?.value);
    let id = kind.take(der::OBJECT_IDENTIFIER)?.value;
    let point = der::bits(fields.take(der::BIT_STRING)?)?;
    let jwk = match id {
        [0x2b, 0x65, 0x70] => {
            json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(point)})
        }
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01] => {
            let (curve, width) = match kind.take(der::OBJECT_IDENTIFIER)?.value {
                [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07] => ("P-256", 32),
                [0x2b, 0x81, 0x04, 0x00, 0x22] => ("P-384", 48),
                _ => return Ok(None),
            };
            let [0x04, coordinates @ ..] = point else { return Ok(None) };
            if coordinates.len() != width * 2 {
                return Err(CertificateError::Malformed("key"));
            }
            let (x, y) = coordinates.split_at(width);
            json!({"kty": "EC", "crv": curve, "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y)})
        }
        _ => return Ok(None),
    };
    PublicKey::from_jwk(&jwk).map(Some).map_err(|_| CertificateError::Malformed("key"))
}

/// `organizationName`, else `commonName`.
fn subject_name(name: &[u8]) -> Result<Option<String>, CertificateError> {
    let mut sets = Reader::new(name);
    let (mut organisation, mut common) = (None, None);
    while !sets.is_empty() {
        let mut attributes = Reader::new(sets.take(der::SET)?.value);
        while !attributes.is_empty() {
            let mut attribute = Reader::new(attributes.take(der::SEQUENCE)?.value);
            let id = attribute.take(der::OBJECT_IDENTIFIER)?.value;
            let value = attribute.next()?;
            if !matches!(value.tag, der::UTF8_STRING | der::PRINTABLE_STRING | der::IA5_STRING) {
                continue;
            }
            match id {
                [0x55, 0x04, 0x0a] => organisation = Some(text(value.value)?.to_owned()),
                [0x55, 0x04, 0x03] => common = Some(text(value.value)?.to_owned()),
                _ => {}
            }
        }
    }
    Ok(organisation.or(common))
}

/// UTCTime or GeneralizedTime, both in the `Z` form RFC 5280 §4.1.2.5 demands.
fn moment(element: Element<'_>) -> Result<Moment, CertificateError> {
    const BAD: CertificateError = CertificateError::Malformed("date");
    let digits = text(element.value)?.strip_suffix('Z').ok_or(BAD)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(BAD);
    }
    let full = match (element.tag, digits.len()) {
        (der::UTC_TIME, 12) => {
            let century = if digits < "50" { "20" } else { "19" };
            format!("{century}{digits}")
        }
        (der::GENERALIZED_TIME, 14) => digits.to_owned(),
        _ => return Err(BAD),
    };
    let part = |from: usize, to: usize| full.get(from..to).unwrap_or_default();
    let text = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4),
        part(4, 6),
        part(6, 8),
        part(8, 10),
        part(10, 12),
        part(12, 14)
    );
    Moment::parse(&text).map_err(|_| BAD)
}

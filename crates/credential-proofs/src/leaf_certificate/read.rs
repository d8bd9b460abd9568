use credential_model::moment::Moment;
use serde_json::json;
use sha2::{Digest, Sha256};
use signing_keys::PublicKey;

use super::CertificateError;
use super::der::{
    BIT_STRING, BOOLEAN, CONTEXT_0, CONTEXT_3, DNS_NAME, GENERALIZED_TIME, INTEGER, OCTET_STRING,
    OID, OID_EC_PUBLIC_KEY, OID_ED25519, OID_P256, OID_P384, OID_P521, OID_SUBJECT_ALT_NAME,
    Reader, SEQUENCE, UTC_TIME,
};
use crate::base64url;

const MAX_BYTES: usize = 8 * 1024;

/// What we read from a leaf certificate.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LeafCertificate {
    /// The subject's public key.
    pub key: PublicKey,
    /// First moment of validity.
    pub not_before: Moment,
    /// Last moment of validity.
    pub not_after: Moment,
    /// DNS names of the subject alternative name extension.
    pub dns_names: Vec<String>,
    /// base64url of the SHA-256 of the whole certificate: the value of `x509_hash`.
    pub hash: String,
}

impl LeafCertificate {
    /// Reads a DER certificate. Nothing in it is verified.
    ///
    /// # Errors
    /// [`CertificateError::Malformed`], [`CertificateError::UnsupportedKey`].
    pub fn parse(der: &[u8]) -> Result<Self, CertificateError> {
        if der.len() > MAX_BYTES {
            return Err(CertificateError::Malformed);
        }
        let parts = parts(der).ok_or(CertificateError::Malformed)?;
        Ok(Self {
            key: public_key(parts.key).ok_or(CertificateError::UnsupportedKey)?,
            not_before: parts.not_before,
            not_after: parts.not_after,
            dns_names: parts.dns_names,
            hash: base64url::encode(Sha256::digest(der)),
        })
    }

    /// Whether `now` lies within the dates.
    #[must_use]
    pub fn is_valid_at(&self, now: Moment) -> bool {
        self.not_before <= now && now <= self.not_after
    }
}

struct Parts<'a> {
    key: Reader<'a>,
    not_before: Moment,
    not_after: Moment,
    dns_names: Vec<String>,
}

/// RFC 5280 section 4.1.
fn parts(der: &[u8]) -> Option<Parts<'_>> {
    let mut outer = Reader::new(der);
    let mut certificate = outer.sequence()?;
    if !outer.is_empty() {
        return None;
    }
    let mut body = certificate.sequence()?;
    certificate.sequence()?;
    certificate.take(BIT_STRING)?;
    if !certificate.is_empty() {
        return None;
    }
    body.take(CONTEXT_0)?;
    body.take(INTEGER)?;
    body.sequence()?;
    body.sequence()?;
    let mut validity = body.sequence()?;
    let not_before = time(validity.any()?)?;
    let not_after = time(validity.any()?)?;
    body.sequence()?;
    let key = body.sequence()?;
    let mut dns_names = Vec::new();
    while let Some((tag, content)) = if body.is_empty() { None } else { Some(body.any()?) } {
        if tag == CONTEXT_3 {
            dns_names = alternative_names(Reader::new(content).sequence()?)?;
        }
    }
    Some(Parts { key, not_before, not_after, dns_names })
}

fn alternative_names(mut extensions: Reader<'_>) -> Option<Vec<String>> {
    let mut names = Vec::new();
    while !extensions.is_empty() {
        let mut extension = extensions.sequence()?;
        let id = extension.take(OID)?;
        if extension.peek() == Some(BOOLEAN) {
            extension.any()?;
        }
        let value = extension.take(OCTET_STRING)?;
        if id != OID_SUBJECT_ALT_NAME {
            continue;
        }
        let mut general_names = Reader::new(Reader::new(value).take(SEQUENCE)?);
        while !general_names.is_empty() {
            let (tag, content) = general_names.any()?;
            if tag == DNS_NAME {
                let name = std::str::from_utf8(content)
                    .ok()
                    .filter(|name| name.is_ascii() && !name.contains('\0'))?;
                names.push(name.to_ascii_lowercase());
            }
        }
    }
    Some(names)
}

/// `UTCTime` or `GeneralizedTime` in the only form RFC 5280 allows: seconds present, `Z`.
fn time((tag, content): (u8, &[u8])) -> Option<Moment> {
    let text = std::str::from_utf8(content).ok()?;
    let digits =
        text.strip_suffix('Z').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let (year, rest) = match (tag, digits.len()) {
        (UTC_TIME, 12) => {
            let (year, rest) = digits.split_at(2);
            (format!("{}{year}", if year >= "50" { "19" } else { "20" }), rest)
        }
        (GENERALIZED_TIME, 14) => {
            let (year, rest) = digits.split_at(4);
            (year.to_owned(), rest)
        }
        _ => return None,
    };
    let part = |index: usize| &rest[index * 2..index * 2 + 2];
    Moment::parse(&format!("{year}-{}-{}T{}:{}:{}Z", part(0), part(1), part(2), part(3), part(4)))
        .ok()
}

fn public_key(mut info: Reader<'_>) -> Option<PublicKey> {
    let mut algorithm = info.sequence()?;
    let kind = algorithm.take(OID)?;
    let (&unused_bits, key) = info.take(BIT_STRING)?.split_first()?;
    if unused_bits != 0 || !info.is_empty() {
        return None;
    }
    let jwk = if kind == OID_ED25519 {
        json!({"kty": "OKP", "crv": "Ed25519", "x": base64url::encode(key)})
    } else if kind == OID_EC_PUBLIC_KEY {
        let curve = algorithm.take(OID)?;
        let (name, size) = match curve {
            OID_P256 => ("P-256", 32),
            OID_P384 => ("P-384", 48),
            OID_P521 => ("P-521", 66),
            _ => return None,
        };
        let (&form, point) = key.split_first()?;
        if form != 4 || point.len() != 2 * size {
            return None;
        }
        let (x, y) = point.split_at(size);
        json!({"kty": "EC", "crv": name, "x": base64url::encode(x), "y": base64url::encode(y)})
    } else {
        return None;
    };
    PublicKey::from_jwk(&jwk).ok()
}

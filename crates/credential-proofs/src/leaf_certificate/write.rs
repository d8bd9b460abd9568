use credential_model::ambient::Entropy;
use credential_model::moment::Moment;
use serde_json::Value;
use signing_keys::{Algorithm, PublicKey, Signer};

use super::CertificateError;
use super::der::{
    BIT_STRING, BOOLEAN, CONTEXT_0, CONTEXT_3, DNS_NAME, GENERALIZED_TIME, OCTET_STRING, OID,
    OID_BASIC_CONSTRAINTS, OID_COMMON_NAME, OID_EC_PUBLIC_KEY, OID_ECDSA_SHA256, OID_ECDSA_SHA384,
    OID_ECDSA_SHA512, OID_ED25519, OID_KEY_USAGE, OID_P256, OID_P384, OID_P521,
    OID_SUBJECT_ALT_NAME, SEQUENCE, SET, UTC_TIME, UTF8_STRING, element, unsigned,
};
use crate::base64url;

/// What goes into a self-signed leaf.
#[derive(Debug, Clone)]
pub struct SelfSigned<'a> {
    /// Common name and DNS name.
    pub dns_name: &'a str,
    /// First moment of validity.
    pub not_before: Moment,
    /// Last moment of validity.
    pub not_after: Moment,
}

/// Makes a self-signed leaf certificate (X.509 v3, DER) for the signer's key, to be known to wallets by its hash.
///
/// # Errors
/// [`CertificateError::BadContent`], [`CertificateError::Signing`].
pub fn self_signed(
    content: &SelfSigned<'_>,
    signer: &dyn Signer,
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, CertificateError> {
    let name = content.dns_name;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    if name.is_empty()
        || name.len() > 64
        || !name.bytes().all(plain)
        || content.not_after < content.not_before
    {
        return Err(CertificateError::BadContent);
    }
    let mut serial = [0; 16];
    entropy.fill(&mut serial);
    // Positive and never zero, whatever the randomness gave.
    serial[0] = serial[0] & 0x7f | 0x40;

    let algorithm = signature_algorithm(signer.algorithm())?;
    let distinguished_name = element(
        SEQUENCE,
        &[&element(
            SET,
            &[&element(
                SEQUENCE,
                &[&element(OID, &[OID_COMMON_NAME]), &element(UTF8_STRING, &[name.as_bytes()])],
            )],
        )],
    );
    let validity = element(SEQUENCE, &[&time(content.not_before)?, &time(content.not_after)?]);
    let body = element(
        SEQUENCE,
        &[
            &element(CONTEXT_0, &[&unsigned(&[2])]),
            &unsigned(&serial),
            &algorithm,
            &distinguished_name,
            &validity,
            &distinguished_name,
            &public_key(&signer.public_key())?,
            &element(CONTEXT_3, &[&extensions(name)]),
        ],
    );
    let signature = signer.sign(&body).map_err(CertificateError::Signing)?;
    let signature = match signer.algorithm() {
        Algorithm::EdDsa => signature,
        // X.509 carries ECDSA as two DER integers, JOSE as their fixed-length concatenation.
        _ => {
            let (r, s) = signature.split_at(signature.len() / 2);
            element(SEQUENCE, &[&unsigned(r), &unsigned(s)])
        }
    };
    Ok(element(SEQUENCE, &[&body, &algorithm, &element(BIT_STRING, &[&[0], &signature])]))
}

fn signature_algorithm(algorithm: Algorithm) -> Result<Vec<u8>, CertificateError> {
    let id = match algorithm {
        Algorithm::EdDsa => OID_ED25519,
        Algorithm::Es256 => OID_ECDSA_SHA256,
        Algorithm::Es384 => OID_ECDSA_SHA384,
        Algorithm::Es512 => OID_ECDSA_SHA512,
        _ => return Err(CertificateError::UnsupportedKey),
    };
    Ok(element(SEQUENCE, &[&element(OID, &[id])]))
}

fn public_key(key: &PublicKey) -> Result<Vec<u8>, CertificateError> {
    let jwk = key.to_jwk();
    let coordinate = |name: &str| {
        jwk.get(name)
            .and_then(Value::as_str)
            .and_then(base64url::decode)
            .ok_or(CertificateError::UnsupportedKey)
    };
    let (algorithm, point) = match key.algorithm() {
        Algorithm::EdDsa => (element(OID, &[OID_ED25519]), coordinate("x")?),
        Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 => {
            let curve = match key.algorithm() {
                Algorithm::Es256 => OID_P256,
                Algorithm::Es384 => OID_P384,
                _ => OID_P521,
            };
            let id = [element(OID, &[OID_EC_PUBLIC_KEY]), element(OID, &[curve])].concat();
            (id, [vec![4], coordinate("x")?, coordinate("y")?].concat())
        }
        _ => return Err(CertificateError::UnsupportedKey),
    };
    Ok(element(
        SEQUENCE,
        &[&element(SEQUENCE, &[&algorithm]), &element(BIT_STRING, &[&[0], &point])],
    ))
}

fn extensions(name: &str) -> Vec<u8> {
    let extension = |id: &[u8], critical: bool, value: &[u8]| {
        let critical = if critical { element(BOOLEAN, &[&[0xff]]) } else { Vec::new() };
        element(SEQUENCE, &[&element(OID, &[id]), &critical, &element(OCTET_STRING, &[value])])
    };
    let names = element(SEQUENCE, &[&element(DNS_NAME, &[name.as_bytes()])]);
    element(
        SEQUENCE,
        &[
            // No certificate authority; digitalSignature only.
            &extension(OID_BASIC_CONSTRAINTS, true, &element(SEQUENCE, &[])),
            &extension(OID_KEY_USAGE, true, &element(BIT_STRING, &[&[7, 0x80]])),
            &extension(OID_SUBJECT_ALT_NAME, false, &names),
        ],
    )
}

/// RFC 5280 section 4.1.2.5: `UTCTime` to 2049, `GeneralizedTime` from 2050.
fn time(moment: Moment) -> Result<Vec<u8>, CertificateError> {
    let digits: String = moment.to_string().chars().filter(char::is_ascii_digit).take(14).collect();
    if digits.len() != 14 || digits.as_str() < "1950" {
        return Err(CertificateError::BadContent);
    }
    Ok(if digits.as_str() < "2050" {
        element(UTC_TIME, &[&digits.as_bytes()[2..], b"Z"])
    } else {
        element(GENERALIZED_TIME, &[digits.as_bytes(), b"Z"])
    })
}

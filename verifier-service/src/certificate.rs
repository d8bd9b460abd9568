//! The self-signed certificate behind `x509_hash`: made at `init`, its key stays in the key store.
use anyhow::Context as _;
use credential_model::moment::Moment;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyIdMethod,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, SanType, SerialNumber,
    SignatureAlgorithm, SigningKey,
};
use sha2::{Digest, Sha256};
use signing_keys::{PublicKey, Signer};
use time::OffsetDateTime;

/// How long a certificate lasts.
const LIFETIME_SECONDS: i64 = 2 * 365 * 86_400;

/// Makes a certificate for the key, valid from yesterday (clocks differ) for two years.
///
/// # Errors
/// When the key is not P-256 or cannot sign.
pub fn make(
    signer: &dyn Signer,
    host: &str,
    name: &str,
    serial: [u8; 16],
    now: Moment,
) -> anyhow::Result<Vec<u8>> {
    let key = StoreKey::new(signer)?;
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, host);
    subject.push(DnType::OrganizationName, name);
    let at = |moment: Moment| {
        OffsetDateTime::from_unix_timestamp(moment.unix()).context("a date out of range")
    };
    let mut params = CertificateParams::default();
    params.distinguished_name = subject;
    params.subject_alt_names = subject_names(host);
    params.not_before = at(now.minus_seconds(86_400))?;
    params.not_after = at(now.plus_seconds(LIFETIME_SECONDS))?;
    // RFC 5280 section 4.1.2.2: positive.
    let mut serial = serial;
    serial[0] = (serial[0] & 0x7f) | 0x01;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.key_identifier_method =
        KeyIdMethod::PreSpecified(Sha256::digest(&key.point)[..20].to_vec());
    let certificate = params.self_signed(&key).context("signing the certificate")?;
    Ok(certificate.der().to_vec())
}

fn subject_names(host: &str) -> Vec<SanType> {
    if let Ok(address) = host.parse() {
        return vec![SanType::IpAddress(address)];
    }
    host.try_into().map(|name| vec![SanType::DnsName(name)]).unwrap_or_default()
}

/// A P-256 key of the key store as rcgen wants it.
struct StoreKey<'a> {
    signer: &'a dyn Signer,
    point: Vec<u8>,
}

impl<'a> StoreKey<'a> {
    fn new(signer: &'a dyn Signer) -> anyhow::Result<Self> {
        match signer.public_key() {
            PublicKey::P256(key) => {
                Ok(StoreKey { signer, point: uncompressed(&PublicKey::P256(key))? })
            }
            _ => anyhow::bail!("the request key is not P-256"),
        }
    }
}

/// 0x04, x, y from the JWK.
fn uncompressed(key: &PublicKey) -> anyhow::Result<Vec<u8>> {
    use base64::Engine as _;
    let jwk = key.to_jwk();
    let mut point = vec![4];
    for member in ["x", "y"] {
        let text = jwk.get(member).and_then(serde_json::Value::as_str).context("a JWK member")?;
        point.extend(base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text)?);
    }
    Ok(point)
}

impl PublicKeyData for StoreKey<'_> {
    fn der_bytes(&self) -> &[u8] {
        &self.point
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl SigningKey for StoreKey<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let raw = self.signer.sign(message).map_err(|_| rcgen::Error::RemoteKeyError)?;
        Ok(der_signature(&raw))
    }
}

/// `r||s` as an ASN.1 `ECDSA-Sig-Value` (RFC 3279 section 2.2.3).
fn der_signature(raw: &[u8]) -> Vec<u8> {
    let (r, s) = raw.split_at(raw.len() / 2);
    let mut body = integer(r);
    body.extend(integer(s));
    let mut out = vec![0x30, u8::try_from(body.len()).unwrap_or(u8::MAX)];
    out.extend(body);
    out
}

fn integer(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len().saturating_sub(1));
    let mut value = bytes[start..].to_vec();
    if value.first().is_some_and(|byte| byte & 0x80 != 0) {
        value.insert(0, 0);
    }
    let mut out = vec![2, u8::try_from(value.len()).unwrap_or(u8::MAX)];
    out.extend(value);
    out
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use credential_model::ambient::PredictableEntropy;
    use signing_keys::{KeyAlgorithm, KeyStore, MemoryKeyStore, StoreSigner};

    use super::*;

    fn signer(algorithm: KeyAlgorithm) -> StoreSigner {
        let store: Arc<dyn KeyStore> =
            Arc::new(MemoryKeyStore::new(Arc::new(PredictableEntropy::new(1))));
        store.generate(algorithm, "key").unwrap();
        StoreSigner::by_label(store, "key").unwrap()
    }

    #[test]
    fn the_certificate_carries_the_key_and_signs_requests() {
        use credential_proofs::request_object::{self, RequestKey, RequestObject};
        let signer = signer(KeyAlgorithm::Es256);
        let now = Moment::from_unix(1_800_000_000);
        let der = make(&signer, "localhost", "가상 검증기관", [7; 16], now).unwrap();
        let claims = serde_json::json!({"client_id": "x509_hash:x"});
        let token = request_object::sign(&claims, RequestKey::X5c(&[der]), &signer).unwrap();
        let parsed = RequestObject::parse(&token).unwrap();
        assert_eq!(parsed.leaf_key(), Some(&signer.public_key()));
    }

    #[test]
    fn other_keys_are_refused() {
        let now = Moment::from_unix(1_800_000_000);
        assert!(make(&signer(KeyAlgorithm::EdDsa), "localhost", "x", [7; 16], now).is_err());
    }

    #[test]
    fn der_integers_are_minimal_and_positive() {
        assert_eq!(der_signature(&[0, 1, 0x80, 0]), [0x30, 8, 2, 1, 1, 2, 3, 0, 0x80, 0]);
        assert_eq!(der_signature(&[0, 0, 0, 0]), [0x30, 6, 2, 1, 0, 2, 1, 0]);
    }
}

//! Compact JWE (RFC 7516) with ECDH-ES on P-256: encrypted OID4VP responses (`direct_post.jwt`) and OID4VCI credential
//! requests and responses.
//!
//! josekit does the arithmetic over OpenSSL, which brings its own randomness: its interface has no place for ours.
//! What josekit leaves open is closed here: the algorithm pair, the length of IV and tag, compression (refused: a bomb
//! would unpack before anything is authenticated to us), critical headers, and the curve of the ephemeral key.

use credential_model::json::{Limits, parse_strict};
use josekit::jwe::{self, ECDH_ES, JweHeader};
use josekit::jwk::Jwk;
use josekit::jwk::KeyPair as _;
use josekit::jwk::alg::ec::{EcCurve, EcKeyPair};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use signing_keys::PublicKey;
use zeroize::Zeroize as _;

use crate::base64url;

/// The only key management algorithm: what HAIP asks for, and nothing to downgrade to.
pub const ALGORITHM: &str = "ECDH-ES";
const MAX_BYTES: usize = 2 * 1024 * 1024;
const MAX_HEADER_BYTES: usize = 16 * 1024;

/// Content encryption, as named in `enc`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ContentEncryption {
    /// AES-GCM with a 128 bit key.
    #[serde(rename = "A128GCM")]
    A128Gcm,
    /// AES-GCM with a 256 bit key.
    #[serde(rename = "A256GCM")]
    A256Gcm,
}

impl ContentEncryption {
    /// Both, in the order we offer them.
    pub const ALL: [Self; 2] = [Self::A256Gcm, Self::A128Gcm];

    /// The name in `enc`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    /// Reads the name exactly.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|enc| enc.as_str() == name)
    }
}

/// Why a JWE was refused, or could not be made. What exactly failed in a decryption is not told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JweError {
    /// The recipient key is no public P-256 key for ECDH-ES.
    #[error("the recipient key is not usable for ECDH-ES")]
    BadKey,
    /// Not five canonical parts, or a header we do not accept.
    #[error("not an acceptable compact JWE")]
    Malformed,
    /// `alg` or `enc` is none of ours.
    #[error("the encryption algorithms are not supported")]
    UnsupportedAlgorithm,
    /// Encrypted to another key.
    #[error("encrypted to another key")]
    WrongKey,
    /// Decryption failed.
    #[error("the content could not be decrypted")]
    Decryption,
    /// Encryption failed.
    #[error("the content could not be encrypted")]
    Encryption,
}

impl JweError {
    /// Stable code for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadKey => "jwe_bad_key",
            Self::Malformed => "jwe_malformed",
            Self::UnsupportedAlgorithm => "jwe_unsupported_algorithm",
            Self::WrongKey => "jwe_wrong_key",
            Self::Decryption => "jwe_decryption",
            Self::Encryption => "jwe_encryption",
        }
    }
}

/// A key pair made for one exchange. Serializable so that a session can keep it between request and response; store it
/// sealed or briefly.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EphemeralKey {
    kid: String,
    x: String,
    y: String,
    d: String,
}

impl std::fmt::Debug for EphemeralKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EphemeralKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl Drop for EphemeralKey {
    fn drop(&mut self) {
        self.d.zeroize();
    }
}

impl EphemeralKey {
    /// Makes a P-256 key pair under this `kid`.
    ///
    /// # Errors
    /// [`JweError::BadKey`] when OpenSSL cannot make one.
    pub fn generate(kid: &str) -> Result<Self, JweError> {
        let pair = EcKeyPair::generate(EcCurve::P256).map_err(|_| JweError::BadKey)?;
        let jwk = pair.to_jwk_key_pair();
        let member = |name: &str| {
            jwk.parameter(name).and_then(Value::as_str).map(str::to_owned).ok_or(JweError::BadKey)
        };
        Ok(Self { kid: kid.to_owned(), x: member("x")?, y: member("y")?, d: member("d")? })
    }

    /// The public half for `client_metadata.jwks` or `credential_response_encryption`: with `kid`, `use`, `alg`.
    #[must_use]
    pub fn public_jwk(&self) -> Value {
        serde_json::json!({
            "kty": "EC", "crv": "P-256", "x": self.x, "y": self.y, "use": "enc", "alg": ALGORITHM, "kid": self.kid,
        })
    }

    /// The `kid` a sender must repeat.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    fn private_jwk(&self) -> Result<Jwk, JweError> {
        let Value::Object(mut members) = self.public_jwk() else { return Err(JweError::BadKey) };
        members.remove("kid");
        members.insert("d".to_owned(), Value::from(self.d.as_str()));
        Jwk::from_map(members).map_err(|_| JweError::BadKey)
    }
}

/// Encrypts to a recipient's public JWK, whose `kid` (if any) is repeated in the header.
///
/// # Errors
/// [`JweError::BadKey`] when the JWK is not a bare public P-256 key meant for ECDH-ES, [`JweError::Encryption`].
pub fn encrypt(
    payload: &[u8],
    recipient: &Value,
    enc: ContentEncryption,
) -> Result<String, JweError> {
    let public = ec_point(recipient).ok_or(JweError::BadKey)?;
    let states = |name: &str, wanted: &str| {
        recipient.get(name).is_none_or(|value| value.as_str() == Some(wanted))
    };
    if recipient.get("d").is_some() || !states("use", "enc") || !states("alg", ALGORITHM) {
        return Err(JweError::BadKey);
    }
    let mut header = JweHeader::new();
    header.set_content_encryption(enc.as_str());
    if let Some(kid) = recipient.get("kid") {
        header.set_key_id(kid.as_str().ok_or(JweError::BadKey)?);
    }
    let jwk = Jwk::from_map(public).map_err(|_| JweError::BadKey)?;
    let encrypter = ECDH_ES.encrypter_from_jwk(&jwk).map_err(|_| JweError::BadKey)?;
    jwe::serialize_compact(payload, &header, &encrypter).map_err(|_| JweError::Encryption)
}

/// A P-256 point that lies on the curve, as bare JWK members.
fn ec_point(jwk: &Value) -> Option<Map<String, Value>> {
    let member = |name: &str| jwk.get(name).and_then(Value::as_str);
    if member("kty")? != "EC" || member("crv")? != "P-256" {
        return None;
    }
    let mut bare = Map::new();
    for name in ["kty", "crv", "x", "y"] {
        bare.insert(name.to_owned(), Value::from(member(name)?));
    }
    PublicKey::from_jwk(&Value::Object(bare.clone())).ok()?;
    Some(bare)
}

struct Checked {
    kid: Option<String>,
}

/// Everything that can be checked before decrypting.
fn check(token: &str) -> Result<Checked, JweError> {
    if token.len() > MAX_BYTES {
        return Err(JweError::Malformed);
    }
    let parts: Vec<&str> = token.split('.').take(6).collect();
    let [header, encrypted_key, iv, ciphertext, tag] = parts.as_slice() else {
        return Err(JweError::Malformed);
    };
    let decoded = |part: &str| base64url::decode(part).ok_or(JweError::Malformed);
    // Direct agreement has no encrypted key; GCM has 96 bits of IV and, never less, 128 bits of tag.
    if !encrypted_key.is_empty() || decoded(iv)?.len() != 12 || decoded(tag)?.len() != 16 {
        return Err(JweError::Malformed);
    }
    decoded(ciphertext)?;
    let limits = Limits { max_bytes: MAX_HEADER_BYTES, ..Limits::default() };
    let header = parse_strict(&decoded(header)?, &limits).map_err(|_| JweError::Malformed)?;
    let text = |name: &str| header.get(name).and_then(Value::as_str);
    if text("alg") != Some(ALGORITHM) || text("enc").and_then(ContentEncryption::parse).is_none() {
        return Err(JweError::UnsupportedAlgorithm);
    }
    if ["crit", "zip", "jku", "x5u", "jwk"].iter().any(|name| header.get(*name).is_some()) {
        return Err(JweError::Malformed);
    }
    header.get("epk").and_then(ec_point).ok_or(JweError::Malformed)?;
    match header.get("kid") {
        None => Ok(Checked { kid: None }),
        Some(Value::String(kid)) => Ok(Checked { kid: Some(kid.clone()) }),
        Some(_) => Err(JweError::Malformed),
    }
}

/// The `kid` of the header, so that the receiver finds the session; nothing is decrypted.
///
/// # Errors
/// [`JweError::Malformed`], [`JweError::UnsupportedAlgorithm`].
pub fn recipient_kid(token: &str) -> Result<Option<String>, JweError> {
    Ok(check(token)?.kid)
}

/// Decrypts. A `kid` in the header must be the key's.
///
/// # Errors
/// Every [`JweError`] but the one of encryption.
pub fn decrypt(token: &str, key: &EphemeralKey) -> Result<Vec<u8>, JweError> {
    if check(token)?.kid.is_some_and(|kid| kid != key.kid) {
        return Err(JweError::WrongKey);
    }
    let decrypter =
        ECDH_ES.decrypter_from_jwk(&key.private_jwk()?).map_err(|_| JweError::BadKey)?;
    jwe::deserialize_compact(token, &decrypter)
        .map(|(content, _)| content)
        .map_err(|_| JweError::Decryption)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_with_both_encryptions() {
        let key = EphemeralKey::generate("session-1").unwrap();
        for enc in ContentEncryption::ALL {
            let token = encrypt(b"{\"vp_token\":{}}", &key.public_jwk(), enc).unwrap();
            assert_eq!(recipient_kid(&token).unwrap().as_deref(), Some("session-1"));
            assert_eq!(decrypt(&token, &key).unwrap(), b"{\"vp_token\":{}}");
        }
    }

    #[test]
    fn a_key_survives_storage_and_hides_itself() {
        let key = EphemeralKey::generate("session-1").unwrap();
        let stored = serde_json::to_string(&key).unwrap();
        let restored: EphemeralKey = serde_json::from_str(&stored).unwrap();
        let token = encrypt(b"x", &key.public_jwk(), ContentEncryption::A128Gcm).unwrap();
        assert_eq!(decrypt(&token, &restored).unwrap(), b"x");
        assert_eq!(format!("{key:?}"), "EphemeralKey { kid: \"session-1\", .. }");
        assert!(key.public_jwk().get("d").is_none());
    }

    #[test]
    fn any_changed_character_is_refused() {
        let key = EphemeralKey::generate("k").unwrap();
        let token = encrypt(b"payload", &key.public_jwk(), ContentEncryption::A256Gcm).unwrap();
        for position in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            assert!(
                decrypt(&String::from_utf8(changed).unwrap(), &key).is_err(),
                "position {position}"
            );
        }
        let other = EphemeralKey::generate("k").unwrap();
        assert!(matches!(decrypt(&token, &other), Err(JweError::Decryption)));
        let elsewhere = EphemeralKey::generate("other").unwrap();
        assert!(matches!(decrypt(&token, &elsewhere), Err(JweError::WrongKey)));
    }

    fn with_header(token: &str, change: impl FnOnce(&mut Value)) -> String {
        let (header, rest) = token.split_once('.').unwrap();
        let mut header: Value =
            serde_json::from_slice(&base64url::decode(header).unwrap()).unwrap();
        change(&mut header);
        format!("{}.{rest}", base64url::encode(header.to_string()))
    }

    #[test]
    fn dangerous_headers_are_refused_before_decryption() {
        let key = EphemeralKey::generate("k").unwrap();
        let token = encrypt(b"payload", &key.public_jwk(), ContentEncryption::A256Gcm).unwrap();
        for (name, value) in [
            ("zip", "DEF"),
            ("crit", "exp"),
            ("jku", "https://a.example"),
            ("x5u", "https://a.example"),
        ] {
            let changed = with_header(&token, |header| header[name] = Value::from(value));
            assert!(matches!(decrypt(&changed, &key), Err(JweError::Malformed)), "{name}");
        }
        for (name, value) in [
            ("alg", "dir"),
            ("alg", "RSA1_5"),
            ("alg", "ECDH-ES+A128KW"),
            ("enc", "A128CBC-HS256"),
            ("enc", "none"),
        ] {
            let changed = with_header(&token, |header| header[name] = Value::from(value));
            assert!(
                matches!(decrypt(&changed, &key), Err(JweError::UnsupportedAlgorithm)),
                "{name} {value}"
            );
        }
        let off_curve =
            with_header(&token, |header| header["epk"]["x"] = header["epk"]["y"].clone());
        assert!(matches!(decrypt(&off_curve, &key), Err(JweError::Malformed)));
        let cut_tag = &token[..token.len() - 4];
        assert!(matches!(decrypt(cut_tag, &key), Err(JweError::Malformed)));
    }

    #[test]
    fn only_bare_public_keys_for_agreement_receive() {
        let key = EphemeralKey::generate("k").unwrap();
        let good = key.public_jwk();
        let changes: [(&str, Value); 6] = [
            ("use", "sig".into()),
            ("alg", "ES256".into()),
            ("crv", "P-384".into()),
            ("d", "AAAA".into()),
            ("x", good["y"].clone()),
            ("kid", 7.into()),
        ];
        for (name, value) in changes {
            let mut bad = good.clone();
            bad[name] = value;
            assert!(
                matches!(encrypt(b"x", &bad, ContentEncryption::A256Gcm), Err(JweError::BadKey)),
                "{name}"
            );
        }
    }

    /// Wycheproof's JWE cases that use ECDH-ES on P-256 with the encryptions we have; all others must be refused.
    #[test]
    fn wycheproof() {
        let Some(folder) = crate::test_keys::vectors("wycheproof") else { return };
        let file = std::fs::read(folder.join("json_web_encryption_test.json")).unwrap();
        let file: Value = serde_json::from_slice(&file).unwrap();
        let (mut valid, mut refused) = (0, 0);
        for group in file["testGroups"].as_array().unwrap() {
            let private = &group["private"];
            let member = |name: &str| private[name].as_str().unwrap_or_default().to_owned();
            let key =
                EphemeralKey { kid: member("kid"), x: member("x"), y: member("y"), d: member("d") };
            for test in group["tests"].as_array().unwrap() {
                let Some(token) = test["jwe"].as_str() else { continue };
                let id = &test["tcId"];
                match decrypt(token, &key) {
                    Ok(content) => {
                        assert_eq!(test["result"], "valid", "{id} {}", test["comment"]);
                        assert_eq!(hex::encode(content), test["pt"].as_str().unwrap(), "{id}");
                        valid += 1;
                    }
                    Err(error) => {
                        let ours = member("crv") == "P-256" && check(token).is_ok();
                        assert!(
                            test["result"] != "valid" || !ours,
                            "{id} {}: {error}",
                            test["comment"]
                        );
                        refused += 1;
                    }
                }
            }
        }
        println!("wycheproof JWE: {valid} decrypted, {refused} refused");
        assert!(refused > 0);
    }
}

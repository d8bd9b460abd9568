//! Key binding: the holder signs which disclosures go to which verifier for which request (RFC 9901 section 4.3).

use credential_model::moment::Moment;
use serde_json::{Map, Value, json};
use signing_keys::{PublicKey, Signer};

use super::disclosure::digest;
use super::parse::date;
use super::{SdJwt, SdJwtError};
use crate::expected::CLOCK_SKEW_SECONDS;
use crate::jose;

/// `typ` of a key binding JWT.
pub const KEY_BINDING_TYP: &str = "kb+jwt";

/// What the verifier expects of a key binding.
#[derive(Debug, Clone)]
pub struct ExpectedBinding<'a> {
    /// The full client identifier of the verifier.
    pub audience: &'a str,
    /// The nonce of the request.
    pub nonce: &'a str,
    /// The moment of judging.
    pub now: Moment,
    /// How old a binding may be, in seconds; 300 is a good value.
    pub max_age_seconds: i64,
    /// SHA-256 hashes of the `transaction_data` strings of the request (base64url), in order; empty for none.
    pub transaction_data_hashes: &'a [String],
}

/// A key binding that holds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct KeyBinding {
    /// The holder key that signed, equal to `cnf.jwk`.
    pub key: PublicKey,
    /// When the holder signed.
    pub issued_at: Moment,
}

impl SdJwt {
    /// Binds the present disclosures to a verifier. Returns the presentation text.
    ///
    /// # Errors
    /// [`SdJwtError::AlreadyBound`], [`SdJwtError::NoHolderKey`] when the credential names none,
    /// [`SdJwtError::WrongHolderKey`] when `signer` is not that key, [`SdJwtError::Jose`] when it cannot sign.
    pub fn bind(
        &self,
        audience: &str,
        nonce: &str,
        issued_at: Moment,
        transaction_data_hashes: &[String],
        signer: &dyn Signer,
    ) -> Result<String, SdJwtError> {
        if self.is_bound() {
            return Err(SdJwtError::AlreadyBound);
        }
        if self.holder_key().ok_or(SdJwtError::NoHolderKey)? != signer.public_key() {
            return Err(SdJwtError::WrongHolderKey);
        }
        let mut claims = Map::new();
        claims.insert("iat".to_owned(), Value::from(issued_at.unix()));
        claims.insert("aud".to_owned(), Value::from(audience));
        claims.insert("nonce".to_owned(), Value::from(nonce));
        claims.insert("sd_hash".to_owned(), Value::from(digest(self.without_binding())));
        if !transaction_data_hashes.is_empty() {
            claims.insert("transaction_data_hashes".to_owned(), json!(transaction_data_hashes));
            claims.insert("transaction_data_hashes_alg".to_owned(), Value::from("sha-256"));
        }
        let token = jose::sign(
            json!({"typ": KEY_BINDING_TYP}),
            Value::Object(claims).to_string().as_bytes(),
            signer,
        )?;
        Ok(format!("{}{token}", self.without_binding()))
    }

    /// Checks the key binding: signed by `cnf.jwk`, for this verifier and request, just now, over exactly the presented
    /// disclosures. Says nothing about the issuer: see [`SdJwt::verify`].
    ///
    /// # Errors
    /// Every [`SdJwtError`] about key binding.
    pub fn verify_key_binding(
        &self,
        expected: &ExpectedBinding<'_>,
    ) -> Result<KeyBinding, SdJwtError> {
        let token = self.key_binding.as_ref().ok_or(SdJwtError::NoKeyBinding)?;
        let key = self.holder_key().ok_or(SdJwtError::NoHolderKey)?;
        jose::verify(token, &key, &[KEY_BINDING_TYP])?;
        let claims = token.payload_json()?;

        if text(&claims, "aud")? != expected.audience {
            return Err(SdJwtError::WrongAudience);
        }
        if text(&claims, "nonce")? != expected.nonce {
            return Err(SdJwtError::WrongNonce);
        }
        if text(&claims, "sd_hash")? != digest(self.without_binding()) {
            return Err(SdJwtError::WrongDigest);
        }
        let issued_at = date(&claims, "iat")?.ok_or(SdJwtError::Claim("iat"))?;
        if issued_at > expected.now.plus_seconds(CLOCK_SKEW_SECONDS) {
            return Err(SdJwtError::BindingFromFuture);
        }
        let oldest =
            expected.now.minus_seconds(expected.max_age_seconds.saturating_add(CLOCK_SKEW_SECONDS));
        let expired = date(&claims, "exp")?
            .is_some_and(|expires| expires < expected.now.minus_seconds(CLOCK_SKEW_SECONDS));
        if issued_at < oldest || expired {
            return Err(SdJwtError::BindingTooOld);
        }
        check_transaction_data(&claims, expected.transaction_data_hashes)?;
        Ok(KeyBinding { key, issued_at })
    }
}

fn text<'c>(claims: &'c Value, name: &'static str) -> Result<&'c str, SdJwtError> {
    claims.get(name).and_then(Value::as_str).ok_or(SdJwtError::Claim(name))
}

/// OID4VP 1.0 section 8.4 and B.3.3: hashes in the order of the request, SHA-256 unless said otherwise.
fn check_transaction_data(claims: &Value, expected: &[String]) -> Result<(), SdJwtError> {
    let algorithm = claims.get("transaction_data_hashes_alg");
    let hashes = claims.get("transaction_data_hashes");
    let as_expected = match hashes {
        None => expected.is_empty(),
        Some(Value::Array(hashes)) => {
            !expected.is_empty()
                && hashes.len() == expected.len()
                && hashes
                    .iter()
                    .zip(expected)
                    .all(|(actual, wanted)| actual.as_str() == Some(wanted))
        }
        Some(_) => false,
    };
    if as_expected && algorithm.is_none_or(|name| name.as_str() == Some("sha-256")) {
        Ok(())
    } else {
        Err(SdJwtError::WrongTransactionData)
    }
}

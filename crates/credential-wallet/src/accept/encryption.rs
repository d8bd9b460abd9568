//! Encrypted credential requests and responses (OID4VCI 1.0 §10).

use credential_proofs::jwe::{self, ContentEncryption, EphemeralKey};
use openid4vc_messages::{CredentialResponseEncryption, IssuerMetadata};
use serde_json::Value;
use web_fetch::FetchResponse;

use super::AcceptError;
use crate::http;

/// The encryption of one exchange (OID4VCI 1.0 §10).
pub(super) struct Encryption {
    key: EphemeralKey,
    enc: &'static str,
    /// The issuer's key, where it takes encrypted requests.
    pub(super) request_key: Option<(Value, ContentEncryption)>,
}

impl Encryption {
    /// Encrypts whenever the issuer can: TLS ends at a proxy, the credential should not.
    /// `None` when the issuer cannot.
    pub(super) fn choose(metadata: &IssuerMetadata) -> Result<Option<Self>, AcceptError> {
        let Some(response) = &metadata.credential_response_encryption else { return Ok(None) };
        let ours = |list: &[String]| {
            [("A256GCM", ContentEncryption::A256Gcm), ("A128GCM", ContentEncryption::A128Gcm)]
                .into_iter()
                .find(|(name, _)| list.iter().any(|listed| listed == name))
        };
        let usable = response.alg_values_supported.iter().any(|alg| alg == "ECDH-ES");
        let Some((enc, _)) = ours(&response.enc_values_supported).filter(|_| usable) else {
            let demanded = response.encryption_required;
            return if demanded { Err(AcceptError::EncryptionNotSupported) } else { Ok(None) };
        };
        // §8.2: a request that asks for encryption must itself be encrypted, or a proxy
        // could put in its own key.
        let request_key = metadata.credential_request_encryption.as_ref().and_then(|request| {
            let (_, enc) = ours(&request.enc_values_supported)?;
            let jwk = request.jwks.keys.iter().find(|jwk| {
                jwk.get("alg").and_then(Value::as_str).is_none_or(|alg| alg == "ECDH-ES")
            })?;
            Some((jwk.clone(), enc))
        });
        if request_key.is_none() && !response.encryption_required {
            return Ok(None);
        }
        let key = EphemeralKey::generate("wallet-response")
            .map_err(|error| AcceptError::Decryption(error.to_string()))?;
        Ok(Some(Self { key, enc, request_key }))
    }

    pub(super) fn parameters(&self) -> CredentialResponseEncryption {
        CredentialResponseEncryption {
            jwk: self.key.public_jwk(),
            enc: self.enc.to_owned(),
            zip: None,
        }
    }
}

/// The JSON of an answer, decrypted where encryption was asked for.
pub(super) fn read_response(
    response: &FetchResponse,
    what: &'static str,
    encryption: Option<&Encryption>,
) -> Result<Value, AcceptError> {
    let Some(encryption) = encryption else { return Ok(http::json_body(response, what)?) };
    // A plain 202 carries no credential; many issuers encrypt only what is worth it.
    if response.status == 202 && http::media_type(response) == "application/json" {
        return Ok(http::json_body(response, what)?);
    }
    // Asked for and not done is a fault, not a fallback.
    http::expect_media_type(response, "application/jwt", what)?;
    let unreadable = |reason: &dyn std::fmt::Display| AcceptError::Decryption(reason.to_string());
    let token = std::str::from_utf8(&response.body).map_err(|error| unreadable(&error))?;
    let plain = jwe::decrypt(token.trim(), &encryption.key).map_err(|error| unreadable(&error))?;
    let limits = credential_model::json::Limits::with_max_bytes(http::MAX_DOCUMENT_BYTES);
    credential_model::json::parse_strict(&plain, &limits).map_err(|error| unreadable(&error))
}

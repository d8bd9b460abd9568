//! What a verifier says about itself and the keys to encrypt to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{ErrorCode, MessageError};
use crate::vci::metadata::JwkSet;

/// `vp_formats_supported`: format → its algorithm lists, e.g.
/// `{"dc+sd-jwt": {"sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"]}}`.
pub type MetadataFormats = BTreeMap<String, Value>;

/// `client_metadata`
/// ([OID4VP 1.0 §5.1](https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-5.1), §11.1).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ClientMetadata {
    /// Public keys for encrypted responses, each with `kid` and `alg`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<JwkSet>,
    /// JWE content encryption for responses; absent: `A128GCM`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypted_response_enc_values_supported: Option<Vec<String>>,
    /// Formats and algorithms the verifier checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vp_formats_supported: Option<MetadataFormats>,
    /// Name to show (RFC 7591); claimed by the verifier, so never shown as established.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
}

/// Key and algorithms for one encrypted response.
#[derive(Debug, Clone, PartialEq)]
pub struct EncryptionChoice {
    /// Public key of the verifier.
    pub jwk: Value,
    /// JWE `alg`, equal to `jwk.alg`.
    pub alg: String,
    /// JWE `enc`.
    pub enc: String,
    /// `kid` to echo in the JWE header.
    pub kid: Option<String>,
}

impl ClientMetadata {
    /// Picks the first key and content encryption that the wallet can use
    /// ([OID4VP 1.0 §8.3](https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-8.3)).
    ///
    /// # Errors
    /// `invalid_request` when there is no usable encryption key or common `enc`.
    pub fn encryption_choice(
        &self,
        algs: &[&str],
        encs: &[&str],
    ) -> Result<EncryptionChoice, MessageError> {
        let refuse = |detail: &str| MessageError::new(ErrorCode::InvalidRequest, detail);
        let text =
            |jwk: &Value, name: &str| jwk.get(name).and_then(Value::as_str).map(str::to_owned);
        let keys = self.jwks.as_ref().map(|set| set.keys.as_slice()).unwrap_or_default();
        let (jwk, alg) = keys
            .iter()
            .filter(|jwk| text(jwk, "use").is_none_or(|u| u == "enc") && jwk.get("d").is_none())
            .find_map(|jwk| {
                text(jwk, "alg").filter(|a| algs.contains(&a.as_str())).map(|a| (jwk, a))
            })
            .ok_or_else(|| refuse("client_metadata.jwks has no key this wallet can encrypt to"))?;
        let enc = match &self.encrypted_response_enc_values_supported {
            None if encs.contains(&"A128GCM") => "A128GCM".to_owned(),
            None => return Err(refuse("this wallet does not offer A128GCM, the default enc")),
            Some(offered) => offered
                .iter()
                .find(|e| encs.contains(&e.as_str()))
                .cloned()
                .ok_or_else(|| refuse("no content encryption in common with the verifier"))?,
        };
        Ok(EncryptionChoice { jwk: jwk.clone(), alg, enc, kid: text(jwk, "kid") })
    }

    /// Whether the verifier takes a format, and the algorithm where it lists any:
    /// `list` is the member to look in, e.g. `kb-jwt_alg_values`.
    #[must_use]
    pub fn supports(&self, format: &str, list: &str, algorithm: &str) -> bool {
        let Some(formats) = &self.vp_formats_supported else { return true };
        let Some(parameters) = formats.get(format) else { return false };
        match parameters.get(list).and_then(Value::as_array) {
            None => true,
            Some(values) => values.iter().any(|v| v.as_str() == Some(algorithm)),
        }
    }
}

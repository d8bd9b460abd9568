//! Header and claims of a `jwt` key proof. The signature is checked elsewhere.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{ErrorCode, MessageError};

/// `typ` of a key proof (OID4VCI 1.0 Appendix F.1).
pub const KEY_PROOF_TYP: &str = "openid4vci-proof+jwt";

/// JOSE header of a key proof
/// ([OID4VCI 1.0 Appendix F.1](https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#appendix-F.1)).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyProofHeader {
    /// Must be [`KEY_PROOF_TYP`].
    pub typ: String,
    /// Asymmetric signature algorithm.
    pub alg: String,
    /// DID URL of the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// The public key itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwk: Option<Value>,
    /// Certificate chain, base64 DER.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x5c: Option<Vec<String>>,
    /// Attestation of the key, a JWT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_attestation: Option<String>,
}

impl KeyProofHeader {
    /// Checks typ, algorithm family and that exactly one key reference is there.
    ///
    /// # Errors
    /// `invalid_proof`.
    pub fn validate(&self) -> Result<(), MessageError> {
        if self.typ != KEY_PROOF_TYP {
            return Err(refuse("the key proof's typ is not openid4vci-proof+jwt"));
        }
        if self.alg.eq_ignore_ascii_case("none") || self.alg.to_ascii_uppercase().starts_with("HS")
        {
            return Err(refuse("the key proof's alg is not an asymmetric signature"));
        }
        let references = [self.kid.is_some(), self.jwk.is_some(), self.x5c.is_some()];
        if references.iter().filter(|present| **present).count() != 1 {
            return Err(refuse("the key proof must carry exactly one of kid, jwk and x5c"));
        }
        if let Some(jwk) = &self.jwk {
            let object = jwk.as_object().ok_or_else(|| refuse("jwk is not an object"))?;
            if ["d", "k", "p", "q", "dp", "dq", "qi"].iter().any(|m| object.contains_key(*m)) {
                return Err(refuse("the key proof's jwk carries private key material"));
            }
        }
        if self.x5c.as_ref().is_some_and(Vec::is_empty) {
            return Err(refuse("x5c is empty"));
        }
        Ok(())
    }
}

/// Claims of a key proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyProofClaims {
    /// Client identifier; absent for an anonymous pre-authorized wallet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// Credential Issuer Identifier.
    pub aud: String,
    /// When it was made, Unix seconds.
    pub iat: i64,
    /// The `c_nonce`; required when the issuer has a nonce endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
}

fn refuse(detail: &str) -> MessageError {
    MessageError::new(ErrorCode::InvalidProof, detail)
}

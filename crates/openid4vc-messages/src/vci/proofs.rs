//! Key proofs and response encryption inside a Credential Request.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::error::{ErrorCode, MessageError};

const MAX_PROOFS: usize = 100;
const MAX_PROOF_BYTES: usize = 64 * 1024;

/// `proofs`: an object with exactly one member
/// ([OID4VCI 1.0 Appendix F](https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#appendix-F)).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Proofs {
    /// Signed JWTs, one per key.
    Jwt(Vec<String>),
    /// Verifiable Presentations with a Data Integrity proof, one per key.
    DiVp(Vec<Value>),
    /// One key attestation for all keys.
    Attestation(String),
}

impl Proofs {
    /// The proof type's name, as in `proof_types_supported`.
    #[must_use]
    pub const fn proof_type(&self) -> &'static str {
        match self {
            Self::Jwt(_) => "jwt",
            Self::DiVp(_) => "di_vp",
            Self::Attestation(_) => "attestation",
        }
    }

    /// Number of proofs.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Jwt(list) => list.len(),
            Self::DiVp(list) => list.len(),
            Self::Attestation(_) => 1,
        }
    }

    /// Never true for a parsed value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads the object.
    ///
    /// # Errors
    /// `invalid_proof` for no type or several, unknown types, and empty or wrong lists.
    pub fn parse(json: &Value) -> Result<Self, MessageError> {
        let object = json.as_object().ok_or_else(|| proof("proofs is not an object"))?;
        let mut members = object.iter();
        let (Some((kind, list)), None) = (members.next(), members.next()) else {
            return Err(proof("proofs must have exactly one member, named by its proof type"));
        };
        let list =
            list.as_array().ok_or_else(|| proof("the proof type's value is not an array"))?;
        if list.is_empty() {
            return Err(proof("the array of proofs is empty"));
        }
        if list.len() > MAX_PROOFS {
            return Err(proof(format!("more than {MAX_PROOFS} proofs in one request")));
        }
        let texts = || -> Result<Vec<String>, MessageError> {
            list.iter()
                .map(|entry| match entry.as_str() {
                    Some(text) if !text.is_empty() && text.len() <= MAX_PROOF_BYTES => {
                        Ok(text.to_owned())
                    }
                    Some(_) => Err(proof("a proof is empty or too long")),
                    None => Err(proof("a proof is not a string")),
                })
                .collect()
        };
        match kind.as_str() {
            "jwt" => Ok(Self::Jwt(texts()?)),
            "di_vp" if list.iter().all(Value::is_object) => Ok(Self::DiVp(list.clone())),
            "di_vp" => Err(proof("a di_vp proof is not an object")),
            "attestation" => match <[String; 1]>::try_from(texts()?) {
                Ok([one]) => Ok(Self::Attestation(one)),
                Err(_) => Err(proof("attestation takes exactly one element")),
            },
            _ => Err(proof("this proof type is not supported: use jwt, di_vp or attestation")),
        }
    }
}

impl Serialize for Proofs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let list = match self {
            Self::Jwt(list) => list.iter().cloned().map(Value::String).collect(),
            Self::DiVp(list) => list.clone(),
            Self::Attestation(one) => vec![Value::String(one.clone())],
        };
        let mut map = Map::new();
        map.insert(self.proof_type().to_owned(), Value::Array(list));
        map.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Proofs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Value::deserialize(deserializer)?;
        Self::parse(&json).map_err(|e| serde::de::Error::custom(e.detail))
    }
}

/// `credential_response_encryption` of a request. In 1.0 the algorithm stands in
/// `jwk.alg`; a top-level `alg` was a draft.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CredentialResponseEncryption {
    /// The wallet's ephemeral public key, with `alg`.
    pub jwk: Value,
    /// JWE content encryption, e.g. `A256GCM`.
    pub enc: String,
    /// JWE compression, e.g. `DEF`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zip: Option<String>,
}

impl CredentialResponseEncryption {
    /// Reads and checks the object.
    ///
    /// # Errors
    /// `invalid_encryption_parameters`.
    pub fn parse(json: &Value) -> Result<Self, MessageError> {
        if !json.is_object() {
            return Err(encryption("credential_response_encryption is not an object"));
        }
        if json.get("alg").is_some() {
            return Err(encryption(
                "credential_response_encryption.alg belongs to a draft: put alg into the jwk",
            ));
        }
        let parsed: Self = serde_json::from_value(json.clone()).map_err(|_| {
            encryption("credential_response_encryption needs jwk (object) and enc (string)")
        })?;
        parsed.validate()?;
        Ok(parsed)
    }

    /// Checks the key's shape: public, with `kty` and `alg`.
    ///
    /// # Errors
    /// `invalid_encryption_parameters`.
    pub fn validate(&self) -> Result<(), MessageError> {
        let jwk = self.jwk.as_object().ok_or_else(|| encryption("jwk is not an object"))?;
        if jwk.get("kty").and_then(Value::as_str).is_none() {
            return Err(encryption("jwk has no kty"));
        }
        if jwk.get("alg").and_then(Value::as_str).is_none() {
            return Err(encryption("jwk has no alg"));
        }
        if ["d", "k", "p", "q"].iter().any(|member| jwk.contains_key(*member)) {
            return Err(encryption("jwk carries private key material"));
        }
        if self.enc.is_empty() {
            return Err(encryption("enc is empty"));
        }
        Ok(())
    }

    /// `jwk.alg`.
    #[must_use]
    pub fn alg(&self) -> Option<&str> {
        self.jwk.get("alg").and_then(Value::as_str)
    }
}

fn proof(detail: impl Into<String>) -> MessageError {
    MessageError::new(ErrorCode::InvalidProof, detail)
}

fn encryption(detail: impl Into<String>) -> MessageError {
    MessageError::new(ErrorCode::InvalidEncryptionParameters, detail)
}

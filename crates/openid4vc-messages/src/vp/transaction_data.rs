//! Transaction data: what the holder is asked to authorize besides presenting.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::error::{ErrorCode, MessageError};

const MAX_ENCODED: usize = 32 * 1024;

/// One entry of `transaction_data`, decoded
/// ([OID4VP 1.0 §5.1](https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-5.1)).
#[derive(Debug, Clone, PartialEq)]
pub struct TransactionData {
    /// The type, which fixes the other members.
    pub kind: String,
    /// Credential queries any of which may authorize it.
    pub credential_ids: Vec<String>,
    /// Hash algorithms to choose from; absent: `sha-256`.
    pub hash_algorithms: Option<Vec<String>>,
    /// The whole object.
    pub json: Value,
    /// The text as sent: hashes are over this.
    pub encoded: String,
}

impl TransactionData {
    /// Decodes one entry.
    ///
    /// # Errors
    /// `invalid_transaction_data`.
    pub fn parse(encoded: &str) -> Result<Self, MessageError> {
        if encoded.len() > MAX_ENCODED {
            return Err(refuse("a transaction_data entry is too long"));
        }
        let bytes = URL_SAFE_NO_PAD
            .decode(encoded)
            .map_err(|_| refuse("a transaction_data entry is not base64url without padding"))?;
        let json: Value = serde_json::from_slice(&bytes)
            .map_err(|_| refuse("a transaction_data entry is not JSON"))?;
        let texts = |name: &str| -> Result<Option<Vec<String>>, MessageError> {
            let Some(value) = json.get(name) else { return Ok(None) };
            let list = value
                .as_array()
                .and_then(|a| {
                    a.iter().map(|v| v.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
                })
                .filter(|l| !l.is_empty())
                .ok_or_else(|| refuse(format!("{name} is not a non-empty array of strings")))?;
            Ok(Some(list))
        };
        let kind = json
            .get("type")
            .and_then(Value::as_str)
            .filter(|t| !t.is_empty())
            .ok_or_else(|| refuse("a transaction_data entry has no type"))?
            .to_owned();
        let credential_ids = texts("credential_ids")?
            .ok_or_else(|| refuse("a transaction_data entry has no credential_ids"))?;
        let hash_algorithms = texts("transaction_data_hashes_alg")?;
        Ok(Self { kind, credential_ids, hash_algorithms, json, encoded: encoded.to_owned() })
    }

    /// Refuses types the wallet does not understand (§5.1: it must not guess).
    ///
    /// # Errors
    /// `invalid_transaction_data`.
    pub fn require_known(&self, known: &[&str]) -> Result<(), MessageError> {
        if known.contains(&self.kind.as_str()) {
            Ok(())
        } else {
            Err(refuse("the transaction_data type is not known here"))
        }
    }

    /// Encodes an object for a request.
    #[must_use]
    pub fn encode(json: &Value) -> String {
        URL_SAFE_NO_PAD.encode(json.to_string())
    }
}

fn refuse(detail: impl Into<String>) -> MessageError {
    MessageError::new(ErrorCode::InvalidTransactionData, detail)
}

//! Nonce, credential, deferred and notification endpoints.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::error::{ErrorCode, MessageError};
use crate::strict::find_non_object;
use crate::vci::proofs::{CredentialResponseEncryption, Proofs};

const MAX_ID_BYTES: usize = 2048;

/// Nonce Response
/// ([OID4VCI 1.0 §7.2](https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-7.2));
/// served with `Cache-Control: no-store`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NonceResponse {
    /// Challenge for key proofs.
    pub c_nonce: String,
}

/// Credential Request
/// ([OID4VCI 1.0 §8.2](https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-8.2)).
/// Read it with [`CredentialRequest::parse`], which also refuses the drafts' members.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CredentialRequest {
    /// From the token response's `authorization_details`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_identifier: Option<String>,
    /// Key of `credential_configurations_supported`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_configuration_id: Option<String>,
    /// Key proofs of exactly one type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proofs: Option<Proofs>,
    /// Asks for an encrypted response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_response_encryption: Option<CredentialResponseEncryption>,
}

impl CredentialRequest {
    /// Reads and validates a request body.
    ///
    /// # Errors
    /// `invalid_credential_request`, `invalid_proof` or `invalid_encryption_parameters`.
    pub fn parse(json: &Value) -> Result<Self, MessageError> {
        let object = json.as_object().ok_or_else(|| request("the request is not a JSON object"))?;
        if object.contains_key("proof") {
            return Err(request(
                "proof belongs to a draft: send proofs with one array named by its proof type",
            ));
        }
        if object.contains_key("format") {
            return Err(request(
                "format belongs to a draft: send credential_configuration_id or credential_identifier",
            ));
        }
        let text = |name: &str| match object.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(request(format!("{name} is not a string"))),
        };
        let parsed = Self {
            credential_identifier: text("credential_identifier")?,
            credential_configuration_id: text("credential_configuration_id")?,
            proofs: object.get("proofs").map(Proofs::parse).transpose()?,
            credential_response_encryption: object
                .get("credential_response_encryption")
                .map(CredentialResponseEncryption::parse)
                .transpose()?,
        };
        parsed.validate()?;
        Ok(parsed)
    }

    /// Identifier XOR configuration, and sane lengths.
    ///
    /// # Errors
    /// `invalid_credential_request` or `invalid_encryption_parameters`.
    pub fn validate(&self) -> Result<(), MessageError> {
        let id = match (&self.credential_identifier, &self.credential_configuration_id) {
            (Some(id), None) | (None, Some(id)) => id,
            (Some(_), Some(_)) => {
                return Err(request(
                    "credential_identifier and credential_configuration_id exclude each other",
                ));
            }
            (None, None) => {
                return Err(request(
                    "credential_identifier or credential_configuration_id is missing",
                ));
            }
        };
        if id.is_empty() || id.len() > MAX_ID_BYTES {
            return Err(request("the credential's identifier is empty or too long"));
        }
        self.credential_response_encryption
            .as_ref()
            .map_or(Ok(()), CredentialResponseEncryption::validate)
    }
}

/// One issued credential: a string, or an object for `ldp_vc`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IssuedEntry {
    /// The credential in its format's wire form.
    pub credential: Value,
}

/// Credential Response and Deferred Credential Response: 200 or 202
/// ([OID4VCI 1.0 §8.3](https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-8.3), §9.2).
#[derive(Debug, Clone, PartialEq)]
pub enum CredentialResponse {
    /// 200: the credentials.
    Immediate {
        /// At least one.
        credentials: Vec<IssuedEntry>,
        /// Names this delivery towards the notification endpoint.
        notification_id: Option<String>,
    },
    /// 202: ask the deferred endpoint later.
    Deferred {
        /// Names the pending transaction.
        transaction_id: String,
        /// Seconds to wait before asking.
        interval: u64,
    },
}

/// Flat twin of [`CredentialResponse`]: an untagged enum would read numbers through
/// serde's buffer, which `arbitrary_precision` breaks.
#[derive(Serialize, Deserialize)]
struct ResponseMembers {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    credentials: Option<Vec<IssuedEntry>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notification_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    transaction_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    interval: Option<u64>,
}

impl Serialize for CredentialResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let empty = ResponseMembers {
            credentials: None,
            notification_id: None,
            transaction_id: None,
            interval: None,
        };
        match self.clone() {
            Self::Immediate { credentials, notification_id } => {
                ResponseMembers { credentials: Some(credentials), notification_id, ..empty }
            }
            Self::Deferred { transaction_id, interval } => ResponseMembers {
                transaction_id: Some(transaction_id),
                interval: Some(interval),
                ..empty
            },
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CredentialResponse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let members = ResponseMembers::deserialize(deserializer)?;
        match (members.credentials, members.transaction_id) {
            (Some(credentials), None) if credentials.is_empty() => {
                Err(D::Error::custom("credentials is empty"))
            }
            (Some(credentials), None) => {
                if credentials
                    .iter()
                    .any(|c| !c.credential.is_object() && !c.credential.is_string())
                {
                    return Err(D::Error::custom("a credential is neither a string nor an object"));
                }
                Ok(Self::Immediate { credentials, notification_id: members.notification_id })
            }
            (None, Some(transaction_id)) => {
                let interval =
                    members.interval.ok_or_else(|| D::Error::missing_field("interval"))?;
                if transaction_id.is_empty() || interval == 0 {
                    return Err(D::Error::custom("transaction_id is empty or interval is zero"));
                }
                Ok(Self::Deferred { transaction_id, interval })
            }
            (Some(_), Some(_)) => {
                Err(D::Error::custom("credentials and transaction_id exclude each other"))
            }
            (None, None) => {
                Err(D::Error::custom("neither credentials nor transaction_id is present"))
            }
        }
    }
}

impl CredentialResponse {
    /// Reads a response body.
    ///
    /// # Errors
    /// `invalid_document` with what is wrong.
    pub fn parse(json: &Value) -> Result<Self, MessageError> {
        if json.get("credential").is_some() && json.get("credentials").is_none() {
            return Err(MessageError::new(
                ErrorCode::InvalidDocument,
                "the response carries a draft's single credential instead of credentials",
            ));
        }
        let places: &[&[&str]] = &[&[], &["credentials", "*"]];
        if find_non_object(json, places).is_some() {
            return Err(MessageError::new(
                ErrorCode::InvalidDocument,
                "the credential response or an entry of credentials is not an object",
            ));
        }
        serde_json::from_value(json.clone()).map_err(|e| {
            MessageError::new(
                ErrorCode::InvalidDocument,
                format!("the credential response is malformed: {e}"),
            )
        })
    }
}

/// Deferred Credential Request
/// ([OID4VCI 1.0 §9.1](https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-9.1)).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeferredRequest {
    /// From the 202 answer.
    pub transaction_id: String,
    /// Asks for an encrypted response; replaces what the first request asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_response_encryption: Option<CredentialResponseEncryption>,
}

impl DeferredRequest {
    /// Reads and validates a request body.
    ///
    /// # Errors
    /// `invalid_transaction_id` when it is missing or malformed,
    /// `invalid_encryption_parameters`.
    pub fn parse(json: &Value) -> Result<Self, MessageError> {
        let id = json.get("transaction_id").and_then(Value::as_str).unwrap_or_default();
        if id.is_empty() || id.len() > MAX_ID_BYTES {
            return Err(MessageError::new(
                ErrorCode::InvalidTransactionId,
                "transaction_id is missing, empty or too long",
            ));
        }
        Ok(Self {
            transaction_id: id.to_owned(),
            credential_response_encryption: json
                .get("credential_response_encryption")
                .map(CredentialResponseEncryption::parse)
                .transpose()?,
        })
    }
}

/// What the wallet did with the credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationEvent {
    /// Stored.
    CredentialAccepted,
    /// Could not be stored for a technical reason.
    CredentialFailure,
    /// The holder deleted it.
    CredentialDeleted,
}

/// Notification Request
/// ([OID4VCI 1.0 §11.1](https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-11.1)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationRequest {
    /// From the credential response.
    pub notification_id: String,
    /// What happened.
    pub event: NotificationEvent,
    /// Printable ASCII without `"` and `\`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_description: Option<String>,
}

impl NotificationRequest {
    /// Reads and validates a request body.
    ///
    /// # Errors
    /// `invalid_notification_request`.
    pub fn parse(json: &Value) -> Result<Self, MessageError> {
        let bad = |detail: String| MessageError::new(ErrorCode::InvalidNotificationRequest, detail);
        if !json.is_object() {
            return Err(bad("the notification request is not an object".to_owned()));
        }
        let parsed: Self = serde_json::from_value(json.clone())
            .map_err(|e| bad(format!("the notification request is malformed: {e}")))?;
        if parsed.notification_id.is_empty() || parsed.notification_id.len() > MAX_ID_BYTES {
            return Err(bad("notification_id is empty or too long".to_owned()));
        }
        let plain = |c: char| matches!(c, '\x20'..='\x7e') && c != '"' && c != '\\';
        match &parsed.event_description {
            Some(text) if text.len() > MAX_ID_BYTES || !text.chars().all(plain) => {
                Err(bad("event_description is too long or not printable ASCII".to_owned()))
            }
            _ => Ok(parsed),
        }
    }
}

fn request(detail: impl Into<String>) -> MessageError {
    MessageError::new(ErrorCode::InvalidCredentialRequest, detail)
}

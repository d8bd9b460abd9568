//! The error codes of OAuth 2.0, OID4VCI and OID4VP, and the message that carries them.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Error codes that travel in `error` members (RFC 6749 §5.2, RFC 6750 §3.1,
        /// OID4VCI 1.0 §6.3, §8.3.1.2, §9.3, §11.3, OID4VP 1.0 §8.5).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode { $($(#[$doc])* $name,)* }
        impl ErrorCode {
            /// The code as it is written on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
            /// Reads a wire code; unknown codes give `None`.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$name),)* _ => None }
            }
        }
    };
}

codes! {
    /// OAuth 2.0: the request is malformed, or carries or lacks a parameter.
    InvalidRequest = "invalid_request",
    /// OAuth 2.0: unknown or unacceptable client; anonymous access not supported.
    InvalidClient = "invalid_client",
    /// OAuth 2.0: wrong, used or expired code, or wrong transaction code.
    InvalidGrant = "invalid_grant",
    /// OAuth 2.0: this client may not use this grant.
    UnauthorizedClient = "unauthorized_client",
    /// OAuth 2.0: grant type not supported.
    UnsupportedGrantType = "unsupported_grant_type",
    /// OAuth 2.0: scope unknown or malformed.
    InvalidScope = "invalid_scope",
    /// RFC 6750: access token missing, expired or revoked.
    InvalidToken = "invalid_token",
    /// OID4VCI §8.3.1.2: the Credential Request is malformed.
    InvalidCredentialRequest = "invalid_credential_request",
    /// OID4VCI §8.3.1.2: unknown `credential_configuration_id`.
    UnknownCredentialConfiguration = "unknown_credential_configuration",
    /// OID4VCI §8.3.1.2: unknown `credential_identifier`.
    UnknownCredentialIdentifier = "unknown_credential_identifier",
    /// OID4VCI §8.3.1.2: key proof missing, malformed, invalid or without `c_nonce`.
    InvalidProof = "invalid_proof",
    /// OID4VCI §8.3.1.2: at least one key proof carries a stale or unknown `c_nonce`.
    InvalidNonce = "invalid_nonce",
    /// OID4VCI §8.3.1.2: encryption parameters missing or unusable.
    InvalidEncryptionParameters = "invalid_encryption_parameters",
    /// OID4VCI §8.3.1.2: the issuer will not issue.
    CredentialRequestDenied = "credential_request_denied",
    /// OID4VCI §9.3: unknown or already used `transaction_id`.
    InvalidTransactionId = "invalid_transaction_id",
    /// OID4VCI §11.3: unknown `notification_id`.
    InvalidNotificationId = "invalid_notification_id",
    /// OID4VCI §11.3: the Notification Request is malformed.
    InvalidNotificationRequest = "invalid_notification_request",
    /// OID4VP §8.5: the holder declined, or the wallet has nothing that fits.
    AccessDenied = "access_denied",
    /// OID4VP §8.5: no credential format in common.
    VpFormatsNotSupported = "vp_formats_not_supported",
    /// OID4VP §8.5: `request_uri_method` is neither `get` nor `post`.
    InvalidRequestUriMethod = "invalid_request_uri_method",
    /// OID4VP §8.5: transaction data of unknown type or wrong shape.
    InvalidTransactionData = "invalid_transaction_data",
    /// OID4VP §8.5: the wallet cannot be reached.
    WalletUnavailable = "wallet_unavailable",
    /// The other side's document (metadata, offer, response) breaks its standard; never
    /// sent, since no error message travels in that direction.
    InvalidDocument = "invalid_document",
}

/// Why a message was refused: the standard's code and a sentence for the developer log.
/// The sentence names members and limits, never values that could be personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", code.as_str())]
pub struct MessageError {
    /// Code to answer with.
    pub code: ErrorCode,
    /// English sentence, safe to send as `error_description`.
    pub detail: String,
}

impl MessageError {
    /// An error with its sentence.
    #[must_use]
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// The standard's code as text.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code.as_str()
    }

    /// The JSON body to answer with.
    #[must_use]
    pub fn to_response(&self) -> ErrorResponse {
        ErrorResponse {
            error: self.code().to_owned(),
            error_description: Some(self.detail.clone()),
            state: None,
        }
    }

    /// The same finding under another code, for shared checks.
    #[must_use]
    pub fn with_code(self, code: ErrorCode) -> Self {
        Self { code, ..self }
    }
}

/// Error body of every endpoint of both protocols
/// ([RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorResponse {
    /// Code; unknown codes of other vendors are kept as text.
    pub error: String,
    /// Sentence for developers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
    /// OID4VP: the request's `state`, echoed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

impl ErrorResponse {
    /// The code, when it is one we know.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        ErrorCode::parse(&self.error)
    }
}

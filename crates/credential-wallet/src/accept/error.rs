//! Why an offer could not be accepted.

use openid4vc_messages::MessageError;
use signing_keys::KeyStoreError;

use crate::http::{Rejection, TransportError};
use crate::ledger::LedgerError;

/// Why an offer could not be read or accepted. Whether it can be tried again is
/// [`AcceptError::is_resumable`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AcceptError {
    /// Not an offer link, or a malformed one.
    #[error("this is not a credential offer we can read: {0}")]
    Offer(MessageError),
    /// Metadata or an answer of the issuer breaks the standard.
    #[error("{what}: {error}")]
    Document {
        /// Which document.
        what: &'static str,
        /// What is wrong.
        error: MessageError,
    },
    /// No answer, or none we can read.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The offer holds no pre-authorized code.
    #[error("the offer has no pre-authorized code; other grants are not supported yet")]
    GrantNotSupported,
    /// The server wants to know the wallet by name.
    #[error("the issuer accepts registered wallets only")]
    AnonymousNotSupported,
    /// The server has no token endpoint.
    #[error("the authorization server has no token endpoint")]
    NoTokenEndpoint,
    /// The server gives tokens this wallet cannot use.
    #[error("the issuer demands DPoP tokens, which this wallet does not have yet")]
    TokenTypeNotSupported,
    /// The offer names a configuration the issuer does not publish.
    #[error("the issuer does not publish the configuration {0:?} that the offer names")]
    UnknownConfiguration(String),
    /// A format we do not read.
    #[error("the credential format {0:?} is not supported")]
    FormatNotSupported(String),
    /// No `jwt` among the proof types.
    #[error("the issuer accepts no jwt key proofs")]
    ProofTypeNotSupported,
    /// The issuer wants attested keys.
    #[error("the issuer demands attested keys, which this wallet does not have")]
    KeyAttestationRequired,
    /// No algorithm in common.
    #[error("the issuer accepts none of our key algorithms (ES256, EdDSA, ES384)")]
    AlgorithmNotSupported,
    /// No binding method in common.
    #[error("the issuer accepts none of our ways to name a key (jwk, did:key, did:jwk)")]
    BindingMethodNotSupported,
    /// The issuer demands encryption this wallet cannot do.
    #[error("the issuer demands an encryption this wallet does not have")]
    EncryptionNotSupported,
    /// An encrypted answer that does not open, or a plain one where encryption was asked for.
    #[error("the encrypted answer cannot be read: {0}")]
    Decryption(String),
    /// The holder must enter a transaction code.
    #[error("this offer needs a transaction code")]
    TxCodeRequired,
    /// A transaction code was given, but the offer asks for none.
    #[error("this offer takes no transaction code")]
    TxCodeUnexpected,
    /// The transaction code cannot be right: length or characters.
    #[error("the transaction code must have {length} {kind}")]
    TxCodeShape {
        /// How many characters; `?` when the issuer does not say.
        length: String,
        /// `digits` or `characters`.
        kind: &'static str,
    },
    /// The issuer refused the transaction code (or the offer ended meanwhile).
    #[error("the issuer did not accept the transaction code (try {tries})")]
    TxCodeRefused {
        /// How often it was refused by now.
        tries: u32,
    },
    /// The code is used, expired, or was never valid.
    #[error("the offer is used up or expired")]
    OfferSpent,
    /// The issuer refused for another reason.
    #[error("{endpoint} refused: {}{}", .rejection.error, .rejection.description.as_ref().map(|text| format!(" ({text})")).unwrap_or_default())]
    Rejected {
        /// Which endpoint.
        endpoint: &'static str,
        /// What it said.
        rejection: Rejection,
    },
    /// The access token ended before everything was fetched.
    #[error("the issuer's permission ended before the credential was fetched")]
    TokenExpired,
    /// This very offer was accepted before.
    #[error("this offer was accepted already")]
    AlreadyAccepted {
        /// The session it happened in.
        session: String,
        /// What was received then.
        credentials: Vec<String>,
    },
    /// What came is not what was offered, or is not ours.
    #[error(transparent)]
    Receive(#[from] super::receive::ReceiveError),
    /// No such session.
    #[error("there is no such open session")]
    NoSuchSession,
    /// The key store.
    #[error("the key store failed: {0}")]
    Keys(#[from] KeyStoreError),
    /// The key proof could not be made.
    #[error("the key proof could not be made: {0}")]
    KeyProof(#[from] credential_proofs::key_proof::KeyProofError),
    /// The wallet's memory.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl AcceptError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Offer(_) => "offer_invalid",
            Self::Document { .. } => "issuer_document_invalid",
            Self::Transport(error) => error.code(),
            Self::GrantNotSupported => "grant_not_supported",
            Self::AnonymousNotSupported => "invalid_client",
            Self::NoTokenEndpoint => "no_token_endpoint",
            Self::TokenTypeNotSupported => "token_type_not_supported",
            Self::UnknownConfiguration(_) => "unknown_credential_configuration",
            Self::FormatNotSupported(_) => "format_not_supported",
            Self::ProofTypeNotSupported => "proof_type_not_supported",
            Self::KeyAttestationRequired => "key_attestation_required",
            Self::AlgorithmNotSupported => "algorithm_not_supported",
            Self::BindingMethodNotSupported => "binding_method_not_supported",
            Self::EncryptionNotSupported => "encryption_not_supported",
            Self::Decryption(_) => "decryption_failed",
            Self::TxCodeRequired => "tx_code_required",
            Self::TxCodeUnexpected => "tx_code_unexpected",
            Self::TxCodeShape { .. } => "tx_code_shape",
            Self::TxCodeRefused { .. } => "tx_code_refused",
            Self::OfferSpent => "offer_spent",
            Self::Rejected { .. } => "issuer_refused",
            Self::TokenExpired => "token_expired",
            Self::AlreadyAccepted { .. } => "already_accepted",
            Self::Receive(error) => error.code(),
            Self::NoSuchSession => "no_such_session",
            Self::Keys(error) => error.code(),
            Self::KeyProof(error) => error.detail_code(),
            Self::Ledger(error) => error.code(),
        }
    }

    /// Whether the session stays open and `resume` may bring it further.
    pub fn is_resumable(&self) -> bool {
        match self {
            Self::Transport(error) => error.is_passing(),
            Self::TxCodeRequired
            | Self::TxCodeUnexpected
            | Self::TxCodeShape { .. }
            | Self::TxCodeRefused { .. }
            | Self::Keys(_)
            | Self::Ledger(_) => true,
            Self::Receive(error) => error.is_passing(),
            _ => false,
        }
    }
}

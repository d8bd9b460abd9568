//! Why nothing was presented.

use credential_proofs::request_object::RequestObjectError;
use did_resolution::ResolveError;
use openid4vc_messages::{ErrorCode, MessageError};
use signing_keys::KeyStoreError;

use crate::http::{Rejection, TransportError};
use crate::ledger::LedgerError;
use crate::x509::CertificateError;

/// Why a request was refused by the wallet, or could not be answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PresentError {
    /// Not a request link, or the request breaks the standard.
    #[error("the request is not acceptable: {0}")]
    Request(MessageError),
    /// No answer, or none we can read.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The request can be fetched once only, and was; or it has run out.
    #[error("the request is no longer there: it was fetched before, or has expired")]
    RequestGone,
    /// A way of naming verifiers that this wallet does not authenticate.
    #[error("requests under the client identifier prefix {0:?} are not accepted")]
    PrefixNotSupported(&'static str),
    /// The request object is not signed as its client identifier demands.
    #[error("the request object cannot be trusted: {0}")]
    RequestObject(#[from] RequestObjectError),
    /// The key that signed is not one of the client's.
    #[error("the request is signed by a key that does not belong to the client identifier")]
    ForeignKey,
    /// The verifier's DID does not resolve.
    #[error("the verifier's DID cannot be resolved: {0}")]
    Resolve(#[from] ResolveError),
    /// The verifier's key was revoked or has expired.
    #[error("the verifier's key was revoked or has expired")]
    KeyOver,
    /// The verifier's certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The certificate is not the one the client identifier names.
    #[error("the certificate is not the one that the client identifier names")]
    ForeignCertificate,
    /// An unsecured request object that is malformed.
    #[error("the unsigned request object cannot be read: {0}")]
    Unsecured(&'static str),
    /// The request object names another client than the link.
    #[error("the request object names another client than the link")]
    ClientIdMismatch,
    /// The request object does not repeat our nonce.
    #[error("the request object does not repeat the wallet's nonce")]
    WalletNonceMismatch,
    /// Nothing in the wallet fits.
    #[error("nothing in the wallet answers this request")]
    NothingFits {
        /// The query ids that nothing answers.
        queries: Vec<String>,
    },
    /// Credentials fit, but not in a form the verifier takes.
    #[error("the verifier takes none of the formats and algorithms that the wallet holds")]
    FormatsNotSupported,
    /// A choice names a query or a credential that does not fit.
    #[error("the choice {0:?} does not fit this request")]
    BadChoice(String),
    /// The presentation could not be made.
    #[error("the presentation could not be made: {0}")]
    Build(String),
    /// The verifier did not take the answer.
    #[error("the verifier refused the answer: {}{}", .0.error, .0.description.as_ref().map(|text| format!(" ({text})")).unwrap_or_default())]
    Rejected(Rejection),
    /// The key store.
    #[error("the key store failed: {0}")]
    Keys(#[from] KeyStoreError),
    /// The wallet's memory.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl PresentError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Request(error) => error.code(),
            Self::Transport(error) => error.code(),
            Self::RequestGone => "request_gone",
            Self::PrefixNotSupported(_) => "client_id_prefix_not_supported",
            Self::RequestObject(_) => "request_object_invalid",
            Self::ForeignKey => "request_key_foreign",
            Self::Resolve(error) => error.code(),
            Self::KeyOver => "request_key_over",
            Self::Certificate(error) => error.code(),
            Self::ForeignCertificate => "certificate_foreign",
            Self::Unsecured(_) => "request_object_invalid",
            Self::ClientIdMismatch => "client_id_mismatch",
            Self::WalletNonceMismatch => "wallet_nonce_mismatch",
            Self::NothingFits { .. } => "nothing_fits",
            Self::FormatsNotSupported => "vp_formats_not_supported",
            Self::BadChoice(_) => "bad_choice",
            Self::Build(_) => "presentation_failed",
            Self::Rejected(_) => "verifier_refused",
            Self::Keys(error) => error.code(),
            Self::Ledger(error) => error.code(),
        }
    }

    /// Whether the finding is a "no" (the request is bad, nothing fits) and not an
    /// inability to look.
    pub fn is_finding(&self) -> bool {
        match self {
            Self::Transport(error) => !error.is_passing(),
            Self::Resolve(error) => !error.is_inconclusive(),
            Self::Keys(_) | Self::Ledger(_) | Self::Build(_) | Self::BadChoice(_) => false,
            _ => true,
        }
    }

    /// The code to tell the verifier (OID4VP 1.0 §8.5), where it should hear one.
    pub(crate) fn response_code(&self) -> Option<ErrorCode> {
        match self {
            Self::Request(error) => Some(error.code),
            Self::NothingFits { .. } => Some(ErrorCode::AccessDenied),
            Self::FormatsNotSupported => Some(ErrorCode::VpFormatsNotSupported),
            _ => None,
        }
    }
}

impl From<MessageError> for PresentError {
    fn from(error: MessageError) -> Self {
        Self::Request(error)
    }
}

//! Why a DID did not resolve.

use crate::verification::VerificationKeyError;
use crate::webvh::LogError;

/// Why there is no usable document. [`ResolveError::is_inconclusive`] separates "could not
/// look" from a finding.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// The DID breaks the rules of its method.
    #[error("invalid DID: {0}")]
    InvalidDid(String),
    /// We do not resolve this method.
    #[error("the DID method `{0}` is not supported")]
    MethodNotSupported(String),
    /// The host says that there is no such document.
    #[error("no DID document: the host answered {status}")]
    NotFound {
        /// HTTP status, 404 or 410.
        status: u16,
    },
    /// The host could not be asked, or is out of order.
    #[error("the DID document could not be fetched: {detail}")]
    Unreachable {
        /// Code of the failed fetch, or the HTTP status.
        detail: String,
    },
    /// Our own client refuses to go where the DID points.
    #[error("the DID points where we do not go: {detail}")]
    Forbidden {
        /// Code of the refusal.
        detail: String,
    },
    /// What the host serves is no DID document of this DID.
    #[error("the DID document is not valid: {0}")]
    InvalidDocument(String),
    /// The host serves another document than the one anchored on the chain, and the anchored
    /// one could not be had: which of the two is meant is not known.
    #[error("the DID document is not the one anchored as version {version}")]
    AnchorMismatch {
        /// The anchored version that was compared.
        version: u64,
    },
    /// The log of a `did:webvh` breaks a rule of its method.
    #[error("the DID's log does not hold: {0}")]
    InvalidLog(#[from] LogError),
    /// The DID has no such version.
    #[error("the DID has no such version")]
    VersionNotFound,
    /// The method keeps no versions, or does not name them so.
    #[error("this method answers for no such version")]
    VersionNotSupported,
    /// The DID goes by another name now; the caller may ask for that one.
    #[error("the DID moved to {to}")]
    Moved {
        /// Its name in the version asked for.
        to: String,
    },
    /// A `did:ethr` of a network that was not configured.
    #[error("no registry is configured for the network {0:?}")]
    NetworkUnknown(String),
    /// More changes than are followed: each costs a question to the chain.
    #[error("the DID changed more than {limit} times")]
    TooManyChanges {
        /// The limit.
        limit: usize,
    },
    /// The DID was deactivated on the chain, or in its log.
    #[error("the DID was deactivated")]
    Deactivated,
    /// The document is good, but the verification method asked for is not.
    #[error(transparent)]
    VerificationMethod(#[from] VerificationKeyError),
}

impl ResolveError {
    /// A stable code for logs and reports.
    pub fn code(&self) -> &'static str {
        match self {
            ResolveError::InvalidDid(_) => "did_invalid",
            ResolveError::MethodNotSupported(_) => "did_method_not_supported",
            ResolveError::NotFound { .. } => "did_not_found",
            ResolveError::Unreachable { .. } => "did_unreachable",
            ResolveError::Forbidden { .. } => "did_forbidden",
            ResolveError::InvalidDocument(_) => "did_document_invalid",
            ResolveError::AnchorMismatch { .. } => "did_anchor_mismatch",
            ResolveError::InvalidLog(error) => error.code(),
            ResolveError::VersionNotFound => "did_version_not_found",
            ResolveError::VersionNotSupported => "did_version_not_supported",
            ResolveError::Moved { .. } => "did_moved",
            ResolveError::NetworkUnknown(_) => "did_network_unknown",
            ResolveError::TooManyChanges { .. } => "did_too_many_changes",
            ResolveError::Deactivated => "did_deactivated",
            ResolveError::VerificationMethod(error) => error.code(),
        }
    }

    /// The error's name in DID Resolution (`https://www.w3.org/ns/did#…`).
    pub fn did_resolution_name(&self) -> &'static str {
        match self {
            ResolveError::InvalidDid(_) | ResolveError::InvalidLog(_) => "INVALID_DID",
            ResolveError::MethodNotSupported(_) | ResolveError::NetworkUnknown(_) => {
                "METHOD_NOT_SUPPORTED"
            }
            // "Unable to find the document": where our own client does not go, it finds nothing.
            ResolveError::NotFound { .. }
            | ResolveError::Forbidden { .. }
            | ResolveError::VersionNotFound
            | ResolveError::Moved { .. }
            | ResolveError::Deactivated => "NOT_FOUND",
            ResolveError::VersionNotSupported => "INVALID_OPTIONS",
            ResolveError::InvalidDocument(_) | ResolveError::AnchorMismatch { .. } => {
                "INVALID_DID_DOCUMENT"
            }
            ResolveError::VerificationMethod(_) => "INVALID_DID_URL",
            ResolveError::Unreachable { .. } | ResolveError::TooManyChanges { .. } => {
                "INTERNAL_ERROR"
            }
        }
    }

    /// Whether we could not look (true), or looked and found it wanting (false). A refusal
    /// of our own client counts as not having looked: a hotel's or a captive portal's
    /// resolver that answers with private addresses says nothing about an issuer.
    pub fn is_inconclusive(&self) -> bool {
        matches!(
            self,
            ResolveError::Unreachable { .. }
                | ResolveError::Forbidden { .. }
                | ResolveError::AnchorMismatch { .. }
                | ResolveError::NetworkUnknown(_)
                | ResolveError::TooManyChanges { .. }
        )
    }
}

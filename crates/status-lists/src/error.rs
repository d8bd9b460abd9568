//! What can go wrong, with the codes of Bitstring Status List 1.0 §3.5 (processing errors).

use credential_model::moment::Moment;

/// Prefix of the problem types in
/// [Bitstring Status List 1.0 §3.5](https://www.w3.org/TR/vc-bitstring-status-list/#processing-errors).
pub const PROBLEM_TYPE_PREFIX: &str = "https://www.w3.org/ns/credentials/status-list#";

/// Why a status could not be read or written. None of these says that a credential is
/// revoked, nor that it is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatusError {
    /// The list could not be fetched (made by the caller, who fetches).
    #[error("the status list could not be retrieved: {0}")]
    RetrievalFailed(String),
    /// The list's proof, identity or purpose does not hold.
    #[error("the status list could not be verified: {0}")]
    VerificationFailed(String),
    /// The list's validity ended; a newer one must be fetched.
    #[error("the status list is stale: it was valid until {0}")]
    Stale(Moment),
    /// The list's validity has not begun.
    #[error("the status list is not valid before {0}")]
    NotYetValid(Moment),
    /// The index lies outside the list.
    #[error("index {index} is outside the list of {entries} entries")]
    OutOfRange {
        /// Index asked for.
        index: usize,
        /// Entries of the list.
        entries: usize,
    },
    /// An entry, list or encoding is malformed.
    #[error("malformed: {0}")]
    Malformed(String),
    /// Fewer than 131,072 entries: too small to hide in.
    #[error("the list has {0} entries, fewer than 131,072")]
    ListTooShort(usize),
    /// The list inflates to more than 8 MiB.
    #[error("the list is larger than 8 MiB")]
    TooLarge,
    /// A status type we do not know. It must not be taken for "no status".
    #[error("the credentialStatus type is not supported")]
    UnsupportedType,
}

impl StatusError {
    /// The standard's code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::RetrievalFailed(_) => "STATUS_RETRIEVAL_ERROR",
            Self::VerificationFailed(_) | Self::Stale(_) | Self::NotYetValid(_) => {
                "STATUS_VERIFICATION_ERROR"
            }
            Self::OutOfRange { .. } => "RANGE_ERROR",
            Self::Malformed(_) | Self::TooLarge | Self::UnsupportedType => "MALFORMED_VALUE_ERROR",
            Self::ListTooShort(_) => "STATUS_LIST_LENGTH_ERROR",
        }
    }

    /// Our own finer code, for reports: tells a stale list from a forged one.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::RetrievalFailed(_) => "status_list_unreachable",
            Self::VerificationFailed(_) => "status_list_unverified",
            Self::Stale(_) => "status_list_stale",
            Self::NotYetValid(_) => "status_list_not_yet_valid",
            Self::OutOfRange { .. } => "status_index_out_of_range",
            Self::Malformed(_) => "status_malformed",
            Self::ListTooShort(_) => "status_list_too_short",
            Self::TooLarge => "status_list_too_large",
            Self::UnsupportedType => "status_type_not_supported",
        }
    }

    /// The code as a problem type URL (RFC 9457). `RANGE_ERROR` and
    /// `MALFORMED_VALUE_ERROR` are VCDM 2.0's own
    /// ([§7.2](https://www.w3.org/TR/vc-data-model-2.0/#problem-details)) and keep its prefix.
    #[must_use]
    pub fn problem_type(&self) -> String {
        let prefix = match self.code() {
            "RANGE_ERROR" | "MALFORMED_VALUE_ERROR" => "https://www.w3.org/TR/vc-data-model#",
            _ => PROBLEM_TYPE_PREFIX,
        };
        format!("{prefix}{}", self.code())
    }
}

pub(crate) fn malformed(what: impl Into<String>) -> StatusError {
    StatusError::Malformed(what.into())
}

use signing_keys::SigningError;

use crate::data_integrity::{ProofError, SecureError, TransformError};

/// Why no base proof was made, or nothing derived from one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SelectiveError {
    /// The document is no JSON object, or its proofs are no objects.
    #[error("the document cannot be secured")]
    BadDocument,
    /// The cryptosuite does not disclose selectively, or is not compiled in.
    #[error("the cryptosuite is none of selective disclosure")]
    WrongSuite,
    /// The key cannot serve the suite.
    #[error("the key has another algorithm than the cryptosuite needs")]
    AlgorithmMismatch,
    /// The document has no canonical form.
    #[error("the document cannot be canonicalized")]
    Transform(#[from] TransformError),
    /// The signer refused.
    #[error("the key could not sign")]
    Signing(#[source] SigningError),
    /// Not a JSON Pointer.
    #[error("{0:?} is no JSON Pointer")]
    BadPointer(String),
    /// The document has nothing there.
    #[error("the pointer {0:?} does not resolve")]
    PointerNotFound(String),
    /// A part that cannot be disclosed without its surroundings: the item of a list, a part of a JSON literal or value.
    #[error("a pointer takes a value apart that can only be disclosed as a whole")]
    Unselectable,
    /// More pointers than [`MAX_POINTERS`](super::MAX_POINTERS).
    #[error("more than {limit} pointers")]
    TooManyPointers {
        /// The limit.
        limit: usize,
    },
    /// More statements than the suite takes.
    #[error("more than {limit} statements")]
    TooManyStatements {
        /// The limit.
        limit: usize,
    },
    /// The document has no base proof, or several.
    #[error("the document has no base proof, or more than one")]
    NoBaseProof,
    /// The presentation header is longer than 1024 bytes, or given for a suite that has none.
    #[error("the presentation header does not fit")]
    BadPresentationHeader,
    /// The base proof is malformed or does not belong to the document.
    #[error("the base proof is not usable")]
    Proof(#[from] ProofError),
}

impl SelectiveError {
    /// Stable code for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadDocument => "secure_bad_document",
            Self::WrongSuite => "selective_wrong_suite",
            Self::AlgorithmMismatch => "secure_algorithm_mismatch",
            Self::Transform(error) => error.code(),
            Self::Signing(_) => "signing_failed",
            Self::BadPointer(_) => "selective_bad_pointer",
            Self::PointerNotFound(_) => "selective_pointer_not_found",
            Self::Unselectable => "selective_unselectable",
            Self::TooManyPointers { .. } => "selective_too_many_pointers",
            Self::TooManyStatements { .. } => "selective_too_many_statements",
            Self::NoBaseProof => "selective_no_base_proof",
            Self::BadPresentationHeader => "selective_bad_presentation_header",
            Self::Proof(error) => error.code(),
        }
    }

    /// The problem type of Data Integrity 1.0 section 4.7.
    #[must_use]
    pub fn problem_type(&self) -> &'static str {
        match self {
            Self::Transform(_) => "https://w3id.org/security#PROOF_TRANSFORMATION_ERROR",
            Self::Proof(error) => error.problem_type(),
            _ => "https://w3id.org/security#PROOF_GENERATION_ERROR",
        }
    }
}

impl From<SecureError> for SelectiveError {
    fn from(error: SecureError) -> Self {
        match error {
            SecureError::Transform(error) => Self::Transform(error),
            SecureError::AlgorithmMismatch => Self::AlgorithmMismatch,
            SecureError::Signing(error) => Self::Signing(error),
            SecureError::ReadOnlySuite | SecureError::SelectiveSuite => Self::WrongSuite,
            SecureError::BadDocument => Self::BadDocument,
        }
    }
}

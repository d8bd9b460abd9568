use signing_keys::SigningError;

use crate::secured_document::DocumentError;

/// Why a COSE structure was refused, or could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CoseError {
    /// Longer than any structure we accept.
    #[error("the structure is longer than {limit} bytes")]
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// Not CBOR in its only form here: definite, shortest, without duplicate keys, tags, or bytes after the end.
    #[error("not acceptable CBOR: {0}")]
    Cbor(&'static str),
    /// Acceptable CBOR, but no `COSE_Sign1` (tag 18 or no tag) with its payload inside and header parameters of the
    /// types that RFC 9052 gives them.
    #[error("not a COSE_Sign1 with a payload")]
    NotSign1,
    /// Something in the unprotected header, which nobody signs.
    #[error("the unprotected header is not empty")]
    UnprotectedHeader,
    /// A header parameter that we never obey, or of a wrong type.
    #[error("the header parameter {label} is not acceptable here")]
    ForbiddenHeader {
        /// Its label in the IANA registry of COSE header parameters.
        label: i64,
    },
    /// `alg` missing or not supported.
    #[error("the algorithm is missing or not supported")]
    UnsupportedAlgorithm,
    /// `alg` is not the algorithm of the key.
    #[error("the header names another algorithm than the key has")]
    AlgorithmMismatch,
    /// `typ` missing or made for another use.
    #[error("the type is not the one expected")]
    WrongType,
    /// The content type is another one.
    #[error("the content type is not the one expected")]
    WrongContentType,
    /// `kid` is missing or is no DID URL.
    #[error("the header names no verification method")]
    NoVerificationMethod,
    /// The payload is not strict JSON.
    #[error("the payload is not an acceptable JSON object")]
    Json,
    /// The signature does not verify.
    #[error("the signature does not verify")]
    BadSignature,
    /// The signer refused.
    #[error("the key could not sign")]
    Signing(#[source] SigningError),
    /// The document inside is refused.
    #[error("the document is not acceptable")]
    Document(#[from] DocumentError),
}

impl CoseError {
    /// Stable code for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "cose_too_long",
            Self::Cbor(_) => "cose_cbor",
            Self::NotSign1 => "cose_not_sign1",
            Self::UnprotectedHeader => "cose_unprotected_header",
            Self::ForbiddenHeader { .. } => "cose_forbidden_header",
            Self::UnsupportedAlgorithm => "cose_unsupported_algorithm",
            Self::AlgorithmMismatch => "cose_algorithm_mismatch",
            Self::WrongType => "cose_wrong_type",
            Self::WrongContentType => "cose_wrong_content_type",
            Self::NoVerificationMethod => "cose_no_verification_method",
            Self::Json => "cose_json",
            Self::BadSignature => "cose_bad_signature",
            Self::Signing(_) => "signing_failed",
            Self::Document(error) => error.code(),
        }
    }
}

use signing_keys::SigningError;

/// Why a compact JWS was refused, or could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JoseError {
    /// Longer than any token we accept.
    #[error("the token is longer than {limit} bytes")]
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// Not three non-empty parts.
    #[error("not a compact JWS: three parts separated by dots are required")]
    NotCompact,
    /// A part is not canonical base64url without padding.
    #[error("the {part} is not canonical base64url")]
    Encoding {
        /// `header`, `payload` or `signature`.
        part: &'static str,
    },
    /// The header or payload is not strict JSON (duplicate members, depth, numbers), or no object.
    #[error("the {part} is not an acceptable JSON object")]
    Json {
        /// `header` or `payload`.
        part: &'static str,
    },
    /// A header parameter that we never obey, or of a wrong type.
    #[error("the header parameter {name:?} is not acceptable here")]
    ForbiddenHeader {
        /// Name of the parameter.
        name: &'static str,
    },
    /// `alg` missing, `none`, symmetric, or unknown.
    #[error("the algorithm is missing or not supported")]
    UnsupportedAlgorithm,
    /// `alg` is not the algorithm of the key.
    #[error("the header names another algorithm than the key has")]
    AlgorithmMismatch,
    /// `typ` missing or made for another use.
    #[error("the token type is not the one expected")]
    WrongType,
    /// The signature does not verify.
    #[error("the signature does not verify")]
    BadSignature,
    /// The header given for signing is no object or has a value that signing must set.
    #[error("the header to sign is not acceptable")]
    BadHeader,
    /// The signer refused.
    #[error("the key could not sign")]
    Signing(#[source] SigningError),
}

impl JoseError {
    /// Stable code for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "jws_too_long",
            Self::NotCompact => "jws_not_compact",
            Self::Encoding { .. } => "jws_encoding",
            Self::Json { .. } => "jws_json",
            Self::ForbiddenHeader { .. } => "jws_forbidden_header",
            Self::UnsupportedAlgorithm => "jws_unsupported_algorithm",
            Self::AlgorithmMismatch => "jws_algorithm_mismatch",
            Self::WrongType => "jws_wrong_type",
            Self::BadSignature => "jws_bad_signature",
            Self::BadHeader => "jws_bad_header",
            Self::Signing(_) => "signing_failed",
        }
    }
}

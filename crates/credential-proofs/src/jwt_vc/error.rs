use crate::jose::JoseError;
use crate::key_check::KeyRefusal;

/// Why a `vc+jwt` or `vp+jwt` was refused, or could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JwtVcError {
    /// The token is not acceptable.
    #[error("the token is not acceptable")]
    Jose(#[from] JoseError),
    /// The key may not make this signature.
    #[error("the key is not acceptable")]
    Key(#[from] KeyRefusal),
    /// `kid` is missing or is no DID URL.
    #[error("the header names no verification method")]
    NoVerificationMethod,
    /// The payload is not the document of its type.
    #[error("the payload is no document of the expected type")]
    BadDocument,
    /// The document's issuer or holder does not control the key.
    #[error("the issuer or holder is missing or does not control the key")]
    WrongIssuer,
    /// A registered claim says something else than the document.
    #[error("the claim {0:?} is malformed or differs from the document")]
    Claim(&'static str),
    /// Before `nbf` or `iat`.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// After `exp`.
    #[error("the token has expired")]
    Expired,
    /// The presentation was made for another verifier.
    #[error("the presentation was made for another verifier")]
    WrongAudience,
    /// The presentation repeats another nonce.
    #[error("the presentation repeats another nonce")]
    WrongNonce,
    /// The presentation is older than allowed.
    #[error("the presentation is too old")]
    TooOld,
}

impl JwtVcError {
    /// Stable code for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Jose(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::NoVerificationMethod => "jwt_vc_no_verification_method",
            Self::BadDocument => "jwt_vc_bad_document",
            Self::WrongIssuer => "jwt_vc_wrong_issuer",
            Self::Claim(_) => "jwt_vc_claim",
            Self::NotYetValid => "jwt_vc_not_yet_valid",
            Self::Expired => "jwt_vc_expired",
            Self::WrongAudience => "jwt_vp_wrong_audience",
            Self::WrongNonce => "jwt_vp_wrong_nonce",
            Self::TooOld => "jwt_vp_too_old",
        }
    }
}

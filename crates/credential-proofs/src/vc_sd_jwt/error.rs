use crate::jose::JoseError;
use crate::sd_jwt::SdJwtError;
use crate::secured_document::DocumentError;

/// Why a `vc+sd-jwt` or `vp+sd-jwt` was refused, or could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VcSdJwtError {
    /// The SD-JWT is malformed.
    #[error("the SD-JWT is not acceptable")]
    SdJwt(#[from] SdJwtError),
    /// The issuer-signed token is not acceptable.
    #[error("the token is not acceptable")]
    Jose(#[from] JoseError),
    /// The document inside is refused.
    #[error("the document is not acceptable")]
    Document(#[from] DocumentError),
    /// `kid` is missing or is no DID URL.
    #[error("the header names no verification method")]
    NoVerificationMethod,
    /// `cty` is another one.
    #[error("the content type is not the one expected")]
    WrongContentType,
    /// A path to hide is malformed.
    #[error("the path {0:?} is malformed")]
    MalformedPath(String),
    /// A member that must stay visible was to be hidden, or was.
    #[error("the member {0:?} must not be selectively disclosable")]
    MustBeVisible(String),
    /// The document uses a name of the mechanism (`_sd`, `_sd_alg`, `...`).
    #[error("the document uses a reserved name")]
    ReservedName,
}

impl VcSdJwtError {
    /// Stable code for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::SdJwt(error) => error.code(),
            Self::Jose(error) => error.code(),
            Self::Document(error) => error.code(),
            Self::NoVerificationMethod => "vc_sd_jwt_no_verification_method",
            Self::WrongContentType => "vc_sd_jwt_wrong_content_type",
            Self::MalformedPath(_) => "vc_sd_jwt_malformed_path",
            Self::MustBeVisible(_) => "vc_sd_jwt_must_be_visible",
            Self::ReservedName => "vc_sd_jwt_reserved_name",
        }
    }
}

//! Why a picture gave no credential, or took none.

/// A refusal; the picture handed in is never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// Neither PNG, SVG nor PDF.
    #[error("this is neither a PNG nor an SVG picture, nor a PDF")]
    UnknownPicture,
    /// Larger than [`crate::MAX_PICTURE_BYTES`].
    #[error("the picture is larger than 10 MB")]
    PictureTooLarge,
    /// The picture breaks off or its checksums are wrong.
    #[error("the picture is damaged")]
    Damaged,
    /// A picture, but no badge.
    #[error("the picture carries no credential")]
    NoCredential,
    /// More than one credential: which one a reader sees would be chance.
    #[error("the picture carries more than one credential")]
    SeveralCredentials,
    /// What is baked is neither JSON nor a compact JWS.
    #[error("what the picture carries is no credential")]
    NotACredential,
    /// The credential is compressed, which Open Badges 3.0 does not allow.
    #[error("the credential in the picture is compressed, which Open Badges 3.0 does not allow")]
    Compressed,
    /// Larger than [`crate::MAX_CREDENTIAL_BYTES`].
    #[error("the credential is larger than 1 MB")]
    CredentialTooLarge,
    /// The badge is of an older generation (Open Badges 1 or 2), which only names a URL or an assertion.
    #[error("the picture is an Open Badges 2 badge; ask the issuer for an Open Badges 3.0 one")]
    OlderGeneration,
}

impl PictureError {
    /// Stable code for reports and pages.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownPicture => "picture_unknown",
            Self::PictureTooLarge => "picture_too_large",
            Self::Damaged => "picture_damaged",
            Self::NoCredential => "picture_without_credential",
            Self::SeveralCredentials => "picture_with_several_credentials",
            Self::NotACredential => "picture_not_a_credential",
            Self::Compressed => "picture_compressed",
            Self::CredentialTooLarge => "picture_credential_too_large",
            Self::OlderGeneration => "picture_older_generation",
        }
    }
}

//! Why a credential does not go on paper, or a scanned text gives none.

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PaperError {
    /// The credential is no strict JSON object.
    #[error("this is no JSON credential: {0}")]
    NotACredential(&'static str),
    /// A context that is not on the closed list.
    #[error("the context {0} is not known here")]
    UnknownContext(String),
    /// A member that CBOR-LD or this reader cannot carry without loss.
    #[error("{0} cannot go on paper")]
    Unsupported(&'static str),
    /// More bytes than [`crate::MAX_CBOR_BYTES`] or [`crate::MAX_TEXT_BYTES`].
    #[error("this is too large for paper")]
    TooLarge,
    /// The text does not begin as a paper badge does.
    #[error("this text is no paper badge")]
    NotAPaperBadge,
    /// The text is cut off or has a wrong character.
    #[error("the text of the badge is damaged")]
    DamagedText,
    /// The bytes are cut off, too many, or not in the one form that is written.
    #[error("the bytes of the badge are damaged: {0}")]
    DamagedBytes(&'static str),
    /// Compressed with a table that is not ours.
    #[error("the badge is compressed with table {0}, which is not known here")]
    UnknownTable(u64),
    /// A number stands for a term or value that the table and the contexts do not have.
    #[error("the badge names a {0} that is not known here")]
    UnknownCode(&'static str),
    /// It would unfold to more than a credential may hold.
    #[error("the badge unfolds to more than is read")]
    TooMuchInside,
    /// The desk's address is no plain https address.
    #[error("the address of the desk is no https address")]
    BadAddress,
}

impl PaperError {
    /// Stable code for reports and pages.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotACredential(_) => "paper_not_a_credential",
            Self::UnknownContext(_) => "paper_unknown_context",
            Self::Unsupported(_) => "paper_unsupported",
            Self::TooLarge => "paper_too_large",
            Self::NotAPaperBadge => "paper_not_a_badge",
            Self::DamagedText => "paper_damaged_text",
            Self::DamagedBytes(_) => "paper_damaged_bytes",
            Self::UnknownTable(_) => "paper_unknown_table",
            Self::UnknownCode(_) => "paper_unknown_code",
            Self::TooMuchInside => "paper_too_much_inside",
            Self::BadAddress => "paper_bad_address",
        }
    }
}

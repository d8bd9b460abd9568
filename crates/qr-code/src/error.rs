//! What can go wrong.

/// Why a QR code could not be written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QrError {
    /// Nothing to write.
    #[error("there is no text to put into a QR code")]
    Empty,
    /// More text than a code of level M holds.
    #[error("the text does not fit into a QR code; use a short link")]
    TextTooLong,
    /// The text holds control or invisible direction characters.
    #[error("the text contains control characters")]
    ControlCharacters,
    /// A scale of zero, or one that makes a huge picture.
    #[error("the scale is not between 1 and 20 pixels a module")]
    Scale,
    /// The file is larger than 20 MB.
    #[error("the picture file is larger than 20 MB")]
    FileTooLarge,
    /// The picture has more than 40 million pixels.
    #[error("the picture has more than 40 million pixels")]
    TooManyPixels,
    /// Neither PNG nor JPEG, or broken.
    #[error("the file is not a readable PNG or JPEG picture")]
    NotAPicture,
    /// The frame's size does not fit its bytes.
    #[error("the frame's width and height do not fit its bytes")]
    FrameSize,
    /// No QR code was found.
    #[error("no QR code was found in the picture")]
    NoCode,
    /// A code was found but could not be read.
    #[error("a QR code was found but could not be read")]
    Unreadable,
    /// A scanned text longer than any link of ours.
    #[error("the scanned text is too long for a link")]
    LinkTooLong,
    /// A scanned text that is no link.
    #[error("the scanned text is not a link")]
    NotALink,
    /// A link whose scheme is not on the allow-list.
    #[error("links of this kind are not opened")]
    SchemeNotAllowed,
}

impl QrError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "qr_empty",
            Self::TextTooLong => "qr_text_too_long",
            Self::ControlCharacters => "qr_control_characters",
            Self::Scale => "qr_scale",
            Self::FileTooLarge => "qr_file_too_large",
            Self::TooManyPixels => "qr_too_many_pixels",
            Self::NotAPicture => "qr_not_a_picture",
            Self::FrameSize => "qr_frame_size",
            Self::NoCode => "qr_no_code",
            Self::Unreadable => "qr_unreadable",
            Self::LinkTooLong => "qr_link_too_long",
            Self::NotALink => "qr_not_a_link",
            Self::SchemeNotAllowed => "qr_scheme_not_allowed",
        }
    }
}

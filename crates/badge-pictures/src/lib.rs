//! Badges as pictures: a credential baked into a PNG or SVG, as Open Badges 3.0 ("Baked
//! Badges", section 5.3 of the specification) lays down, read and written.
//!
//! The picture's own bytes stay as they are: baking inserts one chunk or one element. A picture
//! with two credentials is refused, because two readers might each see another one.
//! A PDF carries its credential as an attached file, which is read here too.
//! Nothing is verified here; what comes out is text from a stranger.

mod error;
mod pdf;
mod png;
mod svg;

#[cfg(test)]
mod tests;

pub use error::PictureError;
pub use pdf::read_pdf;
pub use png::{bake_png, read_png};
pub use svg::{bake_svg, read_svg};

/// The largest picture taken, bytes.
pub const MAX_PICTURE_BYTES: usize = 10 * 1024 * 1024;
/// The largest credential taken or baked, bytes.
pub const MAX_CREDENTIAL_BYTES: usize = 1024 * 1024;

/// What a picture carries: the form decides where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Baked {
    /// A credential with an embedded proof: its JSON.
    Json(String),
    /// A credential as a compact JWS.
    Jws(String),
}

impl Baked {
    /// Tells the two forms apart by their first character, as the specification's readers do.
    ///
    /// # Errors
    /// [`PictureError::NotACredential`] when it is neither, [`PictureError::CredentialTooLarge`].
    pub fn from_text(text: &str) -> Result<Self, PictureError> {
        let text = text.trim();
        if text.len() > MAX_CREDENTIAL_BYTES {
            return Err(PictureError::CredentialTooLarge);
        }
        if text.starts_with('{') && text.ends_with('}') {
            return Ok(Self::Json(text.to_owned()));
        }
        let is_base64url = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        let parts: Vec<&str> = text.split('.').collect();
        if parts.len() == 3 && parts.iter().all(|part| is_base64url(part)) {
            return Ok(Self::Jws(text.to_owned()));
        }
        Err(PictureError::NotACredential)
    }

    /// The text as it is verified.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Json(text) | Self::Jws(text) => text,
        }
    }
}

/// Reads the credential of a picture, by what the bytes say it is.
///
/// # Errors
/// [`PictureError::UnknownPicture`] when it is neither PNG, SVG nor PDF, or the reader's refusal.
pub fn read(bytes: &[u8]) -> Result<Baked, PictureError> {
    if bytes.starts_with(png::SIGNATURE) {
        read_png(bytes)
    } else if bytes.starts_with(pdf::SIGNATURE) {
        read_pdf(bytes)
    } else {
        read_svg(bytes)
    }
}

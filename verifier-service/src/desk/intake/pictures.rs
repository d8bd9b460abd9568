//! Photos, screenshots and baked badges.

use super::{Found, Refusal, from_text, the_one};

/// A credential baked into the picture counts before a code shown by it: it is the whole one.
pub(super) fn from_picture(bytes: &[u8]) -> Result<Found, Refusal> {
    if bytes.starts_with(b"\x89PNG")
        && let Ok(baked) = badge_pictures::read_png(bytes)
    {
        return from_text(baked.text());
    }
    let texts = qr_code::decode_image(bytes).map_err(|error| match error {
        qr_code::QrError::FileTooLarge | qr_code::QrError::TooManyPixels => Refusal::TooLarge,
        qr_code::QrError::ControlCharacters => Refusal::OtherCode,
        _ => Refusal::NoCode,
    })?;
    the_one(texts)
}

/// A baked SVG. It is read as text and never drawn.
pub(super) fn from_svg(bytes: &[u8]) -> Result<Found, Refusal> {
    let baked = badge_pictures::read_svg(bytes).map_err(|error| match error {
        badge_pictures::PictureError::NoCredential => Refusal::NoCode,
        badge_pictures::PictureError::SeveralCredentials => Refusal::Several,
        _ => Refusal::UnknownFile,
    })?;
    from_text(baked.text())
}

//! Pictures from anybody: sizes are judged before a pixel is decoded.

use std::io::Cursor;

use image::{ImageFormat, ImageReader, Limits};

use crate::error::QrError;
use crate::scan::decode_grey;

/// Largest picture file.
pub const MAX_IMAGE_BYTES: usize = 20 * 1024 * 1024;
/// Most pixels of a picture.
pub const MAX_PIXELS: u64 = 40_000_000;
/// Longest side; beyond it a picture is a strip, not a photo.
const MAX_SIDE: u32 = 16_384;
/// Memory the decoder may take.
const MAX_DECODER_BYTES: u64 = 256 * 1024 * 1024;

/// Reads every QR code of a PNG or JPEG picture: a photo or a screenshot. Texts come in
/// the order found, without repeats.
///
/// # Errors
/// [`QrError::FileTooLarge`], [`QrError::TooManyPixels`], [`QrError::NotAPicture`], and
/// those of [`decode_grey`].
pub fn decode_image(bytes: &[u8]) -> Result<Vec<String>, QrError> {
    if bytes.len() > MAX_IMAGE_BYTES {
        return Err(QrError::FileTooLarge);
    }
    let open = || -> Result<ImageReader<Cursor<&[u8]>>, QrError> {
        let mut reader = ImageReader::new(Cursor::new(bytes))
            .with_guessed_format()
            .map_err(|_| QrError::NotAPicture)?;
        // The file's first bytes decide, and only these two formats are compiled in.
        if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg)) {
            return Err(QrError::NotAPicture);
        }
        let mut limits = Limits::default();
        limits.max_image_width = Some(MAX_SIDE);
        limits.max_image_height = Some(MAX_SIDE);
        limits.max_alloc = Some(MAX_DECODER_BYTES);
        reader.limits(limits);
        Ok(reader)
    };
    let (width, height) = open()?.into_dimensions().map_err(too_large_or_broken)?;
    if u64::from(width) * u64::from(height) > MAX_PIXELS || width > MAX_SIDE || height > MAX_SIDE {
        return Err(QrError::TooManyPixels);
    }
    let picture = open()?.decode().map_err(too_large_or_broken)?;
    // What is transparent shows the page behind it, and pages are light: without this a
    // black code on transparent ground would be black on black.
    let grey: Vec<u8> = picture
        .into_luma_alpha8()
        .pixels()
        .map(|p| {
            let (luma, alpha) = (u16::from(p.0[0]), u16::from(p.0[1]));
            ((luma * alpha + 255 * (255 - alpha)) / 255) as u8
        })
        .collect();
    decode_grey(width as usize, height as usize, &grey)
}

fn too_large_or_broken(error: image::ImageError) -> QrError {
    match error {
        image::ImageError::Limits(_) => QrError::TooManyPixels,
        _ => QrError::NotAPicture,
    }
}

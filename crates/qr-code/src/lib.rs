//! Deep links to QR codes and pictures back to text.
//!
//! * [`encode_svg`], [`encode_png`], [`encode_terminal`]: error correction level M, quiet
//!   zone of four modules, the same bytes for the same text;
//! * [`decode_image`]: PNG and JPEG from anybody; [`decode_grey`]: a camera frame;
//! * [`classify`]: what a scanned text asks for. Nothing is opened here, and nothing
//!   should be opened without it.

mod encode;
mod error;
mod link;
mod picture;
mod scan;

#[cfg(test)]
mod tests;

pub use encode::{
    MAX_TEXT_BYTES, encode_png, encode_rows, encode_svg, encode_terminal, encode_terminal_plain,
};
pub use error::QrError;
pub use link::{DeepLink, MAX_LINK_BYTES, classify};
pub use picture::{MAX_IMAGE_BYTES, MAX_PIXELS, decode_image};
pub use scan::{MAX_CODES, decode_grey};

//! gzip and zlib with hard limits. A list is foreign input: it may be a bomb, carry a
//! second member, or hide bytes after its end.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::bufread::{GzDecoder, ZlibDecoder};
use flate2::write::{GzEncoder, ZlibEncoder};

use crate::bitstring::MAX_LIST_BYTES;
use crate::error::{StatusError, malformed};

/// Compressed bytes we look at: deflate never grows its input by more than a few bytes
/// per 16 KiB, so an honest list of [`MAX_LIST_BYTES`] stays below this.
pub(crate) const MAX_COMPRESSED: usize = MAX_LIST_BYTES + MAX_LIST_BYTES / 64;

/// zlib's own default: 1.5 times the information limit at 1 % revoked, tens of
/// milliseconds for 2 MB (performance.md).
const LEVEL: Compression = Compression::new(6);

/// gzip with a fixed header (no time, no name), so that equal lists give equal bytes.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), LEVEL);
    // Writing to memory cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// zlib (RFC 1950).
pub(crate) fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), LEVEL);
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// Inflates exactly one gzip member and nothing after it.
pub(crate) fn gunzip(bytes: &[u8]) -> Result<Vec<u8>, StatusError> {
    check_length(bytes)?;
    let mut decoder = GzDecoder::new(bytes);
    let out = inflate(&mut decoder, "gzip")?;
    nothing_left(decoder.into_inner())?;
    Ok(out)
}

/// Inflates exactly one zlib stream and nothing after it.
pub(crate) fn unzlib(bytes: &[u8]) -> Result<Vec<u8>, StatusError> {
    check_length(bytes)?;
    let mut decoder = ZlibDecoder::new(bytes);
    let out = inflate(&mut decoder, "zlib")?;
    nothing_left(decoder.into_inner())?;
    Ok(out)
}

fn check_length(bytes: &[u8]) -> Result<(), StatusError> {
    if bytes.len() > MAX_COMPRESSED { Err(StatusError::TooLarge) } else { Ok(()) }
}

/// Reads to the checked end of the stream, at most one byte beyond the cap.
fn inflate(decoder: &mut impl Read, form: &str) -> Result<Vec<u8>, StatusError> {
    let mut out = Vec::new();
    decoder
        .take(MAX_LIST_BYTES as u64 + 1)
        .read_to_end(&mut out)
        .map_err(|_| malformed(format!("the list is not a complete {form} stream")))?;
    if out.len() > MAX_LIST_BYTES { Err(StatusError::TooLarge) } else { Ok(out) }
}

fn nothing_left(rest: &[u8]) -> Result<(), StatusError> {
    if rest.is_empty() {
        Ok(())
    } else {
        Err(malformed("bytes follow the end of the compressed list"))
    }
}

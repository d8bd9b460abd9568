//! PDF: the one attached file that is a credential (ISO 32000-1, section 7.11.4).
//!
//! No object graph and no renderer: streams always stand directly in the file (section 7.5.7), so
//! attached files are found by reading it once from front to back. Nothing in the file leads the
//! reader anywhere else, and nothing in it is run.

use crate::{Baked, MAX_CREDENTIAL_BYTES, MAX_PICTURE_BYTES, PictureError};

pub(crate) const SIGNATURE: &[u8] = b"%PDF-";
/// Most streams looked at.
const MAX_STREAMS: usize = 4_000;
/// Most attached files unpacked.
const MAX_ATTACHED: usize = 16;
/// Longest dictionary before a stream, bytes.
const MAX_DICTIONARY: usize = 4 * 1024;

/// Reads the credential attached to a PDF.
///
/// # Errors
/// [`PictureError::NoCredential`] for a PDF without one, [`PictureError::SeveralCredentials`],
/// [`PictureError::Damaged`] for one that is locked or has thousands of streams.
pub fn read_pdf(bytes: &[u8]) -> Result<Baked, PictureError> {
    if bytes.len() > MAX_PICTURE_BYTES {
        return Err(PictureError::PictureTooLarge);
    }
    if !bytes.starts_with(SIGNATURE) {
        return Err(PictureError::UnknownPicture);
    }
    let mut found: Option<Baked> = None;
    let (mut at, mut attached) = (0, 0);
    for _ in 0..MAX_STREAMS {
        let Some((dictionary, body, end)) = next_stream(bytes, at) else {
            return found.ok_or(PictureError::NoCredential);
        };
        at = end;
        if !contains(dictionary, b"/EmbeddedFile") {
            continue;
        }
        attached += 1;
        if attached > MAX_ATTACHED {
            return Err(PictureError::SeveralCredentials);
        }
        let Some(Ok(baked)) = unpacked(dictionary, body).map(|text| Baked::from_text(&text)) else {
            continue;
        };
        match &found {
            Some(earlier) if *earlier != baked => return Err(PictureError::SeveralCredentials),
            _ => found = Some(baked),
        }
    }
    Err(PictureError::Damaged)
}

/// The dictionary and the bytes of the next stream, and where to go on.
fn next_stream(bytes: &[u8], from: usize) -> Option<(&[u8], &[u8], usize)> {
    let mut search = from;
    loop {
        let at = search + position(bytes.get(search..)?, b"stream")?;
        search = at + 6;
        if bytes[..at].ends_with(b"end") {
            continue;
        }
        // A line end follows the keyword: CR LF or LF (section 7.3.8.1).
        let body = match bytes.get(search..)? {
            [b'\r', b'\n', ..] => search + 2,
            [b'\n', ..] => search + 1,
            _ => continue,
        };
        let before = &bytes[at.saturating_sub(MAX_DICTIONARY).max(from)..at];
        let begin = rposition(before, b" obj").map_or(0, |begin| begin + 4);
        let dictionary = &before[begin..];
        let rest = &bytes[body..];
        let length = direct_length(dictionary)
            .filter(|length| {
                rest.get(*length..)
                    .is_some_and(|rest| rest.trim_ascii_start().starts_with(b"endstream"))
            })
            .or_else(|| position(rest, b"endstream"))?;
        return Some((dictionary, &rest[..length], body + length));
    }
}

/// `/Length` where it is a number and no reference.
fn direct_length(dictionary: &[u8]) -> Option<usize> {
    let at = position(dictionary, b"/Length")? + 7;
    let rest = dictionary.get(at..)?.trim_ascii_start();
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let after = rest.get(digits..)?.trim_ascii_start();
    let is_reference = after.first().is_some_and(u8::is_ascii_digit);
    let number = std::str::from_utf8(rest.get(..digits)?).ok()?.parse().ok()?;
    (!is_reference).then_some(number)
}

/// The text of an attached file, plain or deflated; other filters are not read.
fn unpacked(dictionary: &[u8], body: &[u8]) -> Option<String> {
    let bytes = if contains(dictionary, b"/FlateDecode") {
        // The bound stops a bomb while it unfolds.
        miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(body, MAX_CREDENTIAL_BYTES).ok()?
    } else if contains(dictionary, b"/Filter") {
        return None;
    } else {
        body.to_vec()
    };
    (bytes.len() <= MAX_CREDENTIAL_BYTES).then(|| String::from_utf8(bytes).ok()).flatten()
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    position(bytes, what).is_some()
}

fn position(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn rposition(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).rposition(|window| window == what)
}

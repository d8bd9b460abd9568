//! PNG: one `iTXt` chunk with the keyword `openbadgecredential` (Open Badges 3.0, section 5.3.1).
//! Layout of chunks: PNG (Third Edition), section 5.3; of `iTXt`: section 11.3.3.4.

use crate::{Baked, MAX_PICTURE_BYTES, PictureError};

pub(crate) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const KEYWORD: &[u8] = b"openbadgecredential";
/// What Open Badges 1 and 2 used.
const OLD_KEYWORD: &[u8] = b"openbadges";

/// A chunk with its place in the file.
struct Chunk<'a> {
    kind: [u8; 4],
    data: &'a [u8],
    /// Where the chunk begins (its length field) and ends (after its checksum).
    span: (usize, usize),
}

/// Bakes a credential in; one that is there is replaced, all other bytes stay.
///
/// # Errors
/// [`PictureError`] when the picture cannot be read.
pub fn bake_png(picture: &[u8], credential: &Baked) -> Result<Vec<u8>, PictureError> {
    let chunks = chunks(picture)?;
    let header_end = chunks.first().ok_or(PictureError::Damaged)?.span.1;
    let mut baked = picture[..header_end].to_vec();
    baked.extend(text_chunk(credential.text()));
    for chunk in &chunks[1..] {
        if keyword_of(chunk) != Some(KEYWORD) {
            baked.extend_from_slice(&picture[chunk.span.0..chunk.span.1]);
        }
    }
    Ok(baked)
}

/// Reads the credential baked into a PNG.
///
/// # Errors
/// [`PictureError`]; [`PictureError::NoCredential`] for a picture that is no badge.
pub fn read_png(picture: &[u8]) -> Result<Baked, PictureError> {
    let chunks = chunks(picture)?;
    let mut found = chunks.iter().filter(|chunk| keyword_of(chunk) == Some(KEYWORD));
    let Some(chunk) = found.next() else {
        let old = chunks.iter().any(|chunk| keyword_of(chunk) == Some(OLD_KEYWORD));
        return Err(if old { PictureError::OlderGeneration } else { PictureError::NoCredential });
    };
    if found.next().is_some() {
        return Err(PictureError::SeveralCredentials);
    }
    Baked::from_text(text_of(chunk.data)?)
}

fn chunks(picture: &[u8]) -> Result<Vec<Chunk<'_>>, PictureError> {
    if picture.len() > MAX_PICTURE_BYTES {
        return Err(PictureError::PictureTooLarge);
    }
    if !picture.starts_with(SIGNATURE) {
        return Err(PictureError::UnknownPicture);
    }
    let mut chunks = Vec::new();
    let mut at = SIGNATURE.len();
    while at < picture.len() {
        let chunk = chunk_at(picture, at).ok_or(PictureError::Damaged)?;
        at = chunk.span.1;
        let last = &chunk.kind == b"IEND";
        chunks.push(chunk);
        if last {
            // Bytes after the end are no part of the picture, and no hiding place.
            break;
        }
    }
    let whole = chunks.first().is_some_and(|first| &first.kind == b"IHDR")
        && chunks.last().is_some_and(|last| &last.kind == b"IEND");
    if whole { Ok(chunks) } else { Err(PictureError::Damaged) }
}

fn chunk_at(picture: &[u8], at: usize) -> Option<Chunk<'_>> {
    let length = usize::try_from(u32::from_be_bytes(field(picture, at)?)).ok()?;
    let kind: [u8; 4] = field(picture, at.checked_add(4)?)?;
    let begin = at.checked_add(8)?;
    let end = begin.checked_add(length)?;
    let data = picture.get(begin..end)?;
    let checksum = u32::from_be_bytes(field(picture, end)?);
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&kind);
    hasher.update(data);
    (hasher.finalize() == checksum).then_some(Chunk { kind, data, span: (at, end + 4) })
}

fn field(picture: &[u8], at: usize) -> Option<[u8; 4]> {
    picture.get(at..at.checked_add(4)?)?.try_into().ok()
}

/// The keyword of a text chunk of any kind.
fn keyword_of<'a>(chunk: &Chunk<'a>) -> Option<&'a [u8]> {
    if !matches!(&chunk.kind, b"iTXt" | b"tEXt" | b"zTXt") {
        return None;
    }
    let end = chunk.data.iter().position(|byte| *byte == 0)?;
    chunk.data.get(..end)
}

/// The text of an `iTXt` chunk: keyword, 0, compression flag, method, language, 0, translated
/// keyword, 0, text.
fn text_of(data: &[u8]) -> Result<&str, PictureError> {
    let rest = data.get(KEYWORD.len() + 1..).ok_or(PictureError::Damaged)?;
    let [flag, _method, rest @ ..] = rest else { return Err(PictureError::Damaged) };
    if *flag != 0 {
        return Err(PictureError::Compressed);
    }
    let mut parts = rest.splitn(3, |byte| *byte == 0);
    let (_language, _translated) = (parts.next(), parts.next());
    let text = parts.next().ok_or(PictureError::Damaged)?;
    std::str::from_utf8(text).map_err(|_| PictureError::NotACredential)
}

fn text_chunk(text: &str) -> Vec<u8> {
    let mut data = b"iTXt".to_vec();
    data.extend_from_slice(KEYWORD);
    // Keyword's end; not compressed, method 0; no language, no translated keyword.
    data.extend_from_slice(&[0, 0, 0, 0, 0]);
    data.extend_from_slice(text.as_bytes());
    let length = u32::try_from(data.len() - 4).unwrap_or(u32::MAX);
    let mut chunk = length.to_be_bytes().to_vec();
    let checksum = crc32fast::hash(&data);
    chunk.extend(data);
    chunk.extend(checksum.to_be_bytes());
    chunk
}

//! The credential of a PDF: an attached file first, then codes in its pictures.
//!
//! No renderer and no object graph: streams always stand directly in a PDF's file (ISO 32000-1,
//! section 7.5.7), so attached files and pictures are found by reading it once from front to back.
//! Nothing in the file leads the reader anywhere else.

use std::io::Read as _;

use super::{Found, Refusal, from_text, is_credential, the_one};

/// Most streams that are looked at.
const MAX_STREAMS: usize = 4_000;
/// Most pictures that are searched for codes.
const MAX_PICTURES: usize = 48;
/// Longest inflated stream, bytes.
const MAX_STREAM_BYTES: u64 = 48 * 1024 * 1024;
/// Most inflated bytes of one file, all streams together.
const MAX_INFLATED_BYTES: usize = 160 * 1024 * 1024;
/// Longest dictionary before a stream, bytes.
const MAX_DICTIONARY: usize = 8 * 1024;

/// Reads a PDF.
pub(super) fn from_pdf(bytes: &[u8]) -> Result<Found, Refusal> {
    if find(bytes, b"/Encrypt", 0).is_some() {
        return Err(Refusal::PdfLocked);
    }
    let mut pictures = Vec::new();
    let mut attached: Option<Found> = None;
    let mut budget = MAX_INFLATED_BYTES;
    let (mut at, mut streams) = (0, 0);
    while let Some(stream) = Stream::next(bytes, at) {
        at = stream.end;
        streams += 1;
        if streams > MAX_STREAMS {
            return Err(Refusal::PdfTooLong);
        }
        if stream.has("/EmbeddedFile") {
            let Some(content) = stream.content(&mut budget) else { continue };
            let Some(found) = credential(&content) else { continue };
            match &attached {
                Some(known) if known.bytes != found.bytes => return Err(Refusal::Several),
                _ => attached = Some(found),
            }
        } else if stream.has("/Image") && pictures.len() < MAX_PICTURES {
            pictures.push(stream);
        }
    }
    if let Some(found) = attached {
        return Ok(found);
    }
    let mut texts = Vec::new();
    for picture in pictures {
        if budget == 0 {
            return Err(Refusal::PdfTooLong);
        }
        texts.extend(picture.codes(&mut budget));
    }
    if texts.is_empty() {
        return Err(Refusal::PdfWithout);
    }
    the_one(texts)
}

/// An attached file that is a credential; other attachments do not matter.
fn credential(content: &[u8]) -> Option<Found> {
    let text = std::str::from_utf8(content).ok()?;
    from_text(text).ok().filter(|found| is_credential(&found.bytes))
}

/// A stream with the dictionary before it.
struct Stream<'a> {
    dictionary: &'a [u8],
    data: &'a [u8],
    end: usize,
}

impl<'a> Stream<'a> {
    /// The next one from `at` on.
    fn next(bytes: &'a [u8], mut at: usize) -> Option<Self> {
        loop {
            let word = find(bytes, b"stream", at)?;
            at = word + 6;
            // The end of the one before begins none: most programs end the line there too.
            if bytes[..word].ends_with(b"end") {
                continue;
            }
            let mut data = at;
            match bytes.get(data..data + 2) {
                Some(b"\r\n") => data += 2,
                Some([b'\n', _]) => data += 1,
                _ => continue,
            }
            let from = word.saturating_sub(MAX_DICTIONARY);
            let before = &bytes[from..word];
            let Some(start) = rfind(before, b"obj") else { continue };
            let dictionary = &before[start + 3..];
            let end = match number(dictionary, "/Length") {
                Some(length)
                    if find(bytes.get(data..).unwrap_or_default(), b"endstream", length)
                        .is_some_and(|found| found <= length + 2) =>
                {
                    data + length
                }
                // The length stands elsewhere in the file, or is wrong.
                _ => find(bytes, b"endstream", data)?,
            };
            return Some(Stream { dictionary, data: bytes.get(data..end)?, end });
        }
    }

    fn has(&self, name: &str) -> bool {
        let mut at = 0;
        while let Some(found) = find(self.dictionary, name.as_bytes(), at) {
            at = found + name.len();
            if !self.dictionary.get(at).is_some_and(u8::is_ascii_alphanumeric) {
                return true;
            }
        }
        false
    }

    fn number(&self, name: &str) -> Option<usize> {
        number(self.dictionary, name)
    }

    /// Its bytes, inflated where it is compressed; `None` for other filters and bombs.
    fn content(&self, budget: &mut usize) -> Option<Vec<u8>> {
        if !self.has("/Filter") {
            return Some(self.data.to_vec());
        }
        if !self.has("/FlateDecode") || self.has("/DCTDecode") || self.has("/ASCII85Decode") {
            return None;
        }
        let limit = MAX_STREAM_BYTES.min(*budget as u64);
        let mut out = Vec::new();
        // What could be read before a defect counts, as it does in every viewer.
        let _ = flate2::read::ZlibDecoder::new(self.data).take(limit).read_to_end(&mut out);
        *budget = budget.saturating_sub(out.len());
        (!out.is_empty()).then_some(out)
    }

    /// Texts of the codes in a picture.
    fn codes(&self, budget: &mut usize) -> Vec<String> {
        if self.has("/DCTDecode") && !self.has("/FlateDecode") {
            return qr_code::decode_image(self.data).unwrap_or_default();
        }
        let (Some(width), Some(height)) = (self.number("/Width"), self.number("/Height")) else {
            return Vec::new();
        };
        if !(21..=8_192).contains(&width) || !(21..=8_192).contains(&height) {
            return Vec::new();
        }
        let bits = self.number("/BitsPerComponent").unwrap_or(1);
        let Some(raw) = self.content(budget) else { return Vec::new() };
        grey(&raw, width, height, bits)
            .and_then(|grey| qr_code::decode_grey(width, height, &grey).ok())
            .unwrap_or_default()
    }
}

/// Samples to shades. The number of colours follows from the size, rows filtered as in PNG
/// included: that is all a code needs.
fn grey(raw: &[u8], width: usize, height: usize, bits: usize) -> Option<Vec<u8>> {
    let (colours, filtered) = [(1, false), (3, false), (4, false), (1, true), (3, true), (4, true)]
        .into_iter()
        .find(|(colours, filtered)| {
            let row = (width * colours * bits).div_ceil(8) + usize::from(*filtered);
            raw.len() >= row * height && raw.len() <= row * height + 2
        })?;
    let row = (width * colours * bits).div_ceil(8);
    let rows =
        if filtered { unfiltered(raw, row, (colours * bits).div_ceil(8))? } else { raw.to_vec() };
    let mut grey = Vec::with_capacity(width * height);
    for line in rows.chunks_exact(row).take(height) {
        for x in 0..width {
            grey.push(match bits {
                8 => {
                    let pixel = &line[x * colours..x * colours + colours];
                    let sum: usize = pixel.iter().map(|part| usize::from(*part)).sum();
                    // Four colours are inks: more ink is darker.
                    let shade = (sum / colours) as u8;
                    if colours == 4 { 255 - shade } else { shade }
                }
                1 if colours == 1 => (line[x / 8] >> (7 - x % 8) & 1) * 255,
                _ => return None,
            });
        }
    }
    (grey.len() == width * height).then_some(grey)
}

/// Undoes PNG's row filters (PNG section 9).
fn unfiltered(raw: &[u8], row: usize, step: usize) -> Option<Vec<u8>> {
    let mut out: Vec<u8> = Vec::with_capacity(raw.len());
    for line in raw.chunks_exact(row + 1) {
        let start = out.len();
        for (x, byte) in line[1..].iter().enumerate() {
            let left = if x >= step { out[start + x - step] } else { 0 };
            let up = if start >= row { out[start + x - row] } else { 0 };
            let corner = if x >= step && start >= row { out[start + x - row - step] } else { 0 };
            let guess = match line[0] {
                0 => 0,
                1 => left,
                2 => up,
                3 => ((u16::from(left) + u16::from(up)) / 2) as u8,
                4 => paeth(left, up, corner),
                _ => return None,
            };
            out.push(byte.wrapping_add(guess));
        }
    }
    Some(out)
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(corner));
    let guess = a + b - c;
    let (da, db, dc) = ((guess - a).abs(), (guess - b).abs(), (guess - c).abs());
    if da <= db && da <= dc {
        left
    } else if db <= dc {
        up
    } else {
        corner
    }
}

/// A direct number behind a name; `None` for a reference to another object.
fn number(dictionary: &[u8], name: &str) -> Option<usize> {
    let at = find(dictionary, name.as_bytes(), 0)? + name.len();
    let rest = std::str::from_utf8(&dictionary[at..]).ok().or_else(|| {
        let text = &dictionary[at..dictionary.len().min(at + 32)];
        std::str::from_utf8(text).ok()
    })?;
    let rest = rest.trim_start();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).take(10).collect();
    let after = rest[digits.len()..].trim_start();
    let is_reference = after.starts_with(|c: char| c.is_ascii_digit())
        && after.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start().starts_with('R');
    if is_reference { None } else { digits.parse().ok() }
}

fn find(bytes: &[u8], word: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let mut at = 0;
    // The first byte is searched alone: most bytes of a PDF are compressed and do not match.
    while let Some(next) = rest[at..].iter().position(|byte| *byte == word[0]) {
        at += next;
        if rest[at..].starts_with(word) {
            return Some(from + at);
        }
        at += 1;
    }
    None
}

fn rfind(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).rposition(|window| window == word)
}

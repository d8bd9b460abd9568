//! Text forms. In a QR: `VC1-` and base45 behind its multibase letter `R`, all of which a QR
//! writes in its dense alphanumeric mode (W3C Verifiable Credential Barcodes; base45 is RFC 9285).
//! In a link: `VC1-` and base32 behind `B`, which needs no escaping in a fragment.

use crate::{MAX_CBOR_BYTES, MAX_TEXT_BYTES, PaperError};

const PREFIX: &str = "VC1-";
const BASE45: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

pub(crate) fn for_qr(bytes: &[u8]) -> String {
    let mut text = format!("{PREFIX}R");
    for pair in bytes.chunks(2) {
        let mut number = pair.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
        for _ in 0..=pair.len() {
            text.push(char::from(BASE45[number % 45]));
            number /= 45;
        }
    }
    text
}

pub(crate) fn for_link(bytes: &[u8]) -> String {
    let mut text = format!("{PREFIX}B");
    for group in bytes.chunks(5) {
        let mut padded = [0_u8; 8];
        padded[3..3 + group.len()].copy_from_slice(group);
        let bits = u64::from_be_bytes(padded);
        for at in 0..(group.len() * 8).div_ceil(5) {
            text.push(char::from(BASE32[(bits >> (35 - 5 * at)) as usize & 31]));
        }
    }
    text
}

/// What of a text is the payload: all of it, or what stands behind `#` in a link.
pub(crate) fn payload(text: &str) -> Option<&str> {
    let text = text.trim_matches(['\r', '\n', '\t']);
    if text.starts_with(PREFIX) {
        return Some(text);
    }
    let is_link = text.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"))
        || text.starts_with("http://localhost");
    let fragment = text.split_once('#')?.1;
    (is_link && fragment.starts_with(PREFIX)).then_some(fragment)
}

/// The bytes of either text form.
pub(crate) fn bytes(text: &str) -> Result<Vec<u8>, PaperError> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(PaperError::TooLarge);
    }
    let payload = payload(text).ok_or(PaperError::NotAPaperBadge)?;
    let coded = &payload[PREFIX.len()..];
    let bytes = match coded.split_at_checked(1) {
        Some(("R", rest)) => from_base45(rest.as_bytes()),
        Some(("B", rest)) => from_base32(rest.as_bytes()),
        _ => return Err(PaperError::NotAPaperBadge),
    };
    let bytes = bytes.ok_or(PaperError::DamagedText)?;
    if bytes.len() > MAX_CBOR_BYTES { Err(PaperError::TooLarge) } else { Ok(bytes) }
}

fn from_base45(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 2 / 3);
    for group in text.chunks(3) {
        let mut number = 0_u32;
        for letter in group.iter().rev() {
            let value = BASE45.iter().position(|known| known == letter)?;
            number = number * 45 + value as u32;
        }
        match group.len() {
            3 => bytes.extend(u16::try_from(number).ok()?.to_be_bytes()),
            2 => bytes.push(u8::try_from(number).ok()?),
            _ => return None,
        }
    }
    Some(bytes)
}

fn from_base32(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut bits, mut held) = (0_u32, 0);
    for letter in text {
        let value = BASE32.iter().position(|known| known == letter)?;
        bits = bits << 5 | value as u32;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    // What is left over are the zero bits that fill the last letter, never a whole letter.
    (held < 5 && bits == 0).then_some(bytes)
}

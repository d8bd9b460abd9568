//! Changing what is inside a compact token: JSON in base64url between dots and tildes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Random, bytes, json};

/// Changes the content of one part, or the order of the parts; `None` when the input is no token.
pub(super) fn change(
    random: &mut Random,
    input: &[u8],
    other: &[u8],
    words: &[&str],
) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(input).ok()?;
    if !text.contains(['.', '~']) {
        return None;
    }
    let mut parts: Vec<String> = text.split_inclusive(['.', '~']).map(str::to_owned).collect();
    let at = random.below(parts.len());
    match random.below(10) {
        0 => drop(parts.remove(at)),
        1 => parts.insert(at, parts[random.below(parts.len())].clone()),
        2 => {
            let with = random.below(parts.len());
            parts.swap(at, with);
        }
        _ => {
            let part = &parts[at];
            let (content, end) = match part.strip_suffix(['.', '~']) {
                Some(content) => (content, &part[content.len()..]),
                None => (part.as_str(), ""),
            };
            let plain = URL_SAFE_NO_PAD.decode(content).ok()?;
            let changed = json::change(random, &plain, other, words)
                .unwrap_or_else(|| bytes::change(random, &plain, other, words));
            parts[at] = format!("{}{end}", URL_SAFE_NO_PAD.encode(changed));
        }
    }
    Some(parts.concat().into_bytes())
}

/// The other valid ECDSA signature over the same message: `s` becomes `order - s`. `None` unless `signature` is
/// `r || s` of the order's length.
#[must_use]
pub fn flip_signature_half(signature: &[u8], order: &[u8]) -> Option<Vec<u8>> {
    if signature.len() != 2 * order.len() {
        return None;
    }
    let mut flipped = signature.to_vec();
    let mut borrow = 0_i16;
    for index in (0..order.len()).rev() {
        let digit = i16::from(order[index]) - i16::from(signature[order.len() + index]) - borrow;
        borrow = i16::from(digit < 0);
        flipped[order.len() + index] = digit.rem_euclid(256) as u8;
    }
    Some(flipped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_order() {
        assert_eq!(flip_signature_half(&[9, 9, 0, 1], &[1, 0]), Some(vec![9, 9, 0, 255]));
        assert_eq!(flip_signature_half(&[1, 2, 3], &[1, 0]), None);
    }
}

//! `proofValue`: base58btc with the multibase prefix `z`, and nothing else.

/// Encodes a signature.
pub(super) fn encode(bytes: &[u8]) -> String {
    format!("z{}", bs58::encode(bytes).into_string())
}

/// Decodes exactly `length` bytes. One text for one value: base58 has no padding to vary, and leading zeros are leading
/// ones.
pub(super) fn decode(text: &str, length: usize) -> Option<Vec<u8>> {
    let digits = text.strip_prefix('z')?;
    // Base58 needs at most 1.37 digits a byte; anything longer would only cost quadratic time.
    if digits.len() > length * 7 / 5 + 1 {
        return None;
    }
    let bytes = bs58::decode(digits).into_vec().ok()?;
    (bytes.len() == length).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_texts_only() {
        let text = encode(&[7; 64]);
        assert_eq!(decode(&text, 64), Some(vec![7; 64]));
        let zeros = encode(&[0; 64]);
        assert_eq!(decode(&zeros, 64), Some(vec![0; 64]));
        let bad = [
            String::new(),
            "z".to_owned(),
            text[1..].to_owned(),
            format!("u{}", &text[1..]),
            format!("Z{}", &text[1..]),
            format!("z1{}", &text[1..]),
            format!("{text}0"),
            format!("{text} "),
            text.replace(text.chars().nth(5).unwrap(), "l"),
            "z".to_owned() + &"2".repeat(100_000),
            encode(&[7; 63]),
            encode(&[7; 65]),
        ];
        for bad in bad {
            assert_eq!(decode(&bad, 64), None, "{bad}");
        }
    }
}

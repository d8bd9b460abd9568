//! `proofValue`: base58btc with the multibase prefix `z`, and nothing else.
//!
//! Our own base58, because a signature is 64 bytes: digit by digit its decoding would take a tenth of the time of
//! checking it. Five digits are one limb here.

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// Digits that are taken together; 58^5 fits into 32 bits.
const GROUP: usize = 5;
const POWERS: [u32; GROUP + 1] = [1, 58, 3_364, 195_112, 11_316_496, 656_356_768];
/// In [`DIGITS`]: no digit.
const NONE: u8 = 0xff;

/// The value of each letter.
static DIGITS: [u8; 256] = {
    let mut digits = [NONE; 256];
    let mut value = 0;
    while value < 58 {
        digits[ALPHABET[value] as usize] = value as u8;
        value += 1;
    }
    digits
};

/// Encodes a signature.
pub(super) fn encode(bytes: &[u8]) -> String {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    // Big-endian limbs of 32 bits, divided by 58^5 until nothing is left; digits come from the end.
    let mut limbs: Vec<u32> = bytes[zeros..]
        .rchunks(4)
        .rev()
        .map(|chunk| chunk.iter().fold(0, |limb, byte| limb << 8 | u32::from(*byte)))
        .collect();
    let mut digits = Vec::with_capacity(limbs.len() * 6 + GROUP);
    let mut first = 0;
    while first < limbs.len() {
        let mut rest = 0_u64;
        for limb in &mut limbs[first..] {
            let value = rest << 32 | u64::from(*limb);
            *limb = (value / u64::from(POWERS[GROUP])) as u32;
            rest = value % u64::from(POWERS[GROUP]);
        }
        for _ in 0..GROUP {
            digits.push(ALPHABET[(rest % 58) as usize]);
            rest /= 58;
        }
        while limbs.get(first) == Some(&0) {
            first += 1;
        }
    }
    while digits.last() == Some(&b'1') {
        digits.pop();
    }
    let mut text = String::with_capacity(1 + zeros + digits.len());
    text.push('z');
    text.extend(std::iter::repeat_n('1', zeros));
    text.extend(digits.iter().rev().map(|digit| char::from(*digit)));
    text
}

/// Decodes exactly `length` bytes. One text for one value: base58 has no padding to vary, and leading zeros are leading
/// ones.
pub(super) fn decode(text: &str, length: usize) -> Option<Vec<u8>> {
    let digits = text.strip_prefix('z')?.as_bytes();
    // Base58 needs at most 1.37 digits a byte; anything longer would only cost quadratic time.
    if digits.len() > length * 7 / 5 + 1 {
        return None;
    }
    let zeros = digits.iter().take_while(|digit| **digit == b'1').count();
    // Little-endian limbs of 32 bits.
    let mut limbs: Vec<u32> = Vec::with_capacity(length / 4 + 2);
    for group in digits[zeros..].chunks(GROUP) {
        let mut carry = 0_u64;
        for digit in group {
            match DIGITS[usize::from(*digit)] {
                NONE => return None,
                value => carry = carry * 58 + u64::from(value),
            }
        }
        for limb in &mut limbs {
            carry += u64::from(*limb) * u64::from(POWERS[group.len()]);
            *limb = carry as u32;
            carry >>= 32;
        }
        if carry != 0 {
            limbs.push(carry as u32);
        }
    }
    let mut bytes = vec![0; zeros];
    let value = limbs.iter().rev().flat_map(|limb| limb.to_be_bytes());
    bytes.extend(value.skip_while(|byte| *byte == 0));
    (bytes.len() == length).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn as_the_library_does(zeros in 0_usize..6, tail in proptest::collection::vec(any::<u8>(), 0..100)) {
            let bytes = [vec![0; zeros], tail].concat();
            let text = format!("z{}", bs58::encode(&bytes).into_string());
            prop_assert_eq!(encode(&bytes), text.clone());
            prop_assert_eq!(decode(&text, bytes.len()), Some(bytes));
        }

        #[test]
        fn refuses_what_the_library_refuses(text in "[1-9A-Za-z]{0,88}", length in 0_usize..66) {
            let theirs = bs58::decode(&text).into_vec().ok().filter(|bytes| bytes.len() == length);
            let short = text.len() <= length * 7 / 5 + 1;
            prop_assert_eq!(decode(&format!("z{text}"), length), theirs.filter(|_| short));
        }
    }
}

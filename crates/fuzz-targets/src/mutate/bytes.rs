//! Havoc on bytes.

use super::Random;

const BYTES: [u8; 14] =
    [0, 1, b'"', b'\\', b'{', b'[', b'0', b'9', b'~', b'.', 0x7f, 0x80, 0xed, 0xff];
const NUMBERS: [&str; 12] = [
    "0",
    "-1",
    "-0",
    "1e400",
    "1.5",
    "9007199254740993",
    "18446744073709551616",
    "4294967296",
    "2147483648",
    "65536",
    "0.1e-7",
    "00",
];
/// How long a repetition makes an input.
const REPEATED: usize = 4096;

pub(super) fn change(random: &mut Random, input: &[u8], other: &[u8], words: &[&str]) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=random.below(4) {
        step(random, &mut bytes, other, words);
    }
    bytes
}

fn step(random: &mut Random, bytes: &mut Vec<u8>, other: &[u8], words: &[&str]) {
    let at = random.below(bytes.len() + 1);
    let some = |random: &mut Random, from: &[u8]| {
        let start = random.below(from.len());
        let length = random.below((from.len() - start).min(256) + 1);
        from[start..start + length].to_vec()
    };
    match random.below(11) {
        0 | 1 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        2 if at < bytes.len() => bytes[at] = *random.pick(&BYTES).unwrap_or(&0),
        3 => {
            let end = (at + random.below(32)).min(bytes.len());
            bytes.drain(at..end);
        }
        4 => {
            let piece = some(random, bytes);
            bytes.splice(at..at, piece);
        }
        5 => {
            let piece = some(random, other);
            bytes.splice(at..at, piece);
        }
        6 => {
            let piece = some(random, other);
            let end = (at + piece.len()).min(bytes.len());
            bytes.splice(at..end, piece);
        }
        7 => {
            let word = random.pick(words).copied().unwrap_or("");
            bytes.splice(at..at, word.bytes());
        }
        8 => number(random, bytes, at),
        9 => {
            let piece = some(random, bytes);
            if !piece.is_empty() && random.below(8) == 0 {
                let times = 1 + random.below(REPEATED / piece.len());
                bytes.splice(at..at, piece.repeat(times));
            }
        }
        _ if random.below(8) == 0 => bytes.truncate(at),
        _ => bytes.insert(at, random.number() as u8),
    }
}

/// Puts an interesting number where digits stand.
fn number(random: &mut Random, bytes: &mut Vec<u8>, at: usize) {
    let Some(start) = (at..bytes.len()).find(|index| bytes[*index].is_ascii_digit()) else {
        return;
    };
    let end =
        (start..bytes.len()).find(|index| !bytes[*index].is_ascii_digit()).unwrap_or(bytes.len());
    let number = random.pick(&NUMBERS).copied().unwrap_or("0");
    bytes.splice(start..end, number.bytes());
}

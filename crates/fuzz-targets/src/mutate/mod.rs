//! Changing inputs: bytes, JSON structure, and the parts of compact tokens.

mod bytes;
mod json;
mod random;
mod token;

pub use random::Random;

/// Makes one changed input from `input`; `other` is spliced in at times, `words` are the target's dictionary.
pub fn change(
    random: &mut Random,
    input: &[u8],
    other: &[u8],
    words: &[&str],
    longest: usize,
) -> Vec<u8> {
    let mut changed = match random.below(8) {
        0..=2 => json::change(random, input, other, words),
        3 | 4 => token::change(random, input, other, words),
        _ => None,
    }
    .unwrap_or_else(|| bytes::change(random, input, other, words));
    changed.truncate(longest);
    changed
}

pub use json::change_value;
pub use token::flip_signature_half;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_inputs() {
        let make = |seed| {
            let mut random = Random::new(seed);
            (0..200)
                .map(|_| change(&mut random, br#"{"a":[1,"b"]}"#, b"x.y~z", &["word"], 4096))
                .collect::<Vec<_>>()
        };
        assert_eq!(make(1), make(1));
        assert_ne!(make(1), make(2));
    }

    #[test]
    fn nothing_grows_beyond_the_longest() {
        let mut random = Random::new(3);
        let mut input = vec![b'['; 64];
        for _ in 0..2000 {
            input = change(&mut random, &input, br#"{"k":{"k":[]}}"#, &["k"], 500);
            assert!(input.len() <= 500);
        }
    }
}

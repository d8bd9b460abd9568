//! The texts of a dataset's terms, each once, in one piece of memory.

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;

/// Texts by number. Number 0 is the empty text, the default graph.
#[derive(Debug, Clone)]
pub(super) struct Terms {
    text: String,
    /// Where each text ends; it begins where the one before it ends.
    ends: Vec<usize>,
    hashes: Vec<u64>,
    /// Open addressing, a power of two long and at most half full; 0 is an empty place, for number 0 is never sought.
    places: Vec<u32>,
    secret: [u64; 2],
}

impl Terms {
    pub(super) fn new() -> Self {
        let mut ends = Vec::with_capacity(64);
        ends.push(0);
        let mut hashes = Vec::with_capacity(64);
        hashes.push(0);
        Self {
            text: String::with_capacity(4096),
            ends,
            hashes,
            places: vec![0; 128],
            secret: secret(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.text.len()
    }

    pub(super) fn get(&self, number: usize) -> &str {
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.text[start..self.ends[number]]
    }

    /// Where the next text is to be written; [`close`](Self::close) ends it.
    pub(super) fn open(&mut self) -> &mut String {
        &mut self.text
    }

    /// The number of the text just written, a new one if it was not there yet.
    pub(super) fn close(&mut self) -> usize {
        let start = self.ends.last().copied().unwrap_or_default();
        let hash = hash(&self.text.as_bytes()[start..], self.secret);
        let mask = self.places.len() - 1;
        let mut place = hash as usize & mask;
        while self.places[place] != 0 {
            let known = self.places[place] as usize;
            if self.hashes[known] == hash && self.get(known) == &self.text[start..] {
                self.text.truncate(start);
                return known;
            }
            place = (place + 1) & mask;
        }
        let number = self.ends.len();
        self.places[place] = number as u32;
        self.ends.push(self.text.len());
        self.hashes.push(hash);
        if self.ends.len() * 2 > self.places.len() {
            self.grow();
        }
        number
    }

    fn grow(&mut self) {
        let mask = self.places.len() * 2 - 1;
        self.places = vec![0; mask + 1];
        for (number, hash) in self.hashes.iter().enumerate().skip(1) {
            let mut place = *hash as usize & mask;
            while self.places[place] != 0 {
                place = (place + 1) & mask;
            }
            self.places[place] = number as u32;
        }
    }
}

/// Drawn once for the process, as std's hash maps do: whoever writes documents must not know which texts collide.
fn secret() -> [u64; 2] {
    static SECRET: OnceLock<[u64; 2]> = OnceLock::new();
    *SECRET.get_or_init(|| {
        let random = RandomState::new();
        [random.hash_one(1_u8), random.hash_one(2_u8) | 1]
    })
}

/// Folded multiplication with a secret in both factors, sixteen bytes a step.
fn hash(bytes: &[u8], secret: [u64; 2]) -> u64 {
    let word = |bytes: &[u8]| {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        u64::from_le_bytes(word)
    };
    let mut state = secret[0] ^ bytes.len() as u64;
    let (chunks, rest) = bytes.as_chunks::<16>();
    for chunk in chunks {
        let (low, high) = chunk.split_at(8);
        state = fold(word(low) ^ state, word(high) ^ secret[1]);
    }
    let (low, high) = rest.split_at(rest.len().min(8));
    fold(fold(word(low) ^ state, word(high) ^ secret[1]), secret[0] | 1)
}

fn fold(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    (product as u64) ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_has_one_number() {
        let mut terms = Terms::new();
        let mut write = |text: &str| {
            terms.open().push_str(text);
            terms.close()
        };
        let texts: Vec<String> =
            (0..5000).map(|n| format!("<urn:{}:{n}>", "x".repeat(n % 40))).collect();
        let numbers: Vec<usize> = texts.iter().map(|text| write(text)).collect();
        assert_eq!(numbers, (1..=5000).collect::<Vec<_>>());
        assert_eq!(texts.iter().map(|text| write(text)).collect::<Vec<_>>(), numbers);
        assert_eq!(terms.get(0), "");
        assert!(numbers.iter().all(|number| terms.get(*number) == texts[*number - 1]));
        assert_eq!(terms.bytes(), texts.iter().map(String::len).sum::<usize>());
    }
}

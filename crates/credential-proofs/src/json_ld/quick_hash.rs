//! A hash for tables whose keys nobody hostile chooses: the names of pinned contexts, and our own numbers. Looking up
//! a hostile name there costs one probe, whatever the name. (Inline contexts are an exception, where they are admitted at
//! all: they are bounded in number and size.)

use std::hash::{BuildHasherDefault, Hasher};

pub(super) type QuickState = BuildHasherDefault<QuickHasher>;

const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

#[derive(Debug, Default, Clone, Copy)]
pub(super) struct QuickHasher(u64);

impl QuickHasher {
    fn mix(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(FACTOR);
    }
}

impl Hasher for QuickHasher {
    fn write(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            self.mix(word.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)));
        }
        let rest = words.remainder();
        if !rest.is_empty() {
            self.mix(rest.iter().fold(rest.len() as u64, |sum, byte| sum << 8 | u64::from(*byte)));
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.mix(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.mix(number);
    }

    fn finish(&self) -> u64 {
        // The table takes its bits from both ends.
        (self.0 ^ self.0 >> 32).wrapping_mul(FACTOR)
    }
}

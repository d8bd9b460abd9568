//! Which index the n-th credential gets.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Ten Feistel rounds with a secret key: more than the four that make a permutation
/// indistinguishable from a random one in theory.
const ROUNDS: u8 = 10;

/// Gives each counter its own index of a list, in an order that looks random to whoever
/// lacks the seed, and never twice: a keyed permutation, so nothing but the counter need
/// be stored. Neighbouring indices then say nothing about neighbouring issuances
/// ([Bitstring Status List 1.0 §5.1](https://www.w3.org/TR/vc-bitstring-status-list/#group-privacy)).
///
/// Use one seed per list.
#[derive(Clone)]
pub struct IndexAllocator {
    mac: Hmac<Sha256>,
    capacity: u64,
    half_bits: u32,
}

/// The seed is a secret.
impl std::fmt::Debug for IndexAllocator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IndexAllocator").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

impl IndexAllocator {
    /// An allocator for a list of `capacity` entries.
    #[must_use]
    pub fn new(seed: [u8; 32], capacity: usize) -> Self {
        let mac =
            <Hmac<Sha256> as Mac>::new_from_slice(&seed).expect("HMAC takes keys of any length");
        let capacity = capacity as u64;
        // The smallest even number of bits that holds every index.
        let bits = u64::BITS - capacity.saturating_sub(1).leading_zeros();
        Self { mac, capacity, half_bits: bits.div_ceil(2).max(1) }
    }

    /// Entries of the list.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.capacity as usize
    }

    /// The index of the credential number `counter`, from 0. `None` when the list is
    /// full: an index is never used twice.
    #[must_use]
    pub fn at(&self, counter: u64) -> Option<usize> {
        if counter >= self.capacity {
            return None;
        }
        // Cycle walking: the permutation is of the next even power of two, less than four
        // times the capacity. Walking from inside always comes back inside.
        let mut value = self.permute(counter);
        while value >= self.capacity {
            value = self.permute(value);
        }
        usize::try_from(value).ok()
    }

    fn permute(&self, value: u64) -> u64 {
        let mask = (1_u64 << self.half_bits) - 1;
        let (mut left, mut right) = (value >> self.half_bits, value & mask);
        for round in 0..ROUNDS {
            let mut mac = self.mac.clone();
            mac.update(&[round]);
            mac.update(&right.to_be_bytes());
            let digest = mac.finalize().into_bytes();
            let mut first = [0; 8];
            first.copy_from_slice(&digest[..8]);
            (left, right) = (right, left ^ (u64::from_be_bytes(first) & mask));
        }
        (left << self.half_bits) | right
    }
}

//! Rice codes of the gaps between sorted positions.
//!
//! A set of `count` positions below `entries` is written as its gaps (first position, then the
//! entries skipped between neighbours). A gap `g` is `g >> k` zeros, a one, then the low `k` bits.
//! `k` follows from `entries` and `count` alone, so it is not written and cannot be chosen:
//! one set, one coding.

use super::error::PackError;

/// Longest run of zeros looked at in one step; a window always holds this many good bits.
const WINDOW: u32 = 56;

/// The best parameter for gaps of a geometric distribution with this density: one more than the
/// integer logarithm of ln(golden ratio) times the mean gap (Kiely, "Selecting the Golomb
/// Parameter in Rice Coding", IPN Progress Report 42-159, 2004), in integers.
pub(crate) fn parameter(entries: u64, count: u64) -> u32 {
    if count == 0 || count >= entries {
        return 0;
    }
    // 0.4812 * (mean gap + 1/2), where the mean gap is (entries - count) / count.
    let scaled = 4812 * (2 * entries - count) / (20_000 * count);
    if scaled == 0 { 0 } else { scaled.ilog2() + 1 }
}

/// Bits, highest first.
#[derive(Debug, Default)]
pub(crate) struct BitWriter {
    bytes: Vec<u8>,
    /// Bits not yet in `bytes`, in the low end; always fewer than 8 between calls.
    pending: u64,
    filled: u32,
}

impl BitWriter {
    pub(crate) fn after(bytes: Vec<u8>) -> Self {
        Self { bytes, pending: 0, filled: 0 }
    }

    /// The low `width` bits of `value`, at most 48 of them.
    fn put(&mut self, value: u64, width: u32) {
        self.pending = (self.pending << width) | value;
        self.filled += width;
        while self.filled >= 8 {
            self.filled -= 8;
            self.bytes.push((self.pending >> self.filled) as u8);
        }
        self.pending &= (1 << self.filled) - 1;
    }

    fn gap(&mut self, gap: u64, k: u32) {
        let mut zeros = gap >> k;
        while zeros >= 32 {
            self.put(0, 32);
            zeros -= 32;
        }
        self.put(1, zeros as u32 + 1);
        self.put(gap & ((1 << k) - 1), k);
    }

    /// A whole set; `positions` ascend strictly and lie below `entries`.
    pub(crate) fn set(&mut self, entries: u64, count: u64, positions: impl Iterator<Item = u64>) {
        let k = parameter(entries, count);
        let mut next = 0;
        for position in positions {
            self.gap(position - next, k);
            next = position + 1;
        }
    }

    /// Fills the last byte with zeros.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        if self.filled > 0 {
            self.put(0, 8 - self.filled);
        }
        self.bytes
    }
}

/// A place in coded bytes. Cheap to copy; reading past the end gives zeros and is then an error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BitReader<'a> {
    bytes: &'a [u8],
    at: u64,
}

impl<'a> BitReader<'a> {
    pub(crate) const fn new(bytes: &'a [u8], at: u64) -> Self {
        Self { bytes, at }
    }

    pub(crate) const fn position(&self) -> u64 {
        self.at
    }

    /// At least [`WINDOW`] bits from here in the high end, zeros behind the end.
    fn window(&self) -> u64 {
        let byte = (self.at / 8) as usize;
        let mut word = [0; 8];
        let rest = self.bytes.get(byte..).unwrap_or_default();
        let length = rest.len().min(8);
        word[..length].copy_from_slice(&rest[..length]);
        u64::from_be_bytes(word) << (self.at % 8)
    }

    fn gap(&mut self, k: u32, limit: u64) -> Result<u64, PackError> {
        const ENDED: PackError = PackError::Malformed("the coded bits end too early");
        let mut zeros = 0_u64;
        loop {
            let run = self.window().leading_zeros().min(WINDOW);
            zeros += u64::from(run);
            self.at += u64::from(run);
            if run < WINDOW {
                break;
            }
            if zeros << k > limit {
                return Err(PackError::Malformed("a position lies outside its list"));
            }
            if self.at / 8 >= self.bytes.len() as u64 {
                return Err(ENDED);
            }
        }
        self.at += 1;
        let low = if k == 0 { 0 } else { self.window() >> (64 - k) };
        self.at += u64::from(k);
        if self.at > self.bytes.len() as u64 * 8 {
            return Err(ENDED);
        }
        Ok((zeros << k) | low)
    }

    /// Nothing but the zeros that fill the last byte follows.
    pub(crate) fn finish(self) -> Result<(), PackError> {
        let end = self.bytes.len() as u64 * 8;
        if end - self.at.min(end) >= 8 {
            return Err(PackError::Malformed("bytes follow the end of the pack"));
        }
        if self.at < end && self.window() != 0 {
            return Err(PackError::Malformed("the last byte is not filled with zeros"));
        }
        Ok(())
    }
}

/// The positions of one coded set, in order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Positions<'a> {
    reader: BitReader<'a>,
    k: u32,
    entries: u64,
    left: u64,
    next: u64,
}

impl<'a> Positions<'a> {
    pub(crate) fn new(reader: BitReader<'a>, entries: u64, count: u64) -> Self {
        Self { reader, k: parameter(entries, count), entries, left: count, next: 0 }
    }

    /// The same set from a point inside it: `left` positions follow, none below `next`.
    pub(crate) const fn resumed(mut self, at: u64, left: u64, next: u64) -> Self {
        self.reader.at = at;
        self.left = left;
        self.next = next;
        self
    }

    pub(crate) const fn reader(&self) -> BitReader<'a> {
        self.reader
    }

    /// Where the next position would be read: bit, positions left, lowest value.
    pub(crate) const fn point(&self) -> (u64, u64, u64) {
        (self.reader.position(), self.left, self.next)
    }

    /// The next position, checked.
    pub(crate) fn advance(&mut self) -> Result<Option<u64>, PackError> {
        if self.left == 0 {
            return Ok(None);
        }
        let position = self.next + self.reader.gap(self.k, self.entries)?;
        if position >= self.entries {
            return Err(PackError::Malformed("a position lies outside its list"));
        }
        self.left -= 1;
        self.next = position + 1;
        Ok(Some(position))
    }
}

/// For bytes that were read once already: a fault cannot occur and ends the walk.
impl Iterator for Positions<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.advance().ok().flatten()
    }
}

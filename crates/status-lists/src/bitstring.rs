//! The list of statuses as bits.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::compression::{MAX_COMPRESSED, gunzip, gzip, unzlib, zlib};
use crate::error::{StatusError, malformed};

/// Fewest entries of a Bitstring Status List (herd privacy,
/// [§3.4](https://www.w3.org/TR/vc-bitstring-status-list/#bitstring-encoding)).
pub const MIN_ENTRIES: usize = 131_072;
/// Most bytes of a list, inflated: 2^26 bits.
pub const MAX_LIST_BYTES: usize = 8 * 1024 * 1024;

/// Statuses of 1 to 8 bits each. Entry 0 is the left-most, and so is the highest bit of
/// an entry ([Bitstring Status List 1.0 §3.4](https://www.w3.org/TR/vc-bitstring-status-list/#bitstring-encoding)).
#[derive(Clone, PartialEq, Eq)]
pub struct Bitstring {
    bytes: Vec<u8>,
    entries: usize,
    size: u8,
}

impl std::fmt::Debug for Bitstring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bitstring({} entries of {} bits)", self.entries, self.size)
    }
}

impl Bitstring {
    /// A list of zeros. Lists below [`MIN_ENTRIES`] can be made (token lists have no
    /// minimum), but not read back as Bitstring Status Lists.
    ///
    /// # Errors
    /// [`StatusError::Malformed`] for a size other than 1 to 8 bits or no entries,
    /// [`StatusError::TooLarge`] above 8 MiB.
    pub fn new(entries: usize, status_size: u8) -> Result<Self, StatusError> {
        check_size(status_size)?;
        if entries == 0 {
            return Err(malformed("a list needs entries"));
        }
        let bytes = entries
            .checked_mul(usize::from(status_size))
            .map(|bits| bits.div_ceil(8))
            .filter(|bytes| *bytes <= MAX_LIST_BYTES)
            .ok_or(StatusError::TooLarge)?;
        Ok(Self { bytes: vec![0; bytes], entries, size: status_size })
    }

    /// Number of entries.
    #[must_use]
    pub const fn entries(&self) -> usize {
        self.entries
    }

    /// Bits per entry.
    #[must_use]
    pub const fn status_size(&self) -> u8 {
        self.size
    }

    /// The code at an index.
    ///
    /// # Errors
    /// [`StatusError::OutOfRange`].
    pub fn get(&self, index: usize) -> Result<u8, StatusError> {
        let (at, shift) = self.place(index)?;
        Ok(((self.window(at) >> shift) & self.mask()) as u8)
    }

    /// Sets the code at an index.
    ///
    /// # Errors
    /// [`StatusError::OutOfRange`]; [`StatusError::Malformed`] when the code needs more
    /// bits than an entry has.
    pub fn set(&mut self, index: usize, code: u8) -> Result<(), StatusError> {
        let (at, shift) = self.place(index)?;
        if u16::from(code) > self.mask() {
            return Err(malformed("the status code needs more bits than an entry has"));
        }
        let window = (self.window(at) & !(self.mask() << shift)) | (u16::from(code) << shift);
        let [high, low] = window.to_be_bytes();
        self.bytes[at] = high;
        if let Some(next) = self.bytes.get_mut(at + 1) {
            *next = low;
        }
        Ok(())
    }

    /// How many entries have a code other than 0.
    #[must_use]
    pub fn count_set(&self) -> usize {
        if self.size == 1 {
            return self.bytes.iter().map(|b| b.count_ones() as usize).sum();
        }
        (0..self.entries).filter(|i| self.get(*i).is_ok_and(|code| code != 0)).count()
    }

    /// Calls `each` with index and code of every entry whose code is not 0, by index. For lists
    /// of 1 or 2 bits: eight bytes at a time, so that a sparse list costs little more than
    /// reading it.
    pub(crate) fn each_set(&self, mut each: impl FnMut(usize, u8)) {
        let size = usize::from(self.size);
        let mut visit = |first_byte: usize, mut word: u64| {
            while word != 0 {
                let at = word.leading_zeros() as usize / size;
                let shift = 64 - size * (at + 1);
                let mask = u64::from(self.mask());
                let index = first_byte * 8 / size + at;
                if index < self.entries {
                    each(index, ((word >> shift) & mask) as u8);
                }
                word &= !(mask << shift);
            }
        };
        let (words, rest) = self.bytes.as_chunks::<8>();
        for (number, word) in words.iter().enumerate() {
            visit(number * 8, u64::from_be_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        visit(words.len() * 8, u64::from_be_bytes(last));
    }

    /// Byte of an entry's first bit, and how far its last bit stands from the right end of
    /// the 16 bits that begin there.
    fn place(&self, index: usize) -> Result<(usize, u32), StatusError> {
        if index >= self.entries {
            return Err(StatusError::OutOfRange { index, entries: self.entries });
        }
        // Cannot overflow: entries * size was checked when the list was made.
        let bit = index * usize::from(self.size);
        Ok((bit / 8, 16 - (bit % 8) as u32 - u32::from(self.size)))
    }

    fn window(&self, at: usize) -> u16 {
        u16::from_be_bytes([self.bytes[at], self.bytes.get(at + 1).copied().unwrap_or(0)])
    }

    const fn mask(&self) -> u16 {
        (1 << self.size) - 1
    }

    /// `encodedList`: multibase `u`, base64url without padding, of the gzipped bits.
    #[must_use]
    pub fn encode(&self) -> String {
        format!("u{}", URL_SAFE_NO_PAD.encode(gzip(&self.bytes)))
    }

    /// Reads an `encodedList`
    /// ([Bitstring Status List 1.0 §3.3](https://www.w3.org/TR/vc-bitstring-status-list/#bitstring-expansion-algorithm)).
    ///
    /// # Errors
    /// [`StatusError::Malformed`] for another encoding, a broken or repeated gzip member or
    /// bytes after it; [`StatusError::TooLarge`] above 8 MiB;
    /// [`StatusError::ListTooShort`] below 131,072 entries.
    pub fn decode(encoded: &str, status_size: u8) -> Result<Self, StatusError> {
        check_size(status_size)?;
        let text = encoded
            .strip_prefix('u')
            .ok_or_else(|| malformed("encodedList does not begin with u (multibase base64url)"))?;
        let bytes = gunzip(&base64url(text)?)?;
        let entries = bytes.len() * 8 / usize::from(status_size);
        if entries < MIN_ENTRIES {
            return Err(StatusError::ListTooShort(entries));
        }
        Ok(Self { bytes, entries, size: status_size })
    }

    /// `lst` of a Token Status List: base64url without padding of the zlib-compressed
    /// bytes. There the first entry stands in the *lowest* bits of a byte
    /// ([Token Status List §4.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-status-list#section-4.1)).
    ///
    /// # Errors
    /// [`StatusError::Malformed`] when an entry's size is none of 1, 2, 4 and 8.
    pub fn encode_token(&self) -> Result<String, StatusError> {
        self.encode_token_with(|code| code)
    }

    /// As [`Bitstring::encode_token`], each code passed through `map` first.
    pub(crate) fn encode_token_with(&self, map: impl Fn(u8) -> u8) -> Result<String, StatusError> {
        check_token_size(self.size)?;
        // One table turns a whole byte around and maps its codes.
        let table: Vec<u8> = (0..=u8::MAX).map(|byte| mirror(byte, self.size, &map)).collect();
        let turned: Vec<u8> = self.bytes.iter().map(|b| table[usize::from(*b)]).collect();
        Ok(URL_SAFE_NO_PAD.encode(zlib(&turned)))
    }

    /// Reads a `lst`. Token lists have no minimum length.
    ///
    /// # Errors
    /// [`StatusError::Malformed`], [`StatusError::TooLarge`].
    pub fn decode_token(lst: &str, bits: u8) -> Result<Self, StatusError> {
        check_token_size(bits)?;
        let bytes = unzlib(&base64url(lst)?)?;
        if bytes.is_empty() {
            return Err(malformed("the list is empty"));
        }
        let table: Vec<u8> = (0..=u8::MAX).map(|byte| mirror(byte, bits, &|code| code)).collect();
        let entries = bytes.len() * 8 / usize::from(bits);
        let turned = bytes.iter().map(|b| table[usize::from(*b)]).collect();
        Ok(Self { bytes: turned, entries, size: bits })
    }
}

/// A byte with its entries in the other order, codes mapped.
fn mirror(byte: u8, size: u8, map: &impl Fn(u8) -> u8) -> u8 {
    let per_byte = 8 / size;
    let mask = ((1_u16 << size) - 1) as u8;
    (0..per_byte).fold(0, |out, at| {
        let code = (byte >> (8 - size * (at + 1))) & mask;
        out | ((map(code) & mask) << (size * at))
    })
}

fn base64url(text: &str) -> Result<Vec<u8>, StatusError> {
    if text.len() > MAX_COMPRESSED.div_ceil(3) * 4 {
        return Err(StatusError::TooLarge);
    }
    URL_SAFE_NO_PAD.decode(text).map_err(|_| malformed("the list is not base64url without padding"))
}

fn check_size(size: u8) -> Result<(), StatusError> {
    if (1..=8).contains(&size) { Ok(()) } else { Err(malformed("statusSize is not 1 to 8")) }
}

fn check_token_size(size: u8) -> Result<(), StatusError> {
    if matches!(size, 1 | 2 | 4 | 8) {
        Ok(())
    } else {
        Err(malformed("bits is none of 1, 2, 4 and 8"))
    }
}

//! Numbers and fixed bytes at the head of packs and deltas.

use super::error::PackError;

/// LEB128, shortest form.
pub(crate) fn put_number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Reads a head from the front of bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Head<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Bytes read so far.
    pub(crate) const fn position(&self) -> usize {
        self.at
    }

    pub(crate) fn take<const N: usize>(&mut self) -> Result<[u8; N], PackError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let taken = rest.first_chunk::<N>().ok_or(PackError::Malformed("the head is cut off"))?;
        self.at += N;
        Ok(*taken)
    }

    /// A number in its shortest form, below 2^56.
    pub(crate) fn number(&mut self) -> Result<u64, PackError> {
        let mut value = 0;
        for shift in (0..56).step_by(7) {
            let [byte] = self.take()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                if byte == 0 && shift > 0 {
                    return Err(PackError::Malformed("a number is not in its shortest form"));
                }
                return Ok(value);
            }
        }
        Err(PackError::Malformed("a number is too long"))
    }
}

//! A first look at CBOR before any library reads it: the libraries accept several texts for one value (indefinite
//! lengths, longer forms, duplicate keys), and a signature covers only part of the text.

use std::collections::BTreeSet;

/// Headers nest twice (claims in a map); this leaves room for parameters we do not know.
const MAX_DEPTH: u8 = 8;

/// Checks that `bytes` are exactly one data item in the one form accepted.
pub(super) fn check(bytes: &[u8]) -> Result<(), &'static str> {
    let mut scan = Scan { bytes, at: 0 };
    scan.item(0)?;
    if scan.at == bytes.len() { Ok(()) } else { Err("bytes after the end") }
}

/// The byte string that stands first in an array: the protected header of a `COSE_Sign1`.
pub(super) fn first_string(bytes: &[u8]) -> Option<&[u8]> {
    let mut scan = Scan { bytes, at: 0 };
    let (array, _, _) = scan.head().ok()?;
    let (string, _, length) = scan.head().ok()?;
    if (array, string) == (4, 2) { scan.take(usize::try_from(length).ok()?).ok() } else { None }
}

struct Scan<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Scan<'b> {
    fn take(&mut self, count: usize) -> Result<&'b [u8], &'static str> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or("cut off")?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    /// Major type, additional information and argument.
    fn head(&mut self) -> Result<(u8, u8, u64), &'static str> {
        let initial = self.take(1)?[0];
        let (major, information) = (initial >> 5, initial & 0x1f);
        let width = match information {
            0..24 => return Ok((major, information, u64::from(information))),
            24..=27 => 1usize << (information - 24),
            31 => return Err("indefinite length"),
            _ => return Err("reserved form"),
        };
        let argument = self.take(width)?.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
        // Major type 7 has floats here, whose widths are not forms of one number.
        let shortest = match width {
            1 => argument >= 24,
            2 => argument > 0xff,
            4 => argument > 0xffff,
            _ => argument > 0xffff_ffff,
        };
        if major != 7 && !shortest {
            return Err("longer than the shortest form");
        }
        Ok((major, information, argument))
    }

    fn item(&mut self, depth: u8) -> Result<(), &'static str> {
        if depth > MAX_DEPTH {
            return Err("nested too deeply");
        }
        let (major, information, argument) = self.head()?;
        let count = usize::try_from(argument).map_err(|_| "cut off");
        match major {
            0 | 1 => Ok(()),
            2 => self.take(count?).map(drop),
            3 => std::str::from_utf8(self.take(count?)?).map(drop).map_err(|_| "text is no UTF-8"),
            4 => (0..self.fits(count?)?).try_for_each(|_| self.item(depth + 1)),
            5 => self.map(count?, depth),
            6 => Err("a tag"),
            // false, true, null and the three floats; no undefined, no unassigned simple value.
            _ if matches!(information, 20..=22 | 25..=27) => Ok(()),
            _ => Err("a simple value without meaning"),
        }
    }

    fn map(&mut self, count: usize, depth: u8) -> Result<(), &'static str> {
        let mut seen = BTreeSet::new();
        for _ in 0..self.fits(count)? {
            let start = self.at;
            if !matches!(self.bytes.get(start).map(|byte| byte >> 5), Some(0 | 1 | 3)) {
                return Err("a map key that is no label");
            }
            self.item(depth + 1)?;
            if !seen.insert(&self.bytes[start..self.at]) {
                return Err("a duplicate map key");
            }
            self.item(depth + 1)?;
        }
        Ok(())
    }

    /// Every item has at least one byte: a longer count lies.
    fn fits(&self, count: usize) -> Result<usize, &'static str> {
        if count <= self.bytes.len() - self.at { Ok(count) } else { Err("cut off") }
    }
}

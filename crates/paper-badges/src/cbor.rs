//! The little of CBOR (RFC 8949) that CBOR-LD needs, read strictly: definite lengths, shortest
//! heads, finite floats, no further tags, no bytes after the end. Written in the deterministic order
//! of the published JavaScript encoder (integers before texts, shorter before longer).

use crate::PaperError;

/// Deepest nesting of arrays and maps.
const MAX_DEPTH: usize = 16;

/// A data item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Item {
    Uint(u64),
    /// The encoded argument: the number is `-1 - argument`.
    Negative(u64),
    Bytes(Vec<u8>),
    Text(String),
    /// Finite.
    Float(f64),
    Array(Vec<Item>),
    Map(Vec<(Item, Item)>),
    Bool(bool),
    Null,
}

impl Item {
    /// Any whole number.
    pub(crate) fn number(value: i64) -> Self {
        match u64::try_from(value) {
            Ok(value) => Self::Uint(value),
            // -1 - value is not negative here, and fits.
            Err(_) => Self::Negative((-1 - value).unsigned_abs()),
        }
    }

    /// The number, if it is one that an `i64` holds.
    pub(crate) fn as_number(&self) -> Option<i64> {
        match self {
            Self::Uint(value) => i64::try_from(*value).ok(),
            Self::Negative(argument) => i64::try_from(*argument).ok().map(|value| -1 - value),
            _ => None,
        }
    }
}

/// Writes an item after what is in `out`.
pub(crate) fn write(item: &Item, out: &mut Vec<u8>) {
    match item {
        Item::Uint(value) => head(0, *value, out),
        Item::Negative(argument) => head(1, *argument, out),
        Item::Bytes(bytes) => {
            head(2, bytes.len() as u64, out);
            out.extend_from_slice(bytes);
        }
        Item::Text(text) => {
            head(3, text.len() as u64, out);
            out.extend_from_slice(text.as_bytes());
        }
        Item::Float(value) => write_float(*value, out),
        Item::Array(items) => {
            head(4, items.len() as u64, out);
            items.iter().for_each(|item| write(item, out));
        }
        Item::Map(entries) => {
            head(5, entries.len() as u64, out);
            let mut entries: Vec<(Vec<u8>, &Item)> =
                entries.iter().map(|(key, value)| (encoded(key), value)).collect();
            entries.sort_by(|(a, _), (b, _)| order_of_keys(a).cmp(&order_of_keys(b)));
            for (key, value) in entries {
                out.extend(key);
                write(value, out);
            }
        }
        Item::Bool(value) => out.push(if *value { 0xf5 } else { 0xf4 }),
        Item::Null => out.push(0xf6),
    }
}

fn encoded(item: &Item) -> Vec<u8> {
    let mut out = Vec::new();
    write(item, &mut out);
    out
}

/// By major type, then length, then bytes.
fn order_of_keys(key: &[u8]) -> (u8, usize, &[u8]) {
    (key.first().map_or(0, |first| first >> 5), key.len(), key)
}

/// The head of an item: its major type with an argument, in the shortest form.
pub(crate) fn head(major: u8, argument: u64, out: &mut Vec<u8>) {
    let major = major << 5;
    match argument {
        0..=23 => out.push(major | argument as u8),
        24..=0xff => out.extend([major | 24, argument as u8]),
        0x100..=0xffff => {
            out.push(major | 25);
            out.extend((argument as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(major | 26);
            out.extend((argument as u32).to_be_bytes());
        }
        _ => {
            out.push(major | 27);
            out.extend(argument.to_be_bytes());
        }
    }
}

/// The shortest of the three forms that keeps the value.
fn write_float(value: f64, out: &mut Vec<u8>) {
    let single = value as f32;
    if let Some(half) = to_half(value) {
        out.push(0xf9);
        out.extend(half.to_be_bytes());
    } else if f64::from(single).to_bits() == value.to_bits() {
        out.push(0xfa);
        out.extend(single.to_be_bytes());
    } else {
        out.push(0xfb);
        out.extend(value.to_be_bytes());
    }
}

/// Half precision (IEEE 754 binary16) of a normal number or zero that fits exactly.
fn to_half(value: f64) -> Option<u16> {
    let bits = value.to_bits();
    let sign = ((bits >> 63) as u16) << 15;
    let exponent = ((bits >> 52) & 0x7ff) as i32 - 1023;
    let fraction = bits & 0x000f_ffff_ffff_ffff;
    if value == 0.0 {
        return Some(sign);
    }
    let exact = (-14..=15).contains(&exponent) && fraction.trailing_zeros() >= 42;
    exact.then(|| sign | ((exponent + 15) as u16) << 10 | (fraction >> 42) as u16)
}

fn from_half(half: u16) -> f64 {
    let (exponent, fraction) = (i32::from(half >> 10 & 0x1f), f64::from(half & 0x3ff));
    let size = match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 => f64::INFINITY,
        _ => (1.0 + fraction / 1024.0) * 2_f64.powi(exponent - 15),
    };
    if half >> 15 == 1 { -size } else { size }
}

/// Reads items from bytes.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Nothing may be left.
    pub(crate) fn finish(self) -> Result<(), PaperError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(PaperError::DamagedBytes("bytes after the end"))
        }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], PaperError> {
        let (taken, rest) =
            self.rest.split_at_checked(count).ok_or(PaperError::DamagedBytes("it breaks off"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, PaperError> {
        Ok(self.take(1)?[0])
    }

    /// Major type and argument; a head that has a shorter form is refused.
    pub(crate) fn head(&mut self) -> Result<(u8, u64), PaperError> {
        let first = self.byte()?;
        let (major, short) = (first >> 5, first & 0x1f);
        if major == 7 {
            // Simple values; floats are told apart by the caller.
            return Ok((7, u64::from(short)));
        }
        let (argument, least) = match short {
            0..=23 => (u64::from(short), 0),
            24 => (u64::from(self.byte()?), 24),
            25 => (self.big_endian(2)?, 0x100),
            26 => (self.big_endian(4)?, 0x1_0000),
            27 => (self.big_endian(8)?, 0x1_0000_0000),
            _ => return Err(PaperError::DamagedBytes("an open length")),
        };
        if argument < least {
            return Err(PaperError::DamagedBytes("a longer form than needed"));
        }
        Ok((major, argument))
    }

    fn big_endian(&mut self, count: usize) -> Result<u64, PaperError> {
        Ok(self.take(count)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    /// One item with all that is in it.
    pub(crate) fn item(&mut self) -> Result<Item, PaperError> {
        self.item_at(0)
    }

    fn item_at(&mut self, depth: usize) -> Result<Item, PaperError> {
        if depth > MAX_DEPTH {
            return Err(PaperError::TooMuchInside);
        }
        let (major, argument) = self.head()?;
        Ok(match major {
            0 => Item::Uint(argument),
            1 => Item::Negative(argument),
            2 => Item::Bytes(self.take(self.counted(argument)?)?.to_vec()),
            3 => {
                let text = std::str::from_utf8(self.take(self.counted(argument)?)?);
                Item::Text(text.map_err(|_| PaperError::DamagedBytes("no UTF-8"))?.to_owned())
            }
            4 => {
                // Each element is one byte at least, so that the count never exceeds what is left.
                let count = self.counted(argument)?;
                Item::Array((0..count).map(|_| self.item_at(depth + 1)).collect::<Result<_, _>>()?)
            }
            5 => {
                let count = self.counted(argument)?;
                let mut entries: Vec<(Item, Item)> = Vec::new();
                for _ in 0..count {
                    let key = self.item_at(MAX_DEPTH)?;
                    if entries.iter().any(|(earlier, _)| *earlier == key) {
                        return Err(PaperError::DamagedBytes("a member twice"));
                    }
                    entries.push((key, self.item_at(depth + 1)?));
                }
                Item::Map(entries)
            }
            7 if argument == 20 => Item::Bool(false),
            7 if argument == 21 => Item::Bool(true),
            7 if argument == 22 => Item::Null,
            7 if (25..=27).contains(&argument) => self.float(argument)?,
            _ => return Err(PaperError::DamagedBytes("a kind of item that is not read")),
        })
    }

    fn float(&mut self, form: u64) -> Result<Item, PaperError> {
        let value = match form {
            25 => from_half(self.big_endian(2)? as u16),
            26 => f64::from(f32::from_bits(self.big_endian(4)? as u32)),
            _ => f64::from_bits(self.big_endian(8)?),
        };
        if value.is_finite() {
            Ok(Item::Float(value))
        } else {
            Err(PaperError::DamagedBytes("a number that is none"))
        }
    }

    fn counted(&self, argument: u64) -> Result<usize, PaperError> {
        usize::try_from(argument)
            .ok()
            .filter(|count| *count <= self.rest.len())
            .ok_or(PaperError::DamagedBytes("it breaks off"))
    }
}

//! A reader of DER (X.690) that takes only what certificates need: definite, minimal
//! lengths, single-byte tags, nothing read past the end, no recursion of its own.

use super::CertificateError;

/// One value with its tag.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) value: &'a [u8],
    /// Tag, length and value together.
    pub(super) whole: &'a [u8],
}

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const UTF8_STRING: u8 = 0x0c;
pub(super) const PRINTABLE_STRING: u8 = 0x13;
pub(super) const IA5_STRING: u8 = 0x16;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

const MALFORMED: CertificateError = CertificateError::Malformed("DER");

/// Reads elements one after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tag of the next element, without taking it.
    pub(super) fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The next element, whatever it is.
    pub(super) fn next(&mut self) -> Result<Element<'a>, CertificateError> {
        let [tag, first, rest @ ..] = self.0 else { return Err(MALFORMED) };
        // High tag numbers do not occur in certificates.
        if tag & 0x1f == 0x1f {
            return Err(MALFORMED);
        }
        let (length, body) = match *first {
            short @ 0..=0x7f => (usize::from(short), rest),
            long @ 0x81..=0x83 => {
                let octets = usize::from(long & 0x7f);
                let (bytes, body) = rest.split_at_checked(octets).ok_or(MALFORMED)?;
                let length = bytes.iter().fold(0usize, |sum, byte| (sum << 8) | usize::from(*byte));
                // Minimal form: no long form for short lengths, no leading zero octet.
                if length < 0x80 || bytes.first() == Some(&0) {
                    return Err(MALFORMED);
                }
                (length, body)
            }
            _ => return Err(MALFORMED),
        };
        let (value, remaining) = body.split_at_checked(length).ok_or(MALFORMED)?;
        let whole = &self.0[..self.0.len() - remaining.len()];
        self.0 = remaining;
        Ok(Element { tag: *tag, value, whole })
    }

    /// The next element, which must carry `tag`.
    pub(super) fn take(&mut self, tag: u8) -> Result<Element<'a>, CertificateError> {
        let element = self.next()?;
        if element.tag == tag { Ok(element) } else { Err(MALFORMED) }
    }

    /// The next element if it carries `tag`.
    pub(super) fn take_optional(
        &mut self,
        tag: u8,
    ) -> Result<Option<Element<'a>>, CertificateError> {
        if self.peek() == Some(tag) { self.next().map(Some) } else { Ok(None) }
    }

    /// Says that nothing may follow.
    pub(super) fn end(&self) -> Result<(), CertificateError> {
        if self.is_empty() { Ok(()) } else { Err(MALFORMED) }
    }
}

/// The bytes of a BIT STRING without unused bits.
pub(super) fn bits(element: Element<'_>) -> Result<&[u8], CertificateError> {
    match element.value {
        [0, bytes @ ..] => Ok(bytes),
        _ => Err(MALFORMED),
    }
}

/// An ECDSA-Sig-Value as the fixed-width `r || s` that JOSE and our keys use.
pub(super) fn ecdsa_raw(signature: &[u8], width: usize) -> Result<Vec<u8>, CertificateError> {
    let mut outer = Reader::new(signature);
    let mut numbers = Reader::new(outer.take(SEQUENCE)?.value);
    outer.end()?;
    let mut raw = Vec::with_capacity(width * 2);
    for _ in 0..2 {
        let number = numbers.take(INTEGER)?.value;
        let number = match number {
            [0, rest @ ..] => rest,
            other => other,
        };
        let padding = width.checked_sub(number.len()).ok_or(MALFORMED)?;
        raw.resize(raw.len() + padding, 0);
        raw.extend_from_slice(number);
    }
    numbers.end()?;
    Ok(raw)
}

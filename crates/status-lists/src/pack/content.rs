//! The snapshot: every list's codes, Rice-coded, queried without being unpacked.

use sha2::{Digest, Sha256};

use super::error::PackError;
use super::rice::{BitReader, BitWriter, Positions};
use super::wire::{Head, put_number};
use crate::bitstring::{Bitstring, MAX_LIST_BYTES};

/// Longest snapshot that is read or written.
pub const MAX_PACK_BYTES: usize = 16 * 1024 * 1024;
/// Most lists of a pack.
pub const MAX_PACK_LISTS: usize = 4096;
/// Most entries of all lists of a pack.
pub const MAX_PACK_ENTRIES: u64 = 1 << 28;

/// First bytes of a snapshot; the digit is the version of the format.
const MAGIC: [u8; 4] = *b"SPK1";

/// Every so many positions a skip point is kept: 12 bytes for 128 codes, and a look at one
/// entry reads at most 128 codes of each set.
const SKIP: u64 = 128;

/// Codes other than 0 that an entry of two bits can have.
pub(super) const CODES: usize = 3;

/// The lists of an issuer in their canonical coding.
///
/// Stays compressed: memory is the snapshot's bytes plus about a tenth for skip points.
#[derive(Clone)]
pub struct PackContent {
    bytes: Vec<u8>,
    digest: [u8; 32],
    body: usize,
    lists: Vec<List>,
    skips: Vec<Skip>,
}

/// Entries and bits per entry of a list, and how often each code occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) entries: u64,
    pub(super) size: u8,
    pub(super) counts: [u64; CODES],
}

#[derive(Debug, Clone, Copy)]
struct List {
    shape: Shape,
    /// First bit of each set, and its first skip point.
    starts: [(u64, usize); CODES],
}

/// Where decoding may begin: before this bit, `left` positions follow and none lies below `next`.
#[derive(Debug, Clone, Copy)]
struct Skip {
    bit: u32,
    left: u32,
    next: u32,
}

impl Shape {
    pub(super) const fn codes(&self) -> usize {
        (1 << self.size) - 1
    }

    /// A list's geometry, within bounds.
    pub(super) fn of(entries: u64, size: u8) -> Result<Self, PackError> {
        if !matches!(size, 1 | 2) {
            return Err(PackError::UnsupportedSize(size));
        }
        if entries == 0 || entries * u64::from(size) > MAX_LIST_BYTES as u64 * 8 {
            return Err(PackError::Malformed("a list has no entries, or more than 2^26 bits"));
        }
        Ok(Self { entries, size, counts: [0; CODES] })
    }

    fn of_list(list: &Bitstring) -> Result<Self, PackError> {
        Self::of(list.entries() as u64, list.status_size())
    }
}

impl std::fmt::Debug for PackContent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PackContent({} lists in {} bytes)", self.lists.len(), self.bytes.len())
    }
}

/// Two contents are equal exactly when their bytes are.
impl PartialEq for PackContent {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for PackContent {}

impl PackContent {
    /// Codes lists in this order. The order is the pack's own: deltas append lists at the end.
    ///
    /// # Errors
    /// [`PackError::UnsupportedSize`] for lists of other than 1 or 2 bits, [`PackError::TooLarge`]
    /// beyond the bounds of this module.
    pub fn encode(lists: &[&Bitstring]) -> Result<Self, PackError> {
        let mut assembly = Assembly::default();
        for list in lists {
            let mut shape = Shape::of_list(list)?;
            let mut sets: [Vec<u32>; CODES] = Default::default();
            list.each_set(|index, code| sets[usize::from(code) - 1].push(index as u32));
            shape.counts = [0, 1, 2].map(|code| sets[code].len() as u64);
            let positions = sets.map(|set| set.into_iter().map(u64::from));
            assembly.add(&shape, positions);
        }
        assembly.finish()
    }

    /// Reads a snapshot, strictly: whatever is accepted is what [`PackContent::encode`] makes of
    /// the same lists.
    ///
    /// # Errors
    /// [`PackError`] for anything else.
    pub fn decode(bytes: Vec<u8>) -> Result<Self, PackError> {
        if bytes.len() > MAX_PACK_BYTES {
            return Err(PackError::TooLarge("more than 16 MiB"));
        }
        let (shapes, body) = read_head(&bytes)?;
        let mut reader = BitReader::new(&bytes[body..], 0);
        let mut lists = Vec::with_capacity(shapes.len());
        let mut skips = Vec::new();
        for shape in shapes {
            let mut starts = [(0, 0); CODES];
            for (start, count) in starts.iter_mut().zip(shape.counts) {
                *start = (reader.position(), skips.len());
                reader = read_set(reader, shape.entries, count, &mut skips)?;
            }
            lists.push(List { shape, starts });
        }
        reader.finish()?;
        let digest = Sha256::digest(&bytes).into();
        let content = Self { bytes, digest, body, lists, skips };
        (0..content.lists.len()).try_for_each(|list| content.check_disjoint(list))?;
        Ok(content)
    }

    /// The snapshot as it is published.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of [`PackContent::bytes`].
    #[must_use]
    pub const fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Number of lists.
    #[must_use]
    pub fn lists(&self) -> usize {
        self.lists.len()
    }

    /// Entries and bits per entry of a list.
    #[must_use]
    pub fn geometry(&self, list: usize) -> Option<(usize, u8)> {
        let shape = self.lists.get(list)?.shape;
        Some((shape.entries as usize, shape.size))
    }

    /// How many entries of a list have a code other than 0.
    #[must_use]
    pub fn count_set(&self, list: usize) -> usize {
        self.lists.get(list).map_or(0, |list| list.shape.counts.iter().sum::<u64>() as usize)
    }

    /// The code at an index of a list.
    ///
    /// # Errors
    /// [`PackError::UnknownList`], [`PackError::OutOfRange`].
    pub fn code(&self, list: usize, index: usize) -> Result<u8, PackError> {
        let at = self.lists.get(list).ok_or(PackError::UnknownList)?;
        if index as u64 >= at.shape.entries {
            let entries = at.shape.entries as usize;
            return Err(PackError::OutOfRange { index, entries });
        }
        let has = |code: &usize| self.set_holds(at, *code, index as u64);
        Ok((0..at.shape.codes()).find(has).map_or(0, |code| code as u8 + 1))
    }

    /// One list as bits again.
    ///
    /// # Errors
    /// [`PackError::UnknownList`].
    pub fn bitstring(&self, list: usize) -> Result<Bitstring, PackError> {
        let shape = self.lists.get(list).ok_or(PackError::UnknownList)?.shape;
        let fault = |_| PackError::Malformed("a list cannot be written as bits");
        let mut bits = Bitstring::new(shape.entries as usize, shape.size).map_err(fault)?;
        for (index, code) in self.statuses(list) {
            bits.set(index as usize, code).map_err(fault)?;
        }
        Ok(bits)
    }

    pub(super) fn shape(&self, list: usize) -> Option<Shape> {
        self.lists.get(list).map(|list| list.shape)
    }

    pub(super) fn shapes(&self) -> impl Iterator<Item = Shape> + '_ {
        self.lists.iter().map(|list| list.shape)
    }

    /// The positions that have code `code + 1`.
    pub(super) fn positions(&self, list: usize, code: usize) -> Positions<'_> {
        let at = &self.lists[list];
        let reader = BitReader::new(&self.bytes[self.body..], at.starts[code].0);
        Positions::new(reader, at.shape.entries, at.shape.counts[code])
    }

    /// Every entry of a list with a code other than 0, by index.
    pub(super) fn statuses(&self, list: usize) -> impl Iterator<Item = (u64, u8)> + '_ {
        let mut sets = [0, 1, 2].map(|code| self.positions(list, code).peekable());
        std::iter::from_fn(move || {
            let next = |code: usize, set: &mut std::iter::Peekable<Positions<'_>>| {
                set.peek().map(|position| (*position, code as u8 + 1))
            };
            let heads = sets.iter_mut().enumerate().filter_map(|(code, set)| next(code, set));
            let (position, code) = heads.min()?;
            sets[usize::from(code) - 1].next();
            Some((position, code))
        })
    }

    /// No entry has two codes.
    fn check_disjoint(&self, list: usize) -> Result<(), PackError> {
        if self.lists[list].shape.counts.iter().filter(|count| **count > 0).count() < 2 {
            return Ok(());
        }
        let mut last = None;
        for (position, _) in self.statuses(list) {
            if last == Some(position) {
                return Err(PackError::Malformed("an entry has two codes"));
            }
            last = Some(position);
        }
        Ok(())
    }

    fn set_holds(&self, list: &List, code: usize, index: u64) -> bool {
        let count = list.shape.counts[code];
        if count == 0 {
            return false;
        }
        let first = list.starts[code].1;
        let points = &self.skips[first..first + count.div_ceil(SKIP) as usize];
        // The first point of a set has `next` 0: there is always one at or before the index.
        let after = points.partition_point(|point| u64::from(point.next) <= index);
        let point = points[after.saturating_sub(1)];
        let reader = BitReader::new(&self.bytes[self.body..], 0);
        Positions::new(reader, list.shape.entries, count)
            .resumed(point.bit.into(), point.left.into(), point.next.into())
            .take_while(|position| *position <= index)
            .any(|position| position == index)
    }
}

fn read_head(bytes: &[u8]) -> Result<(Vec<Shape>, usize), PackError> {
    let mut head = Head::new(bytes);
    if head.take()? != MAGIC {
        return Err(PackError::Malformed("not a status pack of version 1"));
    }
    let lists = head.number()?;
    if lists > MAX_PACK_LISTS as u64 {
        return Err(PackError::TooLarge("more than 4,096 lists"));
    }
    let mut shapes = Vec::new();
    let mut entries = 0;
    for _ in 0..lists {
        let mut shape = {
            let length = head.number()?;
            let [size] = head.take()?;
            Shape::of(length.min(MAX_PACK_ENTRIES), size)?
        };
        let codes = shape.codes();
        for count in shape.counts.iter_mut().take(codes) {
            *count = head.number()?;
        }
        if shape.counts.iter().any(|count| *count > shape.entries) {
            return Err(PackError::Malformed("more positions than entries"));
        }
        entries += shape.entries;
        shapes.push(shape);
    }
    if entries > MAX_PACK_ENTRIES {
        return Err(PackError::TooLarge("more than 2^28 entries"));
    }
    Ok((shapes, head.position()))
}

/// Reads a set once, noting skip points; gives the place after it.
fn read_set<'a>(
    reader: BitReader<'a>,
    entries: u64,
    count: u64,
    skips: &mut Vec<Skip>,
) -> Result<BitReader<'a>, PackError> {
    let mut positions = Positions::new(reader, entries, count);
    for read in 0..count {
        if read % SKIP == 0 {
            let (bit, left, next) = positions.point();
            // All below 2^28: a pack has at most 2^27 bits.
            skips.push(Skip { bit: bit as u32, left: left as u32, next: next as u32 });
        }
        positions.advance()?;
    }
    Ok(positions.reader())
}

/// A snapshot in the making.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    head: Vec<u8>,
    body: BitWriter,
    lists: u64,
    entries: u64,
}

impl Assembly {
    /// Adds a list; set number n holds the `shape.counts[n]` positions of code n + 1.
    pub(super) fn add(&mut self, shape: &Shape, sets: [impl Iterator<Item = u64>; CODES]) {
        self.lists += 1;
        self.entries += shape.entries;
        put_number(&mut self.head, shape.entries);
        self.head.push(shape.size);
        for (count, set) in shape.counts.into_iter().zip(sets).take(shape.codes()) {
            put_number(&mut self.head, count);
            self.body.set(shape.entries, count, set);
        }
    }

    pub(super) fn finish(self) -> Result<PackContent, PackError> {
        if self.lists > MAX_PACK_LISTS as u64 || self.entries > MAX_PACK_ENTRIES {
            return Err(PackError::TooLarge("more than 4,096 lists or 2^28 entries"));
        }
        let mut bytes = MAGIC.to_vec();
        put_number(&mut bytes, self.lists);
        bytes.extend(self.head);
        bytes.extend(self.body.finish());
        // One reader for own and foreign bytes: what we publish is what others accept.
        PackContent::decode(bytes)
    }
}

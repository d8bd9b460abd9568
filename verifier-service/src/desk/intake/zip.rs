//! Files out of a ZIP: the plain kind (APPNOTE 6.3: stored or deflated), bounded in number, size
//! and ratio before anything is inflated. Names are only shown, never used as paths.

use std::io::Read as _;

/// Most entries of an archive.
pub const MAX_ENTRIES: usize = 500;
/// Most inflated bytes in all.
pub const MAX_TOTAL_BYTES: u64 = 192 * 1024 * 1024;
/// An entry may not unfold to more than this many times its packed size.
const MAX_RATIO: u64 = 200;
const END: &[u8] = b"PK\x05\x06";
const CENTRAL: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";

/// Why an archive is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ZipError {
    /// No archive of the plain kind.
    #[error("the archive cannot be read")]
    Unreadable,
    /// Behind a password.
    #[error("the archive is locked")]
    Locked,
    /// More files than taken.
    #[error("too many files")]
    TooMany,
    /// More bytes than taken, or a bomb.
    #[error("too much inside")]
    TooLarge,
}

impl ZipError {
    /// Id of the sentence for people.
    pub const fn message_id(self) -> &'static str {
        match self {
            ZipError::Unreadable => "desk-zip-unreadable",
            ZipError::Locked => "desk-zip-locked",
            ZipError::TooMany => "desk-zip-too-many",
            ZipError::TooLarge => "desk-zip-too-large",
        }
    }
}

/// Whether these bytes begin like a ZIP.
pub fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(LOCAL) || bytes.starts_with(END)
}

/// Name and bytes of every file, folders and hidden files left out.
///
/// # Errors
/// [`ZipError`]; an archive is taken whole or not at all.
pub fn files(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, ZipError> {
    let entries = directory(bytes)?;
    let unfolded: u64 = entries.iter().map(|entry| u64::from(entry.size)).sum();
    let bomb = |entry: &Entry| u64::from(entry.size) > MAX_RATIO * u64::from(entry.packed.max(64));
    if unfolded > MAX_TOTAL_BYTES || entries.iter().any(bomb) {
        return Err(ZipError::TooLarge);
    }
    let mut files = Vec::new();
    for entry in entries {
        let shown = entry.name.rsplit(['/', '\\']).next().unwrap_or_default();
        let system = entry.name.starts_with("__MACOSX/") || shown.starts_with('.');
        if shown.is_empty() || system {
            continue;
        }
        files.push((entry.name.clone(), entry.content(bytes)?));
    }
    Ok(files)
}

struct Entry {
    name: String,
    method: u16,
    packed: u32,
    size: u32,
    at: usize,
}

impl Entry {
    fn content(&self, bytes: &[u8]) -> Result<Vec<u8>, ZipError> {
        let head = bytes.get(self.at..self.at + 30).ok_or(ZipError::Unreadable)?;
        if !head.starts_with(LOCAL) {
            return Err(ZipError::Unreadable);
        }
        let skip = 30 + usize::from(u16_at(head, 26)) + usize::from(u16_at(head, 28));
        let start = self.at + skip;
        let end = start + self.packed as usize;
        let data = bytes.get(start..end).ok_or(ZipError::Unreadable)?;
        let mut out = Vec::new();
        match self.method {
            0 => out.extend_from_slice(data),
            8 => {
                // One more than promised: whoever lies about a size is not read.
                let limit = u64::from(self.size) + 1;
                let mut inflate = flate2::read::DeflateDecoder::new(data).take(limit);
                inflate.read_to_end(&mut out).map_err(|_| ZipError::Unreadable)?;
            }
            _ => return Err(ZipError::Unreadable),
        }
        if out.len() != self.size as usize {
            return Err(ZipError::TooLarge);
        }
        Ok(out)
    }
}

/// The central directory, as the end record names it.
fn directory(bytes: &[u8]) -> Result<Vec<Entry>, ZipError> {
    // The end record stands within a comment's length of the end.
    let tail = bytes.len().saturating_sub(22 + 65_535);
    let end = bytes[tail..].windows(4).rposition(|window| window == END);
    let end = tail + end.ok_or(ZipError::Unreadable)?;
    let record = bytes.get(end..end + 22).ok_or(ZipError::Unreadable)?;
    let count = usize::from(u16_at(record, 10));
    if count > MAX_ENTRIES {
        return Err(ZipError::TooMany);
    }
    let mut at = u32_at(record, 16) as usize;
    let mut entries = Vec::with_capacity(count);
    for _ in 0..count {
        let head = bytes.get(at..at + 46).ok_or(ZipError::Unreadable)?;
        if !head.starts_with(CENTRAL) {
            return Err(ZipError::Unreadable);
        }
        if u16_at(head, 8) & 1 != 0 {
            return Err(ZipError::Locked);
        }
        let name = usize::from(u16_at(head, 28));
        let next = at + 46 + name + usize::from(u16_at(head, 30)) + usize::from(u16_at(head, 32));
        let name = bytes.get(at + 46..at + 46 + name).ok_or(ZipError::Unreadable)?;
        entries.push(Entry {
            name: String::from_utf8_lossy(name).into_owned(),
            method: u16_at(head, 10),
            packed: u32_at(head, 20),
            size: u32_at(head, 24),
            at: u32_at(head, 42) as usize,
        });
        at = next;
    }
    Ok(entries)
}

/// Two bytes, low one first; the caller has checked the length.
fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

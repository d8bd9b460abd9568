//! Reading and writing the vault header.

use super::{KdfParameters, SealError};

const MAGIC: &[u8; 8] = b"SINPYOV\0";
const FORMAT: u16 = 1;
const ARGON2ID_V13: u8 = 1;
pub(super) const MAX_PURPOSE_BYTES: usize = 64;

/// The header, taken apart.
pub(super) struct Header {
    pub(super) purpose: String,
    pub(super) kdf: KdfParameters,
    pub(super) salt: [u8; 16],
    pub(super) nonce: [u8; 24],
    pub(super) wrapped: [u8; 48],
}

impl Header {
    /// What the wrapped data key is bound to.
    pub(super) fn bound_part(purpose: &str, kdf: KdfParameters, salt: &[u8; 16]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(128);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT.to_be_bytes());
        let length = u8::try_from(purpose.len()).expect("a purpose has at most 64 bytes");
        bytes.push(length);
        bytes.extend_from_slice(purpose.as_bytes());
        bytes.push(ARGON2ID_V13);
        bytes.extend_from_slice(&kdf.memory_kib().to_be_bytes());
        bytes.extend_from_slice(&kdf.passes().to_be_bytes());
        bytes.extend_from_slice(&kdf.lanes().to_be_bytes());
        bytes.extend_from_slice(salt);
        bytes
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Self::bound_part(&self.purpose, self.kdf, &self.salt);
        bytes.extend_from_slice(&self.nonce);
        bytes.extend_from_slice(&self.wrapped);
        bytes
    }

    /// Reads a whole header; nothing may follow it.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, SealError> {
        let mut reader = Reader(bytes);
        if reader.array::<8>()? != *MAGIC {
            return Err(SealError::Damaged("not a vault"));
        }
        if u16::from_be_bytes(reader.array()?) != FORMAT {
            return Err(SealError::Damaged("a vault of another format"));
        }
        let length = usize::from(reader.array::<1>()?[0]);
        if length == 0 || length > MAX_PURPOSE_BYTES {
            return Err(SealError::Damaged("the purpose has a bad length"));
        }
        let purpose = String::from_utf8(reader.take(length)?.to_vec())
            .map_err(|_| SealError::Damaged("the purpose is not UTF-8"))?;
        if reader.array::<1>()?[0] != ARGON2ID_V13 {
            return Err(SealError::KdfRefused("not argon2id".into()));
        }
        let kdf = KdfParameters::new(
            u32::from_be_bytes(reader.array()?),
            u32::from_be_bytes(reader.array()?),
            u32::from_be_bytes(reader.array()?),
        )?;
        let header = Self {
            purpose,
            kdf,
            salt: reader.array()?,
            nonce: reader.array()?,
            wrapped: reader.array()?,
        };
        if !reader.0.is_empty() {
            return Err(SealError::Damaged("bytes after the header"));
        }
        Ok(header)
    }
}

/// Takes bytes from the front, never past the end.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], SealError> {
        let (front, rest) =
            self.0.split_at_checked(count).ok_or(SealError::Damaged("the header is cut short"))?;
        self.0 = rest;
        Ok(front)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], SealError> {
        let bytes = self.take(N)?;
        Ok(bytes.try_into().expect("take gives exactly N bytes"))
    }
}

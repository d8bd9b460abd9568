//! The file, format 1 (all numbers big-endian):
//!
//! | bytes | what |
//! |---|---|
//! | 8 | magic `SINPYOK` and a zero byte |
//! | 2 | format, 1 |
//! | 2 + n | length and bytes of the vault header ([`crate::sealed`]) |
//! | 8 | revision |
//! | 4 | number of items |
//! | each: 1 + n | length and text of the item's id (the key's handle) |
//! | 8 | the item's version: the revision in which it was sealed |
//! | 4 + n | length and bytes of the sealed item |
//! | rest | seal: the SHA-256 of everything before, sealed as item `seal` of this revision |
//!
//! The seal at the end makes the set whole: no item can be removed, doubled or put in
//! another order, and the revision cannot be written over. A sealed item is JSON
//! `{"v":1,"label":…,"algorithm":…,"private":base64url}`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use crate::algorithm::KeyAlgorithm;
use crate::encoding::{from_base64url, to_base64url};
use crate::memory_store::{KeyTable, MAX_KEYS, StoredKey};
use crate::sealed::Vault;
use crate::secret_key::SecretKey;
use crate::store::{KeyHandle, KeyStoreError, check_label};

const MAGIC: &[u8; 8] = b"SINPYOK\0";
const FORMAT: u16 = 1;
const SEAL_ID: &str = "seal";
/// Nonce, SHA-256, tag.
const SEAL_BYTES: usize = 24 + 32 + 16;

/// The file, taken apart but not decrypted.
pub(super) struct StoreFile {
    pub(super) header: Vec<u8>,
    pub(super) revision: u64,
    pub(super) items: Vec<Sealed>,
}

/// One sealed key.
pub(super) struct Sealed {
    id: String,
    version: u64,
    bytes: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    v: u32,
    label: String,
    algorithm: KeyAlgorithm,
    private: String,
}

impl Drop for Item {
    fn drop(&mut self) {
        self.private.zeroize();
    }
}

impl Sealed {
    pub(super) fn of(key: &StoredKey, version: u64, vault: &Vault) -> Self {
        let item = Item {
            v: 1,
            label: key.label.clone(),
            algorithm: key.secret.algorithm(),
            private: to_base64url(&key.secret.to_bytes()),
        };
        let plain = Zeroizing::new(
            serde_json::to_vec(&item).expect("strings and a number are always JSON"),
        );
        Self {
            id: key.handle.as_str().to_owned(),
            version,
            bytes: vault.seal(key.handle.as_str(), version, &plain),
        }
    }

    fn open(&self, vault: &Vault) -> Result<StoredKey, KeyStoreError> {
        let plain = vault.open_item(&self.id, self.version, &self.bytes)?;
        let item: Item =
            serde_json::from_slice(&plain).map_err(|_| damaged("an item is not understood"))?;
        if item.v != 1 {
            return Err(damaged("an item of another version"));
        }
        check_label(&item.label)?;
        let private = from_base64url(&item.private)
            .map(Zeroizing::new)
            .ok_or_else(|| damaged("an item is not understood"))?;
        let secret = SecretKey::from_bytes(item.algorithm, &private)
            .map_err(|_| damaged("an item holds no key"))?;
        Ok(StoredKey {
            handle: KeyHandle::new(self.id.as_str()),
            label: item.label.clone(),
            secret: Arc::new(secret),
        })
    }
}

impl StoreFile {
    /// Takes the bytes apart; judges structure only.
    pub(super) fn parse(bytes: &[u8]) -> Result<ParsedFile, KeyStoreError> {
        let mut reader = Reader(bytes);
        if reader.array::<8>()? != *MAGIC {
            return Err(damaged("not a key store"));
        }
        if u16::from_be_bytes(reader.array()?) != FORMAT {
            return Err(damaged("a key store of another format"));
        }
        let length = usize::from(u16::from_be_bytes(reader.array()?));
        let header = reader.take(length)?.to_vec();
        let revision = u64::from_be_bytes(reader.array()?);
        let count = u32::from_be_bytes(reader.array()?) as usize;
        if count > MAX_KEYS {
            return Err(damaged("more keys than any store has"));
        }
        let mut items = Vec::new();
        for _ in 0..count {
            let length = usize::from(reader.array::<1>()?[0]);
            let id = String::from_utf8(reader.take(length)?.to_vec())
                .map_err(|_| damaged("an item's id is not UTF-8"))?;
            let version = u64::from_be_bytes(reader.array()?);
            let length = u32::from_be_bytes(reader.array()?) as usize;
            let bytes = reader.take(length)?.to_vec();
            items.push(Sealed { id, version, bytes });
        }
        let seal = reader.0.to_vec();
        if seal.len() != SEAL_BYTES {
            return Err(damaged("the end is cut short or too long"));
        }
        Ok(ParsedFile {
            digest: Sha256::digest(&bytes[..bytes.len() - SEAL_BYTES]).into(),
            seal,
            file: Self { header, revision, items },
        })
    }

    pub(super) fn to_bytes(&self, vault: &Vault) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(512 + 512 * self.items.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT.to_be_bytes());
        let length = u16::try_from(self.header.len()).expect("a vault header is under 200 bytes");
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(&self.header);
        bytes.extend_from_slice(&self.revision.to_be_bytes());
        let count = u32::try_from(self.items.len()).expect("a store has at most MAX_KEYS items");
        bytes.extend_from_slice(&count.to_be_bytes());
        for item in &self.items {
            let length = u8::try_from(item.id.len()).expect("a handle has 32 characters");
            bytes.push(length);
            bytes.extend_from_slice(item.id.as_bytes());
            bytes.extend_from_slice(&item.version.to_be_bytes());
            let length = u32::try_from(item.bytes.len()).expect("an item is under 1 KiB");
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(&item.bytes);
        }
        let digest = Sha256::digest(&bytes);
        bytes.extend_from_slice(&vault.seal(SEAL_ID, self.revision, &digest));
        bytes
    }
}

/// A file whose seal has not been checked yet.
pub(super) struct ParsedFile {
    digest: [u8; 32],
    seal: Vec<u8>,
    file: StoreFile,
}

impl ParsedFile {
    /// The vault header, which is needed to open anything.
    pub(super) fn header(&self) -> &[u8] {
        &self.file.header
    }

    /// Checks the seal and opens every key.
    pub(super) fn open(self, vault: &Vault) -> Result<(StoreFile, KeyTable), KeyStoreError> {
        let sealed_digest = vault.open_item(SEAL_ID, self.file.revision, &self.seal)?;
        if *sealed_digest != self.digest {
            return Err(damaged("the seal does not fit the contents"));
        }
        let mut table = KeyTable::default();
        for item in &self.file.items {
            let key = item.open(vault)?;
            if table.get(&key.handle).is_some() || table.find(&key.label).is_some() {
                return Err(damaged("a key stands twice"));
            }
            table.push(key);
        }
        Ok((self.file, table))
    }
}

/// Takes bytes from the front, never past the end.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], KeyStoreError> {
        let (front, rest) =
            self.0.split_at_checked(count).ok_or_else(|| damaged("the file is cut short"))?;
        self.0 = rest;
        Ok(front)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], KeyStoreError> {
        let bytes = self.take(N)?;
        Ok(bytes.try_into().expect("take gives exactly N bytes"))
    }
}

fn damaged(reason: &str) -> KeyStoreError {
    KeyStoreError::Damaged(reason.to_owned())
}

//! The key store file: every key sealed under a passphrase (format in [`mod@format`]).
//!
//! * The file is written whole to a temporary file, synced, renamed over the old one, and
//!   the directory synced: a crash leaves the old store or the new one.
//! * The file has mode 0600; one that others may read is refused, and so is a directory in
//!   which everybody may replace it.
//! * Each change raises the store's revision. A witness file `<name>.revision` beside the
//!   store remembers the highest one, so that an old copy put back in place is refused.
//!   Whoever can delete both files is not stopped by it: keep [`EncryptedFileStore::revision`]
//!   elsewhere and open with [`EncryptedFileStore::open_at_least`] where that matters. To
//!   restore an older backup on purpose, delete the witness file.
//! * Processes that change the store at once take turns by a lock on `<name>.lock`, and
//!   each reads the file anew before it writes.

use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

use credential_model::ambient::{Entropy, random_id};

use crate::algorithm::KeyAlgorithm;
use crate::memory_store::{KeyTable, StoredKey, generate_secret};
use crate::public_key::PublicKey;
use crate::sealed::{KdfParameters, SealError, Vault};
use crate::signer::SigningError;
use crate::store::{KeyHandle, KeyInfo, KeyStore, KeyStoreError};

mod disk;
mod format;

use format::{Sealed, StoreFile};

/// What the vault header says this is.
const PURPOSE: &str = "key-store";

/// A key store in an encrypted file. Private keys are in memory while it is open, wiped
/// when it is dropped.
pub struct EncryptedFileStore {
    path: PathBuf,
    entropy: Arc<dyn Entropy>,
    state: RwLock<State>,
}

/// What was last read or written.
struct State {
    vault: Vault,
    file: StoreFile,
    table: KeyTable,
}

impl EncryptedFileStore {
    /// Opens an existing store.
    ///
    /// # Errors
    /// [`KeyStoreError::Missing`], [`KeyStoreError::UnsafePermissions`],
    /// [`KeyStoreError::WrongPassphrase`], [`KeyStoreError::Damaged`],
    /// [`KeyStoreError::KdfRefused`], [`KeyStoreError::RolledBack`], [`KeyStoreError::Io`].
    pub fn open(
        path: impl AsRef<Path>,
        passphrase: &[u8],
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, KeyStoreError> {
        Self::open_at_least(path, passphrase, entropy, 0)
    }

    /// Opens an existing store whose revision must not be below one seen earlier.
    ///
    /// # Errors
    /// As [`EncryptedFileStore::open`].
    pub fn open_at_least(
        path: impl AsRef<Path>,
        passphrase: &[u8],
        entropy: Arc<dyn Entropy>,
        min_revision: u64,
    ) -> Result<Self, KeyStoreError> {
        let path = path.as_ref().to_owned();
        // The witness first: whoever writes in between raises the file before the witness,
        // so a file read afterwards is never behind a witness read before.
        let witness = disk::read_witness(&path)?;
        let parsed = StoreFile::parse(&disk::read(&path)?)?;
        let vault = Vault::open(parsed.header(), PURPOSE, passphrase, Arc::clone(&entropy))?;
        let (file, table) = parsed.open(&vault)?;
        let expected = min_revision.max(disk::witnessed_revision(witness.as_deref(), &vault)?);
        if file.revision < expected {
            return Err(KeyStoreError::RolledBack { expected, found: file.revision });
        }
        Ok(Self { path, entropy, state: RwLock::new(State { vault, file, table }) })
    }

    /// Makes a new, empty store with the recommended key derivation. The directory is made
    /// too, for its owner only.
    ///
    /// # Errors
    /// [`KeyStoreError::Exists`], [`KeyStoreError::EmptyPassphrase`],
    /// [`KeyStoreError::UnsafePermissions`], [`KeyStoreError::Io`].
    pub fn create(
        path: impl AsRef<Path>,
        passphrase: &[u8],
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, KeyStoreError> {
        Self::create_with(path, passphrase, KdfParameters::RECOMMENDED, entropy)
    }

    /// Makes a new, empty store with chosen key derivation parameters.
    ///
    /// # Errors
    /// As [`EncryptedFileStore::create`].
    pub fn create_with(
        path: impl AsRef<Path>,
        passphrase: &[u8],
        kdf: KdfParameters,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, KeyStoreError> {
        let path = path.as_ref().to_owned();
        disk::prepare_directory(&path)?;
        let vault = Vault::create(PURPOSE, passphrase, kdf, Arc::clone(&entropy))?;
        let _lock = disk::lock(&path)?;
        if path.try_exists()? {
            return Err(KeyStoreError::Exists);
        }
        // A witness without its store is left over from a store that somebody deleted.
        disk::forget_witness(&path)?;
        let file = StoreFile { header: vault.header().to_vec(), revision: 1, items: Vec::new() };
        disk::write(&path, &file, &vault, entropy.as_ref())?;
        Ok(Self {
            path,
            entropy,
            state: RwLock::new(State { vault, file, table: KeyTable::default() }),
        })
    }

    /// Opens the store, or makes one when there is none.
    ///
    /// # Errors
    /// As [`EncryptedFileStore::open`] and [`EncryptedFileStore::create`].
    pub fn open_or_create(
        path: impl AsRef<Path>,
        passphrase: &[u8],
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, KeyStoreError> {
        match Self::open(path.as_ref(), passphrase, Arc::clone(&entropy)) {
            Err(KeyStoreError::Missing) => Self::create(path, passphrase, entropy),
            other => other,
        }
    }

    /// The store's revision: 1 when new, one more with each change.
    pub fn revision(&self) -> u64 {
        self.read().file.revision
    }

    /// Seals everything anew under another passphrase (and a fresh data key).
    ///
    /// # Errors
    /// As [`KeyStore::generate`], and [`KeyStoreError::EmptyPassphrase`].
    pub fn change_passphrase(
        &self,
        passphrase: &[u8],
        kdf: KdfParameters,
    ) -> Result<(), KeyStoreError> {
        let mut state = self.write();
        let _lock = disk::lock(&self.path)?;
        let (file, table) = self.reload(&state)?;
        let vault = state.vault.renew(passphrase, kdf)?;
        let revision = next(file.revision)?;
        let renewed = StoreFile {
            header: vault.header().to_vec(),
            revision,
            items: table.keys().iter().map(|key| Sealed::of(key, revision, &vault)).collect(),
        };
        // The old witness cannot be read with the new data key: without this, a crash
        // between the two writes would lock the owner out.
        disk::forget_witness(&self.path)?;
        disk::write(&self.path, &renewed, &vault, self.entropy.as_ref())?;
        *state = State { vault, file: renewed, table };
        Ok(())
    }

    pub(crate) fn snapshot(&self) -> KeyTable {
        self.read().table.clone()
    }

    /// Reads the file anew: another process may have changed it. Under the file lock.
    fn reload(&self, state: &State) -> Result<(StoreFile, KeyTable), KeyStoreError> {
        let parsed = StoreFile::parse(&disk::read(&self.path)?)?;
        if parsed.header() != state.file.header {
            return Err(KeyStoreError::Unsupported(
                "the store was re-encrypted by another process; open it again".into(),
            ));
        }
        let (file, table) = parsed.open(&state.vault)?;
        if file.revision < state.file.revision {
            return Err(KeyStoreError::RolledBack {
                expected: state.file.revision,
                found: file.revision,
            });
        }
        Ok((file, table))
    }

    // A state is replaced as a whole, so a poisoned lock still guards a good one.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(|error| error.into_inner())
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(|error| error.into_inner())
    }
}

impl KeyStore for EncryptedFileStore {
    fn generate(&self, algorithm: KeyAlgorithm, label: &str) -> Result<KeyHandle, KeyStoreError> {
        let secret = Arc::new(generate_secret(algorithm, self.entropy.as_ref())?);
        let mut state = self.write();
        let _lock = disk::lock(&self.path)?;
        let (mut file, mut table) = self.reload(&state)?;
        table.check_new(label)?;
        let key = StoredKey {
            handle: KeyHandle::new(random_id(self.entropy.as_ref())),
            label: label.to_owned(),
            secret,
        };
        let handle = key.handle.clone();
        file.revision = next(file.revision)?;
        file.items.push(Sealed::of(&key, file.revision, &state.vault));
        disk::write(&self.path, &file, &state.vault, self.entropy.as_ref())?;
        table.push(key);
        state.file = file;
        state.table = table;
        Ok(handle)
    }

    fn find(&self, label: &str) -> Option<KeyHandle> {
        self.read().table.find(label)
    }

    fn list(&self) -> Vec<KeyInfo> {
        self.read().table.list()
    }

    fn public_key(&self, handle: &KeyHandle) -> Result<PublicKey, KeyStoreError> {
        self.read().table.public_key(handle)
    }

    fn sign_message(&self, handle: &KeyHandle, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let key = self.read().table.signing(handle)?;
        key.sign_message(message)
    }

    fn sign_digest(&self, handle: &KeyHandle, digest: &[u8; 32]) -> Result<Vec<u8>, SigningError> {
        let key = self.read().table.signing(handle)?;
        key.sign_digest(digest)
    }

    fn secp256k1_public(&self, handle: &KeyHandle) -> Result<[u8; 65], KeyStoreError> {
        self.read().table.secp256k1_public(handle)
    }
}

/// Says how many keys there are and nothing of them.
impl std::fmt::Debug for EncryptedFileStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.read();
        write!(
            f,
            "EncryptedFileStore(revision {}, {} keys, redacted)",
            state.file.revision,
            state.table.keys().len()
        )
    }
}

impl From<SealError> for KeyStoreError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::WrongPassphrase => KeyStoreError::WrongPassphrase,
            SealError::EmptyPassphrase => KeyStoreError::EmptyPassphrase,
            SealError::KdfRefused(reason) => KeyStoreError::KdfRefused(reason),
            other => KeyStoreError::Damaged(other.to_string()),
        }
    }
}

fn next(revision: u64) -> Result<u64, KeyStoreError> {
    revision.checked_add(1).ok_or(KeyStoreError::Full)
}

#[cfg(test)]
mod tests;

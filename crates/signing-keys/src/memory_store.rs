//! Keys in memory only, and the table of keys the file store shares with it.

use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

use credential_model::ambient::{Entropy, random_id};

use crate::algorithm::KeyAlgorithm;
use crate::public_key::PublicKey;
use crate::secret_key::SecretKey;
use crate::signer::SigningError;
use crate::store::{KeyHandle, KeyInfo, KeyStore, KeyStoreError, check_label};

/// No store of ours holds more keys than this; a file that claims more is refused.
pub(crate) const MAX_KEYS: usize = 4096;

/// One key with what its owner calls it. Shared, not copied, when a store reloads.
#[derive(Clone)]
pub(crate) struct StoredKey {
    pub(crate) handle: KeyHandle,
    pub(crate) label: String,
    pub(crate) secret: Arc<SecretKey>,
}

/// The keys of a store in order of their making. Linear: stores hold a handful of keys.
#[derive(Clone, Default)]
pub(crate) struct KeyTable(Vec<StoredKey>);

impl KeyTable {
    pub(crate) fn keys(&self) -> &[StoredKey] {
        &self.0
    }

    /// Refuses a label that is taken or bad, and a full table.
    pub(crate) fn check_new(&self, label: &str) -> Result<(), KeyStoreError> {
        check_label(label)?;
        if self.find(label).is_some() {
            return Err(KeyStoreError::LabelTaken(label.to_owned()));
        }
        if self.0.len() >= MAX_KEYS {
            return Err(KeyStoreError::Full);
        }
        Ok(())
    }

    pub(crate) fn push(&mut self, key: StoredKey) {
        self.0.push(key);
    }

    pub(crate) fn get(&self, handle: &KeyHandle) -> Option<&StoredKey> {
        self.0.iter().find(|key| key.handle == *handle)
    }

    pub(crate) fn find(&self, label: &str) -> Option<KeyHandle> {
        self.0.iter().find(|key| key.label == label).map(|key| key.handle.clone())
    }

    pub(crate) fn list(&self) -> Vec<KeyInfo> {
        self.0
            .iter()
            .map(|key| KeyInfo {
                handle: key.handle.clone(),
                label: key.label.clone(),
                algorithm: key.secret.algorithm(),
                public_key: key.secret.public_key(),
            })
            .collect()
    }

    fn known(&self, handle: &KeyHandle) -> Result<&StoredKey, KeyStoreError> {
        self.get(handle).ok_or_else(|| KeyStoreError::UnknownKey(handle.to_string()))
    }

    pub(crate) fn public_key(&self, handle: &KeyHandle) -> Result<PublicKey, KeyStoreError> {
        self.known(handle)?
            .secret
            .public_key()
            .ok_or_else(|| KeyStoreError::Unsupported("a chain key has no JOSE public key".into()))
    }

    pub(crate) fn secp256k1_public(&self, handle: &KeyHandle) -> Result<[u8; 65], KeyStoreError> {
        self.known(handle)?
            .secret
            .secp256k1_public()
            .ok_or_else(|| KeyStoreError::Unsupported("not a chain key".into()))
    }

    /// The key to sign with. Cloned out of the lock, so that signing blocks nobody.
    pub(crate) fn signing(&self, handle: &KeyHandle) -> Result<Arc<SecretKey>, SigningError> {
        self.get(handle)
            .map(|key| Arc::clone(&key.secret))
            .ok_or_else(|| SigningError::UnknownKey(handle.to_string()))
    }
}

/// A key store that forgets everything at exit: for tests and for one-time keys.
pub struct MemoryKeyStore {
    entropy: Arc<dyn Entropy>,
    table: RwLock<KeyTable>,
}

impl MemoryKeyStore {
    /// An empty store that draws its keys from `entropy`.
    pub fn new(entropy: Arc<dyn Entropy>) -> Self {
        Self { entropy, table: RwLock::default() }
    }

    // A panic while the lock is held leaves the table whole (pushes are atomic), so a
    // poisoned lock is still good.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, KeyTable> {
        self.table.read().unwrap_or_else(|error| error.into_inner())
    }

    fn write(&self) -> RwLockWriteGuard<'_, KeyTable> {
        self.table.write().unwrap_or_else(|error| error.into_inner())
    }

    pub(crate) fn insert(
        &self,
        secret: SecretKey,
        label: &str,
    ) -> Result<KeyHandle, KeyStoreError> {
        let mut table = self.write();
        table.check_new(label)?;
        let handle = KeyHandle::new(random_id(self.entropy.as_ref()));
        table.push(StoredKey {
            handle: handle.clone(),
            label: label.to_owned(),
            secret: Arc::new(secret),
        });
        Ok(handle)
    }
}

/// Makes a private key and turns "no such curve in this build" into the store's words.
pub(crate) fn generate_secret(
    algorithm: KeyAlgorithm,
    entropy: &dyn Entropy,
) -> Result<SecretKey, KeyStoreError> {
    SecretKey::generate(algorithm, entropy)
        .map_err(|error| KeyStoreError::Unsupported(error.to_string()))
}

impl KeyStore for MemoryKeyStore {
    fn generate(&self, algorithm: KeyAlgorithm, label: &str) -> Result<KeyHandle, KeyStoreError> {
        self.insert(generate_secret(algorithm, self.entropy.as_ref())?, label)
    }

    fn find(&self, label: &str) -> Option<KeyHandle> {
        self.read().find(label)
    }

    fn list(&self) -> Vec<KeyInfo> {
        self.read().list()
    }

    fn public_key(&self, handle: &KeyHandle) -> Result<PublicKey, KeyStoreError> {
        self.read().public_key(handle)
    }

    fn sign_message(&self, handle: &KeyHandle, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let key = self.read().signing(handle)?;
        key.sign_message(message)
    }

    fn sign_digest(&self, handle: &KeyHandle, digest: &[u8; 32]) -> Result<Vec<u8>, SigningError> {
        let key = self.read().signing(handle)?;
        key.sign_digest(digest)
    }

    fn secp256k1_public(&self, handle: &KeyHandle) -> Result<[u8; 65], KeyStoreError> {
        self.read().secp256k1_public(handle)
    }
}

impl std::fmt::Debug for MemoryKeyStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemoryKeyStore({} keys, redacted)", self.read().keys().len())
    }
}

//! What every key store does, whether it is memory, a file or a device.

use serde::{Deserialize, Serialize};

use crate::algorithm::KeyAlgorithm;
use crate::public_key::PublicKey;
use crate::signer::SigningError;

/// Names a key of a store; says nothing about the key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyHandle(String);

impl KeyHandle {
    /// A handle as a store gave it out earlier (written down in a configuration, say).
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The text of the handle.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for KeyHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key as a listing shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyInfo {
    /// How to ask for the key.
    pub handle: KeyHandle,
    /// What its owner called it; unique in the store.
    pub label: String,
    /// What kind of key it is.
    pub algorithm: KeyAlgorithm,
    /// The public half; `None` for a chain key, see [`KeyStore::secp256k1_public`].
    pub public_key: Option<PublicKey>,
}

/// Why a key store could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyStoreError {
    /// No key under this handle or label.
    #[error("no key named {0}")]
    UnknownKey(String),
    /// A key with this label exists already.
    #[error("a key labelled {0} exists already")]
    LabelTaken(String),
    /// Labels have 1 to 128 characters, none of them a control character.
    #[error("a label has 1 to 128 characters and no control characters")]
    BadLabel,
    /// This store or build cannot hold or use such a key so.
    #[error("not supported: {0}")]
    Unsupported(String),
    /// Wrong passphrase, or the key part of the file was altered.
    #[error("the passphrase does not open the key store (or its header was altered)")]
    WrongPassphrase,
    /// An empty passphrase protects nothing.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// The file is no key store, is cut short, or was altered.
    #[error("the key store file is damaged: {0}")]
    Damaged(String),
    /// The file's key derivation parameters are outside what we accept.
    #[error("the key derivation parameters are refused: {0}")]
    KdfRefused(String),
    /// Others may read or replace the file.
    #[error("the key store is not safe: {0}")]
    UnsafePermissions(String),
    /// An older copy of the file stands where a newer one stood.
    #[error("the key store went back from revision {expected} to {found}")]
    RolledBack {
        /// The lowest revision that is acceptable.
        expected: u64,
        /// The file's revision.
        found: u64,
    },
    /// There is no such file.
    #[error("no key store at this place")]
    Missing,
    /// There is a file already.
    #[error("a key store exists already at this place")]
    Exists,
    /// The store has its maximum of keys.
    #[error("the key store is full")]
    Full,
    /// The device or its module refused or failed.
    #[error("the key device failed: {0}")]
    Device(String),
    /// The device is not there; it is looked for again with the next call.
    #[error("the key device is not there: {0}")]
    DeviceAbsent(String),
    /// The device refused the PIN. It is not tried again, because devices lock.
    #[error("the key device refused the PIN; it is not tried again before a restart")]
    PinRefused,
    /// Reading or writing failed.
    #[error("key store input/output failed")]
    Io(#[from] std::io::Error),
}

impl KeyStoreError {
    /// A stable code for logs and messages.
    pub fn code(&self) -> &'static str {
        match self {
            KeyStoreError::UnknownKey(_) => "unknown_key",
            KeyStoreError::LabelTaken(_) => "key_label_taken",
            KeyStoreError::BadLabel => "key_label_invalid",
            KeyStoreError::Unsupported(_) => "key_unsupported",
            KeyStoreError::WrongPassphrase => "wrong_passphrase",
            KeyStoreError::EmptyPassphrase => "passphrase_empty",
            KeyStoreError::Damaged(_) => "key_store_damaged",
            KeyStoreError::KdfRefused(_) => "kdf_parameters_refused",
            KeyStoreError::UnsafePermissions(_) => "key_store_permissions",
            KeyStoreError::RolledBack { .. } => "key_store_rolled_back",
            KeyStoreError::Missing => "key_store_missing",
            KeyStoreError::Exists => "key_store_exists",
            KeyStoreError::Full => "key_store_full",
            KeyStoreError::Device(_) => "key_device_failed",
            KeyStoreError::DeviceAbsent(_) => "key_device_absent",
            KeyStoreError::PinRefused => "key_device_pin_refused",
            KeyStoreError::Io(_) => "key_store_io",
        }
    }
}

/// Keeps private keys and signs with them; gives out handles, never keys.
pub trait KeyStore: Send + Sync {
    /// Makes a new key. Durable when it returns, where the store is durable at all.
    ///
    /// # Errors
    /// [`KeyStoreError::LabelTaken`], [`KeyStoreError::BadLabel`], or what the store's
    /// medium brings.
    fn generate(&self, algorithm: KeyAlgorithm, label: &str) -> Result<KeyHandle, KeyStoreError>;

    /// The key with this label.
    fn find(&self, label: &str) -> Option<KeyHandle>;

    /// All keys, oldest first.
    fn list(&self) -> Vec<KeyInfo>;

    /// The public half of a signature key.
    ///
    /// # Errors
    /// [`KeyStoreError::UnknownKey`]; [`KeyStoreError::Unsupported`] for a chain key.
    fn public_key(&self, handle: &KeyHandle) -> Result<PublicKey, KeyStoreError>;

    /// Signs a whole message: `EdDSA`, `ES256` or `ES384` (raw `r||s`).
    ///
    /// # Errors
    /// [`SigningError::UnknownKey`]; [`SigningError::NotSupported`] for a chain key.
    fn sign_message(&self, handle: &KeyHandle, message: &[u8]) -> Result<Vec<u8>, SigningError>;

    /// Signs a digest of 32 bytes. secp256k1: `r||s||v`, 65 bytes, `s` low, `v` 0 or 1.
    /// `ES256`: `r||s`, 64 bytes. Other keys sign no digests.
    ///
    /// # Errors
    /// [`SigningError::UnknownKey`]; [`SigningError::NotSupported`] for other keys.
    fn sign_digest(&self, handle: &KeyHandle, digest: &[u8; 32]) -> Result<Vec<u8>, SigningError>;

    /// The uncompressed public point (0x04, x, y) of a chain key.
    ///
    /// # Errors
    /// [`KeyStoreError::UnknownKey`]; [`KeyStoreError::Unsupported`] for other keys.
    fn secp256k1_public(&self, handle: &KeyHandle) -> Result<[u8; 65], KeyStoreError>;
}

/// Labels end up in listings and on terminals.
pub(crate) fn check_label(label: &str) -> Result<(), KeyStoreError> {
    let length = label.chars().count();
    if (1..=128).contains(&length) && !label.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(KeyStoreError::BadLabel)
    }
}

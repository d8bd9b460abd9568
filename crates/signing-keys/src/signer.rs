//! Whoever can sign: a key behind a handle.

use std::sync::Arc;

use crate::algorithm::Algorithm;
use crate::public_key::PublicKey;
use crate::store::{KeyHandle, KeyStore, KeyStoreError};

/// Why nothing was signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// The store has no such key.
    #[error("no key under the handle {0}")]
    UnknownKey(String),
    /// The key cannot do this (a chain key signs no messages, an Ed25519 key no digests).
    #[error("a key of {algorithm} cannot {operation}")]
    NotSupported {
        /// The key's algorithm.
        algorithm: &'static str,
        /// What was asked: `sign a message`, `sign a digest`.
        operation: &'static str,
    },
    /// The store or device refused or failed.
    #[error("the key store could not sign: {0}")]
    Store(String),
}

impl SigningError {
    /// A stable code for logs and reports.
    pub fn code(&self) -> &'static str {
        match self {
            SigningError::UnknownKey(_) => "unknown_key",
            SigningError::NotSupported { .. } => "key_cannot_sign_this",
            SigningError::Store(_) => "key_store_failed",
        }
    }
}

/// Signs whole messages with one key.
pub trait Signer: Send + Sync {
    /// The key's algorithm.
    fn algorithm(&self) -> Algorithm;

    /// The public half.
    fn public_key(&self) -> PublicKey;

    /// Signs the message: 64 bytes for `EdDSA`, raw `r||s` for ECDSA.
    ///
    /// # Errors
    /// [`SigningError`] when the key is gone or the store fails.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError>;
}

/// A [`Signer`] over one key of a [`KeyStore`].
#[derive(Clone)]
pub struct StoreSigner {
    store: Arc<dyn KeyStore>,
    handle: KeyHandle,
    public_key: PublicKey,
}

impl StoreSigner {
    /// Takes the key of `handle`.
    ///
    /// # Errors
    /// [`KeyStoreError`] when there is no such key, or it is a chain key.
    pub fn new(store: Arc<dyn KeyStore>, handle: KeyHandle) -> Result<Self, KeyStoreError> {
        let public_key = store.public_key(&handle)?;
        Ok(Self { store, handle, public_key })
    }

    /// Takes the key with this label.
    ///
    /// # Errors
    /// [`KeyStoreError::UnknownKey`] when no key has the label.
    pub fn by_label(store: Arc<dyn KeyStore>, label: &str) -> Result<Self, KeyStoreError> {
        let handle =
            store.find(label).ok_or_else(|| KeyStoreError::UnknownKey(label.to_owned()))?;
        Self::new(store, handle)
    }

    /// The handle of the key.
    pub fn handle(&self) -> &KeyHandle {
        &self.handle
    }
}

impl Signer for StoreSigner {
    fn algorithm(&self) -> Algorithm {
        self.public_key.algorithm()
    }

    fn public_key(&self) -> PublicKey {
        self.public_key.clone()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        self.store.sign_message(&self.handle, message)
    }
}

impl std::fmt::Debug for StoreSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoreSigner({}, {:?})", self.handle, self.public_key)
    }
}

impl<S: Signer + ?Sized> Signer for Arc<S> {
    fn algorithm(&self) -> Algorithm {
        (**self).algorithm()
    }

    fn public_key(&self) -> PublicKey {
        (**self).public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        (**self).sign(message)
    }
}

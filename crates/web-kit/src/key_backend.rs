//! The key store that the configuration names: a sealed file, a token beside it, or a process of
//! its own.

use std::sync::Arc;

use credential_model::ambient::Entropy;
use signing_keys::signer_process::RemoteKeyStore;
use signing_keys::{
    EncryptedFileStore, KeyAlgorithm, KeyHandle, KeyInfo, KeyStore, KeyStoreError, Pkcs11KeyStore,
    Pkcs11Options, PublicKey, SigningError,
};

use crate::private_file::{self, PrivateFileError};
use crate::sections::{KeyBackend, Keys};

/// Shortest passphrase in characters.
const PASSPHRASE_LENGTH: usize = 8;

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyBackendError {
    /// The passphrase file.
    #[error(transparent)]
    Secret(#[from] PrivateFileError),
    /// The backend's section is missing.
    #[error("the configuration has no [{0}]")]
    NoSection(&'static str),
    /// File, token or signer.
    #[error("{what}")]
    Store {
        /// Which.
        what: String,
        /// Why.
        source: KeyStoreError,
    },
}

impl KeyBackendError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Secret(error) => error.code(),
            Self::NoSection(_) => "config_invalid",
            Self::Store { source, .. } => source.code(),
        }
    }
}

/// Opens it; a sealed file is made where there is none and `create` is set.
///
/// # Errors
/// When it cannot be opened.
pub fn open(
    section: &Keys,
    create: bool,
    entropy: Arc<dyn Entropy>,
) -> Result<Arc<dyn KeyStore>, KeyBackendError> {
    match section.backend {
        KeyBackend::File => Ok(Arc::new(file(section, create, entropy)?)),
        KeyBackend::Pkcs11 => {
            let token = section.pkcs11.as_ref().ok_or(KeyBackendError::NoSection("keys.pkcs11"))?;
            let mut options = Pkcs11Options::new(&token.module, &token.token, &token.pin_file);
            options.sessions = token.sessions.unwrap_or(options.sessions).max(1);
            let token = Pkcs11KeyStore::open(options)
                .map_err(|source| failed(format!("the token {:?}", token.token), source))?;
            Ok(Arc::new(Split { token: Box::new(token), file: file(section, create, entropy)? }))
        }
        KeyBackend::Signer => {
            let signer =
                section.signer.as_ref().ok_or(KeyBackendError::NoSection("keys.signer"))?;
            let store = RemoteKeyStore::connect(&signer.socket, signer.user).map_err(|source| {
                failed(format!("the signer at {}", signer.socket.display()), source)
            })?;
            Ok(Arc::new(store))
        }
    }
}

fn file(
    section: &Keys,
    create: bool,
    entropy: Arc<dyn Entropy>,
) -> Result<EncryptedFileStore, KeyBackendError> {
    let passphrase = private_file::read(&section.passphrase_file, PASSPHRASE_LENGTH)?;
    let path = &section.path;
    let store = if create {
        EncryptedFileStore::open_or_create(path, passphrase.as_bytes(), entropy)
    } else {
        EncryptedFileStore::open(path, passphrase.as_bytes(), entropy)
    };
    store.map_err(|source| failed(format!("the key store {}", path.display()), source))
}

fn failed(what: String, source: KeyStoreError) -> KeyBackendError {
    KeyBackendError::Store { what, source }
}

/// Keys that sign credentials in a token, all others in the file: few tokens hold chain keys.
///
/// A label is in one of the two. Where both have it, the token's counts: a file that somebody
/// slipped in cannot take a key's place.
struct Split {
    token: Box<dyn KeyStore>,
    file: EncryptedFileStore,
}

impl Split {
    fn side(&self, handle: &KeyHandle) -> &dyn KeyStore {
        let known = self.token.list().iter().any(|key| key.handle == *handle);
        if known { &*self.token } else { &self.file }
    }
}

impl KeyStore for Split {
    fn generate(&self, algorithm: KeyAlgorithm, label: &str) -> Result<KeyHandle, KeyStoreError> {
        if self.find(label).is_some() {
            return Err(KeyStoreError::LabelTaken(label.to_owned()));
        }
        match algorithm {
            KeyAlgorithm::EdDsa | KeyAlgorithm::Es256 => self.token.generate(algorithm, label),
            _ => self.file.generate(algorithm, label),
        }
    }

    fn find(&self, label: &str) -> Option<KeyHandle> {
        // The file first would be cheaper, and wrong: see above.
        let listed = self.token.list().into_iter().find(|key| key.label == label);
        match listed {
            Some(key) => Some(key.handle),
            None => self.file.find(label).or_else(|| self.token.find(label)),
        }
    }

    fn list(&self) -> Vec<KeyInfo> {
        let mut keys = self.token.list();
        let others = self.file.list();
        keys.extend(others.into_iter().filter(|key| self.token.find(&key.label).is_none()));
        keys
    }

    fn public_key(&self, handle: &KeyHandle) -> Result<PublicKey, KeyStoreError> {
        self.side(handle).public_key(handle)
    }

    fn sign_message(&self, handle: &KeyHandle, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        self.side(handle).sign_message(handle, message)
    }

    fn sign_digest(&self, handle: &KeyHandle, digest: &[u8; 32]) -> Result<Vec<u8>, SigningError> {
        self.side(handle).sign_digest(handle, digest)
    }

    fn secp256k1_public(&self, handle: &KeyHandle) -> Result<[u8; 65], KeyStoreError> {
        self.side(handle).secp256k1_public(handle)
    }
}

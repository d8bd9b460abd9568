//! Keys in a hardware token, through PKCS#11 (2.40 and later).
//!
//! * A key's handle is its label. Keys are made in the token, sensitive and not extractable;
//!   only public keys and signatures come out.
//! * Every signature is checked with the public key before it is given out: a token that
//!   returned with another key under the same label is found, and so is a faulty one.
//! * Sessions are pooled and bounded. When the token goes away, calls fail with
//!   `key_device_absent` until it is back; then a new session is opened and the PIN given again.
//!   A call that meets the loss tries once more by itself.
//! * A PIN that was refused is never tried again by this store: tokens lock after a few tries.

mod keys;
mod module;
mod pool;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};
use std::time::Duration;

use cryptoki::error::Error;
use cryptoki::object::ObjectHandle;
use cryptoki::session::Session;
use cryptoki::types::AuthPin;
use zeroize::Zeroizing;

use crate::algorithm::KeyAlgorithm;
use crate::public_key::PublicKey;
use crate::signer::SigningError;
use crate::store::{KeyHandle, KeyInfo, KeyStore, KeyStoreError, check_label};
use keys::TokenKey;
use module::Module;
use pool::{Line, Pool};

const LONGEST_PIN: usize = 256;

/// Where the keys are.
#[derive(Clone, Debug)]
pub struct Pkcs11Options {
    /// The vendor's module, a shared library.
    pub module: PathBuf,
    /// The token's label.
    pub token: String,
    /// A file with the user PIN, for its owner's eyes only (mode 0600 or less).
    pub pin_file: PathBuf,
    /// Sessions at most, and so signatures at a time.
    pub sessions: usize,
    /// After the token was looked for in vain, it is not looked for again this long.
    pub rest: Duration,
}

impl Pkcs11Options {
    /// The usual bounds: 8 sessions, 1 s of rest.
    pub fn new(
        module: impl Into<PathBuf>,
        token: impl Into<String>,
        pin_file: impl Into<PathBuf>,
    ) -> Self {
        Self {
            module: module.into(),
            token: token.into(),
            pin_file: pin_file.into(),
            sessions: 8,
            rest: Duration::from_secs(1),
        }
    }
}

/// A [`KeyStore`] over one token. It makes and uses Ed25519 and P-256 keys.
pub struct Pkcs11KeyStore {
    options: Pkcs11Options,
    module: Arc<Module>,
    pin: AuthPin,
    pool: Mutex<Pool>,
    freed: Condvar,
    keys: RwLock<Vec<TokenKey>>,
}

impl Pkcs11KeyStore {
    /// Loads the module, finds the token, logs in and reads which keys are there.
    ///
    /// # Errors
    /// [`KeyStoreError::Device`] for a module that cannot be used, [`KeyStoreError::DeviceAbsent`]
    /// without the token, [`KeyStoreError::PinRefused`], [`KeyStoreError::UnsafePermissions`] for
    /// a PIN file that others may read.
    pub fn open(options: Pkcs11Options) -> Result<Self, KeyStoreError> {
        let pin = read_pin(&options.pin_file)?;
        let module = Module::load(&options.module)?;
        let store = Self {
            options,
            module,
            pin,
            pool: Mutex::default(),
            freed: Condvar::new(),
            keys: RwLock::default(),
        };
        store.reload()?;
        Ok(store)
    }

    /// Reads anew which keys the token has.
    fn reload(&self) -> Result<(), KeyStoreError> {
        let found = self.with_session(|session, _, _| keys::list(session))?;
        if let Some(pair) = found.windows(2).find(|pair| pair[0].label == pair[1].label) {
            let label = &pair[0].label;
            return Err(KeyStoreError::Device(format!("two keys of the token are called {label}")));
        }
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = found;
        Ok(())
    }

    fn known(&self, label: &str) -> Option<TokenKey> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().find(|key| key.label == label).cloned()
    }

    /// Signs by `sign` with the key of a label.
    fn sign_with(
        &self,
        key: &TokenKey,
        sign: impl Fn(&Session, ObjectHandle) -> Result<Vec<u8>, Error>,
    ) -> Result<Vec<u8>, SigningError> {
        let signed = self.with_session(|session, line, _| {
            let object = object(session, line, &key.label)?;
            object.map(|object| sign(session, object)).transpose()
        });
        match signed {
            Ok(Some(signature)) => Ok(signature),
            Ok(None) => Err(SigningError::UnknownKey(key.label.clone())),
            Err(error) => Err(SigningError::Store(format!("{}: {error}", error.code()))),
        }
    }

    fn key(&self, handle: &KeyHandle) -> Result<TokenKey, SigningError> {
        self.known(handle.as_str()).ok_or_else(|| SigningError::UnknownKey(handle.to_string()))
    }
}

/// The private key's object, remembered as long as the login lasts.
fn object(session: &Session, line: &Line, label: &str) -> Result<Option<ObjectHandle>, Error> {
    let mut objects = line.objects.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(object) = objects.get(label) {
        return Ok(Some(*object));
    }
    let found = keys::private_key(session, label)?;
    if let Some(object) = found {
        objects.insert(label.to_owned(), object);
    }
    Ok(found)
}

/// Reads the PIN, refusing a file that others may read.
fn read_pin(path: &Path) -> Result<AuthPin, KeyStoreError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if std::fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
            return Err(KeyStoreError::UnsafePermissions("others may read the PIN file".into()));
        }
    }
    let text = Zeroizing::new(std::fs::read_to_string(path)?);
    let pin = text.trim_end_matches(['\r', '\n']);
    if pin.is_empty() || pin.len() > LONGEST_PIN {
        return Err(KeyStoreError::PinRefused);
    }
    Ok(AuthPin::from(pin.to_owned()))
}

impl KeyStore for Pkcs11KeyStore {
    fn generate(&self, algorithm: KeyAlgorithm, label: &str) -> Result<KeyHandle, KeyStoreError> {
        check_label(label)?;
        if !matches!(algorithm, KeyAlgorithm::EdDsa | KeyAlgorithm::Es256) {
            let name = algorithm.as_str();
            return Err(KeyStoreError::Unsupported(format!("a {name} key in a token")));
        }
        self.reload()?;
        if self.known(label).is_some() {
            return Err(KeyStoreError::LabelTaken(label.to_owned()));
        }
        self.with_session(|_, line, pkcs11| {
            let writing = pkcs11.open_rw_session_no_drop(line.slot)?;
            let made = keys::generate(&writing, algorithm, label);
            let _ = writing.close();
            made
        })?;
        self.reload()?;
        Ok(KeyHandle::new(label))
    }

    fn find(&self, label: &str) -> Option<KeyHandle> {
        // Another process may have made it since.
        if self.known(label).is_none() {
            // This answer has no place for an error; what is known stays known.
            let _ = self.reload();
        }
        self.known(label).map(|key| KeyHandle::new(key.label))
    }

    fn list(&self) -> Vec<KeyInfo> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let info = |key: &TokenKey| KeyInfo {
            handle: KeyHandle::new(&*key.label),
            label: key.label.clone(),
            algorithm: key.algorithm,
            public_key: Some(key.public_key.clone()),
        };
        keys.iter().map(info).collect()
    }

    fn public_key(&self, handle: &KeyHandle) -> Result<PublicKey, KeyStoreError> {
        let key = self.known(handle.as_str());
        key.map(|key| key.public_key).ok_or_else(|| KeyStoreError::UnknownKey(handle.to_string()))
    }

    fn sign_message(&self, handle: &KeyHandle, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let key = self.key(handle)?;
        let signature = self.sign_with(&key, |session, object| {
            keys::sign_message(session, key.algorithm, object, message)
        })?;
        match key.public_key.verify(message, &signature) {
            Ok(()) => Ok(signature),
            Err(_) => Err(SigningError::Store(
                "key_device_failed: the token's signature does not fit the known public key".into(),
            )),
        }
    }

    fn sign_digest(&self, handle: &KeyHandle, digest: &[u8; 32]) -> Result<Vec<u8>, SigningError> {
        let key = self.key(handle)?;
        if key.algorithm != KeyAlgorithm::Es256 {
            let algorithm = key.algorithm.as_str();
            return Err(SigningError::NotSupported { algorithm, operation: "sign a digest" });
        }
        self.sign_with(&key, |session, object| keys::sign_digest(session, object, digest))
    }

    fn secp256k1_public(&self, handle: &KeyHandle) -> Result<[u8; 65], KeyStoreError> {
        self.public_key(handle)?;
        Err(KeyStoreError::Unsupported("not a chain key".into()))
    }
}

/// Says which token, and nothing of what is in it.
impl std::fmt::Debug for Pkcs11KeyStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner).len();
        write!(f, "Pkcs11KeyStore(token {:?}, {keys} keys, redacted)", self.options.token)
    }
}

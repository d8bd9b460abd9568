//! Private keys in the open: moving a key to another program, and published test keys.
//! Whoever calls this owns what becomes of the bytes.

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::algorithm::{Algorithm, KeyAlgorithm};
use crate::encoding::{from_base64url, to_base64url};
use crate::memory_store::{KeyTable, MemoryKeyStore};
use crate::public_key::{KeyError, PublicKey};
use crate::secret_key::SecretKey;
use crate::signer::{Signer, SigningError};
use crate::store::{KeyHandle, KeyStoreError};

/// The stores whose keys are bare bytes somewhere; a device is none of them.
pub(crate) trait Exportable {
    fn table(&self) -> KeyTable;
}

impl Exportable for MemoryKeyStore {
    fn table(&self) -> KeyTable {
        self.read().clone()
    }
}

#[cfg(feature = "native")]
impl Exportable for crate::EncryptedFileStore {
    fn table(&self) -> KeyTable {
        self.snapshot()
    }
}

/// The private JWK (with `d`) of a key, to carry it to another program. Works on the two
/// software stores only; a device gives nothing out.
///
/// # Errors
/// [`KeyStoreError::UnknownKey`]; [`KeyStoreError::Unsupported`] for a chain key.
#[allow(private_bounds, reason = "no store outside this crate gives its keys out")]
pub fn export_private_jwk(
    store: &impl Exportable,
    handle: &KeyHandle,
) -> Result<Value, KeyStoreError> {
    let table = store.table();
    let key = table.get(handle).ok_or_else(|| KeyStoreError::UnknownKey(handle.to_string()))?;
    let public = table.public_key(handle)?;
    let mut jwk: Map<String, Value> = match public.to_jwk() {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    jwk.insert("d".into(), to_base64url(&key.secret.to_bytes()).into());
    Ok(Value::Object(jwk))
}

/// The raw private key (Ed25519 seed or big-endian scalar), chain keys included.
///
/// # Errors
/// [`KeyStoreError::UnknownKey`].
#[allow(private_bounds, reason = "no store outside this crate gives its keys out")]
pub fn export_private_bytes(
    store: &impl Exportable,
    handle: &KeyHandle,
) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
    store
        .table()
        .get(handle)
        .map(|key| key.secret.to_bytes())
        .ok_or_else(|| KeyStoreError::UnknownKey(handle.to_string()))
}

/// Puts a raw private key (a published test key, an anvil account) into a memory store.
///
/// # Errors
/// [`KeyStoreError::Unsupported`] when the bytes are no key of this kind, and as
/// [`crate::KeyStore::generate`].
pub fn import_private_bytes(
    store: &MemoryKeyStore,
    algorithm: KeyAlgorithm,
    bytes: &[u8],
    label: &str,
) -> Result<KeyHandle, KeyStoreError> {
    let secret = SecretKey::from_bytes(algorithm, bytes)
        .map_err(|error| KeyStoreError::Unsupported(error.to_string()))?;
    store.insert(secret, label)
}

/// A signer over a private key that lies bare in this process: for published test keys.
#[derive(Debug)]
pub struct BareSigner {
    secret: SecretKey,
    public_key: PublicKey,
}

impl BareSigner {
    /// From the raw private key: an Ed25519 seed or a big-endian scalar.
    ///
    /// # Errors
    /// [`KeyError::InvalidKey`] when the bytes are no such key.
    pub fn from_bytes(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        let secret = SecretKey::from_bytes(algorithm.into(), bytes)?;
        let public_key = secret
            .public_key()
            .ok_or_else(|| KeyError::Unsupported("not a signature key".into()))?;
        Ok(Self { secret, public_key })
    }

    /// From a private JWK; its public members must belong to its `d`.
    ///
    /// # Errors
    /// As [`PublicKey::from_jwk`], and [`KeyError::InvalidKey`] when `d` is missing, bad,
    /// or of another key.
    pub fn from_private_jwk(jwk: &Value) -> Result<Self, KeyError> {
        let mut public = jwk.clone();
        let secret = public
            .as_object_mut()
            .and_then(|members| {
                // A private key is meant for `sign`; the public half is read for its value.
                members.remove("key_ops");
                members.remove("d")
            })
            .and_then(|d| d.as_str().and_then(from_base64url))
            .map(Zeroizing::new)
            .ok_or_else(|| KeyError::InvalidKey("`d` is missing or no base64url".into()))?;
        let public = PublicKey::from_jwk(&public)?;
        let signer = Self::from_bytes(public.algorithm(), &secret)?;
        if signer.public_key != public {
            return Err(KeyError::InvalidKey("`d` belongs to another key".into()));
        }
        Ok(signer)
    }

    /// From the W3C test vectors' `secretKeyMultibase` (Multikey secret prefixes
    /// `ed25519-priv`, `p256-priv`, `p384-priv`, `p521-priv`).
    ///
    /// # Errors
    /// [`KeyError::MalformedMultikey`], [`KeyError::Unsupported`], [`KeyError::InvalidKey`].
    pub fn from_secret_multikey(text: &str) -> Result<Self, KeyError> {
        let bytes = crate::encoding::from_multibase(text, 128)
            .map(Zeroizing::new)
            .ok_or_else(|| KeyError::MalformedMultikey("not multibase base58-btc".into()))?;
        let Some((codec, secret)) = bytes.split_first_chunk::<2>() else {
            return Err(KeyError::MalformedMultikey("too short".into()));
        };
        let algorithm = match *codec {
            [0x80, 0x26] => Algorithm::EdDsa,
            [0x86, 0x26] => Algorithm::Es256,
            [0x87, 0x26] => Algorithm::Es384,
            [0x88, 0x26] => Algorithm::Es512,
            _ => return Err(KeyError::Unsupported("secret multicodec".into())),
        };
        Self::from_bytes(algorithm, secret)
    }
}

impl Signer for BareSigner {
    fn algorithm(&self) -> Algorithm {
        self.public_key.algorithm()
    }

    fn public_key(&self) -> PublicKey {
        self.public_key.clone()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        self.secret.sign_message(message)
    }
}

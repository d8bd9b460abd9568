//! The side without keys.

use std::io;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::Duration;

use super::{ListedKey, Request, Response, receive, send};
use crate::algorithm::KeyAlgorithm;
use crate::encoding::{from_base64url, to_base64url};
use crate::public_key::PublicKey;
use crate::signer::SigningError;
use crate::store::{KeyHandle, KeyInfo, KeyStore, KeyStoreError};

/// Connections kept for the next call; more are opened and closed as needed.
const KEPT: usize = 8;
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// A [`KeyStore`] whose keys are in the process behind a socket. A key's handle is its label.
///
/// Public keys are those of the moment of connecting; a signature that does not fit is refused,
/// whoever answers at the socket by then.
pub struct RemoteKeyStore {
    socket: PathBuf,
    server: u32,
    idle: Mutex<Vec<UnixStream>>,
    keys: RwLock<Vec<KeyInfo>>,
}

impl RemoteKeyStore {
    /// Connects to the signer at `socket`, which must run as the user `server`, and asks which
    /// keys may be used.
    ///
    /// # Errors
    /// [`KeyStoreError::DeviceAbsent`] when nobody answers, somebody else does, or we are not
    /// among those who are answered.
    pub fn connect(socket: impl Into<PathBuf>, server: u32) -> Result<Self, KeyStoreError> {
        let store =
            Self { socket: socket.into(), server, idle: Mutex::default(), keys: RwLock::default() };
        store.reload()?;
        Ok(store)
    }

    fn reload(&self) -> Result<(), KeyStoreError> {
        let listed = match self.ask(&Request::List).map_err(absent)? {
            Response::Keys(listed) => listed,
            Response::Bytes(_) | Response::Refused { .. } => {
                return Err(KeyStoreError::Device("another answer than asked for".to_owned()));
            }
        };
        let info = |key: ListedKey| KeyInfo {
            handle: KeyHandle::new(&*key.label),
            label: key.label,
            algorithm: key.algorithm,
            public_key: key.public_key,
        };
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) =
            listed.into_iter().map(info).collect();
        Ok(())
    }

    fn known(&self, label: &str) -> Option<KeyInfo> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().find(|key| key.label == label).cloned()
    }

    /// One request and its answer. A kept connection may be dead since: then once more on a new one,
    /// which is safe because signing twice harms nobody.
    fn ask(&self, request: &Request) -> io::Result<Response> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(stream) = kept
            && let Ok(response) = self.ask_on(stream, request)
        {
            return Ok(response);
        }
        self.ask_on(self.open()?, request)
    }

    fn open(&self) -> io::Result<UnixStream> {
        let stream = UnixStream::connect(&self.socket)?;
        let peer = rustix::net::sockopt::socket_peercred(&stream)?;
        if peer.uid.as_raw() != self.server {
            return Err(io::Error::other("another user answers at the signer's socket"));
        }
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(stream)
    }

    fn ask_on(&self, mut stream: UnixStream, request: &Request) -> io::Result<Response> {
        send(&mut stream, request)?;
        let response = receive(&mut stream)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(stream);
        }
        Ok(response)
    }

    fn signature(&self, label: &str, request: &Request) -> Result<Vec<u8>, SigningError> {
        let failed = |reason: String| SigningError::Store(reason);
        match self.ask(request) {
            Ok(Response::Bytes(text)) => {
                from_base64url(&text).ok_or_else(|| failed("no base64url".to_owned()))
            }
            Ok(Response::Refused { code, reason }) => match code.as_str() {
                "unknown_key" => Err(SigningError::UnknownKey(label.to_owned())),
                _ => Err(failed(format!("{code}: {reason}"))),
            },
            Ok(Response::Keys(_)) => Err(failed("another answer than asked for".to_owned())),
            Err(error) => {
                let error = absent(error);
                Err(failed(format!("{}: {error}", error.code())))
            }
        }
    }
}

fn absent(error: io::Error) -> KeyStoreError {
    KeyStoreError::DeviceAbsent(format!("the signer does not answer: {error}"))
}

impl KeyStore for RemoteKeyStore {
    fn generate(&self, _: KeyAlgorithm, _: &str) -> Result<KeyHandle, KeyStoreError> {
        Err(KeyStoreError::Unsupported("keys are made at the signer, not through it".to_owned()))
    }

    fn find(&self, label: &str) -> Option<KeyHandle> {
        if self.known(label).is_none() {
            // This answer has no place for an error; what is known stays known.
            let _ = self.reload();
        }
        self.known(label).map(|key| key.handle)
    }

    fn list(&self) -> Vec<KeyInfo> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn public_key(&self, handle: &KeyHandle) -> Result<PublicKey, KeyStoreError> {
        let known = self.known(handle.as_str());
        let known = known.ok_or_else(|| KeyStoreError::UnknownKey(handle.to_string()))?;
        known
            .public_key
            .ok_or_else(|| KeyStoreError::Unsupported("a chain key has no JOSE public key".into()))
    }

    fn sign_message(&self, handle: &KeyHandle, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let request = Request::SignMessage {
            key: handle.as_str().to_owned(),
            message: to_base64url(message),
        };
        let signature = self.signature(handle.as_str(), &request)?;
        match self.known(handle.as_str()).and_then(|key| key.public_key) {
            Some(key) if key.verify(message, &signature).is_err() => Err(SigningError::Store(
                "key_device_failed: the signature does not fit the known public key".to_owned(),
            )),
            _ => Ok(signature),
        }
    }

    fn sign_digest(&self, handle: &KeyHandle, digest: &[u8; 32]) -> Result<Vec<u8>, SigningError> {
        let key = handle.as_str().to_owned();
        let request = Request::SignDigest { key, digest: to_base64url(digest) };
        self.signature(handle.as_str(), &request)
    }

    fn secp256k1_public(&self, handle: &KeyHandle) -> Result<[u8; 65], KeyStoreError> {
        let request = Request::Secp256k1Public { key: handle.as_str().to_owned() };
        match self.ask(&request).map_err(absent)? {
            Response::Bytes(text) => from_base64url(&text)
                .and_then(|bytes| bytes.try_into().ok())
                .ok_or_else(|| KeyStoreError::Device("no public point".to_owned())),
            Response::Refused { code, .. } if code == "unknown_key" => {
                Err(KeyStoreError::UnknownKey(handle.to_string()))
            }
            Response::Refused { reason, .. } => Err(KeyStoreError::Unsupported(reason)),
            Response::Keys(_) => Err(KeyStoreError::Device("another answer".to_owned())),
        }
    }
}

/// Says where it asks.
impl std::fmt::Debug for RemoteKeyStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RemoteKeyStore({})", self.socket.display())
    }
}

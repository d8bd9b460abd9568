//! The side with the keys.

use std::collections::BTreeSet;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{ListedKey, Request, Response, receive, send};
use crate::encoding::{from_base64url, to_base64url};
use crate::signer::SigningError;
use crate::store::{KeyHandle, KeyStore, KeyStoreError};

/// A connection that says nothing this long is closed.
const IDLE: Duration = Duration::from_secs(300);

/// Who may sign what.
#[derive(Clone, Debug)]
pub struct SignerPolicy {
    /// Labels of the keys that may be seen and used; all others are not there.
    pub labels: BTreeSet<String>,
    /// User ids that are answered.
    pub users: BTreeSet<u32>,
    /// Connections at a time; one more is closed at once.
    pub connections: usize,
}

/// What is told of every request to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Who asked: user id and process id.
    pub by: (u32, i32),
    /// With which key.
    pub label: String,
    /// SHA-256 of the message, or the digest itself.
    pub digest: [u8; 32],
    /// Whether a signature was given; otherwise the code of the refusal.
    pub outcome: Result<(), String>,
}

/// Listens at `path`, for its owner and group only. A socket that a dead process left is replaced;
/// one that answers is not.
///
/// # Errors
/// [`io::Error`]; `AddrInUse` when somebody serves there.
pub fn bind_signer(path: &Path) -> io::Result<UnixListener> {
    if let Ok(found) = std::fs::symlink_metadata(path) {
        if !found.file_type().is_socket() || UnixStream::connect(path).is_ok() {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        std::fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660))?;
    Ok(listener)
}

/// Answers requests until the listener fails. `told` hears of every request to sign before its
/// answer is sent.
///
/// # Errors
/// [`io::Error`] of the listener.
pub fn serve_signer(
    listener: &UnixListener,
    store: &dyn KeyStore,
    policy: &SignerPolicy,
    told: &(dyn Fn(&Signed) + Sync),
) -> io::Result<()> {
    let open = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for stream in listener.incoming() {
            let stream = stream?;
            let Some(by) = admitted(&stream, policy) else { continue };
            if open.fetch_add(1, Ordering::SeqCst) >= policy.connections {
                open.fetch_sub(1, Ordering::SeqCst);
                continue;
            }
            let open = &open;
            scope.spawn(move || {
                // Whatever a peer does wrong ends its own connection and nothing else.
                let _ = converse(stream, store, policy, by, told);
                open.fetch_sub(1, Ordering::SeqCst);
            });
        }
        Ok(())
    })
}

/// User and process of the peer, where it may ask at all.
fn admitted(stream: &UnixStream, policy: &SignerPolicy) -> Option<(u32, i32)> {
    let peer = rustix::net::sockopt::socket_peercred(stream).ok()?;
    let user = peer.uid.as_raw();
    policy.users.contains(&user).then(|| (user, peer.pid.as_raw_nonzero().get()))
}

fn converse(
    mut stream: UnixStream,
    store: &dyn KeyStore,
    policy: &SignerPolicy,
    by: (u32, i32),
    told: &(dyn Fn(&Signed) + Sync),
) -> io::Result<()> {
    stream.set_read_timeout(Some(IDLE))?;
    stream.set_write_timeout(Some(IDLE))?;
    while let Some(request) = receive(&mut stream)? {
        let response = answer(request, store, policy, by, told);
        send(&mut stream, &response)?;
    }
    Ok(())
}

fn answer(
    request: Request,
    store: &dyn KeyStore,
    policy: &SignerPolicy,
    by: (u32, i32),
    told: &(dyn Fn(&Signed) + Sync),
) -> Response {
    let handle = |label: &str| -> Option<KeyHandle> {
        policy.labels.contains(label).then(|| store.find(label)).flatten()
    };
    match request {
        Request::List => {
            let listed = store.list().into_iter().filter(|key| policy.labels.contains(&key.label));
            Response::Keys(
                listed
                    .map(|key| ListedKey {
                        label: key.label,
                        algorithm: key.algorithm,
                        public_key: key.public_key,
                    })
                    .collect(),
            )
        }
        Request::Secp256k1Public { key } => match handle(&key).ok_or(unknown(&key)) {
            Err(refused) => refused,
            Ok(handle) => match store.secp256k1_public(&handle) {
                Ok(point) => Response::Bytes(to_base64url(&point)),
                Err(error) => refused_by_store(&error),
            },
        },
        Request::SignMessage { key, message } => {
            let Some(message) = from_base64url(&message) else { return malformed() };
            let digest: [u8; 32] = Sha256::digest(&message).into();
            let signed = match handle(&key) {
                Some(handle) => store.sign_message(&handle, &message),
                None => Err(SigningError::UnknownKey(key.clone())),
            };
            signature(signed, Signed { by, label: key, digest, outcome: Ok(()) }, told)
        }
        Request::SignDigest { key, digest } => {
            let digest = from_base64url(&digest).and_then(|bytes| bytes.try_into().ok());
            let Some(digest) = digest else { return malformed() };
            let signed = match handle(&key) {
                Some(handle) => store.sign_digest(&handle, &digest),
                None => Err(SigningError::UnknownKey(key.clone())),
            };
            signature(signed, Signed { by, label: key, digest, outcome: Ok(()) }, told)
        }
    }
}

fn signature(
    signed: Result<Vec<u8>, SigningError>,
    mut note: Signed,
    told: &(dyn Fn(&Signed) + Sync),
) -> Response {
    note.outcome = signed.as_ref().map(drop).map_err(|error| error.code().to_owned());
    told(&note);
    match signed {
        Ok(bytes) => Response::Bytes(to_base64url(&bytes)),
        Err(error) => {
            Response::Refused { code: error.code().to_owned(), reason: error.to_string() }
        }
    }
}

fn unknown(label: &str) -> Response {
    let error = KeyStoreError::UnknownKey(label.to_owned());
    refused_by_store(&error)
}

fn refused_by_store(error: &KeyStoreError) -> Response {
    Response::Refused { code: error.code().to_owned(), reason: error.to_string() }
}

fn malformed() -> Response {
    Response::Refused { code: "malformed_request".to_owned(), reason: "not base64url".to_owned() }
}

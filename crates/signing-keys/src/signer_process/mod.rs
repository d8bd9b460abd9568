//! Signing in a process of its own, behind a Unix domain socket: the service that talks to the
//! world holds no key and no PIN, and the process that holds them needs no network at all.
//!
//! `serve_signer` is the one side, over any `KeyStore`; `RemoteKeyStore` the other, itself a
//! `KeyStore`. A message is a length (4 bytes, big-endian) and JSON; unknown members and lengths
//! beyond the limit end the connection. Only listed labels can be seen or used, keys cannot be
//! made, and only listed users are answered (SO_PEERCRED tells who asks).

mod client;
mod server;

use std::io::{self, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::algorithm::KeyAlgorithm;
use crate::public_key::PublicKey;

pub use client::RemoteKeyStore;
pub use server::{Signed, SignerPolicy, bind_signer, serve_signer};

/// Longest message in bytes: a document of 1 MiB in base64url, and room for the rest.
const LONGEST: usize = 2 * 1024 * 1024;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Request {
    /// Which keys may be used.
    List,
    /// Sign a whole message, base64url.
    SignMessage { key: String, message: String },
    /// Sign a digest of 32 bytes, base64url.
    SignDigest { key: String, digest: String },
    /// The public point of a chain key.
    Secp256k1Public { key: String },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Response {
    Keys(Vec<ListedKey>),
    /// A signature or a point, base64url.
    Bytes(String),
    Refused {
        code: String,
        reason: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedKey {
    label: String,
    algorithm: KeyAlgorithm,
    public_key: Option<PublicKey>,
}

fn send(stream: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let body = serde_json::to_vec(message).map_err(io::Error::other)?;
    let length = u32::try_from(body.len()).ok().filter(|_| body.len() <= LONGEST);
    let length = length.ok_or_else(|| io::Error::other("the message is too long"))?;
    stream.write_all(&[&length.to_be_bytes()[..], &body].concat())?;
    stream.flush()
}

/// The next message; none when the other side is through.
fn receive<T: DeserializeOwned>(stream: &mut impl Read) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    match stream.read(&mut length)? {
        0 => return Ok(None),
        read => stream.read_exact(&mut length[read..])?,
    }
    let length = u32::from_be_bytes(length) as usize;
    if length > LONGEST {
        return Err(io::Error::other("the message is too long"));
    }
    let mut body = Vec::new();
    // Grows with what really comes, not with what is announced.
    stream.take(length as u64).read_to_end(&mut body)?;
    if body.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    serde_json::from_slice(&body).map(Some).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_back_and_bad_ones_are_refused() {
        let request = Request::SignMessage { key: "k".into(), message: "bQ".into() };
        let mut wire = Vec::new();
        send(&mut wire, &request).unwrap();
        let back: Option<Request> = receive(&mut wire.as_slice()).unwrap();
        assert!(matches!(back, Some(Request::SignMessage { key, .. }) if key == "k"));
        assert!(receive::<Request>(&mut &wire[..0]).unwrap().is_none());
        for cut in 1..wire.len() {
            assert!(receive::<Request>(&mut &wire[..cut]).is_err(), "cut at {cut}");
        }
        let framed = |text: &str| {
            let length = u32::try_from(text.len()).unwrap().to_be_bytes();
            [&length[..], text.as_bytes()].concat()
        };
        for bad in [
            "",
            "{}",
            "\"export\"",
            r#"{"sign_message":{"key":"k"}}"#,
            r#"{"sign_message":{"key":"k","message":"bQ","more":"x"}}"#,
        ] {
            assert!(receive::<Request>(&mut framed(bad).as_slice()).is_err(), "{bad}");
        }
        let endless = [0xff; 64];
        assert!(receive::<Request>(&mut &endless[..]).is_err());
        let long = Request::SignMessage { key: "k".into(), message: "A".repeat(LONGEST) };
        assert!(send(&mut Vec::new(), &long).is_err());
    }
}

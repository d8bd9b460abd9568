//! The public half of a key, and the names it goes by.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::ValueEnum;
use credential_model::did::DidUrl;
use serde_json::{Value, json};
use signing_keys::PublicKey;

/// How a key becomes a DID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DidMethod {
    /// did:key
    Key,
    /// did:jwk
    Jwk,
}

/// Multicodec `secp256k1-pub`, as a varint.
const SECP256K1_PUB: [u8; 2] = [0xe7, 0x01];

/// A public key that a credential can be checked with, or one of the chain's curve, which has names only.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PublicHalf {
    /// Checks credentials.
    Signature(PublicKey),
    /// secp256k1, uncompressed: 0x04, x, y.
    Chain([u8; 65]),
}

impl PublicHalf {
    /// The key a credential is checked with.
    pub(crate) fn signature(&self) -> Option<&PublicKey> {
        match self {
            Self::Signature(key) => Some(key),
            Self::Chain(_) => None,
        }
    }

    pub(crate) fn multikey(&self) -> String {
        match self {
            Self::Signature(key) => key.to_multikey(),
            Self::Chain(point) => {
                let sign = if point[64] & 1 == 0 { 0x02 } else { 0x03 };
                let bytes = [SECP256K1_PUB.as_slice(), &[sign], &point[1..33]].concat();
                format!("z{}", bs58::encode(bytes).into_string())
            }
        }
    }

    pub(crate) fn jwk(&self) -> Value {
        match self {
            Self::Signature(key) => key.to_jwk(),
            Self::Chain(point) => {
                let (x, y) = coordinates(point);
                json!({"kty": "EC", "crv": "secp256k1", "x": x, "y": y})
            }
        }
    }

    /// The DID; `None` where the method cannot carry such a key.
    pub(crate) fn did(&self, method: DidMethod) -> Option<String> {
        match (self, method) {
            (Self::Signature(PublicKey::Bls12381G2(_)), DidMethod::Jwk) => None,
            (Self::Signature(key), DidMethod::Jwk) => Some(key.to_did_jwk().as_str().to_owned()),
            (Self::Chain(point), DidMethod::Jwk) => {
                // Members sorted, as every did:jwk of ours.
                let (x, y) = coordinates(point);
                let text = format!(r#"{{"crv":"secp256k1","kty":"EC","x":"{x}","y":"{y}"}}"#);
                Some(format!("did:jwk:{}", URL_SAFE_NO_PAD.encode(text)))
            }
            (_, DidMethod::Key) => Some(format!("did:key:{}", self.multikey())),
        }
    }

    /// The one verification method of [`Self::did`].
    pub(crate) fn verification_method(&self, method: DidMethod) -> Option<DidUrl> {
        let did = self.did(method)?;
        let fragment = match method {
            DidMethod::Key => self.multikey(),
            DidMethod::Jwk => "0".to_owned(),
        };
        DidUrl::parse(&format!("{did}#{fragment}")).ok()
    }
}

fn coordinates(point: &[u8; 65]) -> (String, String) {
    (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_key_has_the_name_that_the_did_key_specification_gives_it() {
        // https://w3c-ccg.github.io/did-key-spec/ section "secp256k1": the generator point's key is the one of the
        // private key 1, so that its compressed form is known from SEC 2 section 2.4.1.
        let mut point = [0u8; 65];
        point[0] = 4;
        let x = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
        let y = "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";
        for (at, byte) in [x, y].concat().as_bytes().chunks(2).enumerate() {
            let text = std::str::from_utf8(byte).unwrap();
            point[at + 1] = u8::from_str_radix(text, 16).unwrap();
        }
        let key = PublicHalf::Chain(point);
        let did = key.did(DidMethod::Key).unwrap();
        assert!(did.starts_with("did:key:zQ3s"), "{did}");
        let bytes = bs58::decode(&did["did:key:z".len()..]).into_vec().unwrap();
        assert_eq!((&bytes[..3], bytes.len()), ([0xe7, 0x01, 0x02].as_slice(), 35));
        let jwk = key.did(DidMethod::Jwk).unwrap();
        let text = URL_SAFE_NO_PAD.decode(&jwk["did:jwk:".len()..]).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&text).unwrap(), key.jwk());
        assert!(key.verification_method(DidMethod::Jwk).unwrap().as_str().ends_with("#0"));
    }
}

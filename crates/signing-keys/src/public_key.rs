//! Public keys: reading, writing, verifying.

use credential_model::did::PublicKeyMaterial;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::algorithm::Algorithm;
use crate::encoding::{from_multibase, to_base64url, to_multibase};
use crate::jwk;

/// Why a key was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The JWK is not a JSON object, or a member is missing or has the wrong type.
    #[error("malformed JWK: {0}")]
    MalformedJwk(String),
    /// A private (or symmetric) member stands where a public key was expected.
    #[error("the JWK carries the private member `{0}` where a public key is expected")]
    PrivateMember(String),
    /// The JWK says that it may not be used to verify signatures.
    #[error("the JWK is not meant for signatures: {0}")]
    WrongUse(String),
    /// Key type, curve or algorithm outside the closed list.
    #[error("unsupported key: {0}")]
    Unsupported(String),
    /// The text is not multibase base58-btc, or too long.
    #[error("malformed Multikey: {0}")]
    MalformedMultikey(String),
    /// The bytes are no valid key: wrong length, off the curve, not canonical.
    #[error("invalid key: {0}")]
    InvalidKey(String),
    /// An Ed25519 point of small order: everybody can sign for it.
    #[error("the Ed25519 key has small order")]
    SmallOrder,
}

impl KeyError {
    /// A stable code for logs and reports.
    pub fn code(&self) -> &'static str {
        match self {
            KeyError::MalformedJwk(_) => "malformed_jwk",
            KeyError::PrivateMember(_) => "private_key_exposed",
            KeyError::WrongUse(_) => "key_not_for_signatures",
            KeyError::Unsupported(_) => "unsupported_key",
            KeyError::MalformedMultikey(_) => "malformed_multikey",
            KeyError::InvalidKey(_) => "invalid_key",
            KeyError::SmallOrder => "weak_key",
        }
    }
}

/// Why a signature does not hold. Deliberately poor in detail: the signature is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The signature has the wrong length for the key's algorithm.
    #[error("the signature has {found} bytes, the algorithm has {expected}")]
    WrongLength {
        /// Bytes received.
        found: usize,
        /// Bytes the algorithm demands.
        expected: usize,
    },
    /// The signature is not by this key over these bytes.
    #[error("the signature does not match")]
    Mismatch,
}

impl SignatureError {
    /// A stable code for logs and reports.
    pub fn code(&self) -> &'static str {
        match self {
            SignatureError::WrongLength { .. } => "signature_length",
            SignatureError::Mismatch => "signature_mismatch",
        }
    }
}

/// A valid public key: on its curve, canonical, of full order. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PublicKey {
    /// Ed25519.
    Ed25519(Ed25519PublicKey),
    /// P-256.
    P256(P256PublicKey),
    /// P-384.
    P384(P384PublicKey),
    /// P-521.
    P521(P521PublicKey),
    /// BLS12-381 G2, opaque here: see [`Bls12381G2PublicKey`].
    Bls12381G2(Box<Bls12381G2PublicKey>),
}

mod bls;
mod curves;
mod ed25519;
#[cfg(feature = "native")]
mod known;
pub use bls::Bls12381G2PublicKey;
pub use curves::{P256PublicKey, P384PublicKey, P521PublicKey};
pub use ed25519::Ed25519PublicKey;

/// Multicodec prefixes as unsigned varints
/// (<https://github.com/multiformats/multicodec/blob/master/table.csv>).
const CODEC_ED25519: [u8; 2] = [0xed, 0x01];
const CODEC_P256: [u8; 2] = [0x80, 0x24];
const CODEC_P384: [u8; 2] = [0x81, 0x24];
const CODEC_P521: [u8; 2] = [0x82, 0x24];
const CODEC_BLS12381_G2: [u8; 2] = [0xeb, 0x01];

/// The longest Multikey we read; BLS12-381 G2 needs 136 characters.
const MAX_MULTIKEY_CHARS: usize = 160;

impl PublicKey {
    /// Reads a public JWK strictly: exact base64url lengths, point on the curve, no private
    /// member, `alg`, `use` and `key_ops` (where present) that allow verifying.
    ///
    /// # Errors
    /// [`KeyError`], each variant for one reason.
    pub fn from_jwk(jwk: &Value) -> Result<Self, KeyError> {
        jwk::read(jwk)
    }

    /// The minimal public JWK: only the members a thumbprint needs.
    pub fn to_jwk(&self) -> Value {
        jwk::write(self)
    }

    /// Reads a Multikey `publicKeyMultibase` (`z…` base58-btc, multicodec prefix, raw or
    /// compressed key; Controlled Identifiers 1.0 section 2.2.2).
    ///
    /// # Errors
    /// [`KeyError::MalformedMultikey`], [`KeyError::Unsupported`] for a foreign codec,
    /// [`KeyError::InvalidKey`] or [`KeyError::SmallOrder`] for bad bytes.
    pub fn from_multikey(text: &str) -> Result<Self, KeyError> {
        let bytes = from_multibase(text, MAX_MULTIKEY_CHARS)
            .ok_or_else(|| KeyError::MalformedMultikey("not multibase base58-btc".into()))?;
        Self::from_multikey_bytes(&bytes)
    }

    /// Reads the bytes inside a Multikey: multicodec prefix, raw or compressed key.
    ///
    /// # Errors
    /// As [`PublicKey::from_multikey`].
    pub fn from_multikey_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let Some((codec, key)) = bytes.split_first_chunk::<2>() else {
            return Err(KeyError::MalformedMultikey("too short".into()));
        };
        match *codec {
            CODEC_ED25519 => Ok(PublicKey::Ed25519(Ed25519PublicKey::from_bytes(key)?)),
            CODEC_P256 => Ok(PublicKey::P256(P256PublicKey::from_compressed(key)?)),
            CODEC_P384 => Ok(PublicKey::P384(P384PublicKey::from_compressed(key)?)),
            CODEC_P521 => Ok(PublicKey::P521(P521PublicKey::from_compressed(key)?)),
            CODEC_BLS12381_G2 => {
                Ok(PublicKey::Bls12381G2(Box::new(Bls12381G2PublicKey::from_bytes(key)?)))
            }
            _ => Err(KeyError::Unsupported(format!("multicodec {:02x}{:02x}", codec[0], codec[1]))),
        }
    }

    /// The Multikey text.
    pub fn to_multikey(&self) -> String {
        to_multibase(&self.to_multikey_bytes())
    }

    /// The bytes inside the Multikey.
    pub fn to_multikey_bytes(&self) -> Vec<u8> {
        let (codec, key) = match self {
            PublicKey::Ed25519(key) => (CODEC_ED25519, key.to_bytes().to_vec()),
            PublicKey::P256(key) => (CODEC_P256, key.to_compressed().to_vec()),
            PublicKey::P384(key) => (CODEC_P384, key.to_compressed().to_vec()),
            PublicKey::P521(key) => (CODEC_P521, key.to_compressed().to_vec()),
            PublicKey::Bls12381G2(key) => (CODEC_BLS12381_G2, key.to_bytes().to_vec()),
        };
        [codec.as_slice(), &key].concat()
    }

    /// Reads the key material of a verification method.
    ///
    /// # Errors
    /// As [`PublicKey::from_jwk`] and [`PublicKey::from_multikey`].
    pub fn from_material(material: &PublicKeyMaterial) -> Result<Self, KeyError> {
        match material {
            PublicKeyMaterial::Jwk(jwk) => Self::from_jwk(jwk),
            PublicKeyMaterial::Multibase(text) => Self::from_multikey(text),
        }
    }

    /// The one algorithm this key is used with.
    pub fn algorithm(&self) -> Algorithm {
        match self {
            PublicKey::Ed25519(_) => Algorithm::EdDsa,
            PublicKey::P256(_) => Algorithm::Es256,
            PublicKey::P384(_) => Algorithm::Es384,
            PublicKey::P521(_) => Algorithm::Es512,
            PublicKey::Bls12381G2(_) => Algorithm::Bbs,
        }
    }

    /// Checks a signature over the whole message: strict Ed25519 (RFC 8032, canonical `S`,
    /// no small-order parts), ECDSA as raw `r||s` (RFC 7518 section 3.4; both values of `s`
    /// are accepted, as the standard has it). A BLS12-381 key verifies no single message.
    ///
    /// # Errors
    /// [`SignatureError`] when it does not hold.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        let expected = self.algorithm().signature_length();
        if signature.len() != expected {
            return Err(SignatureError::WrongLength { found: signature.len(), expected });
        }
        let holds = match self {
            PublicKey::Ed25519(key) => key.verify(message, signature),
            PublicKey::P256(key) => key.verify(message, signature),
            PublicKey::P384(key) => key.verify(message, signature),
            PublicKey::P521(key) => key.verify(message, signature),
            PublicKey::Bls12381G2(_) => false,
        };
        if holds { Ok(()) } else { Err(SignatureError::Mismatch) }
    }

    /// The RFC 7638 thumbprint: base64url of the SHA-256 of the required members in
    /// lexicographic order.
    pub fn thumbprint(&self) -> String {
        to_base64url(&Sha256::digest(jwk::canonical_text(self).as_bytes()))
    }
}

/// Prints the algorithm and the Multikey; a public key is no secret.
impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({}, {})", self.algorithm(), self.to_multikey())
    }
}

/// As a public JWK.
impl serde::Serialize for PublicKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_jwk().serialize(serializer)
    }
}

/// From a public JWK, as strictly as [`PublicKey::from_jwk`].
impl<'de> serde::Deserialize<'de> for PublicKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let jwk = Value::deserialize(deserializer)?;
        Self::from_jwk(&jwk).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod p521_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod wycheproof_tests;

//! Private keys. Never leaves the crate except through [`crate::danger`].

use credential_model::ambient::Entropy;
#[cfg(not(feature = "native"))]
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use zeroize::Zeroizing;

use crate::algorithm::KeyAlgorithm;
use crate::public_key::{
    Ed25519PublicKey, KeyError, P256PublicKey, P384PublicKey, P521PublicKey, PublicKey,
};
use crate::signer::SigningError;

/// A private key of any kind a store holds. Wiped on drop by the types inside.
pub(crate) enum SecretKey {
    Ed25519(Ed25519Secret),
    P256(P256Secret),
    P384(P384Secret),
    P521(P521Secret),
    #[cfg(feature = "native")]
    Secp256k1(k256::ecdsa::SigningKey),
}

pub(crate) struct Ed25519Secret {
    key: ed25519_dalek::SigningKey,
    #[cfg(feature = "native")]
    fast: aws_lc_rs::signature::Ed25519KeyPair,
}

pub(crate) struct P256Secret {
    key: p256::ecdsa::SigningKey,
    #[cfg(feature = "native")]
    fast: aws_lc_rs::signature::EcdsaKeyPair,
}

pub(crate) struct P384Secret {
    key: p384::ecdsa::SigningKey,
    #[cfg(feature = "native")]
    fast: aws_lc_rs::signature::EcdsaKeyPair,
}

pub(crate) struct P521Secret {
    key: p521::ecdsa::SigningKey,
    #[cfg(feature = "native")]
    fast: aws_lc_rs::signature::EcdsaKeyPair,
}

/// How often a random scalar is drawn anew when it lies outside the group order; the chance
/// of even one repetition is below 2^-32 for every curve here.
const SCALAR_ATTEMPTS: usize = 8;

impl SecretKey {
    /// Makes a key from the given randomness.
    pub(crate) fn generate(
        algorithm: KeyAlgorithm,
        entropy: &dyn Entropy,
    ) -> Result<Self, KeyError> {
        let length = scalar_length(algorithm);
        for _ in 0..SCALAR_ATTEMPTS {
            let mut bytes = Zeroizing::new(vec![0u8; length]);
            entropy.fill(&mut bytes);
            if algorithm == KeyAlgorithm::Es512 {
                // 521 bits in 66 bytes: with all 528 bits drawn, 127 of 128 draws would be too big.
                bytes[0] &= 1;
            }
            match Self::from_bytes(algorithm, &bytes) {
                Err(KeyError::InvalidKey(_)) => {}
                other => return other,
            }
        }
        Err(KeyError::InvalidKey("the randomness gave no valid scalar".into()))
    }

    /// From the raw private key: Ed25519 seed, or big-endian scalar.
    pub(crate) fn from_bytes(algorithm: KeyAlgorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        // RustCrypto would pad a short scalar; one key has one text here.
        if bytes.len() != scalar_length(algorithm) {
            return Err(KeyError::InvalidKey("a private key of another length".into()));
        }
        let bad = |_| KeyError::InvalidKey("no valid private key".into());
        match algorithm {
            KeyAlgorithm::EdDsa => {
                let seed: &[u8; 32] = bytes
                    .try_into()
                    .map_err(|_| KeyError::InvalidKey("an Ed25519 seed has 32 bytes".into()))?;
                let key = ed25519_dalek::SigningKey::from_bytes(seed);
                #[cfg(feature = "native")]
                let fast = aws_lc_rs::signature::Ed25519KeyPair::from_seed_unchecked(seed)
                    .map_err(|_| KeyError::InvalidKey("no valid Ed25519 seed".into()))?;
                Ok(SecretKey::Ed25519(Ed25519Secret {
                    key,
                    #[cfg(feature = "native")]
                    fast,
                }))
            }
            KeyAlgorithm::Es256 => {
                let key = p256::ecdsa::SigningKey::from_slice(bytes).map_err(bad)?;
                #[cfg(feature = "native")]
                let fast = aws_lc_rs::signature::EcdsaKeyPair::from_private_key_and_public_key(
                    &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING,
                    bytes,
                    key.verifying_key().to_encoded_point(false).as_bytes(),
                )
                .map_err(|_| KeyError::InvalidKey("no valid P-256 key".into()))?;
                Ok(SecretKey::P256(P256Secret {
                    key,
                    #[cfg(feature = "native")]
                    fast,
                }))
            }
            KeyAlgorithm::Es384 => {
                let key = p384::ecdsa::SigningKey::from_slice(bytes).map_err(bad)?;
                #[cfg(feature = "native")]
                let fast = aws_lc_rs::signature::EcdsaKeyPair::from_private_key_and_public_key(
                    &aws_lc_rs::signature::ECDSA_P384_SHA384_FIXED_SIGNING,
                    bytes,
                    key.verifying_key().to_encoded_point(false).as_bytes(),
                )
                .map_err(|_| KeyError::InvalidKey("no valid P-384 key".into()))?;
                Ok(SecretKey::P384(P384Secret {
                    key,
                    #[cfg(feature = "native")]
                    fast,
                }))
            }
            KeyAlgorithm::Es512 => {
                let key = p521::ecdsa::SigningKey::from_slice(bytes).map_err(bad)?;
                #[cfg(feature = "native")]
                let fast = aws_lc_rs::signature::EcdsaKeyPair::from_private_key_and_public_key(
                    &aws_lc_rs::signature::ECDSA_P521_SHA512_FIXED_SIGNING,
                    bytes,
                    p521::ecdsa::VerifyingKey::from(&key).to_encoded_point(false).as_bytes(),
                )
                .map_err(|_| KeyError::InvalidKey("no valid P-521 key".into()))?;
                Ok(SecretKey::P521(P521Secret {
                    key,
                    #[cfg(feature = "native")]
                    fast,
                }))
            }
            KeyAlgorithm::Bls12381G2 => {
                Err(KeyError::Unsupported("BBS keys are not kept here".into()))
            }
            #[cfg(feature = "native")]
            KeyAlgorithm::Secp256k1 => Ok(SecretKey::Secp256k1(
                k256::ecdsa::SigningKey::from_slice(bytes)
                    .map_err(|_| KeyError::InvalidKey("no valid secp256k1 key".into()))?,
            )),
            #[cfg(not(feature = "native"))]
            KeyAlgorithm::Secp256k1 => {
                Err(KeyError::Unsupported("secp256k1 needs the feature `native`".into()))
            }
        }
    }

    /// The raw private key, as [`SecretKey::from_bytes`] reads it.
    pub(crate) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match self {
            SecretKey::Ed25519(secret) => secret.key.to_bytes().to_vec(),
            SecretKey::P256(secret) => secret.key.to_bytes().to_vec(),
            SecretKey::P384(secret) => secret.key.to_bytes().to_vec(),
            SecretKey::P521(secret) => secret.key.to_bytes().to_vec(),
            #[cfg(feature = "native")]
            SecretKey::Secp256k1(key) => key.to_bytes().to_vec(),
        })
    }

    pub(crate) fn algorithm(&self) -> KeyAlgorithm {
        match self {
            SecretKey::Ed25519(_) => KeyAlgorithm::EdDsa,
            SecretKey::P256(_) => KeyAlgorithm::Es256,
            SecretKey::P384(_) => KeyAlgorithm::Es384,
            SecretKey::P521(_) => KeyAlgorithm::Es512,
            #[cfg(feature = "native")]
            SecretKey::Secp256k1(_) => KeyAlgorithm::Secp256k1,
        }
    }

    /// The public half; `None` for a chain key.
    pub(crate) fn public_key(&self) -> Option<PublicKey> {
        match self {
            SecretKey::Ed25519(secret) => {
                Some(PublicKey::Ed25519(Ed25519PublicKey::from_valid(secret.key.verifying_key())))
            }
            SecretKey::P256(secret) => {
                Some(PublicKey::P256(P256PublicKey::from_valid(*secret.key.verifying_key())))
            }
            SecretKey::P384(secret) => {
                Some(PublicKey::P384(P384PublicKey::from_valid(*secret.key.verifying_key())))
            }
            SecretKey::P521(secret) => {
                Some(PublicKey::P521(P521PublicKey::from_valid((&secret.key).into())))
            }
            #[cfg(feature = "native")]
            SecretKey::Secp256k1(_) => None,
        }
    }

    /// The uncompressed point of a chain key.
    pub(crate) fn secp256k1_public(&self) -> Option<[u8; 65]> {
        #[cfg(feature = "native")]
        if let SecretKey::Secp256k1(key) = self {
            let point = key.verifying_key().to_encoded_point(false);
            return point.as_bytes().try_into().ok();
        }
        None
    }

    /// Signs a whole message.
    pub(crate) fn sign_message(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        match self {
            SecretKey::Ed25519(secret) => Ok(secret.sign(message)),
            SecretKey::P256(secret) => secret.sign(message),
            SecretKey::P384(secret) => secret.sign(message),
            SecretKey::P521(secret) => secret.sign(message),
            #[cfg(feature = "native")]
            SecretKey::Secp256k1(_) => Err(self.cannot("sign a message")),
        }
    }

    /// Signs a digest of 32 bytes, deterministically (RFC 6979).
    pub(crate) fn sign_digest(&self, digest: &[u8; 32]) -> Result<Vec<u8>, SigningError> {
        match self {
            SecretKey::P256(secret) => {
                let signature: p256::ecdsa::Signature = secret
                    .key
                    .sign_prehash(digest)
                    .map_err(|error| SigningError::Store(error.to_string()))?;
                Ok(signature.to_bytes().to_vec())
            }
            #[cfg(feature = "native")]
            SecretKey::Secp256k1(key) => {
                // k256 always gives the low `s` that Ethereum demands (EIP-2).
                let (signature, recovery) = key
                    .sign_prehash_recoverable(digest)
                    .map_err(|error| SigningError::Store(error.to_string()))?;
                let mut bytes = signature.to_bytes().to_vec();
                bytes.push(recovery.to_byte());
                Ok(bytes)
            }
            SecretKey::Ed25519(_) | SecretKey::P384(_) | SecretKey::P521(_) => {
                Err(self.cannot("sign a digest"))
            }
        }
    }

    fn cannot(&self, operation: &'static str) -> SigningError {
        SigningError::NotSupported { algorithm: self.algorithm().as_str(), operation }
    }
}

fn scalar_length(algorithm: KeyAlgorithm) -> usize {
    match algorithm {
        KeyAlgorithm::Es384 => 48,
        KeyAlgorithm::Es512 => 66,
        KeyAlgorithm::EdDsa
        | KeyAlgorithm::Es256
        | KeyAlgorithm::Bls12381G2
        | KeyAlgorithm::Secp256k1 => 32,
    }
}

impl Ed25519Secret {
    #[cfg(feature = "native")]
    fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.fast.sign(message).as_ref().to_vec()
    }

    #[cfg(not(feature = "native"))]
    fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.key.sign(message).to_bytes().to_vec()
    }
}

/// The ECDSA curves sign alike; aws-lc-rs draws its own nonces, the portable build derives
/// them (RFC 6979).
macro_rules! ecdsa_sign {
    ($secret:ident, $key:ident, $message:ident, $portable:expr) => {
        impl $secret {
            #[cfg(feature = "native")]
            fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
                let random = aws_lc_rs::rand::SystemRandom::new();
                self.fast
                    .sign(&random, message)
                    .map(|signature| signature.as_ref().to_vec())
                    .map_err(|_| SigningError::Store("aws-lc-rs could not sign".into()))
            }

            #[cfg(not(feature = "native"))]
            fn sign(&self, $message: &[u8]) -> Result<Vec<u8>, SigningError> {
                let $key = &self.key;
                let signature =
                    $portable.map_err(|error| SigningError::Store(error.to_string()))?;
                Ok(signature.to_bytes().to_vec())
            }
        }
    };
}

ecdsa_sign!(P256Secret, key, message, {
    let signature: Result<p256::ecdsa::Signature, _> = key.try_sign(message);
    signature
});
ecdsa_sign!(P384Secret, key, message, {
    let signature: Result<p384::ecdsa::Signature, _> = key.try_sign(message);
    signature
});
ecdsa_sign!(P521Secret, key, message, crate::p521_nonce::sign(key, message));

/// Says what kind of key it is and nothing of the key.
impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretKey({}, redacted)", self.algorithm().as_str())
    }
}

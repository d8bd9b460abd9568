//! The closed list of algorithms: none of them is symmetric, and none is `none`.

use serde::{Deserialize, Serialize};

/// A signature algorithm, named as JOSE names it (RFC 7518 section 3.1, RFC 8037
/// section 3.1). A key has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Algorithm {
    /// Ed25519 (RFC 8032), JOSE name `EdDSA`.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// ECDSA on P-256 with SHA-256, JOSE name `ES256`.
    #[serde(rename = "ES256")]
    Es256,
    /// ECDSA on P-384 with SHA-384, JOSE name `ES384`.
    #[serde(rename = "ES384")]
    Es384,
    /// ECDSA on P-521 with SHA-512, JOSE name `ES512`.
    #[serde(rename = "ES512")]
    Es512,
    /// BBS over BLS12-381, keys in G2. It signs lists of messages, so nothing here signs or
    /// verifies with it, no JOSE header names it and no store keeps its keys: only the suite
    /// `bbs-2023` of `credential-proofs` does.
    #[serde(rename = "BBS")]
    Bbs,
}

impl Algorithm {
    /// Every algorithm that signs messages, in order of preference.
    pub const ALL: &'static [Algorithm] =
        &[Algorithm::EdDsa, Algorithm::Es256, Algorithm::Es384, Algorithm::Es512];

    /// The JOSE name, as it stands in `alg`.
    pub fn jose(self) -> &'static str {
        match self {
            Algorithm::EdDsa => "EdDSA",
            Algorithm::Es256 => "ES256",
            Algorithm::Es384 => "ES384",
            Algorithm::Es512 => "ES512",
            Algorithm::Bbs => "BBS",
        }
    }

    /// Reads a JOSE name exactly (case counts); anything else, `none` and `HS256`
    /// included, is no algorithm here. `Ed25519` (RFC 9864) is read as `EdDSA`.
    pub fn from_jose(name: &str) -> Option<Self> {
        match name {
            "EdDSA" | "Ed25519" => Some(Algorithm::EdDsa),
            "ES256" => Some(Algorithm::Es256),
            "ES384" => Some(Algorithm::Es384),
            "ES512" => Some(Algorithm::Es512),
            _ => None,
        }
    }

    /// Length in bytes of a signature (raw `r||s` for ECDSA).
    pub fn signature_length(self) -> usize {
        match self {
            Algorithm::EdDsa | Algorithm::Es256 => 64,
            Algorithm::Es384 => 96,
            Algorithm::Es512 => 132,
            Algorithm::Bbs => 80,
        }
    }
}

impl std::fmt::Display for Algorithm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.jose())
    }
}

/// What kind of key a store can hold: the signature algorithms and the chain's curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum KeyAlgorithm {
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// P-256.
    #[serde(rename = "ES256")]
    Es256,
    /// P-384.
    #[serde(rename = "ES384")]
    Es384,
    /// P-521.
    #[serde(rename = "ES512")]
    Es512,
    /// BLS12-381 with the public key in G2, for BBS. Stores refuse it so far.
    #[serde(rename = "BBS")]
    Bls12381G2,
    /// secp256k1, for transactions on an EVM chain only; it never signs credentials.
    #[serde(rename = "ES256K-R")]
    Secp256k1,
}

impl KeyAlgorithm {
    /// The signature algorithm of this key, or `None` for a chain key.
    pub fn algorithm(self) -> Option<Algorithm> {
        match self {
            KeyAlgorithm::EdDsa => Some(Algorithm::EdDsa),
            KeyAlgorithm::Es256 => Some(Algorithm::Es256),
            KeyAlgorithm::Es384 => Some(Algorithm::Es384),
            KeyAlgorithm::Es512 => Some(Algorithm::Es512),
            KeyAlgorithm::Bls12381G2 => Some(Algorithm::Bbs),
            KeyAlgorithm::Secp256k1 => None,
        }
    }

    /// A stable name for files and listings.
    pub fn as_str(self) -> &'static str {
        match self {
            KeyAlgorithm::EdDsa => "EdDSA",
            KeyAlgorithm::Es256 => "ES256",
            KeyAlgorithm::Es384 => "ES384",
            KeyAlgorithm::Es512 => "ES512",
            KeyAlgorithm::Bls12381G2 => "BBS",
            KeyAlgorithm::Secp256k1 => "ES256K-R",
        }
    }

    /// Reads [`KeyAlgorithm::as_str`] back, for the keys that a store may hold.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "EdDSA" => Some(KeyAlgorithm::EdDsa),
            "ES256" => Some(KeyAlgorithm::Es256),
            "ES384" => Some(KeyAlgorithm::Es384),
            "ES512" => Some(KeyAlgorithm::Es512),
            "ES256K-R" => Some(KeyAlgorithm::Secp256k1),
            _ => None,
        }
    }
}

impl From<Algorithm> for KeyAlgorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::EdDsa => KeyAlgorithm::EdDsa,
            Algorithm::Es256 => KeyAlgorithm::Es256,
            Algorithm::Es384 => KeyAlgorithm::Es384,
            Algorithm::Es512 => KeyAlgorithm::Es512,
            Algorithm::Bbs => KeyAlgorithm::Bls12381G2,
        }
    }
}

/// What a key of ours is for; one key has one use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyUse {
    /// Signs credentials and status lists (`assertionMethod`).
    Assertion,
    /// Proves control in presentations and requests (`authentication`).
    Authentication,
    /// Signs transactions on the chain.
    Chain,
}

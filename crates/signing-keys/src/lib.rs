//! Keys: algorithms, public keys, signature checks, key handles and key stores.
//!
//! * [`PublicKey`] reads and writes JWK (RFC 7517, RFC 8037), Multikey (Controlled
//!   Identifiers 1.0, section 2.2.2), `did:key` and `did:jwk`, and verifies signatures. A
//!   key carries the one algorithm it may be used with, so no header can choose another.
//! * [`VerificationKey`] and [`KeyRing`] are public keys as a controller document lists
//!   them: with purposes, revocation and expiry. The verification core takes a ring.
//! * [`KeyStore`] keeps private keys and answers to [`KeyHandle`]s; no private key leaves
//!   one, except through the module [`danger`]. [`MemoryKeyStore`] forgets everything at
//!   exit; [`EncryptedFileStore`] (feature `native`) is a file under a passphrase.
//! * [`sealed`] (feature `native`) is the vault behind the key store file, reused by the
//!   wallet store and backups.
//! * [`system`] (feature `native`) holds the only clock and the only randomness of the
//!   operating system in the whole workspace.
//!
//! Without `native` the crate compiles to WebAssembly and verifies with RustCrypto and
//! dalek; with `native` ECDSA goes through aws-lc-rs. Both give the same verdicts (tested
//! against Wycheproof and against each other).

mod algorithm;
mod did_forms;
mod encoding;
mod jwk;
mod key_ring;
mod memory_store;
mod one_time;
mod p521_nonce;
#[cfg(feature = "pkcs11")]
mod pkcs11;
mod public_key;
mod rotation;
mod secret_key;
mod signer;
mod store;

pub mod danger;
#[cfg(feature = "native")]
mod file_store;
#[cfg(feature = "native")]
pub mod link_seal;
#[cfg(feature = "native")]
pub mod sealed;
#[cfg(feature = "native")]
pub mod sealed_secrets;
#[cfg(all(feature = "signer-process", target_os = "linux"))]
pub mod signer_process;
#[cfg(feature = "native")]
pub mod system;

#[cfg(test)]
#[cfg(feature = "native")]
mod store_tests;

pub use algorithm::{Algorithm, KeyAlgorithm, KeyUse};
pub use did_forms::DidKeyError;
#[cfg(feature = "native")]
pub use file_store::EncryptedFileStore;
pub use key_ring::{KeyRing, VerificationKey};
pub use memory_store::MemoryKeyStore;
pub use one_time::OneTimeSigner;
#[cfg(feature = "pkcs11")]
pub use pkcs11::{Pkcs11KeyStore, Pkcs11Options};
pub use public_key::{
    Bls12381G2PublicKey, Ed25519PublicKey, KeyError, P256PublicKey, P384PublicKey, P521PublicKey,
    PublicKey, SignatureError,
};
pub use rotation::{KeySeries, KeyVersion, RotationError};
pub use signer::{Signer, SigningError, StoreSigner};
pub use store::{KeyHandle, KeyInfo, KeyStore, KeyStoreError};

//! Reading, as a trait: flows and tests take any implementation.

use async_trait::async_trait;

use crate::{ChainError, DidHead, StatusHead, Tip};

/// What may be asked of the chain. Absence is `Ok(None)`, "could not look" is `Err`.
#[async_trait]
pub trait ReadChain: Send + Sync {
    /// The newest anchored version of the document of `did`, if it was ever anchored.
    ///
    /// # Errors
    /// [`ChainError`] when the chain cannot be asked or its nodes disagree.
    async fn did_head(&self, did: &str) -> Result<Option<DidHead>, ChainError>;

    /// The bytes of one version (1, 2, …) of the document of `did` from the event log, checked
    /// against the digest in the event and, for the newest version, the one in the state.
    ///
    /// # Errors
    /// [`ChainError::VersionNotFound`] and [`ChainError::DocumentNotPublished`] are definite; all others mean we could not look.
    async fn did_document(&self, did: &str, version: u64) -> Result<Vec<u8>, ChainError>;

    /// The newest epoch of `issuer` (a DID), if it ever anchored one.
    ///
    /// # Errors
    /// [`ChainError`] when the chain cannot be asked or its nodes disagree.
    async fn status_head(&self, issuer: &str) -> Result<Option<StatusHead>, ChainError>;

    /// The trusted block: lets a caller notice a frozen node by its age.
    ///
    /// # Errors
    /// [`ChainError`] when the chain cannot be asked.
    async fn tip(&self) -> Result<Tip, ChainError>;

    /// Checks chain id and contract code of every endpoint.
    ///
    /// # Errors
    /// [`ChainError::WrongChain`], [`ChainError::ContractMissing`], [`ChainError::ContractCodeMismatch`], or why we could not look.
    async fn check(&self) -> Result<(), ChainError>;
}

/// A chain account that signs transaction hashes; the private key stays in its key store.
pub trait TransactionSigner: Send + Sync {
    /// The account's address: last 20 bytes of keccak256 of the uncompressed public key.
    fn address(&self) -> crate::Address;

    /// Signs a 32-byte hash on secp256k1: `r || s || v`, low s, v = recovery id 0 or 1 (27 and 28 are taken too).
    ///
    /// # Errors
    /// The key store's message.
    fn sign_hash(&self, hash: &[u8; 32]) -> Result<[u8; 65], String>;
}

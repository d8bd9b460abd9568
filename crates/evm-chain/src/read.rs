//! Reading, as a trait: flows and tests take any implementation.

use async_trait::async_trait;

use crate::{
    AccreditationChain, ChainError, DidHead, DirectoryState, EpochEvent, KeyState, KeyStatement,
    StatusHead, StorageProofBundle, Tip,
};

/// Which head a storage proof shall show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeadOf<'a> {
    /// The head of a DID's document ([`crate::slots::did_head`]).
    Did(&'a str),
    /// An issuer's status root ([`crate::slots::status_head`]).
    Status(&'a str),
    /// An issuer's issuance root ([`crate::slots::issuance_head`]).
    Issuance(&'a str),
    /// The states of these keys of a DID ([`crate::slots::key_state`]); absence is shown too.
    Keys(&'a str, &'a [[u8; 32]]),
}

/// What may be asked of the chain. Absence is `Ok(None)`, "could not look" is `Err`.
///
/// Methods with a default answer [`ChainError::NotSupported`], which is inconclusive: who wraps a
/// reader must pass them on.
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

    /// The states of all keys of `did` that ever had one stated; a key not named is active.
    ///
    /// # Errors
    /// [`ChainError`] when the chain cannot be asked or its nodes disagree.
    async fn key_states(&self, did: &str) -> Result<Vec<KeyState>, ChainError> {
        let _ = did;
        Err(ChainError::NotSupported("states of keys"))
    }

    /// All statements about one key of `did` (its [`crate::key_id_hash`]), oldest first.
    ///
    /// # Errors
    /// [`ChainError`] when the chain cannot be asked, withholds events or its nodes disagree.
    async fn key_history(
        &self,
        did: &str,
        key: &[u8; 32],
    ) -> Result<Vec<KeyStatement>, ChainError> {
        let _ = (did, key);
        Err(ChainError::NotSupported("the history of a key"))
    }

    /// Every accreditation of `subject` (a DID) with those it was given under; empty when it has
    /// none. [`crate::best_authority`] draws the conclusion.
    ///
    /// # Errors
    /// [`ChainError`] when the chain cannot be asked or its nodes disagree.
    async fn accreditations(&self, subject: &str) -> Result<Vec<AccreditationChain>, ChainError> {
        let _ = subject;
        Err(ChainError::NotSupported("accreditations"))
    }

    /// The written accreditation behind a record, from the event log, checked against the
    /// record's evidence digest.
    ///
    /// # Errors
    /// [`ChainError::DocumentNotPublished`] when only its digest was given, others when we could not look.
    async fn accreditation_statement(
        &self,
        record: &crate::AccreditationRecord,
    ) -> Result<Vec<u8>, ChainError> {
        let _ = record;
        Err(ChainError::NotSupported("accreditation statements"))
    }

    /// What the directory says now.
    ///
    /// # Errors
    /// [`ChainError`] when the chain cannot be asked or its nodes disagree.
    async fn directory(&self) -> Result<DirectoryState, ChainError> {
        Err(ChainError::NotSupported("the directory"))
    }

    /// Epochs `from` (1, 2, …) and up of `issuer`, oldest first, the newest `limit` of them; found
    /// by the links from the head backwards and checked against it and each other.
    ///
    /// # Errors
    /// [`ChainError::EventWithheld`] and [`ChainError::HistoryBroken`] among others.
    async fn epochs(
        &self,
        issuer: &str,
        from: u64,
        limit: usize,
    ) -> Result<Vec<EpochEvent>, ChainError> {
        let _ = (issuer, from, limit);
        Err(ChainError::NotSupported("epochs"))
    }

    /// Raw proof of a head at the trusted block, for stapling.
    ///
    /// # Errors
    /// [`ChainError`] when the chain cannot be asked; nothing in the bundle is checked here beyond
    /// that the nodes agree about the block.
    async fn head_proof(&self, head: HeadOf<'_>) -> Result<StorageProofBundle, ChainError> {
        let _ = head;
        Err(ChainError::NotSupported("storage proofs"))
    }

    /// Hash of the block `number` on the trusted chain, none when it is not there yet: how a
    /// stapled header is recognised.
    ///
    /// # Errors
    /// [`ChainError`] when the chain cannot be asked or its nodes disagree.
    async fn block_hash(&self, number: u64) -> Result<Option<[u8; 32]>, ChainError> {
        let _ = number;
        Err(ChainError::NotSupported("block hashes"))
    }
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

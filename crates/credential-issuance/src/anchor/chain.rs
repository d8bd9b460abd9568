//! What anchoring asks of a chain, and our EVM chain as the answer.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chain_anchors::{StapledProof, WitnessSignature};
use chain_proofs::{BlockHeader, WitnessStatement};
use evm_chain::{
    ChainError, ChainReader, ChainWriteError, ChainWriter, DidHead, EpochRecord, HeadOf, KeyChange,
    KeyState, KeyStatus, ReadChain, StatusHead,
};

/// Why the chain did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnchorChainError {
    /// It could not be asked, or has not answered in time: try again later, nothing is lost.
    #[error("the chain cannot be reached or has not answered in time")]
    Unavailable {
        /// The chain client's code.
        code: &'static str,
    },
    /// Somebody else changed the entry: read the head again.
    #[error("the chain holds another version or epoch than expected")]
    Conflict,
    /// It refused for good: wrong account, wrong contract, no funds.
    #[error("the chain refused: {reason}")]
    Refused {
        /// The chain client's code.
        code: &'static str,
        /// For the operator.
        reason: String,
    },
}

impl AnchorChainError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unavailable { code } | Self::Refused { code, .. } => code,
            Self::Conflict => "chain_version_conflict",
        }
    }
}

impl AnchorChainError {
    fn not_supported(what: &str) -> Self {
        let reason = format!("this chain cannot do that: {what}");
        Self::Refused { code: "chain_not_supported", reason }
    }
}

impl From<ChainError> for AnchorChainError {
    fn from(error: ChainError) -> Self {
        let code = error.code();
        match error {
            ChainError::Settings(_)
            | ChainError::WrongChain { .. }
            | ChainError::ContractMissing(_)
            | ChainError::ContractCodeMismatch(_) => {
                Self::Refused { code, reason: error.to_string() }
            }
            _ => Self::Unavailable { code },
        }
    }
}

impl From<ChainWriteError> for AnchorChainError {
    fn from(error: ChainWriteError) -> Self {
        let code = error.code();
        match error {
            ChainWriteError::Chain(inner) => inner.into(),
            ChainWriteError::VersionConflict => Self::Conflict,
            // Another replica writes, or the operators stopped writes: both pass.
            ChainWriteError::NotMinedInTime
            | ChainWriteError::Outbox(_)
            | ChainWriteError::WriterElsewhere(_)
            | ChainWriteError::Paused => Self::Unavailable { code },
            _ => Self::Refused { code, reason: error.to_string() },
        }
    }
}

/// A chain that DID documents and epochs are anchored on. Writing the same thing again is harmless:
/// versions and epochs are compare-and-set.
#[async_trait]
pub trait AnchorChain: Send + Sync {
    /// The newest anchored version of a DID document.
    async fn did_head(&self, did: &str) -> Result<Option<DidHead>, AnchorChainError>;
    /// Anchors the next version; `expected` is the version on the chain (0: none). Answers the transaction.
    async fn publish_did(
        &self,
        did: &str,
        document: &[u8],
        expected: u64,
    ) -> Result<String, AnchorChainError>;
    /// The newest epoch of an issuer.
    async fn status_head(&self, issuer: &str) -> Result<Option<StatusHead>, AnchorChainError>;
    /// Anchors an epoch and waits for it a while. Answers the transaction.
    async fn anchor_epoch(
        &self,
        issuer: &str,
        epoch: &EpochRecord,
    ) -> Result<String, AnchorChainError>;
    /// Sends again what is on its way; called before anything new, also after a restart.
    async fn drive(&self) -> Result<(), AnchorChainError>;
    /// Whether the configured chain and contracts are the right ones.
    async fn check(&self) -> Result<(), AnchorChainError>;

    /// The states of the keys of a DID that ever had one stated.
    async fn key_states(&self, did: &str) -> Result<Vec<KeyState>, AnchorChainError> {
        let _ = did;
        Err(AnchorChainError::not_supported("it keeps no states of keys"))
    }

    /// States that a key (its whole verification method id) is retired or compromised since
    /// `since`, Unix seconds. Answers the transaction.
    async fn state_key(
        &self,
        did: &str,
        method: &str,
        status: KeyStatus,
        since: i64,
    ) -> Result<String, AnchorChainError> {
        let _ = (did, method, status, since);
        Err(AnchorChainError::not_supported("it keeps no states of keys"))
    }

    /// A proof of a head that can be checked without asking the chain, with whoever stands for its
    /// block.
    async fn prove(&self, head: HeadOf<'_>) -> Result<StapledProof, AnchorChainError> {
        let _ = head;
        Err(AnchorChainError::not_supported("it gives no storage proofs"))
    }
}

/// Those who watch the chain on their own and sign what they saw. Not needed where validators seal
/// blocks (QBFT).
#[async_trait]
pub trait BlockWitnesses: Send + Sync {
    /// Signatures of those who have this block, too; whoever cannot be asked is left out.
    async fn sign(&self, statement: WitnessStatement) -> Vec<WitnessSignature>;
}

/// Our contracts on an EVM chain.
pub struct EvmAnchors {
    reader: ChainReader,
    writer: ChainWriter,
    patience: Duration,
    witnesses: Option<Arc<dyn BlockWitnesses>>,
}

impl EvmAnchors {
    /// A chain read by `reader` and written by `writer`; `patience` is how long one call waits for
    /// a transaction to be mined (it stays in the outbox after that).
    pub fn new(reader: ChainReader, writer: ChainWriter, patience: Duration) -> Self {
        Self { reader, writer, patience, witnesses: None }
    }

    /// Lets these witnesses sign for the blocks of proofs.
    #[must_use]
    pub fn with_witnesses(mut self, witnesses: Arc<dyn BlockWitnesses>) -> Self {
        self.witnesses = Some(witnesses);
        self
    }
}

#[async_trait]
impl AnchorChain for EvmAnchors {
    async fn did_head(&self, did: &str) -> Result<Option<DidHead>, AnchorChainError> {
        Ok(self.reader.did_head(did).await?)
    }

    async fn publish_did(
        &self,
        did: &str,
        document: &[u8],
        expected: u64,
    ) -> Result<String, AnchorChainError> {
        let sent = self.writer.publish_did(did, document, expected).await?;
        self.writer.wait(&sent, self.patience).await?;
        Ok(hex::encode(sent.hash))
    }

    async fn status_head(&self, issuer: &str) -> Result<Option<StatusHead>, AnchorChainError> {
        Ok(self.reader.status_head(issuer).await?)
    }

    async fn anchor_epoch(
        &self,
        issuer: &str,
        epoch: &EpochRecord,
    ) -> Result<String, AnchorChainError> {
        let sent = self.writer.anchor_epoch(issuer, epoch).await?;
        self.writer.wait(&sent, self.patience).await?;
        Ok(hex::encode(sent.hash))
    }

    async fn drive(&self) -> Result<(), AnchorChainError> {
        let progress = self.writer.drive().await?;
        if !progress.failed.is_empty() {
            tracing::error!(failed = ?progress.failed, "chain transactions failed");
        }
        Ok(())
    }

    async fn check(&self) -> Result<(), AnchorChainError> {
        Ok(self.reader.check().await?)
    }

    async fn key_states(&self, did: &str) -> Result<Vec<KeyState>, AnchorChainError> {
        Ok(self.reader.key_states(did).await?)
    }

    async fn state_key(
        &self,
        did: &str,
        method: &str,
        status: KeyStatus,
        since: i64,
    ) -> Result<String, AnchorChainError> {
        let change = KeyChange { status, since };
        let sent = self.writer.publish_key_state(did, method, change).await?;
        self.writer.wait(&sent, self.patience).await?;
        Ok(hex::encode(sent.hash))
    }

    async fn prove(&self, head: HeadOf<'_>) -> Result<StapledProof, AnchorChainError> {
        let proof = self.reader.head_proof(head).await?;
        let mut witnesses = Vec::new();
        if let Some(watching) = &self.witnesses {
            let header = BlockHeader::parse(&proof.header_rlp)
                .map_err(|error| AnchorChainError::Unavailable { code: error.code() })?;
            let statement = WitnessStatement {
                chain_id: proof.chain_id,
                number: header.number,
                hash: header.hash(),
            };
            witnesses = watching.sign(statement).await;
        }
        Ok(StapledProof { proof, witnesses })
    }
}

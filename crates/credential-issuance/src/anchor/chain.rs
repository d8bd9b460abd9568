//! What anchoring asks of a chain, and our EVM chain as the answer.

use std::time::Duration;

use async_trait::async_trait;
use evm_chain::{
    ChainError, ChainReader, ChainWriteError, ChainWriter, DidHead, EpochRecord, ReadChain,
    StatusHead,
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
            ChainWriteError::NotMinedInTime | ChainWriteError::Outbox(_) => {
                Self::Unavailable { code }
            }
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
}

/// Our contracts on an EVM chain.
pub struct EvmAnchors {
    reader: ChainReader,
    writer: ChainWriter,
    patience: Duration,
}

impl EvmAnchors {
    /// A chain read by `reader` and written by `writer`; `patience` is how long one call waits for
    /// a transaction to be mined (it stays in the outbox after that).
    pub fn new(reader: ChainReader, writer: ChainWriter, patience: Duration) -> Self {
        Self { reader, writer, patience }
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
}

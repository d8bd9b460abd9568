//! A chain whose newest block must not be too old: a frozen node knows no news.
use std::sync::Arc;

use async_trait::async_trait;
use credential_model::ambient::Clock;
use evm_chain::{
    AccreditationChain, AccreditationRecord, ChainError, DidHead, DirectoryState, EpochEvent,
    HeadOf, KeyState, KeyStatement, ReadChain, StatusHead, StorageProofBundle, Tip,
};

/// Answers as the chain within, as long as its trusted block is young enough.
pub struct FreshChain {
    chain: Arc<dyn ReadChain>,
    clock: Arc<dyn Clock>,
    max_age_seconds: i64,
}

impl FreshChain {
    /// Around a chain.
    pub fn new(chain: Arc<dyn ReadChain>, clock: Arc<dyn Clock>, max_age_seconds: i64) -> Self {
        FreshChain { chain, clock, max_age_seconds }
    }

    async fn must_be_fresh(&self) -> Result<(), ChainError> {
        let age = self.clock.now().unix().saturating_sub(self.chain.tip().await?.time);
        if age > self.max_age_seconds {
            return Err(ChainError::Unreachable(format!("its trusted block is {age} s old")));
        }
        Ok(())
    }
}

#[async_trait]
impl ReadChain for FreshChain {
    async fn did_head(&self, did: &str) -> Result<Option<DidHead>, ChainError> {
        self.must_be_fresh().await?;
        self.chain.did_head(did).await
    }

    async fn did_document(&self, did: &str, version: u64) -> Result<Vec<u8>, ChainError> {
        // Checked against the digest of a head that was fresh.
        self.chain.did_document(did, version).await
    }

    async fn status_head(&self, issuer: &str) -> Result<Option<StatusHead>, ChainError> {
        self.must_be_fresh().await?;
        self.chain.status_head(issuer).await
    }

    async fn tip(&self) -> Result<Tip, ChainError> {
        self.chain.tip().await
    }

    async fn check(&self) -> Result<(), ChainError> {
        self.chain.check().await
    }

    async fn key_states(&self, did: &str) -> Result<Vec<KeyState>, ChainError> {
        self.must_be_fresh().await?;
        self.chain.key_states(did).await
    }

    async fn key_history(
        &self,
        did: &str,
        key: &[u8; 32],
    ) -> Result<Vec<KeyStatement>, ChainError> {
        self.must_be_fresh().await?;
        self.chain.key_history(did, key).await
    }

    async fn accreditations(&self, subject: &str) -> Result<Vec<AccreditationChain>, ChainError> {
        self.must_be_fresh().await?;
        self.chain.accreditations(subject).await
    }

    async fn accreditation_statement(
        &self,
        record: &AccreditationRecord,
    ) -> Result<Vec<u8>, ChainError> {
        // Checked against the digest in a record that was fresh.
        self.chain.accreditation_statement(record).await
    }

    async fn directory(&self) -> Result<DirectoryState, ChainError> {
        self.must_be_fresh().await?;
        self.chain.directory().await
    }

    async fn epochs(
        &self,
        issuer: &str,
        from: u64,
        limit: usize,
    ) -> Result<Vec<EpochEvent>, ChainError> {
        self.must_be_fresh().await?;
        self.chain.epochs(issuer, from, limit).await
    }

    async fn head_proof(&self, head: HeadOf<'_>) -> Result<StorageProofBundle, ChainError> {
        self.must_be_fresh().await?;
        self.chain.head_proof(head).await
    }

    async fn block_hash(&self, number: u64) -> Result<Option<[u8; 32]>, ChainError> {
        self.must_be_fresh().await?;
        self.chain.block_hash(number).await
    }
}

#[cfg(test)]
mod tests {
    use credential_model::{ambient::FixedClock, moment::Moment};

    use super::*;

    /// Knows nothing, and its last block is of second 1,000.
    struct Frozen;

    #[async_trait]
    impl ReadChain for Frozen {
        async fn did_head(&self, _: &str) -> Result<Option<DidHead>, ChainError> {
            Ok(None)
        }
        async fn did_document(&self, _: &str, version: u64) -> Result<Vec<u8>, ChainError> {
            Err(ChainError::VersionNotFound { version })
        }
        async fn status_head(&self, _: &str) -> Result<Option<StatusHead>, ChainError> {
            Ok(None)
        }
        async fn tip(&self) -> Result<Tip, ChainError> {
            Ok(Tip { number: 1, time: 1_000 })
        }
        async fn check(&self) -> Result<(), ChainError> {
            Ok(())
        }
        async fn key_states(&self, _: &str) -> Result<Vec<KeyState>, ChainError> {
            Ok(Vec::new())
        }
        async fn accreditations(&self, _: &str) -> Result<Vec<AccreditationChain>, ChainError> {
            Ok(Vec::new())
        }
        async fn block_hash(&self, _: u64) -> Result<Option<[u8; 32]>, ChainError> {
            Ok(Some([1; 32]))
        }
    }

    #[tokio::test]
    async fn newer_questions_are_passed_on_while_the_node_is_fresh() {
        let clock = Arc::new(FixedClock::new(Moment::from_unix(1_600)));
        let chain = FreshChain::new(Arc::new(Frozen), clock.clone(), 600);
        assert_eq!(chain.key_states("did:web:a.example").await, Ok(Vec::new()));
        assert_eq!(chain.accreditations("did:web:a.example").await, Ok(Vec::new()));
        assert_eq!(chain.block_hash(1).await, Ok(Some([1; 32])));
        clock.advance(1);
        assert!(chain.key_states("did:web:a.example").await.is_err());
        assert!(chain.accreditations("did:web:a.example").await.is_err());
        assert!(chain.block_hash(1).await.is_err());
    }

    #[tokio::test]
    async fn a_frozen_node_is_no_answer() {
        let clock = Arc::new(FixedClock::new(Moment::from_unix(1_600)));
        let chain = FreshChain::new(Arc::new(Frozen), clock.clone(), 600);
        assert_eq!(chain.did_head("did:web:a.example").await, Ok(None));
        assert_eq!(chain.status_head("did:web:a.example").await, Ok(None));
        clock.advance(1);
        let error = chain.did_head("did:web:a.example").await.unwrap_err();
        assert!(error.is_inconclusive());
        assert!(chain.status_head("did:web:a.example").await.is_err());
    }
}

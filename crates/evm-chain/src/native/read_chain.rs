//! The reader as everybody sees it: each question put to enough nodes.

use async_trait::async_trait;

use super::{look::Wanted, node::at, reader::ChainReader};
use crate::{
    AccreditationChain, AccreditationRecord, ChainError, DidHead, DirectoryState, EpochEvent,
    HeadOf, KeyState, KeyStatement, ReadChain, StatusHead, StorageProofBundle, Tip,
};

#[async_trait]
impl ReadChain for ChainReader {
    async fn did_head(&self, did: &str) -> Result<Option<DidHead>, ChainError> {
        let did = did.to_owned();
        self.ask("a DID", move |look| {
            let did = did.clone();
            async move { look.did_head(&did).await }
        })
        .await
    }

    async fn did_document(&self, did: &str, version: u64) -> Result<Vec<u8>, ChainError> {
        let did = did.to_owned();
        self.ask("a DID document", move |look| {
            let did = did.clone();
            async move { look.did_document(&did, version).await }
        })
        .await
    }

    async fn status_head(&self, issuer: &str) -> Result<Option<StatusHead>, ChainError> {
        let issuer = issuer.to_owned();
        self.ask("an epoch", move |look| {
            let issuer = issuer.clone();
            async move { look.status_head(&issuer).await }
        })
        .await
    }

    async fn tip(&self) -> Result<Tip, ChainError> {
        let (block, _) = self.common().await?;
        Ok(Tip { number: block.number(), time: block.time()? })
    }

    async fn check(&self) -> Result<(), ChainError> {
        self.check_all().await
    }

    async fn key_states(&self, did: &str) -> Result<Vec<KeyState>, ChainError> {
        let did = did.to_owned();
        self.ask("states of keys", move |look| {
            let did = did.clone();
            async move { look.key_states(&did).await }
        })
        .await
    }

    async fn key_history(
        &self,
        did: &str,
        key: &[u8; 32],
    ) -> Result<Vec<KeyStatement>, ChainError> {
        let (did, key) = (did.to_owned(), *key);
        self.ask("the history of a key", move |look| {
            let did = did.clone();
            async move { look.key_history(&did, &key).await }
        })
        .await
    }

    async fn accreditations(&self, subject: &str) -> Result<Vec<AccreditationChain>, ChainError> {
        let subject = subject.to_owned();
        self.ask("accreditations", move |look| {
            let subject = subject.clone();
            async move { look.accreditations(&subject).await }
        })
        .await
    }

    async fn accreditation_statement(
        &self,
        record: &AccreditationRecord,
    ) -> Result<Vec<u8>, ChainError> {
        let record = record.clone();
        self.ask("a written accreditation", move |look| {
            let record = record.clone();
            async move { look.accreditation_statement(&record).await }
        })
        .await
    }

    async fn directory(&self) -> Result<DirectoryState, ChainError> {
        self.ask("the directory", |look| async move { look.directory().await }).await
    }

    async fn epochs(
        &self,
        issuer: &str,
        from: u64,
        limit: usize,
    ) -> Result<Vec<EpochEvent>, ChainError> {
        let issuer = issuer.to_owned();
        self.ask("epochs", move |look| {
            let issuer = issuer.clone();
            async move { look.epochs(&issuer, from, limit).await }
        })
        .await
    }

    async fn head_proof(&self, head: HeadOf<'_>) -> Result<StorageProofBundle, ChainError> {
        let wanted = Wanted::from(&head, self.settings())?;
        // One node's proof is enough: it stands or falls with the block, about which they agree.
        // Comparing would even fail on QBFT, where each node keeps its own set of commit seals.
        self.first(|look| {
            let wanted = wanted.clone();
            async move { look.head_proof(&wanted).await }
        })
        .await
    }

    async fn block_hash(&self, number: u64) -> Result<Option<[u8; 32]>, ChainError> {
        self.ask("a block", move |look| async move {
            if number > look.block.number() {
                return Ok(None);
            }
            Ok(look.hash_of(number).await?.map(|hash| hash.0))
        })
        .await
    }
}

impl super::look::Look {
    async fn hash_of(&self, number: u64) -> Result<Option<alloy::primitives::B256>, ChainError> {
        Ok(self.node().block(&at(number)).await?.map(|block| block.hash))
    }
}

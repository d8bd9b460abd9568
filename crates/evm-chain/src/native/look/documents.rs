//! DID documents.

use alloy::{
    primitives::{B256, U256},
    sol_types::SolEvent,
};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    super::{
        bindings::DidDocumentRegistry as Did,
        node::did_key,
        reader::{account, ours},
    },
    Look, WALK_LIMIT, bad, decode,
};
use crate::{ChainError, DidHead, DidStatus};

impl Look {
    async fn raw_did_head(&self, did: &str) -> Result<Option<Did::Head>, ChainError> {
        let call = Did::headOfCall { didKey: did_key(did) };
        let head = self.call(self.settings.did_registry, &call).await?;
        Ok((head.version != 0).then_some(head))
    }

    pub(in super::super) async fn did_head(
        &self,
        did: &str,
    ) -> Result<Option<DidHead>, ChainError> {
        let Some(head) = self.raw_did_head(did).await? else {
            return Ok(None);
        };
        let status = match head.status {
            1 => DidStatus::Active,
            2 => DidStatus::Deactivated,
            _ => return Err(bad("the status of a DID")),
        };
        Ok(Some(DidHead {
            version: head.version.into(),
            status,
            digest: head.digest.0,
            controller: ours(head.controller),
            block_time: head.changedAt.to(),
        }))
    }

    pub(in super::super) async fn did_document(
        &self,
        did: &str,
        version: u64,
    ) -> Result<Vec<u8>, ChainError> {
        let head = self.raw_did_head(did).await?;
        let head = head.ok_or(ChainError::VersionNotFound { version })?;
        let newest = u64::from(head.version);
        if version == 0 || version > newest {
            return Err(ChainError::VersionNotFound { version });
        }
        let key = did_key(did);
        // Block 0 in the head means that the number did not fit: search them all.
        let (from, to) = match u64::from(head.changedIn) {
            0 => (0, self.block.number()),
            number => (number, number),
        };
        let event = if version == newest {
            let event = self.did_event(key, version, from, to).await?;
            if event.digest != head.digest {
                return Err(ChainError::DigestMismatch);
            }
            event
        } else {
            self.older_event(key, version, newest, to).await?
        };
        if event.document.is_empty() {
            return Err(ChainError::DocumentNotPublished { version });
        }
        if Sha256::digest(&event.document)[..] != event.digest[..] {
            return Err(ChainError::DigestMismatch);
        }
        Ok(event.document.to_vec())
    }

    async fn did_event(
        &self,
        key: B256,
        version: u64,
        from: u64,
        to: u64,
    ) -> Result<Did::DidDocumentChanged, ChainError> {
        let registry = account(self.settings.did_registry);
        let number = B256::from(U256::from(version));
        let topics = json!([Did::DidDocumentChanged::SIGNATURE_HASH, key, number]);
        let mut logs = self.node().logs(registry, topics, from, to).await?.into_iter();
        let (Some(log), None) = (logs.next(), logs.next()) else {
            return Err(ChainError::EventWithheld { version });
        };
        let event: Did::DidDocumentChanged = decode(log)?;
        if event.didKey != key || event.version != U256::from(version) {
            return Err(bad("an event of something else"));
        }
        Ok(event)
    }

    /// Finds a version older than the newest: in one range search, or, where the node limits
    /// ranges, by walking the events backwards, each of which names the block of the one before.
    async fn older_event(
        &self,
        key: B256,
        version: u64,
        newest: u64,
        changed_in: u64,
    ) -> Result<Did::DidDocumentChanged, ChainError> {
        match self.did_event(key, version, 0, changed_in).await {
            Err(ChainError::Rpc { .. }) if newest - version <= WALK_LIMIT => {}
            other => return other,
        }
        let mut block = changed_in;
        for current in (version..=newest).rev() {
            let event = self.did_event(key, current, block, block).await?;
            if current == version {
                return Ok(event);
            }
            block = event.previousBlock.saturating_to();
        }
        Err(ChainError::EventWithheld { version })
    }
}

//! Reading with distrust: every node is asked about the same block, and all must answer alike.

use alloy::{
    primitives::{Address as Account, B256, Bytes, U256},
    sol_types::{SolCall, SolEvent},
};
use async_trait::async_trait;
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;

use super::{
    bindings::{DidDocumentRegistry as Did, StatusRegistry as Status, is_code_of},
    node::{BlockInfo, CallOutcome, Log, Node, at, did_key, tag},
    transport::NodeLimits,
};
use crate::{
    Address, ChainError, ChainSettings, DidHead, DidStatus, ReadChain, StatusHead, Tip,
    artifacts::{DID_DOCUMENT_REGISTRY, STATUS_REGISTRY},
};

/// Events walked backwards, at most, when a node refuses to search a range of blocks.
const WALK_LIMIT: u64 = 512;

/// Reads the registries over JSON-RPC, trusting no node more than it must.
///
/// With several endpoints every read is made at the newest block all of them have, its hash is
/// compared, and so is every answer: a difference is [`ChainError::Disagreement`]. Chain id and
/// contract code are checked once before the first read.
#[derive(Debug)]
pub struct ChainReader {
    settings: ChainSettings,
    nodes: Vec<Node>,
    checked: OnceCell<()>,
}

impl ChainReader {
    /// A reader over every endpoint of `settings`; nothing is asked yet.
    ///
    /// # Errors
    /// [`ChainError::Settings`] when there is no endpoint or one is not http(s).
    pub fn new(settings: ChainSettings) -> Result<Self, ChainError> {
        Self::with_limits(settings, NodeLimits::default())
    }

    /// As [`ChainReader::new`], with other limits.
    ///
    /// # Errors
    /// As [`ChainReader::new`].
    pub fn with_limits(settings: ChainSettings, limits: NodeLimits) -> Result<Self, ChainError> {
        if settings.rpc_urls.is_empty() {
            return Err(ChainError::Settings("no RPC URL".to_owned()));
        }
        let nodes: Result<_, _> =
            settings.rpc_urls.iter().map(|url| Node::new(url, limits)).collect();
        Ok(Self { settings, nodes: nodes?, checked: OnceCell::new() })
    }

    /// The settings it was made from.
    pub fn settings(&self) -> &ChainSettings {
        &self.settings
    }

    /// The newest trusted block every node has, the same on all of them.
    async fn common_block(&self) -> Result<BlockInfo, ChainError> {
        let mut lowest: Option<BlockInfo> = None;
        for node in &self.nodes {
            let block = node.block(tag(self.settings.trusted_block)).await?;
            let block =
                block.ok_or_else(|| ChainError::BadAnswer("no trusted block".to_owned()))?;
            if lowest.as_ref().is_none_or(|lowest| block.number() < lowest.number()) {
                lowest = Some(block);
            }
        }
        let lowest = lowest.ok_or_else(|| ChainError::Settings("no RPC URL".to_owned()))?;
        if self.nodes.len() > 1 {
            for node in &self.nodes {
                if node.block(&at(lowest.number())).await?.map(|block| block.hash)
                    != Some(lowest.hash)
                {
                    return Err(ChainError::Disagreement(format!("block {}", lowest.number())));
                }
            }
        }
        Ok(lowest)
    }

    /// The block to read at, after the one-time check.
    async fn view(&self) -> Result<BlockInfo, ChainError> {
        self.checked.get_or_try_init(|| self.check()).await?;
        self.common_block().await
    }

    async fn call<C: SolCall>(
        &self,
        to: Address,
        call: &C,
        block: u64,
    ) -> Result<C::Return, ChainError> {
        if to.is_zero() {
            return Err(ChainError::Settings("no registry address".to_owned()));
        }
        let mut agreed: Option<Bytes> = None;
        for node in &self.nodes {
            let outcome =
                node.call(None, Some(account(to)), &call.abi_encode(), &at(block)).await?;
            let CallOutcome::Returned(answer) = outcome else {
                return Err(ChainError::BadAnswer("a read reverted".to_owned()));
            };
            match &agreed {
                Some(agreed) if *agreed != answer => {
                    return Err(ChainError::Disagreement("a registry entry".to_owned()));
                }
                _ => agreed = Some(answer),
            }
        }
        let answer = agreed.unwrap_or_default();
        if answer.is_empty() {
            return Err(ChainError::ContractMissing(to));
        }
        C::abi_decode_returns(&answer).map_err(|error| ChainError::BadAnswer(error.to_string()))
    }

    async fn raw_did_head(&self, did: &str, block: u64) -> Result<Option<Did::Head>, ChainError> {
        let call = Did::headOfCall { didKey: did_key(did) };
        let head = self.call(self.settings.did_registry, &call, block).await?;
        Ok((head.version != 0).then_some(head))
    }

    /// The event of one version, when all nodes show the same one.
    async fn did_event(
        &self,
        key: B256,
        version: u64,
        from: u64,
        to: u64,
    ) -> Result<Did::DidDocumentChanged, ChainError> {
        let registry = account(self.settings.did_registry);
        let topics =
            [Did::DidDocumentChanged::SIGNATURE_HASH, key, B256::from(U256::from(version))];
        let mut agreed: Option<Log> = None;
        for node in &self.nodes {
            let logs = node.logs(registry, topics, from, to).await?;
            let mut fitting =
                logs.into_iter().filter(|log| log.address == registry && log.is_live());
            let (Some(log), None) = (fitting.next(), fitting.next()) else {
                return Err(ChainError::EventWithheld { version });
            };
            match &agreed {
                Some(agreed) if *agreed != log => {
                    return Err(ChainError::Disagreement("an event".to_owned()));
                }
                _ => agreed = Some(log),
            }
        }
        let log = agreed.ok_or(ChainError::EventWithheld { version })?;
        let event = Did::DidDocumentChanged::decode_log_data(&log.into_data())
            .map_err(|error| ChainError::BadAnswer(error.to_string()))?;
        if event.didKey != key || event.version != U256::from(version) {
            return Err(ChainError::BadAnswer("an event of something else".to_owned()));
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

#[async_trait]
impl ReadChain for ChainReader {
    async fn did_head(&self, did: &str) -> Result<Option<DidHead>, ChainError> {
        let block = self.view().await?;
        let Some(head) = self.raw_did_head(did, block.number()).await? else {
            return Ok(None);
        };
        let status = match head.status {
            1 => DidStatus::Active,
            2 => DidStatus::Deactivated,
            other => return Err(ChainError::BadAnswer(format!("DID status {other}"))),
        };
        Ok(Some(DidHead {
            version: head.version.into(),
            status,
            digest: head.digest.0,
            controller: ours(head.controller),
            block_time: head.changedAt.to(),
        }))
    }

    async fn did_document(&self, did: &str, version: u64) -> Result<Vec<u8>, ChainError> {
        let block = self.view().await?;
        let head = self.raw_did_head(did, block.number()).await?;
        let head = head.ok_or(ChainError::VersionNotFound { version })?;
        let newest = u64::from(head.version);
        if version == 0 || version > newest {
            return Err(ChainError::VersionNotFound { version });
        }
        let key = did_key(did);
        // Block 0 in the head means that the number did not fit: search them all.
        let (from, to) = match u64::from(head.changedIn) {
            0 => (0, block.number()),
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

    async fn status_head(&self, issuer: &str) -> Result<Option<StatusHead>, ChainError> {
        let block = self.view().await?;
        let call = Status::headOfCall { issuerKey: did_key(issuer) };
        let head = self.call(self.settings.status_registry, &call, block.number()).await?;
        Ok((!head.epoch.is_zero()).then(|| StatusHead {
            status_root: head.statusRoot.0,
            issuance_root: head.issuanceRoot.0,
            epoch: head.epoch.to(),
            time: head.time.to(),
            valid_until: head.validUntil.to(),
            count: head.count,
        }))
    }

    async fn tip(&self) -> Result<Tip, ChainError> {
        let block = self.view().await?;
        Ok(Tip { number: block.number(), time: block.time()? })
    }

    async fn check(&self) -> Result<(), ChainError> {
        for node in &self.nodes {
            let found = node.chain_id().await?;
            if found != self.settings.chain_id {
                return Err(ChainError::WrongChain { expected: self.settings.chain_id, found });
            }
        }
        let block = at(self.common_block().await?.number());
        let mut registry_word = [0; 32];
        registry_word[12..].copy_from_slice(self.settings.did_registry.as_bytes());
        let contracts = [
            (self.settings.did_registry, DID_DOCUMENT_REGISTRY),
            (self.settings.status_registry, STATUS_REGISTRY),
        ];
        for (address, artifact) in contracts {
            // A registry that is not configured is not checked; reading from it is refused.
            if address.is_zero() {
                continue;
            }
            for node in &self.nodes {
                let code = node.code(account(address), &block).await?;
                if code.is_empty() {
                    return Err(ChainError::ContractMissing(address));
                }
                if !is_code_of(&artifact, &code, registry_word)? {
                    return Err(ChainError::ContractCodeMismatch(address));
                }
            }
        }
        Ok(())
    }
}

pub(super) fn account(address: Address) -> Account {
    Account::from(*address.as_bytes())
}

pub(super) fn ours(account: Account) -> Address {
    Address::from_bytes(account.into_array())
}

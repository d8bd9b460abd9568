//! Writing: one writer per chain account, every transaction recorded before it is sent.

use std::{sync::Arc, time::Duration};

use alloy::{
    primitives::{
        B256, Bytes, U256,
        aliases::{U40, U48},
    },
    sol_types::SolCall,
};
use tokio::sync::Mutex;

use super::{
    bindings::{DidDocumentRegistry as Did, StatusRegistry as Status},
    fees::{FeePolicy, Fees},
    node::{BlockInfo, Node, did_key},
    reader::account,
    refusal::rehearse,
    sign::{Draft, sign},
    transport::NodeLimits,
};
use crate::{
    Address, ChainError, ChainSettings, EpochRecord, LeaseOutcome, Outbox, OutboxError, OutboxRow,
    OutboxState, TransactionSigner, WriterLease,
};

/// Bytes of a document or delta that one event may carry.
pub const EVENT_BYTES_LIMIT: usize = 16 * 1024;

/// Gas a byte in an event may cost: EIP-7623 calldata floor (40) and log data (8), with a margin.
pub(super) const GAS_PER_BYTE: u64 = 60;

/// Why a write was refused or could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainWriteError {
    /// The chain could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The outbox could not be read or written; unless the transaction was recorded before,
    /// nothing was sent.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The key store did not sign; nothing was sent.
    #[error("signing failed: {0}")]
    Signing(String),
    /// Somebody else changed the entry first: read the head and decide anew.
    #[error("the chain holds another version or epoch than expected")]
    VersionConflict,
    /// The entry belongs to another account.
    #[error("this account does not control the entry")]
    NotController,
    /// The DID is deactivated for good.
    #[error("the DID is deactivated")]
    Deactivated,
    /// Another process is this account's writer now; it will do what is recorded.
    #[error("another process writes for this account: {0}")]
    WriterElsewhere(String),
    /// Writes are stopped by the directory.
    #[error("writes to the registries are stopped by the directory")]
    Paused,
    /// The contract refused for another reason.
    #[error("the contract refused: {0}")]
    Refused(String),
    /// The document or delta is larger than the limit.
    #[error("{size} bytes are too many for one event (limit {limit})")]
    TooLarge {
        /// Bytes given.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The account cannot pay for gas.
    #[error("account {0} cannot pay for gas")]
    InsufficientFunds(Address),
    /// Not in a trusted block within the time given; the outbox keeps trying.
    #[error("not mined in time; it stays in the outbox")]
    NotMinedInTime,
    /// It was mined and failed, or its nonce was used by something else.
    #[error("the transaction failed: {0}")]
    TransactionFailed(String),
}

impl ChainWriteError {
    /// Stable code for reports and answers.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Chain(inner) => inner.code(),
            Self::Outbox(_) => "chain_outbox",
            Self::Signing(_) => "chain_signing",
            Self::VersionConflict => "chain_version_conflict",
            Self::NotController => "chain_not_controller",
            Self::Deactivated => "chain_did_deactivated",
            Self::WriterElsewhere(_) => "chain_writer_elsewhere",
            Self::Paused => "chain_writes_paused",
            Self::Refused(_) => "chain_contract_refused",
            Self::TooLarge { .. } => "chain_event_too_large",
            Self::InsufficientFunds(_) => "chain_insufficient_funds",
            Self::NotMinedInTime => "chain_not_mined_in_time",
            Self::TransactionFailed(_) => "chain_transaction_failed",
        }
    }
}

/// A recorded transaction, on its way or already mined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentTx {
    /// The account's nonce: with it the outbox row is found again, also after a fee bump.
    pub nonce: u64,
    /// Hash of the bytes signed last.
    pub hash: [u8; 32],
    /// See [`OutboxRow::purpose`].
    pub purpose: String,
}

/// What one round of [`ChainWriter::drive`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows that became mined, by purpose.
    pub mined: Vec<String>,
    /// Rows that failed for good, by purpose.
    pub failed: Vec<String>,
    /// Rows sent again as they are.
    pub rebroadcast: usize,
    /// Rows replaced with a higher fee.
    pub replaced: usize,
    /// Rows still on their way.
    pub pending: usize,
}

/// The one writer of a chain account.
///
/// Its promise rests on being the only one: within a process it takes turns by itself, and among
/// processes the outbox's lease decides ([`ChainWriter::with_holder`]). Repeating a call with the same arguments is safe: the row
/// recorded for it is found by its purpose and no second transaction is made.
pub struct ChainWriter {
    pub(super) settings: ChainSettings,
    pub(super) signer: Arc<dyn TransactionSigner>,
    pub(super) outbox: Arc<dyn Outbox>,
    pub(super) policy: FeePolicy,
    pub(super) nodes: Vec<Node>,
    pub(super) turn: Mutex<()>,
    holder: String,
}

/// How long a writer's claim holds. It is renewed at every write and every drive; long enough for
/// the slowest round of requests, short enough that a crash is taken over in a minute.
const LEASE_SECONDS: u32 = 60;

impl ChainWriter {
    /// A writer for the account of `signer`; call [`ChainWriter::drive`] at start to reconcile.
    ///
    /// # Errors
    /// [`ChainError::Settings`] when there is no endpoint or one is not http(s).
    pub fn new(
        settings: ChainSettings,
        signer: Arc<dyn TransactionSigner>,
        outbox: Arc<dyn Outbox>,
    ) -> Result<Self, ChainError> {
        if settings.rpc_urls.is_empty() {
            return Err(ChainError::Settings("no RPC URL".to_owned()));
        }
        let nodes: Result<_, _> =
            settings.rpc_urls.iter().map(|url| Node::new(url, NodeLimits::default())).collect();
        let policy = FeePolicy::default();
        Ok(Self {
            settings,
            signer,
            outbox,
            policy,
            nodes: nodes?,
            turn: Mutex::new(()),
            holder: "sole".to_owned(),
        })
    }

    /// The same writer with another fee policy.
    #[must_use]
    pub fn with_fees(mut self, policy: FeePolicy) -> Self {
        self.policy = policy;
        self
    }

    /// The same writer under the name by which the outbox tells replicas apart. Each process that
    /// shares an outbox needs a name of its own.
    #[must_use]
    pub fn with_holder(mut self, holder: impl Into<String>) -> Self {
        self.holder = holder.into();
        self
    }

    fn lease(&self) -> WriterLease {
        WriterLease {
            chain_id: self.settings.chain_id,
            sender: self.address(),
            holder: self.holder.clone(),
            seconds: LEASE_SECONDS,
        }
    }

    /// Claims or renews the right to write from this account.
    ///
    /// # Errors
    /// [`ChainWriteError::WriterElsewhere`] when another process has it.
    pub fn hold(&self) -> Result<(), ChainWriteError> {
        match self.outbox.lease(&self.lease())? {
            LeaseOutcome::Granted => Ok(()),
            LeaseOutcome::HeldBy(holder) => Err(ChainWriteError::WriterElsewhere(holder)),
        }
    }

    /// Gives the right to write back, at a clean stop.
    ///
    /// # Errors
    /// [`ChainWriteError::Outbox`] when the store cannot be asked.
    pub fn release(&self) -> Result<(), ChainWriteError> {
        Ok(self.outbox.release(&self.lease())?)
    }

    pub(super) fn record(&self, row: &OutboxRow) -> Result<(), OutboxError> {
        self.outbox.put_held(row, &self.lease())
    }

    /// The account it writes from.
    pub fn address(&self) -> Address {
        self.signer.address()
    }

    /// Anchors the next version of a DID document; the bytes (JCS) go into the event.
    /// `expected_version` is the version now on the chain, 0 when there is none.
    ///
    /// # Errors
    /// [`ChainWriteError`]. When it is returned, nothing was recorded, except for
    /// [`ChainWriteError::Outbox`], after which [`ChainWriter::drive`] finds what was.
    pub async fn publish_did(
        &self,
        did: &str,
        document: &[u8],
        expected_version: u64,
    ) -> Result<SentTx, ChainWriteError> {
        use sha2::{Digest, Sha256};
        let size = within_limit(document)?;
        let digest: [u8; 32] = Sha256::digest(document).into();
        let call = Did::publishCall {
            didKey: did_key(did),
            expectedVersion: U256::from(expected_version),
            digest: B256::from(digest),
            document: Bytes::copy_from_slice(document),
        };
        let purpose = format!("did:{did}:{}", expected_version.saturating_add(1));
        self.submit(purpose, self.did_registry()?, call.abi_encode(), 250_000 + GAS_PER_BYTE * size)
            .await
    }

    /// Switches a DID off for good; this counts as a version.
    ///
    /// # Errors
    /// As [`ChainWriter::publish_did`].
    pub async fn deactivate_did(
        &self,
        did: &str,
        expected_version: u64,
    ) -> Result<SentTx, ChainWriteError> {
        let call = Did::deactivateCall {
            didKey: did_key(did),
            expectedVersion: U256::from(expected_version),
        };
        let purpose = format!("did:{did}:{}", expected_version.saturating_add(1));
        self.submit(purpose, self.did_registry()?, call.abi_encode(), 150_000).await
    }

    /// Offers a DID's entry to another account, which takes it by
    /// [`ChainWriter::accept_did_controller`]. Until then nothing changes.
    ///
    /// # Errors
    /// As [`ChainWriter::publish_did`].
    pub async fn offer_did_controller(
        &self,
        did: &str,
        to: Address,
    ) -> Result<SentTx, ChainWriteError> {
        let call = Did::offerControllerCall { didKey: did_key(did), to: account(to) };
        let purpose = format!("controller:{did}:{to}");
        self.submit(purpose, self.did_registry()?, call.abi_encode(), 100_000).await
    }

    /// Takes over a DID's entry that was offered to this writer's account.
    ///
    /// # Errors
    /// As [`ChainWriter::publish_did`]; refused when it was not offered.
    pub async fn accept_did_controller(&self, did: &str) -> Result<SentTx, ChainWriteError> {
        let call = Did::acceptControllerCall { didKey: did_key(did) };
        let purpose = format!("accept-controller:{did}");
        self.submit(purpose, self.did_registry()?, call.abi_encode(), 100_000).await
    }

    /// Anchors an epoch. `record.epoch` is the chain's head plus one (compare-and-set).
    ///
    /// # Errors
    /// As [`ChainWriter::publish_did`].
    pub async fn anchor_epoch(
        &self,
        issuer: &str,
        record: &EpochRecord,
    ) -> Result<SentTx, ChainWriteError> {
        let size = within_limit(&record.delta)?;
        let too_big = || ChainWriteError::Refused("epoch or time out of range".to_owned());
        let call = Status::anchorCall {
            issuerKey: did_key(issuer),
            epoch: U48::try_from(record.epoch).map_err(|_| too_big())?,
            statusRoot: B256::from(record.status_root),
            issuanceRoot: B256::from(record.issuance_root),
            validUntil: u64::try_from(record.valid_until)
                .ok()
                .and_then(|time| U40::try_from(time).ok())
                .ok_or_else(too_big)?,
            count: record.count,
            delta: Bytes::copy_from_slice(&record.delta),
        };
        let registry = configured(self.settings.status_registry)?;
        let purpose = format!("epoch:{issuer}:{}", record.epoch);
        self.submit(purpose, Some(registry), call.abi_encode(), 250_000 + GAS_PER_BYTE * size).await
    }

    /// Drives until `sent` is in a trusted block.
    ///
    /// # Errors
    /// [`ChainWriteError::NotMinedInTime`] and [`ChainWriteError::TransactionFailed`]; a node that
    /// cannot be reached is waited for until the time is over.
    pub async fn wait(&self, sent: &SentTx, timeout: Duration) -> Result<(), ChainWriteError> {
        let mut trouble = None;
        let settled = tokio::time::timeout(timeout, async {
            let mut pause = Duration::from_millis(10);
            loop {
                trouble = self.drive().await.err();
                let rows = self.rows()?;
                match rows.iter().find(|row| row.nonce == sent.nonce).map(|row| &row.state) {
                    Some(OutboxState::Mined { .. }) => return Ok(()),
                    Some(OutboxState::Failed { reason }) => {
                        return Err(ChainWriteError::TransactionFailed(reason.clone()));
                    }
                    _ => {}
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(2));
            }
        })
        .await;
        settled.unwrap_or_else(|_| Err(trouble.unwrap_or(ChainWriteError::NotMinedInTime)))
    }

    pub(super) fn did_registry(&self) -> Result<Option<Address>, ChainError> {
        configured(self.settings.did_registry).map(Some)
    }

    /// This account's rows on this chain, by nonce.
    pub(super) fn rows(&self) -> Result<Vec<OutboxRow>, OutboxError> {
        let mut rows = self.outbox.load()?;
        rows.retain(|row| row.chain_id == self.settings.chain_id && row.sender == self.address());
        rows.sort_by_key(|row| row.nonce);
        Ok(rows)
    }

    /// The first node that answers and follows the right chain.
    pub(super) async fn node(&self) -> Result<&Node, ChainError> {
        let mut trouble = ChainError::Settings("no RPC URL".to_owned());
        for node in &self.nodes {
            match node.chain_id().await {
                Ok(found) if found == self.settings.chain_id => return Ok(node),
                Ok(found) => {
                    return Err(ChainError::WrongChain { expected: self.settings.chain_id, found });
                }
                Err(error) => trouble = error,
            }
        }
        Err(trouble)
    }

    pub(super) async fn fees(&self, node: &Node, latest: &BlockInfo) -> Result<Fees, ChainError> {
        let tip = match node.tip().await {
            Ok(tip) => tip,
            // Not every node suggests one.
            Err(ChainError::Rpc { .. }) => 1_000_000_000,
            Err(error) => return Err(error),
        };
        Ok(self.policy.suggest(latest.base_fee().unwrap_or_default(), tip))
    }

    /// Records and sends one transaction, or finds the one recorded for the same purpose.
    pub(super) async fn submit(
        &self,
        purpose: String,
        to: Option<Address>,
        data: Vec<u8>,
        gas_limit: u64,
    ) -> Result<SentTx, ChainWriteError> {
        let _turn = self.turn.lock().await;
        self.hold()?;
        let rows = self.rows()?;
        let same = |row: &&OutboxRow| {
            row.purpose == purpose
                && row.to == to
                && !matches!(row.state, OutboxState::Failed { .. })
        };
        if let Some(row) = rows.iter().rev().find(same) {
            return if row.data == data {
                Ok(sent(row))
            } else {
                Err(ChainWriteError::VersionConflict)
            };
        }
        let node = self.node().await?;
        let latest = latest(node).await?;
        let sender = account(self.address());
        let on_chain = node.nonce(sender, "latest").await?;
        // With something on its way (or lost by the chain), the state it will leave behind is not
        // there to try against.
        if rows.iter().all(|row| row.nonce < on_chain) {
            rehearse(node, sender, to, &data).await?;
        }
        let fees = self.fees(node, &latest).await?;
        if node.balance(sender).await? < U256::from(gas_limit) * U256::from(fees.max_fee) {
            return Err(ChainWriteError::InsufficientFunds(self.address()));
        }
        let after_ours = rows.last().map_or(0, |row| row.nonce + 1);
        let draft = Draft {
            chain_id: self.settings.chain_id,
            nonce: on_chain.max(after_ours),
            purpose,
            to,
            data,
            gas_limit,
            max_fee: fees.max_fee,
            tip: fees.tip,
            block: latest.number(),
            replaced: Vec::new(),
        };
        let mut row = sign(draft, self.signer.as_ref())?;
        self.record(&row)?;
        tracing::info!(purpose = %row.purpose, nonce = row.nonce, "transaction recorded");
        self.send(&mut row).await?;
        Ok(sent(&row))
    }
}

fn sent(row: &OutboxRow) -> SentTx {
    SentTx { nonce: row.nonce, hash: row.hash, purpose: row.purpose.clone() }
}

pub(super) fn configured(address: Address) -> Result<Address, ChainError> {
    if address.is_zero() {
        return Err(ChainError::Settings("no registry address".to_owned()));
    }
    Ok(address)
}

pub(super) fn within_limit(bytes: &[u8]) -> Result<u64, ChainWriteError> {
    if bytes.len() > EVENT_BYTES_LIMIT {
        return Err(ChainWriteError::TooLarge { size: bytes.len(), limit: EVENT_BYTES_LIMIT });
    }
    Ok(bytes.len() as u64)
}

pub(super) async fn latest(node: &Node) -> Result<BlockInfo, ChainError> {
    node.block("latest").await?.ok_or_else(|| ChainError::BadAnswer("no latest block".to_owned()))
}

//! The persisted outbox: every transaction is a durable row before it is sent.
//!
//! A crash at any point leaves either no row (nothing was sent) or a row whose exact bytes can
//! be sent again, which a chain takes once: the nonce is part of what is signed.

use std::{collections::BTreeMap, sync::Mutex};

use serde::{Deserialize, Serialize};

use crate::{Address, hex_bytes};

/// Where a transaction stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutboxState {
    /// Signed and recorded; perhaps sent, perhaps not.
    Prepared,
    /// A node took it.
    Sent,
    /// In a block at or below the trusted block, and it succeeded.
    Mined {
        /// Block number.
        block: u64,
    },
    /// It will never have its effect: reverted, or its nonce was used by something else.
    Failed {
        /// Why, for the operator.
        reason: String,
    },
}

impl OutboxState {
    /// Whether nothing more will happen to this row, reorganisations aside.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Mined { .. } | Self::Failed { .. })
    }
}

/// One transaction of one chain account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxRow {
    /// The chain it is signed for.
    pub chain_id: u64,
    /// The account that signs.
    pub sender: Address,
    /// The account's nonce.
    pub nonce: u64,
    /// What it is for, also the idempotence key: `did:<did>:<version>`, `epoch:<issuer>:<n>`,
    /// `key:…`, `accredit:…`, `directory:…`, `deploy:<contract>`.
    pub purpose: String,
    /// The contract called; none when a contract is created.
    pub to: Option<Address>,
    /// Call data or creation code, kept so that a replacement with a higher fee can be signed.
    #[serde(with = "hex_bytes::any")]
    pub data: Vec<u8>,
    /// The gas limit.
    pub gas_limit: u64,
    /// EIP-1559 fee cap in wei per gas.
    pub max_fee_per_gas: u64,
    /// EIP-1559 tip in wei per gas.
    pub max_priority_fee_per_gas: u64,
    /// The signed transaction exactly as sent (EIP-2718 envelope).
    #[serde(with = "hex_bytes::any")]
    pub raw: Vec<u8>,
    /// Its hash.
    #[serde(with = "hex_bytes::word")]
    pub hash: [u8; 32],
    /// Hashes of earlier, cheaper transactions with this nonce: one of them may still be the one mined.
    #[serde(with = "hex_bytes::words", default)]
    pub replaced: Vec<[u8; 32]>,
    /// The chain's newest block when these bytes were signed; age is counted in blocks, not seconds.
    pub signed_at_block: u64,
    /// Where it stands.
    pub state: OutboxState,
}

impl OutboxRow {
    /// Unique key in time order for a key-value store: `<chain>/<sender>/<nonce>`, zero-padded.
    pub fn key(&self) -> String {
        format!("{:020}/{}/{:020}", self.chain_id, self.sender, self.nonce)
    }
}

/// The store failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("outbox store: {0}")]
pub struct OutboxError(pub String);

/// A claim to be the one writer of a chain account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriterLease {
    /// The chain.
    pub chain_id: u64,
    /// The account.
    pub sender: Address,
    /// Who claims: a name no other process has (a replica's instance id).
    pub holder: String,
    /// How long the claim holds unless renewed, in seconds of the store's own clock.
    pub seconds: u32,
}

/// The answer to a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeaseOutcome {
    /// The claimant is the writer, for that long from now.
    Granted,
    /// Somebody else is.
    HeldBy(String),
}

/// Durable rows, one per (chain id, sender, nonce).
///
/// Where several processes share the store, it also decides which of them writes. The defaults
/// suit a store that only one process can open: that process is the writer, and takes turns within
/// itself.
pub trait Outbox: Send + Sync {
    /// All rows, in any order.
    ///
    /// # Errors
    /// [`OutboxError`] when the store cannot be read.
    fn load(&self) -> Result<Vec<OutboxRow>, OutboxError>;

    /// Inserts the row, or replaces the one with the same [`OutboxRow::key`]. It is durable when
    /// this returns, since the transaction is sent right after.
    ///
    /// # Errors
    /// [`OutboxError`] when it could not be made durable; nothing is sent then.
    fn put(&self, row: &OutboxRow) -> Result<(), OutboxError>;

    /// Claims, or renews, the right to write: granted when nobody holds it, the claimant does, or
    /// the holder's time is over.
    ///
    /// # Errors
    /// [`OutboxError`] when the store cannot be asked; the claimant is not the writer then.
    fn lease(&self, lease: &WriterLease) -> Result<LeaseOutcome, OutboxError> {
        let _ = lease;
        Ok(LeaseOutcome::Granted)
    }

    /// [`Outbox::put`] in one transaction with the check that `lease` still holds: a process that
    /// slept past its time must not overwrite its successor's rows.
    ///
    /// # Errors
    /// As [`Outbox::put`]; also when somebody else holds the lease.
    fn put_held(&self, row: &OutboxRow, lease: &WriterLease) -> Result<(), OutboxError> {
        let _ = lease;
        self.put(row)
    }

    /// Gives the right to write back, if `lease.holder` has it: a clean stop need not be waited out.
    ///
    /// # Errors
    /// [`OutboxError`] when the store cannot be asked; the lease runs out by itself then.
    fn release(&self, lease: &WriterLease) -> Result<(), OutboxError> {
        let _ = lease;
        Ok(())
    }
}

/// An outbox that forgets on exit: for one-off commands and tests.
#[derive(Debug, Default)]
pub struct MemoryOutbox(Mutex<BTreeMap<String, OutboxRow>>);

impl Outbox for MemoryOutbox {
    fn load(&self) -> Result<Vec<OutboxRow>, OutboxError> {
        let rows = self.0.lock().map_err(|_| OutboxError("poisoned".into()))?;
        Ok(rows.values().cloned().collect())
    }

    fn put(&self, row: &OutboxRow) -> Result<(), OutboxError> {
        let mut rows = self.0.lock().map_err(|_| OutboxError("poisoned".into()))?;
        rows.insert(row.key(), row.clone());
        Ok(())
    }
}

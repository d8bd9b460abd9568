//! What the two registries hold, as plain values. No library of the chain is needed to read,
//! store or compare them, so the offline verifier uses these too.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{Address, hex_bytes};

/// Which block a reader trusts.
///
/// `Latest` suits a chain with immediate finality (QBFT, the dev chain), `Finalized` a
/// proof-of-stake chain; Besu under QBFT does not know `finalized` at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrustedBlock {
    /// The newest block.
    #[default]
    Latest,
    /// The newest block the node calls safe.
    Safe,
    /// The newest block the node calls final.
    Finalized,
}

/// Where the chain is and which contracts on it are ours: the `[chain]` section of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainSettings {
    /// JSON-RPC endpoints. With several, as many as `agreement` says must answer alike.
    pub rpc_urls: Vec<Url>,
    /// The chain id every endpoint must report (EIP-155).
    pub chain_id: u64,
    /// The block reads are made at.
    #[serde(default)]
    pub trusted_block: TrustedBlock,
    /// Address of DidDocumentRegistry.
    #[serde(default)]
    pub did_registry: Address,
    /// Address of StatusRegistry.
    #[serde(default)]
    pub status_registry: Address,
    /// Address of AccreditationRegistry.
    #[serde(default)]
    pub accreditation_registry: Address,
    /// Address of Directory.
    #[serde(default)]
    pub directory: Address,
    /// How many endpoints must give the same answer; unset means all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<usize>,
}

impl ChainSettings {
    /// The same settings with the addresses of `contracts`.
    #[must_use]
    pub fn with_contracts(self, contracts: Contracts) -> Self {
        Self {
            did_registry: contracts.did_registry,
            status_registry: contracts.status_registry,
            accreditation_registry: contracts.accreditation_registry,
            directory: contracts.directory,
            ..self
        }
    }
}

/// Whether an anchored DID document is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DidStatus {
    /// The newest version is in force.
    Active,
    /// The DID was switched off for good by its controller.
    Deactivated,
}

/// The newest anchored version of a DID document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DidHead {
    /// 1 for the first version, one more for each change (deactivation counts as one).
    pub version: u64,
    /// Active or deactivated.
    pub status: DidStatus,
    /// SHA-256 of the document bytes as published (JCS).
    #[serde(with = "hex_bytes::word")]
    pub digest: [u8; 32],
    /// The chain account that may change this entry; never a credential-signing key.
    pub controller: Address,
    /// Unix seconds of the block that holds this version.
    pub block_time: i64,
}

/// The newest epoch of one issuer: one root over all its status lists, one over the batch it issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusHead {
    /// RFC 6962 root over all the issuer's status lists, sorted by list id.
    #[serde(with = "hex_bytes::word")]
    pub status_root: [u8; 32],
    /// RFC 6962 root over the salted leaves of the credentials issued in this epoch.
    #[serde(with = "hex_bytes::word")]
    pub issuance_root: [u8; 32],
    /// 1, 2, 3 … without gaps.
    pub epoch: u64,
    /// Unix seconds of the block that holds this epoch.
    pub time: i64,
    /// Unix seconds until which the issuer stands by this head; a heartbeat epoch renews it.
    pub valid_until: i64,
    /// Number of status leaves, which is the tree size inclusion proofs are checked with.
    pub count: u64,
}

/// A block a reader looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tip {
    /// Block number.
    pub number: u64,
    /// Unix seconds of the block.
    pub time: i64,
}

/// What an issuer anchors in one epoch; the time comes from the block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// The number this epoch shall have: the head's plus one, 1 at first (compare-and-set).
    pub epoch: u64,
    /// See [`StatusHead::status_root`].
    #[serde(with = "hex_bytes::word")]
    pub status_root: [u8; 32],
    /// See [`StatusHead::issuance_root`].
    #[serde(with = "hex_bytes::word")]
    pub issuance_root: [u8; 32],
    /// See [`StatusHead::valid_until`].
    pub valid_until: i64,
    /// See [`StatusHead::count`].
    pub count: u64,
    /// Optional bytes for the event (a revocation delta); empty when unused, at most 16 KiB.
    #[serde(with = "hex_bytes::any", default, skip_serializing_if = "Vec::is_empty")]
    pub delta: Vec<u8>,
}

/// Where the contracts were deployed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contracts {
    /// Address of DidDocumentRegistry.
    pub did_registry: Address,
    /// Address of StatusRegistry.
    pub status_registry: Address,
    /// Address of AccreditationRegistry.
    #[serde(default)]
    pub accreditation_registry: Address,
    /// Address of Directory.
    #[serde(default)]
    pub directory: Address,
}

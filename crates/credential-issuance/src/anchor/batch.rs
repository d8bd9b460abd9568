//! A batch as the store keeps it, and the proofs that follow from it.

use chain_anchors::{
    Epoch, EpochBuilder, EpochError, IssuanceInclusion, ListInclusion, StapledProof,
};
use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};

use crate::ids::{CredentialId, Digest};

/// One list version of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListLeaf {
    /// The list's URL, or its token form's id.
    pub list: String,
    /// Its version.
    pub version: u64,
    /// SHA-256 of the signed list as served.
    pub sha256: Digest,
}

/// One issued credential of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuanceLeaf {
    /// Which credential.
    pub credential: CredentialId,
    /// Its salt.
    pub salt: Digest,
    /// Its digest.
    pub digest: Digest,
}

/// How far a batch has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchStage {
    /// Recorded; the chain may or may not have been told.
    Prepared,
    /// A node took the transaction.
    Sent {
        /// Transaction hash, hexadecimal.
        transaction: String,
    },
    /// The chain has it at the trusted block.
    Anchored {
        /// Time of the block.
        at: Moment,
    },
}

/// What is committed to in one epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnchorBatch {
    /// Our own count, from 1; the epoch number follows the chain and may differ after a chain was replaced.
    pub number: u64,
    /// Counts the record's writes from 1.
    pub revision: u64,
    /// The epoch's number on the chain.
    pub epoch: u64,
    /// When it was prepared.
    pub created_at: Moment,
    /// Until when the issuer stands by it.
    pub valid_until: Moment,
    /// Keeps the padding leaves from being guessed.
    pub padding: Digest,
    /// Every published list, in both forms.
    pub lists: Vec<ListLeaf>,
    /// What was issued since the batch before.
    pub issued: Vec<IssuanceLeaf>,
    /// The bulk job whose root is the issuance root; such a batch has no `issued` of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bulk: Option<crate::bulk::BulkRoot>,
    /// The status root, hexadecimal.
    pub status_root: Digest,
    /// The issuance root, hexadecimal.
    pub issuance_root: Digest,
    /// How far it has come.
    pub stage: BatchStage,
    /// Proof of the issuance root, taken while this epoch was the chain's newest: nodes forget the
    /// state of old blocks. Absent where the chain could not give one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<StapledProof>,
}

impl AnchorBatch {
    /// Builds both trees again.
    pub fn build(&self) -> Result<Epoch, EpochError> {
        let bulk = self.bulk.as_ref().map(|bulk| &bulk.root);
        build_epoch(self.epoch, self.valid_until, &self.lists, &self.issued, bulk, &self.padding)
    }

    /// Whether the chain has it.
    pub fn is_anchored(&self) -> bool {
        matches!(self.stage, BatchStage::Anchored { .. })
    }
}

/// Builds the trees of a batch that is being prepared.
pub(super) fn build_epoch(
    epoch: u64,
    valid_until: Moment,
    lists: &[ListLeaf],
    issued: &[IssuanceLeaf],
    bulk: Option<&Digest>,
    padding: &Digest,
) -> Result<Epoch, EpochError> {
    let mut builder = EpochBuilder::new(epoch, valid_until.unix());
    for leaf in lists {
        builder = builder.status_list(&leaf.list, leaf.version, leaf.sha256.0);
    }
    for leaf in issued {
        builder = builder.issued(&leaf.salt.0, &leaf.digest.0);
    }
    if let Some(root) = bulk {
        builder = builder.issuance_root(root.0);
    }
    builder.build(&padding.0)
}

/// The proof served next to a list; none when the batch does not hold it.
pub fn list_inclusion(batch: &AnchorBatch, list_id: &str) -> Option<ListInclusion> {
    batch.build().ok()?.inclusion(list_id)
}

/// The proof that travels with a credential; none when the batch does not hold it.
pub fn issuance_inclusion(
    batch: &AnchorBatch,
    credential: &CredentialId,
) -> Option<IssuanceInclusion> {
    let leaf = batch.issued.iter().find(|leaf| leaf.credential == *credential)?;
    batch.build().ok()?.issuance_inclusion(&leaf.salt.0, &leaf.digest.0)
}

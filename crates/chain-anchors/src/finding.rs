//! What a verifier may conclude from a status list, its inclusion proof and the anchored head.

use evm_chain::StatusHead;
use sha2::{Digest, Sha256};

use crate::{Hash, ListInclusion};

/// What the anchor says about the list shown. A finding is a value, not an error; only
/// `Unproven` means that nothing could be concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnchorFinding {
    /// Exactly this list is in the head, and the head is fresh.
    Anchored,
    /// A newer version is anchored than the one shown: somebody serves an old list.
    RolledBack,
    /// The list shown is newer than the anchored one; the next epoch will catch up.
    NotYetAnchored,
    /// Another list with the same version is anchored: two truths signed.
    Equivocated,
    /// The list agrees with the head, but the issuer's word has run out.
    Stale,
    /// No proof that fits this head: absent, of another epoch or broken.
    Unproven,
}

impl AnchorFinding {
    /// Stable code for reports.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Anchored => "anchor_anchored",
            Self::RolledBack => "anchor_rolled_back",
            Self::NotYetAnchored => "anchor_not_yet_anchored",
            Self::Equivocated => "anchor_equivocated",
            Self::Stale => "anchor_stale",
            Self::Unproven => "anchor_unproven",
        }
    }
}

/// Compares the list as served (`document` bytes, its id and its own claimed `version`) with the head.
///
/// `now` is in Unix seconds. Evidence of wrongdoing outweighs staleness: a rolled-back list is
/// called rolled back even when the head has expired.
pub fn compare(
    list_id: &str,
    document: &[u8],
    version: u64,
    inclusion: Option<&ListInclusion>,
    head: &StatusHead,
    now: i64,
) -> AnchorFinding {
    compare_digest(list_id, &Sha256::digest(document).into(), version, inclusion, head, now)
}

/// The same for who knows the SHA-256 of the list already: the check of a warm verifier, a few
/// hashes of the inclusion proof whatever the size of the list.
pub fn compare_digest(
    list_id: &str,
    digest: &Hash,
    version: u64,
    inclusion: Option<&ListInclusion>,
    head: &StatusHead,
    now: i64,
) -> AnchorFinding {
    let Some(anchored) = inclusion.and_then(|inclusion| inclusion.verify(head).ok()) else {
        return AnchorFinding::Unproven;
    };
    if anchored.list != list_id {
        return AnchorFinding::Unproven;
    }
    if version < anchored.version {
        AnchorFinding::RolledBack
    } else if version == anchored.version && *digest != anchored.sha256 {
        AnchorFinding::Equivocated
    } else if now > head.valid_until {
        AnchorFinding::Stale
    } else if version > anchored.version {
        AnchorFinding::NotYetAnchored
    } else {
        AnchorFinding::Anchored
    }
}

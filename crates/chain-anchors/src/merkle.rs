//! The Merkle tree of RFC 6962 section 2.1 (unchanged in RFC 9162 section 2.1) over SHA-256.
//!
//! Leaves are hashed with a 0x00 prefix and inner nodes with 0x01, so that neither can pass for
//! the other. A tree whose size is no power of two is split at the largest power of two below its
//! size; the odd node is never duplicated, so no two leaf lists share a root (CVE-2012-2459).

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// Paths longer than this cannot occur in a tree of at most 2^64 leaves.
const MAX_PATH: usize = 64;

/// `MTH({d}) = SHA-256(0x00 || d)`.
pub fn leaf_hash(data: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(data).finalize().into()
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of the empty tree, SHA-256 of nothing.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// A whole tree, all levels kept: proofs cost no further hashing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MerkleTree {
    /// `levels[0]` are the leaf hashes; the odd last node of a level moves up unchanged, which
    /// gives exactly the recursive definition's root.
    levels: Vec<Vec<Hash>>,
}

impl MerkleTree {
    /// Builds the tree over leaf hashes (see [`leaf_hash`], [`crate::status_leaf`]) in this order.
    pub fn build(leaves: Vec<Hash>) -> Self {
        let mut levels = vec![leaves];
        while levels[levels.len() - 1].len() > 1 {
            let below = &levels[levels.len() - 1];
            let level = below
                .chunks(2)
                .map(|pair| match pair {
                    [left, right] => node_hash(left, right),
                    odd => odd[0],
                })
                .collect();
            levels.push(level);
        }
        Self { levels }
    }

    /// The root; of an empty tree [`empty_root`].
    pub fn root(&self) -> Hash {
        let top = &self.levels[self.levels.len() - 1];
        top.first().copied().unwrap_or_else(empty_root)
    }

    /// Number of leaves.
    pub fn len(&self) -> u64 {
        self.levels[0].len() as u64
    }

    /// Whether there is no leaf.
    pub fn is_empty(&self) -> bool {
        self.levels[0].is_empty()
    }

    /// The proof for leaf `index`, none when there is no such leaf.
    pub fn prove(&self, index: u64) -> Option<InclusionProof> {
        let mut position = usize::try_from(index).ok()?;
        if position >= self.levels[0].len() {
            return None;
        }
        let mut path = Vec::new();
        for level in &self.levels {
            if let Some(sibling) = level.get(position ^ 1) {
                path.push(hex::encode(sibling));
            }
            position /= 2;
        }
        Some(InclusionProof { index, size: self.len(), path })
    }
}

/// An inclusion proof (RFC 9162 section 2.1.3): position, tree size and sibling hashes from the
/// leaf up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InclusionProof {
    /// Zero-based position of the leaf.
    pub index: u64,
    /// Number of leaves in the tree.
    pub size: u64,
    /// Sibling hashes, lower-case hexadecimal, nearest to the leaf first.
    pub path: Vec<String>,
}

/// Why an inclusion proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// Numbers or hashes cannot be read, or the index is outside the tree.
    #[error("the inclusion proof is malformed")]
    Malformed,
    /// The path has not the length that index and size demand.
    #[error("the inclusion proof has the wrong length")]
    WrongLength,
    /// It leads to another root.
    #[error("the inclusion proof leads to another root")]
    WrongRoot,
}

impl ProofError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "inclusion_malformed",
            Self::WrongLength => "inclusion_wrong_length",
            Self::WrongRoot => "inclusion_wrong_root",
        }
    }
}

impl InclusionProof {
    /// Checks that `leaf` (a leaf hash) is in the tree with `root`, as RFC 9162 section 2.1.3.2 does.
    ///
    /// # Errors
    /// [`ProofError`] with the reason; at most 64 hashes are computed.
    pub fn verify(&self, leaf: &Hash, root: &Hash) -> Result<(), ProofError> {
        if self.index >= self.size || self.path.len() > MAX_PATH {
            return Err(ProofError::Malformed);
        }
        let (mut position, mut last) = (self.index, self.size - 1);
        let mut hash = *leaf;
        for step in &self.path {
            let mut sibling = [0; 32];
            if step.bytes().any(|byte| byte.is_ascii_uppercase()) {
                return Err(ProofError::Malformed);
            }
            hex::decode_to_slice(step, &mut sibling).map_err(|_| ProofError::Malformed)?;
            if last == 0 {
                return Err(ProofError::WrongLength);
            }
            if position & 1 == 1 || position == last {
                hash = node_hash(&sibling, &hash);
                // An odd last node had no sibling on these levels: it moved up unchanged.
                while position & 1 == 0 && position != 0 {
                    position >>= 1;
                    last >>= 1;
                }
            } else {
                hash = node_hash(&hash, &sibling);
            }
            position >>= 1;
            last >>= 1;
        }
        if last != 0 {
            return Err(ProofError::WrongLength);
        }
        if hash == *root { Ok(()) } else { Err(ProofError::WrongRoot) }
    }
}

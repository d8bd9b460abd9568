//! Building an epoch: all of an issuer's lists in one root, what it issued in another.

use evm_chain::{EpochRecord, StatusHead};
use serde::{Deserialize, Serialize};

use crate::{Hash, InclusionProof, MerkleTree, ProofError, issuance_leaf, status_leaf};

/// One status list as published.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListVersion {
    /// The list's URL, or [`crate::token_list_id`] of it.
    pub list: String,
    /// Monotone version.
    pub version: u64,
    /// SHA-256 of the signed list as served.
    pub sha256: Hash,
}

impl ListVersion {
    /// Its leaf hash.
    pub fn leaf(&self) -> Hash {
        status_leaf(&self.list, self.version, &self.sha256)
    }
}

/// Why an epoch cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EpochError {
    /// One list twice: an issuer must not commit to two versions at once.
    #[error("list {0} is in the epoch twice")]
    DuplicateList(String),
}

impl EpochError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::DuplicateList(_) => "epoch_duplicate_list",
        }
    }
}

/// Collects what an epoch commits to.
#[derive(Debug, Clone)]
pub struct EpochBuilder {
    epoch: u64,
    valid_until: i64,
    lists: Vec<ListVersion>,
    issued: Vec<Hash>,
    issuance_root: Option<Hash>,
}

impl EpochBuilder {
    /// Begins epoch number `epoch` (the chain's head plus one), vouched for until `valid_until` (Unix seconds).
    pub fn new(epoch: u64, valid_until: i64) -> Self {
        Self { epoch, valid_until, lists: Vec::new(), issued: Vec::new(), issuance_root: None }
    }

    /// Adds a list; every list of the issuer belongs into every epoch.
    #[must_use]
    pub fn status_list(mut self, list: &str, version: u64, sha256: Hash) -> Self {
        self.lists.push(ListVersion { list: list.to_owned(), version, sha256 });
        self
    }

    /// Adds an issued credential.
    #[must_use]
    pub fn issued(mut self, salt: &[u8; 32], digest: &Hash) -> Self {
        self.issued.push(issuance_leaf(salt, digest));
        self
    }

    /// Sets the issuance root of a tree that is kept elsewhere (a bulk job's), in place of one over
    /// [`EpochBuilder::issued`].
    #[must_use]
    pub fn issuance_root(mut self, root: Hash) -> Self {
        self.issuance_root = Some(root);
        self
    }

    /// Sorts and builds both trees. Issuance leaves are sorted by hash, so their order says
    /// nothing about who came first, and padded to a power of two with leaves derived from
    /// `padding_seed`, so that the size says little. The seed is 32 random bytes, kept secret; keep it
    /// with the batch, since the same seed gives the same epoch when proofs are made again later.
    ///
    /// # Errors
    /// [`EpochError::DuplicateList`].
    pub fn build(mut self, padding_seed: &[u8; 32]) -> Result<Epoch, EpochError> {
        self.lists.sort();
        if let Some(pair) = self.lists.windows(2).find(|pair| pair[0].list == pair[1].list) {
            return Err(EpochError::DuplicateList(pair[0].list.clone()));
        }
        if !self.issued.is_empty() {
            let full = self.issued.len().next_power_of_two();
            for counter in self.issued.len()..full {
                let mut digest = [0; 32];
                digest[..8].copy_from_slice(&(counter as u64).to_be_bytes());
                self.issued.push(issuance_leaf(padding_seed, &digest));
            }
        }
        self.issued.sort_unstable();
        self.issued.dedup();
        let status = MerkleTree::build(self.lists.iter().map(ListVersion::leaf).collect());
        let issuance = MerkleTree::build(self.issued.clone());
        let record = EpochRecord {
            epoch: self.epoch,
            status_root: status.root(),
            issuance_root: self.issuance_root.unwrap_or_else(|| issuance.root()),
            valid_until: self.valid_until,
            count: status.len(),
            delta: Vec::new(),
        };
        Ok(Epoch { record, lists: self.lists, issued: self.issued, status, issuance })
    }
}

/// A built epoch: what goes on chain and every proof that follows from it.
#[derive(Debug, Clone)]
pub struct Epoch {
    record: EpochRecord,
    lists: Vec<ListVersion>,
    issued: Vec<Hash>,
    status: MerkleTree,
    issuance: MerkleTree,
}

impl Epoch {
    /// What is sent to the StatusRegistry.
    pub fn record(&self) -> &EpochRecord {
        &self.record
    }

    /// The lists, sorted by id: leaf `i` of the status tree is `lists()[i]`.
    pub fn lists(&self) -> &[ListVersion] {
        &self.lists
    }

    /// The proof served next to the list, none when the list is not in this epoch.
    pub fn inclusion(&self, list: &str) -> Option<ListInclusion> {
        let index = self.lists.binary_search_by(|entry| entry.list.as_str().cmp(list)).ok()?;
        let entry = &self.lists[index];
        Some(ListInclusion {
            list: entry.list.clone(),
            version: entry.version,
            sha256: hex::encode(entry.sha256),
            epoch: self.record.epoch,
            proof: self.status.prove(index as u64)?,
        })
    }

    /// The proof that travels with a credential, none when it is not in this epoch.
    pub fn issuance_inclusion(&self, salt: &[u8; 32], digest: &Hash) -> Option<IssuanceInclusion> {
        let index = self.issued.binary_search(&issuance_leaf(salt, digest)).ok()?;
        Some(IssuanceInclusion {
            salt: hex::encode(salt),
            epoch: self.record.epoch,
            proof: self.issuance.prove(index as u64)?,
        })
    }
}

/// Proof that a list version is committed to by an epoch: served at `/status/{list}/inclusion`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListInclusion {
    /// The list id.
    pub list: String,
    /// The anchored version.
    pub version: u64,
    /// SHA-256 of the signed list, hexadecimal.
    pub sha256: String,
    /// The epoch it was anchored in.
    pub epoch: u64,
    /// Its place in the status tree.
    pub proof: InclusionProof,
}

impl ListInclusion {
    /// Checks it against a head: same epoch, same tree size, same root.
    ///
    /// # Errors
    /// [`ProofError`] when it proves nothing about this head.
    pub fn verify(&self, head: &StatusHead) -> Result<ListVersion, ProofError> {
        let entry = self.entry()?;
        if self.proof.size != head.count || self.epoch != head.epoch {
            return Err(ProofError::WrongRoot);
        }
        self.proof.verify(&entry.leaf(), &head.status_root)?;
        Ok(entry)
    }

    fn entry(&self) -> Result<ListVersion, ProofError> {
        let mut sha256 = [0; 32];
        hex::decode_to_slice(&self.sha256, &mut sha256).map_err(|_| ProofError::Malformed)?;
        Ok(ListVersion { list: self.list.clone(), version: self.version, sha256 })
    }
}

/// Proof that a credential was in an anchored issuance batch; it travels with the credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuanceInclusion {
    /// 32 bytes, hexadecimal; known to the holder and whom the holder shows it to.
    pub salt: String,
    /// The epoch.
    pub epoch: u64,
    /// Its place in the issuance tree.
    pub proof: InclusionProof,
}

impl IssuanceInclusion {
    /// Checks that the credential with SHA-256 `digest` is in the batch with this issuance root.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn verify(&self, digest: &Hash, issuance_root: &Hash) -> Result<(), ProofError> {
        let mut salt = [0; 32];
        hex::decode_to_slice(&self.salt, &mut salt).map_err(|_| ProofError::Malformed)?;
        self.proof.verify(&issuance_leaf(&salt, digest), issuance_root)
    }
}

//! Who may issue what, by whose authority: records as the chain holds them, and the answer that
//! follows from a chain of them without asking anybody.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::hex_bytes;

/// Records between a root and an issuer, both counted, at most.
pub const DEPTH_LIMIT: usize = 8;

/// Types one set may name.
pub const TYPE_SET_LIMIT: usize = 64;

/// How the chain names a credential type: SHA-256 of its UTF-8 bytes.
pub fn type_hash(credential_type: &str) -> [u8; 32] {
    Sha256::digest(credential_type.as_bytes()).into()
}

/// How the chain names a set of types: SHA-256 over the type hashes in ascending order, each once.
pub fn type_set_root(types: &[[u8; 32]]) -> [u8; 32] {
    let mut sorted = types.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    Sha256::digest(sorted.concat()).into()
}

/// What a record covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// One credential type, by [`type_hash`].
    Type(#[serde(with = "hex_bytes::word")] [u8; 32]),
    /// A set of types, ascending.
    Set(#[serde(with = "hex_bytes::words")] Vec<[u8; 32]>),
}

impl Scope {
    /// Whether the type is covered.
    pub fn covers(&self, type_hash: &[u8; 32]) -> bool {
        match self {
            Self::Type(only) => only == type_hash,
            Self::Set(types) => types.contains(type_hash),
        }
    }

    /// The word in the record: the type's hash or the set's root.
    pub fn word(&self) -> [u8; 32] {
        match self {
            Self::Type(only) => *only,
            Self::Set(types) => type_set_root(types),
        }
    }
}

/// What a change makes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccreditationStatus {
    /// In force (again).
    Active,
    /// Without force between two times.
    Suspended,
    /// Without force from a time on, for good.
    Revoked,
}

/// One entry of a record's history; entries are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccreditationChange {
    /// What it makes of the record.
    pub status: AccreditationStatus,
    /// Unix seconds from which it takes effect.
    pub from: i64,
    /// Unix seconds at which a suspension ends; none when it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// Unix seconds of the block that holds it.
    pub recorded_at: i64,
    /// SHA-256 of the written reason, zero when none was given.
    #[serde(with = "hex_bytes::word")]
    pub reason: [u8; 32],
}

/// One accreditation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccreditationRecord {
    /// Its id on the chain: keccak256(subject || index).
    #[serde(with = "hex_bytes::word")]
    pub id: [u8; 32],
    /// The record it was given under; none for a root, which the directory sets.
    #[serde(with = "hex_bytes::optional_word", default)]
    pub parent: Option<[u8; 32]>,
    /// Who is accredited: keccak256 of the DID ([`crate::slots::did_key`]).
    #[serde(with = "hex_bytes::word")]
    pub subject: [u8; 32],
    /// What for.
    pub scope: Scope,
    /// Unix seconds from which it holds.
    pub from: i64,
    /// Unix seconds at which it ends (exclusive).
    pub until: i64,
    /// May issue credentials of these types.
    pub may_issue: bool,
    /// May accredit others for them.
    pub may_accredit: bool,
    /// 1 for a root, one more for each step down.
    pub depth: u8,
    /// SHA-256 of the written accreditation, zero when none was given.
    #[serde(with = "hex_bytes::word")]
    pub evidence: [u8; 32],
    /// Unix seconds of the block that holds the record.
    pub recorded_at: i64,
    /// Number of that block, 0 when it does not fit 32 bits.
    pub recorded_in: u64,
    /// Oldest first; empty when nothing ever changed.
    #[serde(default)]
    pub history: Vec<AccreditationChange>,
}

impl AccreditationRecord {
    /// Where the record stood at `at` by all that is known now: the newest entry that speaks
    /// about `at` decides, except that nothing follows a revocation.
    pub fn status_at(&self, at: i64) -> AccreditationStatus {
        for change in self.history.iter().rev() {
            let begun = at >= change.from;
            let over = change.until.is_some_and(|until| at >= until);
            if begun && !(change.status == AccreditationStatus::Suspended && over) {
                return change.status;
            }
        }
        AccreditationStatus::Active
    }
}

/// A record and those it was given under, the root last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccreditationChain {
    /// The subject's own record first.
    pub records: Vec<AccreditationRecord>,
}

/// What a chain of records says about one type at one time. Lower is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// Every record of the chain was in force and covers the type.
    Accredited,
    /// Some record of the chain was suspended at that time.
    Suspended,
    /// Some record of the chain was revoked before that time.
    Revoked,
    /// It covers the type, but not that time.
    OutOfPeriod,
    /// No record for this type.
    NotAccredited,
}

impl AccreditationChain {
    /// The answer at `at` (Unix seconds), as the contract's `authorised` gives it. A chain that
    /// is broken or longer than [`DEPTH_LIMIT`] accredits nobody.
    pub fn authority(&self, type_hash: &[u8; 32], at: i64) -> Authority {
        let sound = self.is_whole() && self.records.iter().all(|r| r.scope.covers(type_hash));
        let may = self.records.first().is_some_and(|own| own.may_issue);
        if !sound || !may {
            return Authority::NotAccredited;
        }
        let each = self.records.iter().map(|record| {
            if at < record.from || at >= record.until {
                return Authority::OutOfPeriod;
            }
            match record.status_at(at) {
                AccreditationStatus::Active => Authority::Accredited,
                AccreditationStatus::Suspended => Authority::Suspended,
                AccreditationStatus::Revoked => Authority::Revoked,
            }
        });
        each.max().unwrap_or(Authority::NotAccredited)
    }

    /// Whether each record names the next as its parent, the last one is a root, and everybody
    /// above the first may accredit.
    fn is_whole(&self) -> bool {
        let links = self.records.windows(2).all(|pair| pair[0].parent == Some(pair[1].id));
        let ends = self.records.last().is_some_and(|root| root.parent.is_none());
        let may = self.records.iter().skip(1).all(|above| above.may_accredit);
        links && ends && may && self.records.len() <= DEPTH_LIMIT
    }
}

/// The best answer of several chains, with the chain that gave it.
pub fn best_authority<'a>(
    chains: &'a [AccreditationChain],
    type_hash: &[u8; 32],
    at: i64,
) -> (Authority, Option<&'a AccreditationChain>) {
    let answers = chains.iter().map(|chain| (chain.authority(type_hash, at), Some(chain)));
    answers.min_by_key(|(answer, _)| *answer).unwrap_or((Authority::NotAccredited, None))
}

/// What the directory says: who governs the contracts, and which they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryState {
    /// Accounts that propose and approve, in the order they were added.
    pub operators: Vec<crate::Address>,
    /// Approvals a proposal needs.
    pub threshold: u8,
    /// Seconds between the last approval needed and execution.
    pub delay: u32,
    /// Whether writes are stopped. Reads never are.
    pub paused: bool,
    /// The contract set.
    pub contracts: crate::Contracts,
    /// Whether the set was named for good by the deployer.
    pub sealed: bool,
    /// SHA-256 over the validators' addresses, ascending; zero when none are named.
    #[serde(with = "hex_bytes::word")]
    pub validators_digest: [u8; 32],
    /// Changes so far; grows with each.
    pub revision: u64,
}

//! States of single keys of an issuer's DID document, and history of epochs.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::hex_bytes;

/// How the chain names a key: SHA-256 of the UTF-8 bytes of its verification method id, the whole
/// DID URL (`did:web:a.example#key-1`). An id is never given to a second key.
pub fn key_id_hash(verification_method: &str) -> [u8; 32] {
    Sha256::digest(verification_method.as_bytes()).into()
}

/// Where a key stands. A key without a state on the chain is as good as [`KeyStatus::Active`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyStatus {
    /// In use.
    Active,
    /// No longer used; what it signed stays good.
    Retired,
    /// Somebody else may have signed with it. Only what was anchored before [`KeyState::since`]
    /// counts.
    Compromised,
}

/// The state of one key now. Compromised is the end: the only further change moves `since` to an
/// earlier time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyState {
    /// See [`key_id_hash`].
    #[serde(with = "hex_bytes::word")]
    pub key: [u8; 32],
    /// Where it stands.
    pub status: KeyStatus,
    /// Unix seconds the controller names: in use since, retired at, compromised since.
    pub since: i64,
    /// Unix seconds of its retirement, also when it was found compromised later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<i64>,
    /// Unix seconds of the block that holds the newest statement: evidence, unlike `since`.
    pub block_time: i64,
}

/// One statement about a key, from the event log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyStatement {
    /// See [`key_id_hash`].
    #[serde(with = "hex_bytes::word")]
    pub key: [u8; 32],
    /// What was stated.
    pub status: KeyStatus,
    /// The time it names, Unix seconds.
    pub since: i64,
    /// Number of the block that holds it.
    pub block: u64,
}

/// One epoch of an issuer from the event log, linked to the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochEvent {
    /// 1, 2, 3 …
    pub epoch: u64,
    /// RFC 6962 root over all the issuer's status lists.
    #[serde(with = "hex_bytes::word")]
    pub status_root: [u8; 32],
    /// RFC 6962 root over what was issued in this epoch.
    #[serde(with = "hex_bytes::word")]
    pub issuance_root: [u8; 32],
    /// The status root of the epoch before, zero for the first.
    #[serde(with = "hex_bytes::word")]
    pub prev_root: [u8; 32],
    /// Unix seconds of the block.
    pub time: i64,
    /// Unix seconds until which the issuer stands by it.
    pub valid_until: i64,
    /// Number of status leaves.
    pub count: u64,
    /// Number of the block that holds it.
    pub block: u64,
    /// Bytes the issuer added; empty when none.
    #[serde(with = "hex_bytes::any", default, skip_serializing_if = "Vec::is_empty")]
    pub delta: Vec<u8>,
}

//! What is stapled to a credential so that a head can be checked without a node.

use serde::{Deserialize, Serialize};

use crate::{Address, hex_bytes};

/// Raw answers of `eth_getProof` and the header they belong to. Nothing in it is believed: the
/// header's hash is keccak256 of `header_rlp`, everything else follows from its state root
/// (EIP-1186). Checking is the work of the chain-proofs room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageProofBundle {
    /// EIP-155 id of the chain, a claim.
    pub chain_id: u64,
    /// RLP of the block header as the node gave it. On QBFT `extraData` holds the commit seals.
    #[serde(with = "hex_bytes::any")]
    pub header_rlp: Vec<u8>,
    /// The contract whose storage is shown.
    pub contract: Address,
    /// Trie nodes from the state root to the contract's account.
    #[serde(with = "hex_bytes::list")]
    pub account_proof: Vec<Vec<u8>>,
    /// Storage slots shown, unhashed; [`crate::slots`] tells which ones are whose.
    #[serde(with = "hex_bytes::words")]
    pub slots: Vec<[u8; 32]>,
    /// For each slot, trie nodes from the storage root to it (or to its absence).
    pub storage_proofs: Vec<SlotProof>,
}

/// The trie nodes for one slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SlotProof(
    /// From the storage root downwards.
    #[serde(with = "hex_bytes::list")]
    pub Vec<Vec<u8>>,
);

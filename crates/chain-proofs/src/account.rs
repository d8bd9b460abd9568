//! Account and storage proofs (EIP-1186) against a proven state root.

use alloy_primitives::{B256, Bytes, keccak256};
use alloy_rlp::Decodable;
use alloy_trie::{Nibbles, TrieAccount, proof::ProofVerificationError, proof::verify_proof};
use evm_chain::Address;

use crate::ChainProofError;

/// A key has 64 nibbles, so no path has more nodes than that and one leaf.
pub const MAX_NODES: usize = 65;
/// A branch node of 16 hashes takes 532 bytes; an account leaf about 110.
const MAX_NODE_BYTES: usize = 1024;

/// An account of a proven state.
#[derive(Debug, Clone)]
pub(crate) struct ProvenAccount {
    storage_root: B256,
}

impl ProvenAccount {
    pub(crate) fn prove(
        state_root: [u8; 32],
        address: &Address,
        nodes: &[Vec<u8>],
    ) -> Result<Self, ChainProofError> {
        let key = keccak256(address.as_bytes());
        let value = value(state_root.into(), key, nodes, ChainProofError::Account)?
            .ok_or(ChainProofError::NoAccount)?;
        let mut rest = value.as_slice();
        let account = TrieAccount::decode(&mut rest).map_err(|_| ChainProofError::Account)?;
        if !rest.is_empty() {
            return Err(ChainProofError::Account);
        }
        Ok(Self { storage_root: account.storage_root })
    }

    /// One storage word; an absent one is zero.
    pub(crate) fn word(
        &self,
        slot: &[u8; 32],
        nodes: &[Vec<u8>],
    ) -> Result<[u8; 32], ChainProofError> {
        let found = value(self.storage_root, keccak256(slot), nodes, ChainProofError::Storage)?;
        let mut word = [0; 32];
        if let Some(found) = found {
            let bytes = crate::header::text(&found).ok_or(ChainProofError::Storage)?;
            // A stored number has no leading zero and is not zero.
            if bytes.is_empty() || bytes.len() > 32 || bytes[0] == 0 {
                return Err(ChainProofError::Storage);
            }
            word[32 - bytes.len()..].copy_from_slice(bytes);
        }
        Ok(word)
    }
}

/// The value under a key, or that there is none; either is proven.
fn value(
    root: B256,
    key: B256,
    nodes: &[Vec<u8>],
    error: ChainProofError,
) -> Result<Option<Vec<u8>>, ChainProofError> {
    if nodes.len() > MAX_NODES || nodes.iter().any(|node| node.len() > MAX_NODE_BYTES) {
        return Err(ChainProofError::TooLarge);
    }
    let nodes: Vec<Bytes> = nodes.iter().map(|node| Bytes::copy_from_slice(node)).collect();
    let key = Nibbles::unpack(key);
    // The library checks an expected value. Asked for none, it tells what it found instead; only
    // the second call, with that value expected, proves it.
    let found = match verify_proof(root, key, None, &nodes) {
        Ok(()) => return Ok(None),
        Err(ProofVerificationError::ValueMismatch { got: Some(found), .. }) => found.to_vec(),
        Err(_) => return Err(error),
    };
    verify_proof(root, key, Some(found.clone()), &nodes).map_err(|_| error)?;
    Ok(Some(found))
}

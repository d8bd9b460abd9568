//! Statements of pinned nodes about a block: who watched the chain says which block is on it.

use serde::{Deserialize, Serialize};
use signing_keys::PublicKey;

use crate::ChainProofError;

/// More statements than this are not looked at.
pub const MAX_WITNESSES: usize = 32;
/// Keeps these signatures apart from all others.
const DOMAIN: &[u8] = b"sinpyo-chain-witness-v1";

/// What a witness signs: this block is on this chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WitnessStatement {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Height.
    pub number: u64,
    /// The hash by which the chain knows the block.
    pub hash: [u8; 32],
}

impl WitnessStatement {
    /// The bytes that are signed: the domain, then chain id and number as u64 big endian, then the hash.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        let mut message = DOMAIN.to_vec();
        message.extend_from_slice(&self.chain_id.to_be_bytes());
        message.extend_from_slice(&self.number.to_be_bytes());
        message.extend_from_slice(&self.hash);
        message
    }
}

/// A signed statement as it travels. The block itself stands next to it, so only signer and
/// signature are repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainWitness {
    /// The witness's key as a multikey (`z…`).
    pub key: String,
    /// The signature over [`WitnessStatement::message`], hexadecimal.
    pub signature: String,
}

/// Counts the pinned witnesses that stand for a statement. Strangers and broken signatures count
/// for nothing: whoever hands over a staple may add any.
pub(crate) fn count(
    statement: &WitnessStatement,
    witnesses: &[ChainWitness],
    pinned: &[PublicKey],
) -> Result<usize, ChainProofError> {
    if witnesses.len() > MAX_WITNESSES {
        return Err(ChainProofError::TooLarge);
    }
    let message = statement.message();
    let mut standing: Vec<&PublicKey> = Vec::new();
    for witness in witnesses {
        let Some(key) = pinned.iter().find(|key| key.to_multikey() == witness.key) else {
            continue;
        };
        if standing.contains(&key) {
            continue;
        }
        let Ok(signature) = hex::decode(&witness.signature) else { continue };
        if key.verify(&message, &signature).is_ok() {
            standing.push(key);
        }
    }
    Ok(standing.len())
}

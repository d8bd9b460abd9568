//! This verifier as a witness: it states which block of a height is on the chain it reads, for
//! whoever collects proofs for verifiers without a net.
use std::sync::Arc;

use chain_proofs::{ChainWitness, WitnessStatement};
use evm_chain::ReadChain;
use serde::Deserialize;
use signing_keys::Signer;

/// `[witness]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// Whether `POST /chain/witness` signs; needs `[chain]`.
    #[serde(default)]
    pub enabled: bool,
}

/// Why nothing was signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// The question is about another chain.
    #[error("this witness watches chain {0}")]
    OtherChain(u64),
    /// There is no trusted block of this height yet.
    #[error("no trusted block has this number yet")]
    NoBlock,
    /// Another block has this height.
    #[error("another block has this number")]
    OtherBlock,
    /// The chain cannot be asked.
    #[error("the chain cannot be asked: {0}")]
    Unreachable(&'static str),
    /// The key cannot sign now.
    #[error("the witness's key cannot sign")]
    Key,
}

impl WitnessError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            WitnessError::OtherChain(_) => "witness_other_chain",
            WitnessError::NoBlock => "witness_no_block",
            WitnessError::OtherBlock => "witness_other_block",
            WitnessError::Unreachable(_) => "witness_chain_unreachable",
            WitnessError::Key => "witness_key_failed",
        }
    }
}

/// Signs what it sees.
pub struct BlockWitness {
    chain: Arc<dyn ReadChain>,
    chain_id: u64,
    signer: Arc<dyn Signer>,
}

impl BlockWitness {
    /// Over a reader of the chain with this id.
    pub fn new(chain: Arc<dyn ReadChain>, chain_id: u64, signer: Arc<dyn Signer>) -> Self {
        BlockWitness { chain, chain_id, signer }
    }

    /// Signs the statement if the chain has this very block at this height.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub async fn state(&self, wanted: WitnessStatement) -> Result<ChainWitness, WitnessError> {
        if wanted.chain_id != self.chain_id {
            return Err(WitnessError::OtherChain(self.chain_id));
        }
        let seen = self.chain.block_hash(wanted.number).await;
        let seen = seen.map_err(|error| WitnessError::Unreachable(error.code()))?;
        match seen {
            None => Err(WitnessError::NoBlock),
            Some(hash) if hash != wanted.hash => Err(WitnessError::OtherBlock),
            Some(_) => {
                let signature =
                    self.signer.sign(&wanted.message()).map_err(|_| WitnessError::Key)?;
                let key = self.signer.public_key().to_multikey();
                Ok(ChainWitness { key, signature: hex::encode(signature) })
            }
        }
    }
}

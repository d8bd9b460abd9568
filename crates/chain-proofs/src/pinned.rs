//! What a verifier was told about a chain before anybody showed it a proof.

use evm_chain::Address;
use serde::{Deserialize, Serialize};
use signing_keys::PublicKey;

use crate::ChainProofError;
use crate::header::BlockHeader;
use crate::pins_file::PinsFile;
use crate::qbft::{MAX_VALIDATORS, QbftExtra};
use crate::witness::{ChainWitness, WitnessStatement, count};

/// Why a header is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderTrust {
    /// At least `quorum` of these nodes' keys signed a [`WitnessStatement`] about it.
    Witnesses {
        /// The pinned keys, of different operators.
        keys: Vec<PublicKey>,
        /// How many must stand for a block, at least 1.
        quorum: usize,
    },
    /// At least two thirds of the pinned QBFT validators sealed it.
    Validators(Vec<ValidatorEpoch>),
}

/// The validators of a QBFT chain from one height on. A change of the set is a new entry, made by
/// whoever maintains the configuration: a staple cannot talk a verifier into other validators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidatorEpoch {
    /// First block they seal.
    pub from_block: u64,
    /// Their accounts.
    pub validators: Vec<Address>,
}

/// A chain and its two contracts, pinned. Written as [`PinsFile`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "PinsFile", into = "PinsFile")]
pub struct PinnedChain {
    /// EIP-155 chain id; a witness statement is about this chain only.
    pub chain_id: u64,
    /// Address of DidDocumentRegistry.
    pub did_registry: Address,
    /// Address of StatusRegistry.
    pub status_registry: Address,
    /// Why headers are believed.
    pub trust: HeaderTrust,
    /// Chains (or contract sets) that were in use before, each up to its closing block.
    pub former: Vec<FormerChain>,
}

/// A chain that is no longer written to. What it held up to its last block stays evidence; what
/// whoever still runs it adds later proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerChain {
    /// The block that holds the last epoch before the change.
    pub last_block: u64,
    /// The chain as it was pinned; it has no former ones itself.
    pub chain: PinnedChain,
}

/// Former chains at most.
pub const MAX_FORMER: usize = 16;

/// A block that the pinned configuration vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenBlock {
    /// Height.
    pub number: u64,
    /// Unix seconds.
    pub time: i64,
    /// The hash by which the chain knows it.
    pub hash: [u8; 32],
    pub(crate) state_root: [u8; 32],
}

impl PinnedChain {
    /// Checks the configuration once, at start.
    ///
    /// # Errors
    /// [`ChainProofError::Configuration`].
    pub fn check(&self) -> Result<(), ChainProofError> {
        let bad = |what| Err(ChainProofError::Configuration(what));
        if self.former.len() > MAX_FORMER {
            return bad("too many former chains");
        }
        for (place, former) in self.former.iter().enumerate() {
            if !former.chain.former.is_empty() {
                return bad("a former chain has former chains itself");
            }
            former.chain.check()?;
            let others = self.former[..place].iter().map(|one| &one.chain);
            if others.chain([self]).any(|other| other.overlaps(&former.chain)) {
                return bad("a contract is pinned twice");
            }
        }
        match &self.trust {
            HeaderTrust::Witnesses { keys, quorum } => {
                if *quorum == 0 || *quorum > keys.len() {
                    return bad("the witness quorum is not between 1 and the number of keys");
                }
                if (1..keys.len()).any(|index| keys[..index].contains(&keys[index])) {
                    return bad("a witness key stands twice");
                }
            }
            HeaderTrust::Validators(epochs) => {
                if epochs.is_empty() {
                    return bad("no validator set");
                }
                if epochs.windows(2).any(|pair| pair[0].from_block >= pair[1].from_block) {
                    return bad("validator sets are not in the order of their blocks");
                }
                for epoch in epochs {
                    let set = &epoch.validators;
                    let double = (1..set.len()).any(|index| set[..index].contains(&set[index]));
                    if set.is_empty() || set.len() > MAX_VALIDATORS || double {
                        return bad("a validator set is empty, too large or has one twice");
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a proof could be of either.
    fn overlaps(&self, other: &Self) -> bool {
        self.chain_id == other.chain_id
            && [other.did_registry, other.status_registry].iter().any(|one| self.has(one))
    }

    /// Whether this is one of the two contracts.
    pub(crate) fn has(&self, contract: &Address) -> bool {
        [self.did_registry, self.status_registry].contains(contract)
    }

    /// Believes a header, or says why not.
    ///
    /// # Errors
    /// [`ChainProofError`].
    pub fn block(
        &self,
        header: &[u8],
        witnesses: &[ChainWitness],
    ) -> Result<ProvenBlock, ChainProofError> {
        self.check()?;
        let header = BlockHeader::parse(header)?;
        let hash = match &self.trust {
            HeaderTrust::Witnesses { keys, quorum } => {
                // On a QBFT chain the known hash leaves the seals out; elsewhere the extra data are free text.
                let plain = header.hash();
                let known = QbftExtra::parse(&header.extra)
                    .map_or(plain, |extra| extra.block_hash(&header));
                let statement = |hash| WitnessStatement {
                    chain_id: self.chain_id,
                    number: header.number,
                    hash,
                };
                let found = count(&statement(known), witnesses, keys)?;
                if found < *quorum {
                    return Err(ChainProofError::TooFewWitnesses { found, wanted: *quorum });
                }
                known
            }
            HeaderTrust::Validators(epochs) => {
                let epoch = epochs
                    .iter()
                    .rev()
                    .find(|epoch| epoch.from_block <= header.number)
                    .ok_or(ChainProofError::NotPinned)?;
                let extra = QbftExtra::parse(&header.extra)?;
                extra.check(&header, &epoch.validators)?;
                extra.block_hash(&header)
            }
        };
        Ok(ProvenBlock {
            number: header.number,
            time: header.time,
            hash,
            state_root: header.state_root,
        })
    }
}

//! What a chain holds, proven without asking a node.
//!
//! A proof is a block header, an account proof and storage proofs (EIP-1186), all of them bytes
//! that anybody may hand over. [`PinnedChain`] is what the verifier was told beforehand: which
//! nodes' statements about blocks count ([`ChainWitness`], k of n), or which validators seal
//! blocks on a QBFT chain ([`ValidatorEpoch`]). Nothing here talks to a network or reads a clock.
//!
//! [`PinnedChain::prove`] takes what `eth_getProof` gave ([`evm_chain::StorageProofBundle`]) and
//! gives [`ProvenStorage`]: words of one contract at one block, and our contracts' heads read out
//! of them. How old a proven block may be is for the caller to judge.

mod account;
mod error;
mod header;
mod pinned;
mod pins_file;
mod qbft;
mod storage;
mod witness;

#[cfg(test)]
mod tests;

pub use account::MAX_NODES;
pub use error::ChainProofError;
pub use header::{BlockHeader, MAX_HEADER_BYTES};
pub use pinned::{FormerChain, HeaderTrust, MAX_FORMER, PinnedChain, ProvenBlock, ValidatorEpoch};
pub use pins_file::{FormerPins, PinsFile};
pub use qbft::{MAX_VALIDATORS, QbftExtra, quorum};
pub use storage::{MAX_SLOTS, ProvenStatusHead, ProvenStorage};
pub use witness::{ChainWitness, MAX_WITNESSES, WitnessStatement};

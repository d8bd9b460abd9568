//! Anchoring: all status lists and the issued batch of an epoch under two roots on a chain.
//!
//! A batch is recorded before anything is sent; what is recorded is sent again until the chain
//! has it, after a crash too. Issuing and revoking never wait for the chain.

mod batch;
mod chain;
mod did;
mod keys;
mod run;
mod staple;

pub use batch::{
    AnchorBatch, BatchStage, IssuanceLeaf, ListLeaf, issuance_inclusion, list_inclusion,
};
pub use chain::{AnchorChain, AnchorChainError, BlockWitnesses, EvmAnchors};
pub use did::DidAnchor;
pub use run::{AnchorError, AnchorReport, AnchorView};

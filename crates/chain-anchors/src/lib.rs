//! Merkle batches, epochs and what a verifier concludes from an anchored head.
//!
//! An issuer commits, once per epoch, to *all* its status lists (one root) and to the batch of
//! credentials it issued (another root). This crate builds and checks those trees; it neither
//! talks to a chain nor reads a clock, so it works offline and in WebAssembly. [`Staple`] is how
//! the proofs travel beside a credential.

mod epoch;
mod finding;
mod leaf;
mod merkle;
mod pack;
mod staple;

#[cfg(test)]
mod tests;

pub use epoch::{Epoch, EpochBuilder, EpochError, IssuanceInclusion, ListInclusion, ListVersion};
pub use finding::{AnchorFinding, compare, compare_digest};
pub use leaf::{issuance_leaf, pack_list_id, status_leaf, token_list_id};
pub use merkle::{Hash, InclusionProof, MerkleTree, ProofError, empty_root, leaf_hash};
pub use pack::{PACK_EVIDENCE_VERSION, PackEvidence};
pub use staple::{
    MAX_STAPLE_BYTES, STAPLE_VERSION, Staple, StapleError, StapledList, StapledProof,
    WitnessSignature,
};

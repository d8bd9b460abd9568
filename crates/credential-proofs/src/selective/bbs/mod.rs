//! BBS signatures with the suite BLS12-381-SHA-256 (draft-irtf-cfrg-bbs-signatures): sign a list of messages, verify,
//! prove knowledge of the signature while disclosing some messages, verify that proof.
//!
//! Written over a curve library, because the proofs must draw their randomness from our
//! [`Entropy`](credential_model::ambient::Entropy), must not panic on hostile bytes, and need the fixed generators in
//! tables. Tests compare with the published vectors of `bbs-2023` and, both ways, with the crate `zkryptium`.

mod curve;
mod generators;
mod key;
mod proof;
mod scalars;
mod signature;

pub(super) use bls12_381_plus::Scalar;
pub use key::{BbsSecretKey, BbsSigner};
pub(super) use proof::{Disclosed, PROOF_SCALARS, prove, verify_proof};
pub(super) use scalars::random_scalars;
#[cfg(test)]
pub(super) use scalars::seeded_scalars;
pub(super) use signature::verify;

/// The identifier of the interface: prefix of every domain separation tag.
const API_ID: &[u8] = b"BBS_BLS12381G1_XMD:SHA-256_SSWU_RO_H2G_HM2S_";

/// A domain separation tag.
fn tag(name: &[u8]) -> Vec<u8> {
    [API_ID, name].concat()
}

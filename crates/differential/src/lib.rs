//! Oracles: our proofs against those of other people, over generated and mutated documents.
//!
//! For each document our canonical N-Quads are compared with those of oxjsonld + oxrdf and, with the feature `ssi`,
//! of ssi; then signatures go both ways, and a changed secured document is judged by both.
//!
//! The rule: what we accept, the others accept with the same result. We may refuse more, because safe mode is our only
//! mode. Where another one differs, the reason is shown, not claimed: [`known`] takes out of the document what causes
//! it, and then all must agree.

pub mod compare;
pub mod dice;
pub mod generate;
pub mod keys;
pub mod known;
pub mod mutate;
pub mod peers;
#[cfg(feature = "ssi")]
pub mod signatures;
#[cfg(feature = "ssi")]
pub mod ssi_bench;
#[cfg(feature = "ssi")]
pub mod ssi_peer;
pub mod tally;

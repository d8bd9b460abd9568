//! Data Integrity with selective disclosure: `ecdsa-sd-2023` (W3C vc-di-ecdsa 1.0, section 3.5) and `bbs-2023` (W3C
//! vc-di-bbs, section 3; feature `bbs`; baseline, without holder binding and pseudonyms).
//!
//! 1. The issuer makes a **base proof** with [`create_base`] and says which statements may never be hidden.
//! 2. The holder checks it with [`verify_base`] and makes a **derived proof** with [`derive()`] over the mandatory
//!    statements and those it chooses, by JSON Pointer (RFC 6901).
//! 3. A verifier calls [`data_integrity::verify`](crate::data_integrity::verify) as for any other suite. It refuses base
//!    proofs: who has one can disclose everything.
//!
//! `ecdsa-sd-2023` signs each statement (a line of N-Quads) with a key made for this one proof. `bbs-2023` signs all of
//! them at once and proves knowledge of that signature, so that two derived proofs share nothing to link them by.
//!
//! What a pointer can select is what RDF can tell apart: members, objects and items of arrays. An item inside a JSON-LD
//! list (`@list`) or JSON literal cannot be taken out alone; the pointer must name the whole list or an object above
//! it. [`SelectiveError::Unselectable`] says so.

#[cfg(feature = "bbs")]
mod bbs;
mod check;
mod create;
mod derive;
mod error;
mod group;
mod labels;
mod pointer;
mod proof_value;
#[cfg(test)]
mod tests;

#[cfg(feature = "bbs")]
pub use bbs::{BbsSecretKey, BbsSigner};
pub use check::verify_base;
pub(crate) use check::{Sight, check_selective};
pub use create::{BaseKey, create_base};
pub use derive::{Disclosure, derive, mandatory_pointers};
pub use error::SelectiveError;

/// The most statements that one proof signs one by one. Each costs the verifier of `ecdsa-sd-2023` a signature.
pub const MAX_STATEMENTS: usize = 1024;
/// The most statements of a `bbs-2023` proof. Each costs the verifier a multiplication on the curve.
pub const MAX_BBS_STATEMENTS: usize = 512;
/// The most JSON Pointers of one proof.
pub const MAX_POINTERS: usize = 256;
/// The longest `proofValue`, in characters: [`MAX_STATEMENTS`] signatures of 66 bytes in base64url, and pointers.
pub(crate) const MAX_PROOF_VALUE: usize = 160 * 1024;

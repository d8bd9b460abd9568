//! COSE (RFC 9052): `COSE_Sign1` with the freedom taken out, and VC-JOSE-COSE section 3.3 (`vc+cose`, `vp+cose`).
//!
//! * The algorithm comes from the key; the protected header must repeat it.
//! * `alg`, `kid`, `typ` (label 16, RFC 9596) and the content type are read from the protected header only, and the
//!   unprotected header must be empty: nobody signs it.
//! * One text for one value: definite lengths, shortest forms, no duplicate keys, no bytes after the end, no tag but
//!   one 18 in front (or none).
//! * A presentation is bound to verifier and request by the CWT claims in its protected header (label 15, RFC 9597):
//!   `aud`, `nonce` (label 10, RFC 9711), `iat`, `exp`.

mod claims;
mod credential;
mod error;
mod presentation;
mod scan;
mod sign1;

pub use credential::{document_unverified, issue, prepare, verification_method, verify};
pub use error::CoseError;
pub use presentation::{present, presentation_method, verify_presentation};
pub use sign1::{PreparedCose, Sign1};

#[cfg(test)]
mod tests;

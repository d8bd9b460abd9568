//! W3C Data Integrity 1.0: cryptosuites over our own JSON-LD and RDFC-1.0 core, proof sets, `previousProof` chains;
//! the legacy `Ed25519Signature2020` is read.
//!
//! [`verify()`] makes the checks that libraries leave out: who controls the key, what for, until when; purpose, dates,
//! challenge, domain; one exact encoding. Which contexts exist is a closed list.

mod bulk;
mod engine;
mod error;
mod multibase;
mod options;
mod read;
mod secure;
mod shape;
mod suite;
mod verify;

pub use crate::expected::Expected;
pub use bulk::{BulkForm, BulkIssuer, BulkProof, Filled};
pub use engine::Engine;
pub(crate) use engine::configuration;
pub use error::{ProofError, SecureError, TransformError};
pub use options::ProofOptions;
pub(crate) use read::{ReadProof, proofs};
pub use secure::{PreparedProof, prepare, secure};
pub(crate) use secure::{attach, unsecured};
pub(crate) use shape::Shapes;
pub use suite::Cryptosuite;
pub(crate) use verify::Shown;
pub use verify::{VerifiedProof, danger, verification_methods, verify, verify_batch};

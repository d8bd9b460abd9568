//! `did:webvh` 1.0: a web host serves a log of signed, chained versions
//! (<https://identity.foundation/didwebvh/v1.0/>).
//!
//! Who hosts the log decides nothing: the DID holds the hash of the first entry, each entry
//! names the hash of the one before, and each is signed by a key that an earlier entry allowed.
//!
//! The proofs of a log are checked here with keys and canonical JSON alone. The method fixes one
//! suite (`eddsa-jcs-2022`), the key stands in the proof, and neither purpose nor controller is
//! looked up in any document: handing this to the credential proof engine would need a document
//! loader that answers with the very log being checked.

mod address;
mod error;
mod fields;
mod log;
mod parameters;
mod proof;
mod witness;

pub use address::{WebvhAddress, did_webvh_address};
pub use error::LogError;
pub use log::{MAX_LOG_BYTES, MAX_LOG_ENTRIES, SignedLog, WebvhLog, WebvhVersion};
pub use witness::MAX_WITNESS_BYTES;

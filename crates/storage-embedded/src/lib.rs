//! The embedded backend of the three store traits: one directory, no server.
//!
//! `engine` is the little key-value contract (atomic, durable batches) that two
//! embedded databases fulfil; `issuer`, `verifier` and `wallet` implement the
//! store traits that the flows own, each on top of it; `chain_index` keeps what was read of a chain.
//!
//! The only room that names an embedded database (`fjall`, `sled`).

pub mod chain_index;
pub mod engine;
pub mod issuer;
pub mod officers;
pub mod verifier;
pub mod wallet;

//! Our contracts on any EVM chain: bindings, reading with distrust, writing with an outbox.
//!
//! Without the feature `native` only plain values, the traits and the contract artifacts remain,
//! so the offline verifier speaks of heads and epochs without any chain library. With it,
//! [`ChainReader`] and [`ChainWriter`] talk standard JSON-RPC. What is anchored, and what never
//! is, stands in `docs/decisions` and in the contracts' comments.

pub mod artifacts;

mod address;
mod error;
mod heads;
mod hex_bytes;
mod outbox;
mod read;

#[cfg(feature = "native")]
mod native;

#[cfg(test)]
mod tests;

pub use address::{Address, AddressError};
pub use error::ChainError;
pub use heads::{
    ChainSettings, Contracts, DidHead, DidStatus, EpochRecord, StatusHead, Tip, TrustedBlock,
};
pub use outbox::{MemoryOutbox, Outbox, OutboxError, OutboxRow, OutboxState};
pub use read::{ReadChain, TransactionSigner};

#[cfg(feature = "native")]
pub use native::*;

//! Our contracts on any EVM chain: bindings, reading with distrust, writing with an outbox.
//!
//! Without the feature `native` only plain values, the traits and the contract artifacts remain,
//! so the offline verifier speaks of heads and epochs without any chain library. With it,
//! [`ChainReader`] and [`ChainWriter`] talk standard JSON-RPC. What is anchored, and what never
//! is, stands in `docs/decisions` and in the contracts' comments.

pub mod artifacts;
pub mod costs;
pub mod slots;

mod accreditation;
mod address;
mod error;
mod heads;
mod hex_bytes;
mod index;
mod keys;
mod outbox;
mod proof;
mod read;

#[cfg(feature = "native")]
mod native;

#[cfg(test)]
mod tests;

pub use accreditation::{
    AccreditationChain, AccreditationChange, AccreditationRecord, AccreditationStatus, Authority,
    DEPTH_LIMIT, DirectoryState, Scope, TYPE_SET_LIMIT, best_authority, type_hash, type_set_root,
};
pub use address::{Address, AddressError};
pub use error::ChainError;
pub use heads::{
    ChainSettings, Contracts, DidHead, DidStatus, EpochRecord, StatusHead, Tip, TrustedBlock,
};
pub use index::{
    Checkpoint, IndexFact, IndexRow, IndexStore, IndexStoreError, MemoryIndex, TrustIndex,
    check_index_store,
};
pub use keys::{EpochEvent, KeyState, KeyStatement, KeyStatus, key_id_hash};
pub use outbox::{
    LeaseOutcome, MemoryOutbox, Outbox, OutboxError, OutboxRow, OutboxState, WriterLease,
};
pub use proof::{SlotProof, StorageProofBundle};
pub use read::{HeadOf, ReadChain, TransactionSigner};

#[cfg(feature = "native")]
pub use native::*;

//! The JSON-RPC client: everything that needs alloy.

mod agree;
mod bindings;
mod deploy;
mod directory;
mod drive;
mod erc1056;
mod fees;
mod indexer;
mod look;
mod node;
mod read_chain;
mod reader;
mod refusal;
mod sign;
mod transport;
mod trust;
mod writer;

pub mod danger;

pub use agree::{NodeHealth, NodeState};
pub use deploy::Governance;
pub use directory::{DirectoryAction, Proposal};
pub use erc1056::{
    Erc1056Change, Erc1056Event, Erc1056Reader, Erc1056Settings, EthrEvents,
    address_of_compressed_key, checksummed,
};
pub use fees::FeePolicy;
pub use indexer::{IndexError, IndexProgress, Indexer, REORG_LIMIT};
pub use reader::{AgreeingReader, ChainReader};
pub use sign::address_of_public_key;
pub use transport::NodeLimits;
pub use trust::{Grant, KeyChange, StateChange};
pub use writer::{ChainWriteError, ChainWriter, EVENT_BYTES_LIMIT, Progress, SentTx};

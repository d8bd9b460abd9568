//! The JSON-RPC client: everything that needs alloy.

mod bindings;
mod drive;
mod fees;
mod node;
mod reader;
mod sign;
mod transport;
mod writer;

pub mod danger;

pub use fees::FeePolicy;
pub use reader::ChainReader;
pub use sign::address_of_public_key;
pub use transport::NodeLimits;
pub use writer::{ChainWriteError, ChainWriter, EVENT_BYTES_LIMIT, Progress, SentTx};

//! A single-node EVM chain for development and tests. It mines each transaction at once, answers
//! JSON-RPC as anvil does, and loses nothing that it acknowledged when it is killed.
//!
//! Real: execution (revm, Prague rules), fees, receipts, bloom filters, transaction, receipt,
//! withdrawal and state tries, block hashes, `eth_getProof`. Absent: peers, consensus, uncles,
//! blobs, the system calls of EIP-2935 and EIP-4788, websockets, tracing, log subscriptions.
//! It belongs to the workshop and is never linked into a service.

mod block;
mod chain;
mod journal;
mod rpc;
mod rpc_error;
mod server;
mod state;

pub use block::{BLOCK_GAS_LIMIT, Block, FUND_GWEI, Mined};
pub use chain::{Chain, Now, OpenError};
pub use journal::{Journal, JournalError, Record};
pub use rpc::dispatch;
pub use rpc_error::RpcError;
pub use server::{SharedChain, router, serve};
pub use state::{Account, State};

/// The machine's clock, for a chain that people use.
pub fn wall_clock() -> Now {
    Box::new(|| {
        #[expect(clippy::disallowed_methods, reason = "the dev chain is an entrance of its own")]
        let now = std::time::SystemTime::now();
        now.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
    })
}

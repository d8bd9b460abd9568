//! Real processes for tests and for the demo: a chain, both services, wallets.
//!
//! Nothing here is a double. A [`Town`] starts the binaries that ship, speaks to them
//! over HTTP and through the `wallet` command, and can kill any of them at any moment.

#![allow(missing_docs, reason = "the workshop is read, not published; the names say it")]

pub mod authority;
pub mod browser;
pub mod chain;
pub mod employer;
pub mod http;
pub mod officer;
pub mod oidc_provider;
pub mod pocket;
pub mod process;
pub mod stories;
pub mod teller;
pub mod thief;
pub mod town;
pub mod trust;

pub use town::{ChainKind, Town};

//! Presenting: OID4VP 1.0 as a wallet.
//!
//! 1. `Wallet::read_request` fetches the request, authenticates who asks, and refuses
//!    everything the standard tells a wallet to refuse.
//! 2. `Wallet::plan` matches the query against what is held and picks the smallest answer.
//! 3. [`Plan::consent`] is what the holder decides on.
//! 4. `Wallet::present` or `Wallet::refuse` answers; both are written into the history.

mod build;
mod consent;
mod error;
mod plan;
mod request;
mod respond;
mod verifier;

pub use consent::{ConsentItem, ConsentView, ShownClaim, VerifierView};
pub use error::PresentError;
pub use plan::{Choices, Plan, PlanEntry};
pub use request::AskedPresentation;
pub use respond::Delivered;
pub use verifier::Proven;

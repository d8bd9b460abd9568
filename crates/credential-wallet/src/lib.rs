//! The holder's side: accept what is offered, hold it, see who asks for what, present the
//! least, back up.
//!
//! | module | what |
//! |---|---|
//! | [`accept`] | OID4VCI 1.0 with the pre-authorized code: works with any issuer that speaks the final text |
//! | [`present`] | OID4VP 1.0: authenticate who asks, match DCQL, ask consent, answer |
//! | [`store`], [`store_contract`] | what a backend must do, and the tests that say whether it does |
//! | [`ledger`] | every record sealed, counted, and guarded against going back in time |
//! | [`records`] | what is kept: credentials, history |
//! | [`evidence`] | proofs from the issuer that lie beside a credential, for verifiers without a net |
//! | [`shares`] | links that the holder controls |
//! | [`backup`] | the whole wallet in one encrypted file |
//! | [`x509`] | certificates of verifiers |
//!
//! The flow knows neither files nor terminals nor HTTP libraries: network, DIDs, keys,
//! time and randomness come in as [`WalletParts`].

pub mod accept;
pub mod backup;
pub mod claims;
pub mod evidence;
mod http;
pub mod ledger;
pub mod present;
pub mod records;
pub mod shares;
pub mod store;
pub mod store_contract;
mod types;
mod wallet;
pub mod x509;

pub use http::{Rejection, TransportError};
pub use wallet::{PickError, Wallet, WalletParts, WalletSettings, short_id};

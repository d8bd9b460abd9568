//! Who may do what in an issuer's office.
//!
//! * [`Access`] is the flow: officers' accounts (argon2id and TOTP), sessions, API keys, sign-in
//!   through an OpenID provider, and the actions that wait for a second person.
//! * [`Role`] and [`Permission`] are the table of who may do what; [`Principal`] is who is acting.
//! * [`store::AccessStore`] is what it asks of a backend: rows on shelves, changed together or not
//!   at all. [`store_contract`] is the test suite every backend passes.
//!
//! # What a stolen database tells
//! Passwords lie as argon2id, sessions, API keys and recovery codes as digests. The secrets of the
//! one-time codes are not there at all: they are derived from a secret file that the service reads.
//!
//! It knows neither HTTP nor SQL; time, randomness and network are arguments.

pub mod oidc;
pub mod store;
pub mod store_contract;
pub mod totp;

mod access;
mod account;
mod api_key;
mod approval;
mod base32;
mod keyed;
mod officers;
mod password;
mod role;
mod session;
mod sign_in;

pub use access::{Access, AccessParts, AccessSettings, SECRET_BYTES};
pub use account::{Account, AccountId, SignInMethod};
pub use api_key::{ApiKey, ApiKeyError, NewApiKey};
pub use approval::{
    ActionError, ActionId, ActionKind, ActionStage, FourEyes, NewAction, PendingAction, Person,
};
pub use officers::{Enrolment, NewOfficer, OfficerError};
pub use password::PasswordCost;
pub use role::{Permission, Principal, Role};
pub use session::{Seat, SessionToken};
pub use sign_in::{SignIn, SignInRefusal, SignedIn};

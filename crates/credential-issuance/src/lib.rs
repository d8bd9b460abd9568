//! The issuing flow: offer → token → key proof → prepare → sign → status → anchor → revoke.
//!
//! [`Issuer`] is the flow; its methods are spread over the modules by step. It knows neither
//! HTTP nor files nor SQL: it is given a store ([`store::IssuerStore`]), keys, a clock,
//! randomness and, where there is one, a chain ([`anchor::AnchorChain`]).
//!
//! # What is idempotent
//! * A pre-authorized code is single-use. If the service died after spending it, the next run of
//!   the service lets it be exchanged once more, as long as no credential was asked for with the
//!   lost token; the lost token stops working ([`offer::OfferStage::reopen`]).
//! * A credential is identified by (offer, configuration, holder key). Asked for again with a
//!   fresh nonce and a valid token, the *same* credential is answered, byte for byte, from the
//!   record; no second status index is spent. A used nonce is refused even then.
//! * What is signed was recorded before, together with its status index and the spent nonces, in
//!   one durable commit. After a crash in between, the next request (or
//!   [`Issuer::finish_prepared`] at start) signs what is recorded.
//! * A status change and its audit entry are one commit; a list whose publication was cut off is
//!   published by [`Issuer::maintain`].
//! * An anchor batch is recorded before it is sent and sent until the chain has it.

mod acting;
pub mod anchor;
pub mod audit;
pub mod bulk;
pub mod credential;
pub mod erasure;
pub mod ids;
pub mod offer;
pub mod person;
pub mod status;
pub mod store;
pub mod store_contract;
pub mod store_copy;

mod deferred;
mod deferred_record;
mod identity;
mod issuer;
mod key_register;
mod kinds;
mod metadata;
mod nonce;
mod notification;
mod obtain;
mod officer;
mod proofs;
mod request;
mod text_form;

pub use acting::acting_as;
pub use deferred::{DeferredError, ReleaseError};
pub use deferred_record::{DeferredRequestRecord, DeferredStage};
pub use identity::{ED25519_LABEL, Identity, IdentityError, KeyStatement, P256_LABEL};
pub use issuer::{Issuer, IssuerParts, OpenError, Settings};
pub use key_register::{KeyPlace, KeyRegister, RegisterError, RegisteredKey};
pub use kinds::{ImportFormat, KindsError, KindsOutcome};
pub use metadata::MetadataError;
pub use notification::NotificationError;
pub use officer::check_reason;
pub use request::{CredentialRequestError, TokenRefused};

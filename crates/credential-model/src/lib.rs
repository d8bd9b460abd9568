//! The vocabulary of the house: VCDM 2.0 documents and our credential types as Rust types.
//!
//! Floor 0: no I/O, no clock, no randomness of its own. What comes from outside is
//! parsed here once and carried on as a type: [`moment::Moment`], [`did::Did`],
//! [`credential::UnverifiedCredential`], a typed subject of the [`catalogue`].
//!
//! | module | what it knows |
//! |---|---|
//! | [`moment`], [`ambient`] | time as a value; clock and randomness as arguments |
//! | [`json`], [`jcs`] | strict reading and canonical writing of JSON |
//! | [`did`] | DIDs, DID URLs and controlled identifier documents |
//! | [`mod@format`], [`credential`] | the three wire formats; a credential nobody has verified yet |
//! | [`contexts`] | the closed, digest-pinned list of JSON-LD contexts |
//! | [`catalogue`] | the seven credential types: structs, schemas, labels, rules |
//! | [`kinds`] | the ~1,000 kinds of qualification, which are data |
//! | [`forbidden`] | the detector for numbers that may never enter a credential |
//!
//! Feature `schema-check` (default) adds JSON Schema validation and the CSV and XML
//! imports; without it the crate still checks documents by its typed rules and
//! compiles to WebAssembly.

pub mod ambient;
pub mod catalogue;
pub mod contexts;
pub mod credential;
pub mod did;
pub mod forbidden;
pub mod format;
pub mod jcs;
pub mod json;
pub mod kinds;
pub mod moment;
mod unicode;

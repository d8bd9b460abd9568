//! JSON-LD 1.1 straight to RDF, over pinned contexts only.
//!
//! * Contexts come from a [`Library`]: the closed list of `credential_model::contexts`. Each is parsed once, and each
//!   combination of contexts is compiled once and remembered while it is used; a document is then walked once.
//! * Safe mode is the only mode. What RDF would lose is refused: undefined terms, relative IRIs, nulls, free-floating
//!   values, index keys, text directions. A signature over the RDF then covers everything the document says.
//! * A member or type is written with the term that the contexts have for it, not with the IRI or keyword behind the term: the
//!   RDF would be the same, and a reader of the JSON would see nothing ([`JsonLdError::RenamedTerm`]).
//! * Not supported, and refused by name: `@reverse`, `@nest`, `@included`, `@import`, `@base`, property-valued indexes.
//!   Inline contexts, and contexts on inner nodes, are refused unless [`Options`] admits them, because they can rename
//!   terms under a signature.

mod active;
mod define;
mod emit;
mod error;
mod iri;
mod library;
mod local;
mod node_rules;
mod process;
mod property;
mod quick_hash;
mod source;
#[cfg(test)]
mod tests;
pub(crate) mod trace;
mod value;

pub(crate) use emit::dataset_of;
pub use emit::to_dataset;
pub use error::JsonLdError;
pub use library::{Library, Options};
pub(crate) use source::Source;

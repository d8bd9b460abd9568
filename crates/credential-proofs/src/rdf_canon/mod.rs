//! RDF Dataset Canonicalization, RDFC-1.0, complete and under a work limit.
//!
//! A [`Dataset`] keeps every term once, already in its N-Quads form, so that hashing is concatenation. Most documents
//! need only first-degree hashes; the n-degree path handles the rest, and a [`Limits::max_work`] budget refuses poison
//! graphs in bounded time.

mod canonicalize;
mod dataset;
mod iri;
mod n_degree;
mod nquads;
mod terms;
#[cfg(test)]
mod tests;

pub(crate) use canonicalize::push_number;
pub use canonicalize::{CanonError, Canonical, HashAlgorithm, Limits, canonicalize};
pub(crate) use dataset::escape_into;
pub use dataset::{Dataset, Quad, TermId};
pub(crate) use iri::is_absolute;
pub use nquads::NQuadsError;

//! Who is accredited to issue what, since when, and by whom.
//!
//! A [`TrustList`] is a signed document of an operator (for qualifications: the ministry)
//! that names issuers, the credential types and kinds they may issue, the time they may
//! do so, and the chain of authorities behind it. Its signature is verified by the
//! caller; this crate reads the content strictly, answers [`TrustList::authorised`] and
//! guards against being served an older list ([`check_successor`]).
//!
//! [`TrustSource`] is what the verification flow asks. The list is one implementation;
//! [`ChainTrust`], filled with accreditation records from a chain, is the other.

mod account;
mod beside;
mod chain;
mod entitlement;
mod list;
mod successor;
#[cfg(test)]
mod tests;

pub use account::{ChainAccount, ChainAccountError};
pub use beside::BesideList;
pub use chain::{ChainTrust, kind_scope};
pub use entitlement::{Entitlement, Question, TrustSource};
pub use list::{MAX_ENTRIES, TrustEntry, TrustList, TrustListError};
pub use successor::{SeenList, SuccessionError, check_successor};

//! Status lists: allocate an index, set it, encode the list, read it back.
//!
//! * [Bitstring Status List 1.0](https://www.w3.org/TR/vc-bitstring-status-list/) for
//!   `ldp_vc` and `jwt_vc_json`: [`list_credential`], [`read`];
//! * [Token Status List](https://datatracker.ietf.org/doc/draft-ietf-oauth-status-list/)
//!   for `dc+sd-jwt`: [`token_list_payload`], [`read_token`]. Payloads only; signing and
//!   verifying are the callers' business.
//!
//! One [`Bitstring`] serves both forms: the same index under the same URL. Our lists have
//! two bits per entry ([`StatusValue`]); foreign lists of 1 to 8 bits are read.
//!
//! A [`StatusPack`] carries all lists of an issuer to a desk without a net, in a few hundred
//! kilobytes, and a [`PackDelta`] keeps it current.
//!
//! Nothing here fetches. A list that could not be fetched is
//! [`StatusError::RetrievalFailed`], so that "could not look" stays apart from "revoked".

mod allocator;
mod bitstring;
mod compression;
mod entry;
mod error;
mod list;
mod pack;
mod token;
mod value;

#[cfg(test)]
mod tests;

pub use allocator::IndexAllocator;
pub use bitstring::{Bitstring, MAX_LIST_BYTES, MIN_ENTRIES};
pub use entry::{EntryForm, StatusEntry};
pub use error::{PROBLEM_TYPE_PREFIX, StatusError};
pub use list::{ListDocument, STATUS_LIST_CONTEXT, StatusReading, list_credential, read};
pub use pack::{
    DeltaLink, MAX_DELTA_BYTES, MAX_DELTA_CHANGES, MAX_PACK_BYTES, MAX_PACK_ENTRIES,
    MAX_PACK_LISTS, PackAge, PackContent, PackDelta, PackError, PackListing, PackReading,
    PackUpdate, STATUS_PACK_TYP, SnapshotLink, StatusPack, StatusPackIndex, index_payload,
    read_index,
};
pub use token::{TOKEN_LIST_TYP, TokenListDocument, read_token, token_list_payload};
pub use value::StatusValue;

//! The status pack: every list of an issuer in one small download, kept current by deltas.
//!
//! * [`PackContent`] is the coded snapshot: for each list and each code other than 0 the gaps
//!   between the entries that have it, Rice-coded. It is canonical (equal lists give equal bytes,
//!   nothing else is read), stays compressed in memory and answers for one entry by a skip index.
//! * [`PackDelta`] leads from one snapshot to the next and names both by digest; the result of
//!   applying it is the very snapshot the issuer has.
//! * [`StatusPackIndex`] is the discovery document: lists with version and digest, epoch,
//!   snapshot, deltas, validity. It is a payload; the flows sign and verify it.
//! * [`StatusPack`] is what a verifier's desk holds: index and content that belong together.
//!
//! The formats are described in `docs/decisions/0018-status-pack.md`.

mod apply;
mod content;
mod delta;
mod desk;
mod error;
mod index;
mod rice;
mod wire;

pub use content::{MAX_PACK_BYTES, MAX_PACK_ENTRIES, MAX_PACK_LISTS, PackContent};
pub use delta::{MAX_DELTA_BYTES, MAX_DELTA_CHANGES, PackDelta};
pub use desk::{PackAge, PackReading, PackUpdate, StatusPack};
pub use error::PackError;
pub use index::{
    DeltaLink, PackListing, STATUS_PACK_TYP, SnapshotLink, StatusPackIndex, index_payload,
    read_index,
};

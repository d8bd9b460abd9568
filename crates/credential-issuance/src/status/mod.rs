//! Status: which changes are allowed, how a change becomes visible, how lists are signed.

mod change;
mod list_record;
pub(crate) mod pack;
mod publish;
mod together;

pub use change::{StatusAction, StatusChangeError, StatusChangeOutcome, transition};
pub use list_record::{ListClass, ListRecord, Publication, PublishedList};
pub use pack::{PackPart, PackServeError, ServedPack};
pub use publish::{PublishError, ServedList};
pub use status_lists::StatusValue;
pub(crate) use together::Together;

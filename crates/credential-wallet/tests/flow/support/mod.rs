//! A wallet, an issuer, a verifier and a network between them.

pub(crate) mod certificates;
pub(crate) mod issuer;
pub(crate) mod net;
pub(crate) mod verifier;
pub(crate) mod wallet;

use credential_model::moment::Moment;

/// When all of this happens.
pub(crate) fn now() -> Moment {
    Moment::parse("2026-11-23T05:00:00Z").unwrap()
}

/// Runs a future to its end.
pub(crate) fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

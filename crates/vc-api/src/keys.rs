//! From the verification methods that a document names to the keys it is checked with.

use credential_model::did::DidUrl;
use did_resolution::{Resolve, ResolveError, resolve_verification_key};
use signing_keys::KeyRing;

use crate::problem::ProblemDetail;

/// Resolves every method; `kind` is the problem type of what cannot be had.
pub(crate) async fn ring(
    methods: &[DidUrl],
    resolver: &dyn Resolve,
    kind: &'static str,
) -> Result<KeyRing, ProblemDetail> {
    let mut ring = KeyRing::new();
    for method in methods {
        let key = resolve_verification_key(resolver, method)
            .await
            .map_err(|error| unresolved(&error, kind))?;
        ring.insert(key);
    }
    Ok(ring)
}

fn unresolved(error: &ResolveError, kind: &'static str) -> ProblemDetail {
    let detail = if error.is_inconclusive() {
        format!("the verification method could not be looked up: {error}")
    } else {
        format!("the verification method is not usable: {error}")
    };
    ProblemDetail::new(kind, error.code(), detail)
}

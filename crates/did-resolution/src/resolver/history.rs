//! The methods that keep a history of their own: `did:webvh` and `did:ethr`.

use credential_model::did::{Did, DidDocument};
use credential_model::moment::Moment;
use serde_json::{Value, json};
use web_fetch::FetchRequest;

use super::{UniversalResolver, unanchored};
use crate::error::ResolveError;
use crate::resolution::{Resolution, Source};
use crate::version::VersionQuery;
use crate::webvh::{MAX_LOG_BYTES, MAX_WITNESS_BYTES, SignedLog, did_webvh_address};

impl UniversalResolver {
    /// The version in force, remembered like any other resolution, and no longer than its own
    /// time to live.
    pub(super) async fn resolve_latest(&self, did: &Did) -> Result<Resolution, ResolveError> {
        if let Some(known) = self.cache.as_ref().and_then(|cache| cache.get(did)) {
            return Ok(known);
        }
        let (resolution, ttl) = self.resolve_history(did, &VersionQuery::Latest).await?;
        if let Some(cache) = &self.cache {
            cache.put(did, &resolution, ttl);
        }
        Ok(resolution)
    }

    /// A version, and for how many seconds it may be kept.
    pub(super) async fn resolve_history(
        &self,
        did: &Did,
        query: &VersionQuery,
    ) -> Result<(Resolution, i64), ResolveError> {
        let not_supported = || ResolveError::MethodNotSupported(did.method().to_owned());
        let now = self.clock.as_ref().ok_or_else(not_supported)?.now();
        match did.method() {
            "webvh" => self.resolve_webvh(did, query, now).await,
            #[cfg(feature = "native")]
            "ethr" => {
                let resolved = crate::ethr::resolve_ethr(&self.ethr, did, query, now).await?;
                Ok((unanchored(resolved.document, Source::Registry), i64::MAX))
            }
            _ => Err(not_supported()),
        }
    }

    async fn resolve_webvh(
        &self,
        did: &Did,
        query: &VersionQuery,
        now: Moment,
    ) -> Result<(Resolution, i64), ResolveError> {
        let address = did_webvh_address(did)?;
        let request = FetchRequest::get(address.log)
            .accept("text/jsonl, application/jsonl, application/json;q=0.9, text/plain;q=0.5")
            .max_bytes(MAX_LOG_BYTES);
        let log = SignedLog::verify(did, &self.fetch_found(request).await?.body, now)?;
        let proofs = if log.needs_witnesses() {
            let request = FetchRequest::get(address.witness)
                .accept("application/json")
                .max_bytes(MAX_WITNESS_BYTES);
            match self.fetch_found(request).await {
                Ok(response) => Some(response.body),
                // A definite answer: nobody witnessed.
                Err(ResolveError::NotFound { .. }) => None,
                Err(error) => return Err(error),
            }
        } else {
            None
        };
        let log = log.witnessed(proofs.as_deref())?;
        let version = log.version(query)?;
        let document = read_state(did, &version.document)?;
        Ok((unanchored(document, Source::Log), version.ttl.into()))
    }
}

/// Reads the document of a log entry. Common tools leave `controller` out of verification
/// methods; the entry is signed as a whole by the DID's own keys, so it can only be the DID.
fn read_state(did: &Did, state: &Value) -> Result<DidDocument, ResolveError> {
    let mut readable = state.clone();
    let members = [
        "verificationMethod",
        "authentication",
        "assertionMethod",
        "keyAgreement",
        "capabilityInvocation",
        "capabilityDelegation",
    ];
    for member in members {
        let methods = readable.get_mut(member).and_then(Value::as_array_mut);
        for method in methods.into_iter().flatten().filter_map(Value::as_object_mut) {
            if method.len() > 1 && !method.contains_key("controller") {
                method.insert("controller".to_owned(), json!(did));
            }
        }
    }
    let mut document = DidDocument::parse(&readable)
        .map_err(|error| ResolveError::InvalidDocument(error.to_string()))?;
    document.json = state.clone();
    Ok(document)
}

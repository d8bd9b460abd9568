//! `did:ethr`: documents computed from the events of a stock ERC-1056 registry
//! (<https://github.com/decentralized-identity/ethr-did-resolver/blob/master/doc/did-method-spec.md>).
//!
//! The document equals the one of `ethr-did-resolver` 11 (tested against it), with one difference:
//! a revoked encryption key also leaves `keyAgreement`. Our verifier checks no secp256k1
//! signatures (ES256K): the controller, delegates and secp256k1 attributes stand in the document,
//! and a proof by one of them is reported as an unsupported kind of key. Ed25519 attributes
//! (`did/pub/Ed25519/veriKey/…`) are usable for proofs.

mod attribute;
mod document;
mod history;
mod identifier;

use std::collections::BTreeMap;
use std::sync::Arc;

use credential_model::did::{Did, DidDocument};
use credential_model::moment::Moment;
use evm_chain::EthrEvents;

use crate::error::ResolveError;
use crate::version::VersionQuery;
pub use history::MAX_CHANGES;
pub use identifier::EthrIdentifier;

/// The registries a resolver knows, by network name.
#[derive(Clone, Default)]
pub struct EthrNetworks(BTreeMap<String, Arc<dyn EthrEvents>>);

impl EthrNetworks {
    /// No network: every `did:ethr` is of an unknown one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a registry under a name (`mainnet` is the one a DID without a name means) and under
    /// its chain id in hexadecimal (`0x1`).
    #[must_use]
    pub fn with(mut self, name: &str, registry: Arc<dyn EthrEvents>) -> Self {
        self.0.insert(format!("{:#x}", registry.chain_id()), Arc::clone(&registry));
        self.0.insert(name.to_owned(), registry);
        self
    }

    fn get(&self, name: &str) -> Option<&dyn EthrEvents> {
        self.0.get(name).map(Arc::as_ref)
    }
}

impl std::fmt::Debug for EthrNetworks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A `did:ethr` document and where in its history it stands.
#[derive(Clone, Debug)]
pub struct EthrDocument {
    /// The document.
    pub document: DidDocument,
    /// Block of the newest change it contains; 0 for an identity that never changed.
    pub version_id: u64,
}

/// Resolves a `did:ethr` as of a version; `now` decides which keys are still valid, for the
/// latest one.
///
/// # Errors
/// [`ResolveError::InvalidDid`], [`ResolveError::NetworkUnknown`], [`ResolveError::Deactivated`],
/// [`ResolveError::VersionNotFound`], [`ResolveError::TooManyChanges`], and
/// [`ResolveError::Unreachable`] when the chain gave no whole answer.
pub async fn resolve_ethr(
    networks: &EthrNetworks,
    did: &Did,
    query: &VersionQuery,
    now: Moment,
) -> Result<EthrDocument, ResolveError> {
    let identifier = EthrIdentifier::parse(did)?;
    let chain = networks
        .get(&identifier.network)
        .ok_or_else(|| ResolveError::NetworkUnknown(identifier.network.clone()))?;
    let history = history::read(chain, identifier.address, query, now).await?;
    let document = document::write(did, &identifier, chain.chain_id(), &history)?;
    Ok(EthrDocument { document, version_id: history.version_id })
}

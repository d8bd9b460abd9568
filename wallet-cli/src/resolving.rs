//! DIDs to documents for the commands `did`, `vc` and `verify`: what the holder vouches for first, then what the DID
//! itself says, and the network last, and only where it is allowed. The network client is made when it is first needed:
//! reading the system's certificates costs more than checking a signature.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use credential_model::did::{Did, DidDocument};
use credential_model::json::{Limits, parse_strict};
use did_resolution::{AnchorCheck, Resolution, Resolve, ResolveError, Source, UniversalResolver};
use signing_keys::system::SystemClock;
use web_fetch::{
    Fetch, FetchError, FetchPolicy, FetchRequest, FetchResponse, GuardedClient, PolicyError,
};

use crate::cli::Cli;
use crate::failure::Failure;
use crate::home::policy;
use crate::input;

/// Documents the holder vouches for, then another resolver.
pub(crate) struct KnownDocuments {
    known: Vec<DidDocument>,
    others: UniversalResolver,
}

impl KnownDocuments {
    pub(crate) fn new(known: &[PathBuf], others: UniversalResolver) -> Result<Self, Failure> {
        let known = known.iter().map(|path| did_document(path)).collect::<Result<_, _>>()?;
        Ok(Self { known, others })
    }

    /// With the network where `network` allows it.
    pub(crate) fn plain(cli: &Cli, network: bool, known: &[PathBuf]) -> Result<Self, Failure> {
        let others = UniversalResolver::new(client(cli, network), None);
        Self::new(known, others.with_clock(Arc::new(SystemClock)))
    }
}

fn did_document(path: &Path) -> Result<DidDocument, Failure> {
    let bad = |what: String| Failure::unable("settings", format!("{}: {what}", path.display()));
    let bytes = input::bytes(&path.to_string_lossy(), did_resolution::MAX_DOCUMENT_BYTES)?;
    let json = parse_strict(&bytes, &Limits::default()).map_err(|error| bad(error.to_string()))?;
    DidDocument::parse(&json).map_err(|error| bad(error.to_string()))
}

#[async_trait]
impl Resolve for KnownDocuments {
    async fn resolve(&self, did: &Did) -> Result<Resolution, ResolveError> {
        match self.known.iter().find(|document| document.id == *did) {
            Some(document) => Ok(Resolution {
                document: document.clone(),
                source: Source::Computed,
                anchored: None,
                anchor_check: AnchorCheck::NotConfigured,
            }),
            None => self.others.resolve(did).await,
        }
    }
}

/// The network, or none.
pub(crate) fn client(cli: &Cli, network: bool) -> Arc<dyn Fetch> {
    if !network {
        return Arc::new(NoNetwork);
    }
    Arc::new(LazyClient { policy: policy(cli), client: OnceLock::new() })
}

/// The guarded client, made at the first request.
struct LazyClient {
    policy: FetchPolicy,
    client: OnceLock<Result<GuardedClient, PolicyError>>,
}

#[async_trait]
impl Fetch for LazyClient {
    async fn fetch(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        match self.client.get_or_init(|| GuardedClient::new(self.policy.clone())) {
            Ok(client) => client.fetch(request).await,
            Err(error) => Err(FetchError::ConnectFailed(error.to_string())),
        }
    }
}

/// The cable is out.
pub(crate) struct NoNetwork;

#[async_trait]
impl Fetch for NoNetwork {
    async fn fetch(&self, _request: FetchRequest) -> Result<FetchResponse, FetchError> {
        Err(FetchError::ConnectFailed("offline".to_owned()))
    }
}

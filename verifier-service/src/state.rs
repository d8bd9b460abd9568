//! What every route can reach.
use std::sync::Arc;

use credential_model::ambient::{Clock, Entropy};
use credential_model::moment::Moment;
use credential_verification::{
    Toolbox,
    store::{SeenLists, VerifierStore},
};
use did_resolution::Resolve;
use evm_chain::ReadChain;
use trust_registry::TrustSource;
use url::Url;
use web_fetch::Fetch;
use web_kit::Limits;

use crate::{identity::Identity, open_requests::OpenRequests, trust_file::TrustFile};

/// Shared by all requests.
pub type App = Arc<AppState>;

/// The service's state.
pub struct AppState {
    /// The public origin.
    pub public_url: Url,
    /// Who asks.
    pub identity: Identity,
    /// Sessions and lists.
    pub store: Arc<dyn VerifierStore>,
    /// The same store as the memory of the checks.
    pub seen: Arc<dyn SeenLists>,
    /// Resolves DIDs.
    pub resolver: Arc<dyn Resolve>,
    /// The way out.
    pub fetch: Arc<dyn Fetch>,
    /// The chain, where configured.
    pub chain: Option<Arc<dyn ReadChain>>,
    /// The trust list.
    pub trust: Arc<TrustFile>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// SHA-256 of the API token; `None`: the API is open.
    pub api_token: Option<[u8; 32]>,
    /// The desk form makes requests for anybody, although the API wants a token.
    pub public_desk: bool,
    /// How many requests stand open.
    pub open: OpenRequests,
    /// See [`Limits`].
    pub limits: Limits,
}

impl std::fmt::Debug for AppState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppState").field("public_url", &self.public_url).finish_non_exhaustive()
    }
}

impl AppState {
    /// The present moment.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// What the checks may ask, with the trust list in force.
    pub async fn toolbox(&self) -> Toolbox {
        let trust = self.trust.current(&*self.resolver, &*self.seen, self.now()).await;
        Toolbox {
            resolver: Arc::clone(&self.resolver),
            fetch: Arc::clone(&self.fetch),
            chain: self.chain.clone(),
            trust: trust.map(|list| list as Arc<dyn TrustSource>),
            seen: Arc::clone(&self.seen),
            offline: false,
        }
    }
}

//! What every route can reach.
use std::sync::Arc;

use credential_model::ambient::{Clock, Entropy};
use credential_model::moment::Moment;
use credential_verification::{
    Examination, Grounds, Toolbox,
    store::{SeenLists, VerifierStore},
};
use did_resolution::Resolve;
use evm_chain::ReadChain;
use trust_registry::TrustSource;
use url::Url;
use web_fetch::Fetch;
use web_kit::Limits;

use crate::{
    accreditations::Accreditations, identity::Identity, open_requests::OpenRequests,
    trust_file::TrustFile, vc_api::Instances, witness::BlockWitness,
};

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
    /// The verifier instances of VC-API.
    pub vc_api: Instances,
    /// Pinned chain, mirrors, known keys, policies.
    pub grounds: Arc<Grounds>,
    /// Accreditations from the chain, where configured.
    pub accreditations: Option<Accreditations>,
    /// Signs statements about blocks, where configured.
    pub witness: Option<BlockWitness>,
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

    /// Whether the form of the front page makes requests for whoever comes.
    pub fn desk_is_open(&self) -> bool {
        self.public_desk || self.api_token.is_none()
    }

    /// What the checks may ask, with the trust list in force.
    pub async fn toolbox(&self) -> Toolbox {
        let list = self.trust.current(&*self.resolver, &*self.seen, self.now()).await;
        let trust = match &self.accreditations {
            Some(accreditations) => Some(accreditations.source(list, self.now())),
            None => list.map(|list| list as Arc<dyn TrustSource>),
        };
        Toolbox {
            resolver: Arc::clone(&self.resolver),
            fetch: Arc::clone(&self.fetch),
            chain: self.chain.clone(),
            trust,
            seen: Arc::clone(&self.seen),
            offline: false,
            grounds: Arc::clone(&self.grounds),
        }
    }

    /// Asks the chain about issuers that the examinations had to leave open for want of an
    /// answer. Whether something was learned: then they are worth making again.
    pub async fn learn(&self, found: &[Examination]) -> bool {
        match &self.accreditations {
            Some(known) => known.learn(found, self.chain.as_deref(), self.now()).await,
            None => false,
        }
    }
}

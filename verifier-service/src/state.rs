//! What every route can reach.
use std::sync::Arc;

use credential_model::ambient::{Clock, Entropy};
use credential_model::moment::Moment;
use credential_verification::{
    Examination, Grounds, Toolbox,
    store::{RecentLists, SeenLists, VerifierStore},
};
use did_resolution::Resolve;
use evm_chain::ReadChain;
use trust_registry::{TrustList, TrustSource};
use url::Url;
use web_fetch::Fetch;
use web_kit::Limits;

use crate::{
    accreditations::Accreditations, chain_index::ChainIndex, identity::Identity,
    open_requests::OpenRequests, packs::PackKeeper, trust_file::TrustFile, vc_api::Instances,
    witness::BlockWitness,
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
    /// The memory of the checks while there is no trust list.
    pub strangers: Arc<RecentLists>,
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
    /// Keeps status packs current.
    pub packs: Arc<PackKeeper>,
    /// Accreditations from the chain, where configured.
    pub accreditations: Option<Accreditations>,
    /// What the chain says about accreditations and keys, kept beside it.
    pub chain_index: Option<Arc<ChainIndex>>,
    /// The policies as configured, on top of the standard table.
    pub policies: credential_verification::PolicyOverrides,
    /// What desks without a net take along.
    pub offline: crate::offline::Packing,
    /// What the desk keeps besides requests.
    pub desk: crate::desk::Desk,
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
        let grounds = self.grounds_with_keys(list.as_deref());
        let trust = match &self.accreditations {
            Some(accreditations) => Some(accreditations.source(list, self.now())),
            None => list.map(|list| list as Arc<dyn TrustSource>),
        };
        Toolbox {
            resolver: Arc::clone(&self.resolver),
            fetch: Arc::clone(&self.fetch),
            chain: self.chain.clone(),
            // Without a list nobody is known, and anybody can bring up lists without end.
            seen: if trust.is_some() { Arc::clone(&self.seen) } else { self.strangers.clone() },
            trust,
            offline: false,
            grounds,
        }
    }

    /// The grounds with what the chain said about keys when it was last asked, beside what the
    /// configuration knows.
    fn grounds_with_keys(&self, list: Option<&TrustList>) -> Arc<Grounds> {
        let learned = self.chain_index.as_ref().and_then(|index| index.key_book(list));
        let Some(mut book) = learned else { return Arc::clone(&self.grounds) };
        if let Some(configured) = &self.grounds.keys {
            book.as_of = book.as_of.max(configured.as_of);
            for (issuer, states) in &configured.issuers {
                book.issuers.entry(issuer.clone()).or_default().extend(states.iter().copied());
            }
        }
        let mut grounds = Grounds::clone(&self.grounds);
        grounds.keys = Some(Arc::new(book));
        Arc::new(grounds)
    }

    /// One round of the index; failures are logged and tried again.
    pub async fn renew_index(&self) {
        let Some(index) = &self.chain_index else { return };
        let list = self.trust.current(&*self.resolver, &*self.seen, self.now()).await;
        if let Err(error) = index.renew(list.as_deref(), self.now()).await {
            tracing::warn!(code = error.code(), "the chain index could not be renewed");
        }
    }

    /// Asks the chain about issuers that the examinations had to leave open for want of an
    /// answer. Whether something was learned: then they are worth making again.
    pub async fn learn(&self, found: &[Examination]) -> bool {
        self.packs.note(found);
        match &self.accreditations {
            Some(known) => known.learn(found, self.chain.as_deref(), self.now()).await,
            None => false,
        }
    }
}

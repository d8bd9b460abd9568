//! From a configuration to a running verifier: the only place that knows which parts there are.
use std::sync::Arc;

use anyhow::Context as _;
use credential_model::{
    ambient::{Clock, Entropy, random_token},
    did::Did,
};
use credential_verification::{report::Words, session::Scheme, store::RecentLists};
use did_resolution::{ControllerPins, DidAnchors, UniversalResolver};
use evm_chain::{ChainReader, ReadChain};
use sha2::{Digest, Sha256};
use signing_keys::{
    KeyAlgorithm, KeyStore, Signer, StoreSigner,
    system::{SystemClock, SystemEntropy},
};
use url::Url;
use web_fetch::{Fetch, FetchPolicy, GuardedClient, Revalidating};

use web_kit::key_backend::{self, KeyBackendError};
use web_kit::private_file;

use crate::{
    accreditations::Accreditations,
    certificate,
    chain_index::{self, ChainIndex},
    config::{Config, ConfigFault},
    fresh_chain::FreshChain,
    grounds,
    identity::Identity,
    open_requests::OpenRequests,
    packs::PackKeeper,
    state::{App, AppState},
    storage::{self, OpenStore},
    trust_file::TrustFile,
    vc_api::Instances,
    witness::BlockWitness,
};

/// Label of the request-signing key in the key store.
pub const REQUEST_KEY: &str = "request-p256";
/// Label of the key that states blocks, where this verifier is a witness.
pub const WITNESS_KEY: &str = "witness-ed25519";
const TOKEN_LENGTH: usize = 20;
/// How long a resolved DID document is taken as current, seconds.
const DID_CACHE_SECONDS: i64 = 60;
const DID_CACHE_ENTRIES: usize = 1_000;
/// Lists that are remembered while there is no trust list.
const MAX_STRANGERS: usize = 10_000;

/// What a verifier takes from its surroundings; tests put their own in.
pub struct Surroundings {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The way out; `None` builds the guarded client.
    pub fetch: Option<Arc<dyn Fetch>>,
    /// The chain; `None` and a `[chain]` section builds the reader.
    pub chain: Option<Arc<dyn ReadChain>>,
}

impl Surroundings {
    /// The machine's clock and randomness, the real network.
    pub fn system() -> Self {
        Surroundings {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            fetch: None,
            chain: None,
        }
    }
}

/// The verifier's DID: the `did:web` of its origin.
///
/// # Errors
/// When the origin makes none.
pub fn did(config: &Config) -> anyhow::Result<Did> {
    did_resolution::did_web_from_url(&public_url(config)?)
        .context("no did:web follows from server.public_url")
}

fn public_url(config: &Config) -> anyhow::Result<Url> {
    Url::parse(&config.server.public_url).context("server.public_url")
}

/// Opens the key store, creating it and the request key when `create` is set.
///
/// # Errors
/// When the store cannot be opened or has no request key.
pub fn open_keys(
    config: &Config,
    create: bool,
    entropy: Arc<dyn Entropy>,
) -> anyhow::Result<Arc<dyn KeyStore>> {
    let store = key_backend::open(&config.keys, create, entropy).map_err(|error| match error {
        KeyBackendError::Secret(error) => anyhow::Error::from(error),
        other => other.into(),
    })?;
    if store.find(REQUEST_KEY).is_none() {
        if !create {
            anyhow::bail!("the key store has no key {REQUEST_KEY}");
        }
        store.generate(KeyAlgorithm::Es256, REQUEST_KEY).context("generating the request key")?;
    }
    if config.witness.enabled && store.find(WITNESS_KEY).is_none() {
        if !create {
            anyhow::bail!("the key store has no key {WITNESS_KEY}");
        }
        store.generate(KeyAlgorithm::EdDsa, WITNESS_KEY).context("generating the witness key")?;
    }
    Ok(store)
}

/// The witness's public key as a multikey; none when this verifier is no witness.
///
/// # Errors
/// When the key store has no such key.
pub fn witness_key(config: &Config, keys: &Arc<dyn KeyStore>) -> anyhow::Result<Option<String>> {
    let signer = witness_signer(config, keys)?;
    Ok(signer.map(|signer| signer.public_key().to_multikey()))
}

fn witness_signer(
    config: &Config,
    keys: &Arc<dyn KeyStore>,
) -> anyhow::Result<Option<Arc<dyn Signer>>> {
    if !config.witness.enabled {
        return Ok(None);
    }
    let signer = StoreSigner::by_label(Arc::clone(keys), WITNESS_KEY)?;
    Ok(Some(Arc::new(signer) as Arc<dyn Signer>))
}

/// The identity over the keys of a store; the certificate is made when `create` is set.
///
/// # Errors
/// When key or certificate are not usable.
pub fn identity(
    config: &Config,
    keys: &Arc<dyn KeyStore>,
    create: bool,
    surroundings: &Surroundings,
) -> anyhow::Result<Identity> {
    let signer = Arc::new(StoreSigner::by_label(Arc::clone(keys), REQUEST_KEY)?);
    let path = config.certificate_path();
    if create && !path.exists() {
        let mut serial = [0; 16];
        surroundings.entropy.fill(&mut serial);
        let url = public_url(config)?;
        let host = url.host_str().unwrap_or("localhost");
        let now = surroundings.clock.now();
        let der = certificate::make(&*signer, host, &config.client.name_en, serial, now)?;
        std::fs::write(&path, der).with_context(|| format!("writing {}", path.display()))?;
    }
    let certificate = match std::fs::read(&path) {
        Ok(der) => Some(der),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
    };
    if config.client.scheme == Scheme::X509Hash && certificate.is_none() {
        anyhow::bail!("no certificate for x509_hash at {}", path.display());
    }
    let name = Words { ko: config.client.name_ko.clone(), en: config.client.name_en.clone() };
    Identity::new(did(config)?, certificate, signer as Arc<dyn Signer>, name, config.client.scheme)
}

/// Makes passphrase, key, certificate and token where they are missing, if the configuration takes that danger.
///
/// # Errors
/// When something cannot be made.
pub fn prepare(config: &Config, surroundings: &Surroundings) -> anyhow::Result<()> {
    let entropy = &surroundings.entropy;
    if !config.keys.prepare(&random_token(&**entropy))? {
        return Ok(());
    }
    let keys = open_keys(config, true, Arc::clone(entropy))?;
    identity(config, &keys, true, surroundings)?;
    if let Some(path) = &config.api.token_file {
        private_file::create(path, &random_token(&**entropy))?;
    }
    Ok(())
}

/// The whole service state over what the configuration names.
///
/// # Errors
/// When a part cannot be opened.
pub async fn assemble(config: &Config, surroundings: Surroundings) -> anyhow::Result<App> {
    let keys = open_keys(config, false, Arc::clone(&surroundings.entropy))?;
    let store = storage::open(&config.store, Arc::clone(&surroundings.entropy)).await?;
    let config = config.clone();
    // The chain index may wait for a database; that must not hold up the runtime's thread.
    let put = move || assemble_with(&config, &keys, store, surroundings);
    tokio::task::spawn_blocking(put).await?
}

/// The same over a key store that is open already and an embedded store.
///
/// # Errors
/// When a part cannot be opened.
pub fn assemble_over(
    config: &Config,
    keys: &Arc<dyn KeyStore>,
    surroundings: Surroundings,
) -> anyhow::Result<App> {
    assemble_with(config, keys, storage::open_embedded(&config.store)?, surroundings)
}

fn assemble_with(
    config: &Config,
    keys: &Arc<dyn KeyStore>,
    store: OpenStore,
    surroundings: Surroundings,
) -> anyhow::Result<App> {
    let identity = identity(config, keys, false, &surroundings)?;
    let Surroundings { clock, entropy, fetch, chain } = surroundings;
    let fetch: Arc<dyn Fetch> = match fetch {
        Some(fetch) => fetch,
        // Status lists are asked for at every check and sent only when they changed.
        None => Arc::new(Revalidating::new(Arc::new(GuardedClient::new(FetchPolicy {
            plain_http_origins: config.network.danger_plain_http_origins.clone(),
            ..FetchPolicy::default()
        })?))),
    };
    let chain = match (chain, &config.chain) {
        (Some(chain), _) => Some(chain),
        (None, Some(settings)) => {
            if settings.did_registry.is_zero() || settings.status_registry.is_zero() {
                return Err(ConfigFault::NoContracts.into());
            }
            Some(Arc::new(ChainReader::new(settings.clone())?) as Arc<dyn ReadChain>)
        }
        (None, None) => None,
    };
    let chain = match (chain, config.network.chain_tip_max_age_seconds) {
        (Some(chain), Some(seconds)) => {
            let fresh = FreshChain::new(chain, Arc::clone(&clock), seconds);
            Some(Arc::new(fresh) as Arc<dyn ReadChain>)
        }
        (chain, _) => chain,
    };
    let watched = config.chain.as_ref().map(|settings| settings.chain_id);
    let witness = match (witness_signer(config, keys)?, &chain, watched) {
        (Some(signer), Some(chain), Some(id)) => {
            Some(BlockWitness::new(Arc::clone(chain), id, signer))
        }
        _ => None,
    };
    let indexed = config.chain.as_ref().filter(|_| config.keeps_index());
    let chain_index = indexed
        .map(|settings| {
            let name = chain_index::name(settings);
            let rows = store.chain_index(&name)?;
            let (most, tip) =
                (config.trust.index_max_age_seconds, config.network.chain_tip_max_age_seconds);
            Ok::<_, anyhow::Error>(Arc::new(ChainIndex::open(settings, rows, most, tip)?))
        })
        .transpose()
        .context("the chain index")?;
    let accreditations = config.trust.chain.then(|| {
        Accreditations::new(config.trust.roots.clone(), config.trust.chain_seconds)
            .with_index(chain_index.clone())
    });
    let anchors = chain.clone().map(|chain| Arc::new(chain) as Arc<dyn DidAnchors>);
    let operator =
        config.trust.operator.as_deref().map(Did::parse).transpose().context("trust.operator")?;
    let trust = Arc::new(TrustFile::new(config.trust.list_file.clone(), operator));
    let resolver = UniversalResolver::new(Arc::clone(&fetch), anchors)
        .with_pins(Arc::clone(&trust) as Arc<dyn ControllerPins>)
        .with_cache(Arc::clone(&clock), DID_CACHE_SECONDS, DID_CACHE_ENTRIES);
    let resolver = config.dids.apply(resolver, Arc::clone(&clock)).context("[dids]")?;
    let api_token = config
        .api
        .token_file
        .as_deref()
        .map(|path| private_file::read(path, TOKEN_LENGTH))
        .transpose()?
        .map(|token| Sha256::digest(token.as_bytes()).into());
    Ok(Arc::new(AppState {
        public_url: public_url(config)?,
        identity,
        store: store.sessions,
        seen: store.seen,
        strangers: Arc::new(RecentLists::new(MAX_STRANGERS)),
        resolver: Arc::new(resolver),
        fetch,
        chain,
        trust,
        clock,
        entropy,
        api_token,
        public_desk: config.api.public_desk,
        open: OpenRequests::new(config.api.max_open_requests),
        desk: crate::desk::Desk::open(&config.store.path)?,
        limits: config.limits.clone(),
        vc_api: Instances::new(&config.vc_api),
        grounds: Arc::new(grounds::read(config)?),
        packs: Arc::new(PackKeeper::new(&config.packs)),
        accreditations,
        policies: config.policies.clone(),
        offline: crate::offline::Packing::default(),
        chain_index,
        witness,
    }))
}

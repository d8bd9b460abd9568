//! From a configuration to a running issuer: the only place that knows which parts there are.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use credential_issuance::anchor::{AnchorChain, EvmAnchors};
use credential_issuance::ids::Digest;
use credential_issuance::{ED25519_LABEL, Identity, Issuer, IssuerParts, P256_LABEL};
use credential_model::ambient::{Clock, Entropy, random_id};
use credential_model::did::Did;
use credential_model::moment::Moment;
use credential_proofs::jwe::EphemeralKey;
use evm_chain::{ChainReader, ChainSettings, ChainWriter, Outbox};
use signing_keys::system::{SystemClock, SystemEntropy};
use signing_keys::{KeyAlgorithm, KeyStore};
use tokio::sync::Notify;

use crate::chain_key::{CHAIN_LABEL, ChainKey};
use crate::config::Config;
use crate::key_file;
use crate::spoken::Spoken;
use crate::state::{App, AppState};
use crate::storage::{self, OpenStore};
use crate::vc_api::Instances;
use crate::witnesses::WebWitnesses;
use web_fetch::{FetchPolicy, GuardedClient};
use web_kit::key_backend::{self, KeyBackendError};
use web_kit::private_file;
use web_kit::sections::{KeyBackend, Keys};

/// Shortest passphrase and admin token taken from a file, in characters.
pub(crate) const PASSPHRASE_LENGTH: usize = 8;
/// See [`PASSPHRASE_LENGTH`]; a token is random, so it is longer.
const TOKEN_LENGTH: usize = 20;
/// How long one call waits for a transaction to be mined.
const PATIENCE: Duration = Duration::from_secs(20);

/// The keys every issuer has: label and algorithm.
pub(crate) const KEYS: [(&str, KeyAlgorithm); 3] = [
    (ED25519_LABEL, KeyAlgorithm::EdDsa),
    (P256_LABEL, KeyAlgorithm::Es256),
    (CHAIN_LABEL, KeyAlgorithm::Secp256k1),
];

/// What an issuer takes from its surroundings; tests put their own in.
pub struct Surroundings {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The chain; `None` and a `[chain]` section builds ours.
    pub chain: Option<Arc<dyn AnchorChain>>,
}

impl Surroundings {
    /// The machine's clock and randomness, the configured chain.
    pub fn system() -> Self {
        Self { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy), chain: None }
    }
}

/// The issuer's DID: the `did:web` of its origin.
pub fn did(config: &Config) -> anyhow::Result<Did> {
    let url = url::Url::parse(&config.server.public_url).context("server.public_url")?;
    did_resolution::did_web_from_url(&url).context("no did:web follows from server.public_url")
}

/// Opens the key store, creating it and missing keys when `create` is set.
pub fn open_keys(
    config: &Config,
    create: bool,
    entropy: Arc<dyn Entropy>,
) -> anyhow::Result<Arc<dyn KeyStore>> {
    let store = open_backend(&config.keys, create, Arc::clone(&entropy))?;
    let create_keys = create && config.keys.backend != KeyBackend::Signer;
    for (label, algorithm) in KEYS {
        match store.find(label) {
            Some(_) => {}
            None if create_keys => {
                store
                    .generate(algorithm, label)
                    .with_context(|| format!("generating the key {label}"))?;
            }
            None => anyhow::bail!("the key store has no key {label}"),
        }
    }
    if create {
        crate::vc_api::keys(config, &store, true, &entropy)?;
    }
    Ok(store)
}

/// Opens the configured backend. What is wrong with a secret's file is said as such.
pub(crate) fn open_backend(
    keys: &Keys,
    create: bool,
    entropy: Arc<dyn Entropy>,
) -> anyhow::Result<Arc<dyn KeyStore>> {
    key_backend::open(keys, create, entropy).map_err(|error| match error {
        KeyBackendError::Secret(error) => error.into(),
        other => other.into(),
    })
}

/// Writes a random admin token where none is.
pub fn create_admin_token(config: &Config, entropy: &dyn Entropy) -> anyhow::Result<()> {
    let token = credential_model::ambient::random_token(entropy);
    private_file::create(&config.admin.token_file, &token)?;
    Ok(())
}

/// The identity over the keys of a store.
pub fn identity(
    config: &Config,
    keys: &Arc<dyn KeyStore>,
    now: Moment,
) -> anyhow::Result<Identity> {
    let section = &config.issuer;
    let register = key_file::load(config, keys, now)?;
    let signer = |label: &str| key_file::signer(keys, label);
    let (ko, en) = (&section.name_ko, &section.name_en);
    Ok(Identity::with_register(did(config)?, ko, en, &register, &signer)?)
}

/// Reader and writer of the configured chain.
pub fn chain_writer(
    settings: &ChainSettings,
    keys: &Arc<dyn KeyStore>,
    outbox: Arc<dyn Outbox>,
) -> anyhow::Result<ChainWriter> {
    let signer = Arc::new(ChainKey::find(Arc::clone(keys))?);
    // A name no other process has: among replicas of one database, one at a time writes.
    let holder = random_id(&SystemEntropy);
    Ok(ChainWriter::new(settings.clone(), signer, outbox)?.with_holder(holder))
}

fn witnesses(config: &Config) -> anyhow::Result<WebWitnesses> {
    let policy = FetchPolicy {
        plain_http_origins: config.network.danger_plain_http_origins.clone(),
        ..FetchPolicy::default()
    };
    let fetch = Arc::new(GuardedClient::new(policy)?);
    Ok(WebWitnesses::new(config.anchor.witnesses.clone(), fetch))
}

/// The account that pays for transactions.
pub fn chain_address(keys: &Arc<dyn KeyStore>) -> anyhow::Result<evm_chain::Address> {
    use evm_chain::TransactionSigner as _;
    Ok(ChainKey::find(Arc::clone(keys))?.address())
}

/// Opens the configured store; see [`storage::open`].
pub async fn open_store(config: &Config) -> anyhow::Result<OpenStore> {
    storage::open(&config.store, Arc::new(SystemEntropy)).await
}

/// The whole service state over what the configuration names.
pub async fn assemble(config: &Config, surroundings: Surroundings) -> anyhow::Result<App> {
    Ok(assemble_with_store(config, surroundings).await?.0)
}

/// As [`assemble`], and the store beside it.
///
/// # Errors
/// When a part cannot be opened.
pub async fn assemble_with_store(
    config: &Config,
    surroundings: Surroundings,
) -> anyhow::Result<(App, OpenStore)> {
    let Surroundings { clock, entropy, chain } = surroundings;
    let keys = open_keys(config, false, Arc::clone(&entropy))?;
    let token = private_file::read(&config.admin.token_file, TOKEN_LENGTH)?;
    let store = storage::open(&config.store, Arc::clone(&entropy)).await?;
    let chain = match (chain, &config.chain) {
        (Some(chain), _) => Some(chain),
        (None, Some(settings)) => {
            if settings.did_registry.is_zero() || settings.status_registry.is_zero() {
                anyhow::bail!("the [chain] section has no contract addresses yet");
            }
            let writer = chain_writer(settings, &keys, store.outbox())?;
            let reader = ChainReader::new(settings.clone())?;
            let mut anchors = EvmAnchors::new(reader, writer, PATIENCE);
            if !config.anchor.witnesses.is_empty() {
                anchors = anchors.with_witnesses(Arc::new(witnesses(config)?));
            }
            Some(Arc::new(anchors) as Arc<dyn AnchorChain>)
        }
        (None, None) => None,
    };
    let identity = identity(config, &keys, clock.now())?;
    let signers = crate::vc_api::keys(config, &keys, false, &entropy)?;
    let vc_api = Instances::new(
        &config.vc_api,
        &identity,
        signers,
        Arc::clone(&clock),
        Arc::clone(&entropy),
    )?;
    let mut settings = config.settings();
    settings.shared = store.embedded().is_none();
    let access =
        crate::office::open(config, store.access(), Arc::clone(&clock), Arc::clone(&entropy))
            .await?;
    let parts = IssuerParts {
        settings,
        identity,
        store: store.issuer(),
        clock,
        entropy: Arc::clone(&entropy),
        chain,
    };
    let issuer = Issuer::open(parts).await?;
    let issuer = issuer.with_bulk(store.bulk(), config.jobs.settings()).await?;
    let request_key = EphemeralKey::generate(&format!("request-{}", random_id(&*entropy)))
        .map_err(|error| anyhow::anyhow!("no key for encrypted requests: {error}"))?;
    let app = Arc::new(AppState {
        issuer,
        access,
        office: config.office.enabled,
        admin_token: Digest::of(token.as_bytes()),
        request_key,
        anchor_soon: Notify::new(),
        stalls: crate::stalls::Stalls::default(),
        spoken: Spoken::new(entropy),
        limits: config.limits.clone(),
        vc_api,
    });
    Ok((app, store))
}

//! The instances of VC-API: which there are, and their keys.

pub mod config;

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use credential_issuance::{ED25519_LABEL, Identity, P256_LABEL};
use credential_model::ambient::{Clock, Entropy};
use credential_model::did::DidDocument;
use signing_keys::sealed_secrets::SealedSecrets;
use signing_keys::system::{SystemClock, SystemEntropy};
use signing_keys::{KeyAlgorithm, KeyStore, StoreSigner};
use vc_api::did_resolution_answer::OwnDocument;
use vc_api::{Contexts, Instance, InstanceKey, bbs_keys};

use crate::assemble::PASSPHRASE_LENGTH;
use crate::config::Config;
use config::{DidForm, InstanceSection, VcApi};

/// Keys by label.
pub type Signers = BTreeMap<String, InstanceKey>;

/// The instances with what their routes need.
pub struct Instances {
    /// By id.
    pub by_id: BTreeMap<String, Arc<Instance>>,
    /// See [`VcApi::danger_open_to_everybody`].
    pub open: bool,
    /// Resolves what needs no network: `did:key`, `did:jwk`, and this service.
    pub resolver: OwnDocument,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl Instances {
    /// No instances at all.
    #[must_use]
    pub fn none() -> Self {
        Self {
            by_id: BTreeMap::new(),
            open: false,
            resolver: OwnDocument(None),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
        }
    }

    /// The configured instances over their keys.
    ///
    /// # Errors
    /// When key, suite and DID of an instance do not belong together.
    pub fn new(
        config: &VcApi,
        identity: &Identity,
        mut signers: Signers,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> anyhow::Result<Self> {
        let mut by_id = BTreeMap::new();
        for section in &config.instances {
            let instance = instance(section, identity, &mut signers)
                .with_context(|| format!("the VC-API instance {}", section.id))?;
            by_id.insert(section.id.clone(), Arc::new(instance));
        }
        let document = DidDocument::parse(&identity.did_document())?;
        let resolver = OwnDocument(Some(document));
        Ok(Self { by_id, open: config.danger_open_to_everybody, resolver, clock, entropy })
    }
}

fn instance(
    section: &InstanceSection,
    identity: &Identity,
    signers: &mut Signers,
) -> anyhow::Result<Instance> {
    let securing = section.securing().context("unknown way of securing")?;
    let key = signers.get(&section.key).context("its key is not there")?.clone();
    let mut instance = match section.did {
        DidForm::Key => Instance::of_did_key(&section.id, securing, key)?,
        DidForm::Web => {
            let (_, method) = match section.key.as_str() {
                ED25519_LABEL => identity.ed25519(),
                P256_LABEL => identity.p256(),
                other => bail!(
                    "the DID document does not list the key {other}: use {ED25519_LABEL}, \
                     {P256_LABEL}, or did = \"key\""
                ),
            };
            Instance::new(&section.id, method.clone(), securing, key)?
        }
    };
    instance.mandatory_pointers.clone_from(&section.mandatory_pointers);
    if section.danger_inline_contexts {
        instance.contexts = Contexts::DangerInline;
    }
    Ok(instance)
}

/// The keys of all instances, made where they are missing when `create` is set. BBS keys lie in a sealed file beside the
/// key store.
///
/// # Errors
/// When a key is missing, of another kind than configured, or cannot be made.
pub fn keys(
    config: &Config,
    store: &Arc<dyn KeyStore>,
    create: bool,
    entropy: &Arc<dyn Entropy>,
) -> anyhow::Result<Signers> {
    let mut signers = Signers::new();
    let mut secrets = None;
    for section in &config.vc_api.instances {
        if signers.contains_key(&section.key) {
            continue;
        }
        let label = section.key.as_str();
        let key = if section.algorithm() == KeyAlgorithm::Bls12381G2 {
            if secrets.is_none() {
                secrets = Some(open_secrets(config, create, entropy)?);
            }
            let secrets = secrets.as_ref().context("the sealed secrets were just opened")?;
            let signer = bbs_keys::signer(secrets, label, create, &**entropy);
            InstanceKey::Bbs(signer.with_context(|| format!("the key store has no key {label}"))?)
        } else {
            match store.find(label) {
                Some(_) => {}
                None if create => drop(store.generate(section.algorithm(), label)?),
                None => bail!("the key store has no key {label}"),
            }
            InstanceKey::Signer(Arc::new(StoreSigner::by_label(Arc::clone(store), label)?))
        };
        signers.insert(label.to_owned(), key);
    }
    Ok(signers)
}

fn open_secrets(
    config: &Config,
    create: bool,
    entropy: &Arc<dyn Entropy>,
) -> anyhow::Result<SealedSecrets> {
    let passphrase = web_kit::private_file::read(&config.keys.passphrase_file, PASSPHRASE_LENGTH)?;
    let path = config.keys.sealed_secrets_path();
    let entropy = Arc::clone(entropy);
    let opened = if create {
        SealedSecrets::open_or_create(&path, passphrase.as_bytes(), entropy)
    } else {
        SealedSecrets::open(&path, passphrase.as_bytes(), entropy)
    };
    opened.with_context(|| format!("the key store {}", path.display()))
}

//! An issuer to measure: real keys, a real clock, a store on disk.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use credential_issuance::bulk::{BulkSettings, BulkStore};
use credential_issuance::store::IssuerStore;
use credential_issuance::{ED25519_LABEL, Identity, Issuer, IssuerParts, P256_LABEL, Settings};
use credential_model::did::Did;
use signing_keys::system::{SystemClock, SystemEntropy};
use signing_keys::{KeyAlgorithm, KeyStore, MemoryKeyStore, Signer, StoreSigner};
use storage_embedded::engine::{Database, EngineKind};
use storage_embedded::issuer::EmbeddedIssuerStore;

/// Keys that all issuers of a run share.
pub(crate) struct World {
    keys: Arc<dyn KeyStore>,
    /// The one that signs badges.
    pub(crate) signer: Arc<dyn Signer>,
}

impl World {
    pub(crate) fn new() -> Result<Self> {
        let keys: Arc<dyn KeyStore> = Arc::new(MemoryKeyStore::new(Arc::new(SystemEntropy)));
        keys.generate(KeyAlgorithm::EdDsa, ED25519_LABEL)?;
        keys.generate(KeyAlgorithm::Es256, P256_LABEL)?;
        let signer = Self::of(&keys, ED25519_LABEL)?;
        Ok(Self { keys, signer })
    }

    fn of(keys: &Arc<dyn KeyStore>, label: &str) -> Result<Arc<dyn Signer>> {
        let signer = StoreSigner::by_label(Arc::clone(keys), label).context("no such key")?;
        Ok(Arc::new(signer))
    }

    /// Over a directory.
    pub(crate) async fn embedded(&self, path: &Path) -> Result<Issuer> {
        let store = EmbeddedIssuerStore::new(Database::open(path, EngineKind::Fjall)?);
        self.over(store).await
    }

    /// Over any backend.
    pub(crate) async fn over<S: IssuerStore + BulkStore + 'static>(
        &self,
        store: S,
    ) -> Result<Issuer> {
        let store = Arc::new(store);
        let identity = Identity::new(
            Did::parse("did:web:issuer.test")?,
            "가상자격공단(시험용)",
            "Fictitious Qualification Agency (test)",
            Arc::clone(&self.signer),
            Self::of(&self.keys, P256_LABEL)?,
        )?;
        let parts = IssuerParts {
            settings: Settings::new("https://issuer.test"),
            identity,
            store: store.clone(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            chain: None,
        };
        Ok(Issuer::open(parts).await?.with_bulk(store, BulkSettings::default()).await?)
    }
}

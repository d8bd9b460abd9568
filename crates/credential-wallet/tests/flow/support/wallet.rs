//! A wallet over memory that can be dropped and opened again.

use std::sync::Arc;

use credential_model::ambient::{Entropy, FixedClock, PredictableEntropy};
use credential_wallet::ledger::Ledger;
use credential_wallet::store::memory::{MemoryWalletStore, MemoryWitness};
use credential_wallet::{Wallet, WalletParts, WalletSettings};
use did_resolution::UniversalResolver;
use signing_keys::sealed::{KdfParameters, Vault};
use signing_keys::{KeyStore, MemoryKeyStore};
use web_fetch::Fetch;

use super::net::Net;
use super::now;

pub(crate) const PASSPHRASE: &[u8] = b"a passphrase of tests";

/// What survives a crash: store, keys, witness, vault header.
pub(crate) struct Pocket {
    pub(crate) store: Arc<MemoryWalletStore>,
    pub(crate) witness: Arc<MemoryWitness>,
    pub(crate) keys: Arc<MemoryKeyStore>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) vault: Vault,
    pub(crate) settings: WalletSettings,
}

impl Pocket {
    pub(crate) fn new() -> Self {
        let entropy: Arc<dyn Entropy> = Arc::new(PredictableEntropy::new(7));
        let vault = Vault::create(
            "test",
            PASSPHRASE,
            KdfParameters::CHEAPEST_FOR_TESTS,
            Arc::clone(&entropy),
        )
        .unwrap();
        Self {
            store: Arc::new(MemoryWalletStore::default()),
            witness: Arc::new(MemoryWitness::default()),
            keys: Arc::new(MemoryKeyStore::new(entropy)),
            clock: Arc::new(FixedClock::new(now())),
            vault,
            settings: WalletSettings::default(),
        }
    }

    pub(crate) fn ledger(&self) -> Ledger {
        let (store, witness) = (Arc::clone(&self.store), Arc::clone(&self.witness));
        Ledger::open(store, self.vault.clone(), witness).unwrap()
    }

    /// The wallet as it is after a start: everything read anew.
    pub(crate) fn wallet(&self, net: &Arc<Net>) -> Wallet {
        let fetch: Arc<dyn Fetch> = Arc::clone(net) as Arc<dyn Fetch>;
        Wallet::new(WalletParts {
            ledger: self.ledger(),
            keys: Arc::clone(&self.keys) as Arc<dyn KeyStore>,
            resolver: Arc::new(UniversalResolver::new(Arc::clone(&fetch), None)),
            fetch,
            clock: Arc::clone(&self.clock) as Arc<dyn credential_model::ambient::Clock>,
            entropy: Arc::new(PredictableEntropy::new(
                // A fresh start must not repeat ids.
                1000 + self.store_size() as u64,
            )),
            settings: self.settings.clone(),
        })
    }

    /// The `did:key` method of the first key.
    pub(crate) fn keys_of_holder(&self) -> credential_model::did::DidUrl {
        self.keys.list()[0].public_key.as_ref().unwrap().did_key_url()
    }

    fn store_size(&self) -> usize {
        use credential_wallet::store::{Shelf, WalletStore};
        Shelf::ALL
            .into_iter()
            .flat_map(|shelf| self.store.list(shelf, None, 1000).unwrap())
            .map(|record| record.version as usize)
            .sum()
    }
}

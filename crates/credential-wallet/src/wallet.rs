//! The wallet: its memory, its keys, its way to the network, and what it holds.

use std::sync::Arc;

use credential_model::ambient::{Clock, Entropy, uuid_v7};
use credential_model::moment::Moment;
use did_resolution::Resolve;
use signing_keys::KeyStore;
use web_fetch::Fetch;

use crate::backup::{Backup, BackupError};
use crate::claims::ShownClaim;
use crate::ledger::{Draft, Ledger, LedgerError};
use crate::records::{HeldCredential, HistoryEntry};
use crate::store::Shelf;

/// What the holder may set.
#[derive(Debug, Clone)]
pub struct WalletSettings {
    /// How many copies of an SD-JWT VC to ask for where the issuer issues in batches.
    pub copies: u32,
    /// Certificates (DER) that the holder trusts to name verifiers.
    pub certificate_anchors: Vec<Vec<u8>>,
}

impl Default for WalletSettings {
    fn default() -> Self {
        Self { copies: 1, certificate_anchors: Vec::new() }
    }
}

/// What a [`Wallet`] is put together from.
pub struct WalletParts {
    /// The sealed memory.
    pub ledger: Ledger,
    /// The private keys.
    pub keys: Arc<dyn KeyStore>,
    /// The guarded way out.
    pub fetch: Arc<dyn Fetch>,
    /// DIDs to keys.
    pub resolver: Arc<dyn Resolve>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The holder's settings.
    pub settings: WalletSettings,
}

/// A holder's wallet. Accepting is in [`crate::accept`], presenting in [`crate::present`].
pub struct Wallet {
    pub(crate) parts: WalletParts,
}

impl std::fmt::Debug for Wallet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wallet")
    }
}

/// Why one record could not be picked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PickError {
    /// Nothing by that id.
    #[error("nothing in the wallet has this id")]
    Unknown,
    /// The beginning fits several ids.
    #[error("this beginning fits {0} ids: give more characters")]
    Ambiguous(usize),
    /// The wallet's memory.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl PickError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown_id",
            Self::Ambiguous(_) => "ambiguous_id",
            Self::Ledger(error) => error.code(),
        }
    }
}

impl Wallet {
    /// Puts a wallet together.
    pub fn new(parts: WalletParts) -> Self {
        Self { parts }
    }

    /// Everything held, oldest first.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn credentials(&self) -> Result<Vec<HeldCredential>, LedgerError> {
        self.parts.ledger.list(Shelf::Credentials)
    }

    /// The credential whose id is, or uniquely ends or begins with, `id`.
    ///
    /// Ids are time-ordered, so that their *ends* differ sooner than their beginnings; both
    /// are accepted.
    ///
    /// # Errors
    /// [`PickError`].
    pub fn credential(&self, id: &str) -> Result<HeldCredential, PickError> {
        let id = id.to_ascii_lowercase();
        let mut fitting: Vec<HeldCredential> = self.credentials()?;
        if let Some(at) = fitting.iter().position(|held| held.id == id) {
            return Ok(fitting.swap_remove(at));
        }
        fitting.retain(|held| {
            !id.is_empty() && (held.id.starts_with(&id) || short_id(&held.id).starts_with(&id))
        });
        match fitting.len() {
            0 => Err(PickError::Unknown),
            1 => Ok(fitting.swap_remove(0)),
            several => Err(PickError::Ambiguous(several)),
        }
    }

    /// What was presented, oldest first.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn history(&self) -> Result<Vec<HistoryEntry>, LedgerError> {
        self.parts.ledger.list(Shelf::History)
    }

    /// Everything, for a backup. `key_store` is the key store's file as it lies on disk.
    ///
    /// # Errors
    /// The wallet's memory.
    pub fn backup(&self, key_store: &[u8]) -> Result<Backup, BackupError> {
        Backup::collect(&self.parts.ledger, key_store, self.now())
    }

    /// All claims of a held credential, one line per leaf, for people.
    pub fn shown_claims(held: &HeldCredential) -> Vec<ShownClaim> {
        crate::claims::shown(held, &held.claims())
    }

    /// The settings.
    pub fn settings(&self) -> &WalletSettings {
        &self.parts.settings
    }

    pub(crate) fn now(&self) -> Moment {
        self.parts.clock.now()
    }

    /// A UUIDv7 whose 12 bits behind the time count commits (RFC 9562 §6.2, method 1): our
    /// moments are whole seconds, and what came first must stay first.
    pub(crate) fn new_id(&self) -> String {
        let id = uuid_v7(self.now(), &*self.parts.entropy);
        let counter = self.parts.ledger.generation() & 0xfff;
        match (id.get(..15), id.get(18..)) {
            (Some(time), Some(random)) => format!("{time}{counter:03x}{random}"),
            _ => id,
        }
    }

    pub(crate) fn put<T: serde::Serialize>(
        &self,
        shelf: Shelf,
        id: &str,
        record: &T,
    ) -> Result<(), LedgerError> {
        self.parts.ledger.commit(vec![Draft::put(shelf, id, record)?])
    }
}

/// The part of an id people type: the last block, which is random.
pub fn short_id(id: &str) -> &str {
    id.rsplit('-').next().unwrap_or(id)
}

//! Backup and restore: one file that holds the whole wallet.
//!
//! The file is a vault of its own (argon2id, XChaCha20-Poly1305) under the wallet's
//! passphrase. Private keys travel as the key store's own encrypted file, byte for byte:
//! they are in the clear at no moment, neither here nor on the way, and one passphrase
//! opens everything after a restore.
//!
//! ```text
//! "SINPYOWB" | u32 length of header | vault header | sealed { v, created_at, key_store, … }
//! ```

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use credential_model::ambient::Entropy;
use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};
use signing_keys::sealed::{KdfParameters, SealError, Vault};

use crate::accept::session::AcceptSession;
use crate::ledger::{Draft, Ledger, LedgerError};
use crate::records::{HeldCredential, HistoryEntry, RECORD_VERSION};
use crate::store::Shelf;

const MAGIC: &[u8; 8] = b"SINPYOWB";
const PURPOSE: &str = "wallet-backup";
const ITEM: &str = "wallet";
/// A backup beyond this is refused unread: 256 MiB.
pub const MAX_BACKUP_BYTES: usize = 256 * 1024 * 1024;
const MAX_HEADER_BYTES: usize = 4096;

/// Why a backup could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// Not a backup file, cut short, or altered.
    #[error("this is no complete wallet backup: {0}")]
    Damaged(&'static str),
    /// The passphrase is not the one the wallet had.
    #[error("the passphrase does not open this backup")]
    WrongPassphrase,
    /// The vault refuses.
    #[error("the backup cannot be opened: {0}")]
    Vault(SealError),
    /// Written by a newer program.
    #[error("the backup was written by a newer program")]
    Newer,
    /// There is something in this wallet already.
    #[error("this wallet is not empty; a backup is restored into a new one")]
    NotEmpty,
    /// The wallet's memory.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl BackupError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Damaged(_) => "backup_damaged",
            Self::WrongPassphrase => "wrong_passphrase",
            Self::Vault(error) => error.code(),
            Self::Newer => "backup_newer",
            Self::NotEmpty => "wallet_not_empty",
            Self::Ledger(error) => error.code(),
        }
    }
}

impl From<SealError> for BackupError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::WrongPassphrase => Self::WrongPassphrase,
            SealError::Damaged(what) => Self::Damaged(what),
            other => Self::Vault(other),
        }
    }
}

/// What a backup holds, opened.
#[derive(Clone, Serialize, Deserialize)]
pub struct Backup {
    v: u32,
    /// When it was written.
    pub created_at: Moment,
    key_store: String,
    credentials: Vec<HeldCredential>,
    sessions: Vec<AcceptSession>,
    history: Vec<HistoryEntry>,
}

impl std::fmt::Debug for Backup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backup")
            .field("created_at", &self.created_at)
            .field("credentials", &self.credentials.len())
            .finish_non_exhaustive()
    }
}

impl Backup {
    /// Collects everything. `key_store` is the key store's file as it lies on disk.
    ///
    /// # Errors
    /// The wallet's memory.
    pub fn collect(ledger: &Ledger, key_store: &[u8], now: Moment) -> Result<Self, BackupError> {
        Ok(Self {
            v: RECORD_VERSION,
            created_at: now,
            key_store: STANDARD.encode(key_store),
            credentials: ledger.list(Shelf::Credentials)?,
            sessions: ledger.list(Shelf::Sessions)?,
            history: ledger.list(Shelf::History)?,
        })
    }

    /// Seals it into the bytes of the file.
    ///
    /// # Errors
    /// [`BackupError::Vault`].
    pub fn seal(
        &self,
        passphrase: &[u8],
        kdf: KdfParameters,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Vec<u8>, BackupError> {
        let vault = Vault::create(PURPOSE, passphrase, kdf, entropy)?;
        let body = serde_json::to_vec(self).map_err(|_| BackupError::Damaged("encoding"))?;
        let header = vault.header();
        let length = u32::try_from(header.len()).map_err(|_| BackupError::Damaged("header"))?;
        let sealed = vault.seal(ITEM, u64::from(RECORD_VERSION), &body);
        Ok([MAGIC.as_slice(), &length.to_be_bytes(), header, &sealed].concat())
    }

    /// Opens the bytes of a file.
    ///
    /// # Errors
    /// [`BackupError::Damaged`] for anything that is not a whole backup,
    /// [`BackupError::WrongPassphrase`].
    pub fn open(
        file: &[u8],
        passphrase: &[u8],
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, BackupError> {
        if file.len() > MAX_BACKUP_BYTES {
            return Err(BackupError::Damaged("too large"));
        }
        let rest = file.strip_prefix(MAGIC).ok_or(BackupError::Damaged("no backup file"))?;
        let (length, rest) =
            rest.split_first_chunk::<4>().ok_or(BackupError::Damaged("cut short"))?;
        let length = u32::from_be_bytes(*length) as usize;
        if length > MAX_HEADER_BYTES {
            return Err(BackupError::Damaged("header"));
        }
        let (header, sealed) =
            rest.split_at_checked(length).ok_or(BackupError::Damaged("cut short"))?;
        let vault = Vault::open(header, PURPOSE, passphrase, entropy)?;
        let body = vault
            .open_item(ITEM, u64::from(RECORD_VERSION), sealed)
            .map_err(|_| BackupError::Damaged("cut short or altered"))?;
        let backup: Self =
            serde_json::from_slice(&body).map_err(|_| BackupError::Damaged("content"))?;
        if backup.v != RECORD_VERSION {
            return Err(BackupError::Newer);
        }
        Ok(backup)
    }

    /// The key store's file, to be put in place before the keys are used.
    ///
    /// # Errors
    /// [`BackupError::Damaged`].
    pub fn key_store(&self) -> Result<Vec<u8>, BackupError> {
        STANDARD.decode(&self.key_store).map_err(|_| BackupError::Damaged("key store"))
    }

    /// How many credentials it holds.
    pub fn credential_count(&self) -> usize {
        self.credentials.len()
    }

    /// Writes everything into an empty wallet, in one commit.
    ///
    /// # Errors
    /// [`BackupError::NotEmpty`], or the wallet's memory.
    pub fn restore(&self, ledger: &Ledger) -> Result<(), BackupError> {
        if !ledger.is_empty() {
            return Err(BackupError::NotEmpty);
        }
        let mut drafts = Vec::new();
        for one in &self.credentials {
            drafts.push(Draft::put(Shelf::Credentials, &one.id, one)?);
        }
        for one in &self.sessions {
            drafts.push(Draft::put(Shelf::Sessions, &one.id, one)?);
        }
        for one in &self.history {
            drafts.push(Draft::put(Shelf::History, &one.id, one)?);
        }
        ledger.commit(drafts)?;
        Ok(())
    }
}

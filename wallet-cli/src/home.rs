//! The wallet's folder.
//!
//! ```text
//! DIR/           mode 0700
//!   keys         private keys, encrypted (signing-keys)
//!   vault        header of the vault that seals the records; written last, so that its
//!                presence means "there is a wallet"
//!   generation   how often the store was written: notices an older store put back
//!   store/       the records, sealed one by one
//! ```

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use credential_model::ambient::Entropy;
use credential_wallet::ledger::Ledger;
use credential_wallet::store::{StoreError, Witness};
use credential_wallet::{Wallet, WalletParts, WalletSettings};
use did_resolution::UniversalResolver;
use localized_text::Locale;
use signing_keys::EncryptedFileStore;
use signing_keys::sealed::{KdfParameters, Vault};
use signing_keys::system::{SystemClock, SystemEntropy};
use storage_embedded::engine::{Database, EngineKind};
use storage_embedded::wallet::EmbeddedWalletStore;
use web_fetch::{Fetch, FetchPolicy, GuardedClient};

use crate::cli::Cli;
use crate::failure::Failure;
use crate::passphrase::{self, Passphrase};

const PURPOSE: &str = "wallet-records";

/// Paths inside a wallet's folder.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    directory: PathBuf,
}

/// An open wallet.
pub(crate) struct OpenWallet {
    pub(crate) home: Home,
    pub(crate) wallet: Wallet,
    pub(crate) keys: Arc<EncryptedFileStore>,
    pub(crate) passphrase: Passphrase,
}

impl Home {
    /// `--home`, else the user's data directory.
    pub(crate) fn of(cli: &Cli) -> Result<Self, Failure> {
        if let Some(directory) = &cli.home {
            return Ok(Self { directory: directory.clone() });
        }
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let base = variable("XDG_DATA_HOME").map(PathBuf::from).or_else(|| {
            variable("HOME").map(|home| PathBuf::from(home).join(".local").join("share"))
        });
        let base = base.ok_or_else(|| Failure::unable("settings", "no --home and no HOME"))?;
        Ok(Self { directory: base.join("sinpyo-wallet") })
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(crate) fn keys(&self) -> PathBuf {
        self.directory.join("keys")
    }

    fn vault(&self) -> PathBuf {
        self.directory.join("vault")
    }

    fn generation(&self) -> PathBuf {
        self.directory.join("generation")
    }

    fn store(&self) -> PathBuf {
        self.directory.join("store")
    }

    /// Whether there is a complete wallet.
    pub(crate) fn exists(&self) -> bool {
        self.vault().exists()
    }

    fn shown(&self) -> String {
        self.directory.display().to_string()
    }

    /// Makes the folder, for its owner only; a folder others may enter is refused.
    pub(crate) fn prepare(&self) -> Result<(), Failure> {
        if !self.directory.exists() {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&self.directory)
                .map_err(|error| self.unreadable(&error))?;
        }
        self.check_permissions()
    }

    fn check_permissions(&self) -> Result<(), Failure> {
        let metadata = fs::metadata(&self.directory).map_err(|error| self.unreadable(&error))?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(Failure::unable("wallet_permissions", self.shown()));
        }
        Ok(())
    }

    fn unreadable(&self, error: &std::io::Error) -> Failure {
        Failure::unable("input_unreadable", format!("{}: {error}", self.shown()))
    }

    /// Makes a wallet. `key_store` is a key store file to put in place (from a backup), `fill`
    /// writes what the new wallet begins with.
    ///
    /// The vault header is written last: until then there is no wallet, and an interrupted
    /// `init` is finished by the next one.
    pub(crate) fn create(
        &self,
        passphrase: &Passphrase,
        kdf: KdfParameters,
        key_store: Option<&[u8]>,
        fill: impl FnOnce(&Ledger) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if self.exists() {
            return Err(Failure::unable("wallet_exists", self.shown()));
        }
        self.prepare()?;
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        match key_store {
            Some(bytes) => {
                write_private(&self.keys(), bytes).map_err(|error| self.unreadable(&error))?;
                EncryptedFileStore::open(self.keys(), passphrase, Arc::clone(&entropy))?;
            }
            None if self.keys().exists() => {
                EncryptedFileStore::open(self.keys(), passphrase, Arc::clone(&entropy))?;
            }
            None => {
                let entropy = Arc::clone(&entropy);
                EncryptedFileStore::create_with(self.keys(), passphrase, kdf, entropy)?;
            }
        }
        // A store without a vault header can be opened by nobody: left over from a crash.
        if self.store().exists() {
            fs::remove_dir_all(self.store()).map_err(|error| self.unreadable(&error))?;
        }
        write_private(&self.generation(), b"0\n").map_err(|error| self.unreadable(&error))?;
        let vault = Vault::create(PURPOSE, passphrase, kdf, entropy)?;
        let header = vault.header().to_vec();
        fill(&self.ledger(vault)?)?;
        write_private(&self.vault(), &header).map_err(|error| self.unreadable(&error))
    }

    /// The sealed memory.
    fn ledger(&self, vault: Vault) -> Result<Ledger, Failure> {
        let database = Database::open(&self.store(), EngineKind::Fjall)
            .map_err(|error| Failure::unable("wallet_busy", error.to_string()))?;
        let store = Arc::new(EmbeddedWalletStore::new(database));
        let witness = Arc::new(FileWitness(self.generation()));
        Ok(Ledger::open(store, vault, witness)?)
    }

    /// Opens the keys alone.
    pub(crate) fn open_keys(
        &self,
        cli: &Cli,
        locale: Locale,
    ) -> Result<(Arc<EncryptedFileStore>, Passphrase), Failure> {
        if !self.exists() {
            return Err(Failure::unable("wallet_missing", self.shown()));
        }
        self.check_permissions()?;
        let passphrase = passphrase::existing(cli, locale)?;
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let keys = EncryptedFileStore::open(self.keys(), &passphrase, entropy)?;
        Ok((Arc::new(keys), passphrase))
    }

    /// Opens the wallet.
    pub(crate) fn open(
        self,
        cli: &Cli,
        locale: Locale,
        copies: u32,
    ) -> Result<OpenWallet, Failure> {
        let (keys, passphrase) = self.open_keys(cli, locale)?;
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let header = fs::read(self.vault()).map_err(|error| self.unreadable(&error))?;
        let vault = Vault::open(&header, PURPOSE, &passphrase, Arc::clone(&entropy))?;
        let ledger = self.ledger(vault)?;
        let fetch = network(cli)?;
        let resolver = Arc::new(UniversalResolver::new(Arc::clone(&fetch), None));
        let wallet = Wallet::new(WalletParts {
            ledger,
            keys: Arc::clone(&keys) as Arc<dyn signing_keys::KeyStore>,
            fetch,
            resolver,
            clock: Arc::new(SystemClock),
            entropy,
            settings: WalletSettings { copies, certificate_anchors: anchors(cli)? },
        });
        Ok(OpenWallet { home: self, wallet, keys, passphrase })
    }
}

/// What the network client may do under this command's options.
pub(crate) fn policy(cli: &Cli) -> FetchPolicy {
    let plain_http_origins =
        cli.danger_plain_http.iter().filter(|origin| !origin.is_empty()).cloned().collect();
    FetchPolicy { plain_http_origins, ..FetchPolicy::default() }
}

/// The guarded client under this command's options.
pub(crate) fn network(cli: &Cli) -> Result<Arc<dyn Fetch>, Failure> {
    let client = GuardedClient::new(policy(cli))
        .map_err(|error| Failure::unable("settings", error.to_string()))?;
    Ok(Arc::new(client))
}

fn anchors(cli: &Cli) -> Result<Vec<Vec<u8>>, Failure> {
    let mut anchors = Vec::new();
    for path in &cli.certificate_anchors {
        let bad = |what: &str| Failure::unable("settings", format!("{}: {what}", path.display()));
        let bytes = fs::read(path).map_err(|error| bad(&error.to_string()))?;
        let found = certificates(&bytes).ok_or_else(|| bad("no certificate in it"))?;
        anchors.extend(found);
    }
    Ok(anchors)
}

/// The certificates of a PEM file, or the one of a DER file.
fn certificates(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    use base64::Engine as _;
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| text.contains(BEGIN)) else {
        return credential_wallet::x509::Certificate::from_der(bytes)
            .ok()
            .map(|_| vec![bytes.to_vec()]);
    };
    text.split(BEGIN)
        .skip(1)
        .map(|part| {
            let body: String =
                part.split(END).next()?.chars().filter(|c| !c.is_ascii_whitespace()).collect();
            let der = base64::engine::general_purpose::STANDARD.decode(body).ok()?;
            credential_wallet::x509::Certificate::from_der(&der).ok().map(|_| der)
        })
        .collect()
}

/// Writes a file that only its owner may read, whole or not at all.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    fs::File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

/// The generation counter in a file beside the store.
struct FileWitness(PathBuf);

impl Witness for FileWitness {
    fn highest(&self) -> Result<u64, StoreError> {
        let text = fs::read_to_string(&self.0)
            .map_err(|error| StoreError::Unreadable(format!("generation: {error}")))?;
        text.trim().parse().map_err(|_| StoreError::Unreadable("generation: no number".to_owned()))
    }

    fn raise(&self, generation: u64) -> Result<(), StoreError> {
        write_private(&self.0, format!("{generation}\n").as_bytes())
            .map_err(|error| StoreError::Backend(format!("generation: {error}")))
    }
}

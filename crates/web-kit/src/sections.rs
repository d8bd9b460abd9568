//! Sections that the configurations of both services share.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::private_file::{self, PrivateFileError};
use crate::tls::TlsFiles;

/// `[server]`
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// `ADDRESS:PORT`; port 0 takes a free one.
    pub listen: String,
    /// The origin that others see; the DID is the `did:web` of it.
    pub public_url: String,
    /// `[server.tls]`: speaks https itself. Without it a proxy in front does, or the network is local.
    #[serde(default)]
    pub tls: Option<TlsFiles>,
}

/// `[keys]`
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// The encrypted key store. With the `signer` backend no file lies there; the register of keys
    /// still lies beside it.
    pub path: PathBuf,
    /// Its passphrase, in a file of mode 0600; one line. Not needed with the `signer` backend.
    #[serde(default)]
    pub passphrase_file: PathBuf,
    /// Where the keys that sign credentials are.
    #[serde(default)]
    pub backend: KeyBackend,
    /// `[keys.pkcs11]`
    #[serde(default)]
    pub pkcs11: Option<Pkcs11Section>,
    /// `[keys.signer]`
    #[serde(default)]
    pub signer: Option<SignerSocket>,
    /// `serve` makes whatever is missing: passphrase, keys, tokens. Then a lost volume silently becomes a new issuer with
    /// new keys, and the passphrase lies beside what it protects: for examples and test harnesses.
    #[serde(default)]
    pub danger_create_on_start: bool,
}

/// Where the signing keys are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum KeyBackend {
    /// All in the encrypted file.
    #[default]
    File,
    /// Ed25519 and P-256 in a PKCS#11 token, the chain key and others in the encrypted file.
    Pkcs11,
    /// All in another process behind a Unix socket.
    Signer,
}

/// `[keys.pkcs11]`
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pkcs11Section {
    /// The vendor's module, a shared library.
    pub module: PathBuf,
    /// The token's label.
    pub token: String,
    /// The user PIN, in a file of mode 0600; one line.
    pub pin_file: PathBuf,
    /// Sessions at most, and so signatures at a time (8).
    #[serde(default)]
    pub sessions: Option<usize>,
}

/// `[keys.signer]`
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignerSocket {
    /// The socket of `signer serve`.
    pub socket: PathBuf,
    /// The user id the signer runs as; another one that answers is refused.
    pub user: u32,
}

/// `[store]`
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Store {
    /// The directory of the embedded store; not used with PostgreSQL.
    #[serde(default)]
    pub path: PathBuf,
    /// Which store.
    #[serde(default)]
    pub engine: StoreEngine,
    /// `[store.postgres]`
    #[serde(default)]
    pub postgres: Option<PostgresSection>,
}

/// `[store]`, `engine`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StoreEngine {
    /// One directory, no server.
    #[default]
    #[serde(alias = "fjall")]
    Embedded,
    /// The embedded store over sled, where the build has it.
    Sled,
    /// A PostgreSQL database, which several replicas may share.
    Postgres,
}

/// `[store.postgres]`
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostgresSection {
    /// `postgres://user@host:port/database?sslmode=verify-full`, without a password.
    pub url: String,
    /// The password, in a file of mode 0600; one line. Without it the variable `PGPASSWORD` counts.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// `disable`, `prefer`, `require`, `verify-ca` or `verify-full`, over what the URL says.
    #[serde(default)]
    pub sslmode: Option<String>,
    /// Connections of this process at most (10).
    #[serde(default)]
    pub max_connections: Option<u32>,
    /// How long one statement may take, seconds (15).
    #[serde(default)]
    pub statement_seconds: Option<u64>,
    /// How long an operation waits for a server that is down or failing over, seconds (5).
    #[serde(default)]
    pub patience_seconds: Option<u64>,
    /// Takes a remote server whose certificate is not checked: for a network that is protected by
    /// other means.
    #[serde(default)]
    pub danger_unprotected: bool,
}

/// `[log]`
#[derive(Debug, Clone, Copy, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// `text` or `json`.
    #[serde(default)]
    pub format: crate::LogFormat,
}

/// `[operations]`: an address of its own for those who run the service.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Operations {
    /// `ADDRESS:PORT` that answers `/metrics`, `/health` and `/ready`; nobody else should reach it.
    #[serde(default)]
    pub listen: Option<String>,
}

/// What of a section does not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SectionFault(pub String);

fn fault<T>(text: &str) -> Result<T, SectionFault> {
    Err(SectionFault(text.to_owned()))
}

impl Store {
    /// Paths relative to the directory of the configuration.
    pub fn anchor_paths(&mut self, directory: &Path) {
        self.path = directory.join(&self.path);
        if let Some(file) =
            self.postgres.as_mut().and_then(|section| section.password_file.as_mut())
        {
            *file = directory.join(&*file);
        }
    }

    /// Checks what the types do not hold; call it before [`Store::anchor_paths`].
    ///
    /// # Errors
    /// [`SectionFault`].
    pub fn check(&self) -> Result<(), SectionFault> {
        match (self.engine, &self.postgres) {
            (StoreEngine::Postgres, None) => {
                fault("store.engine is postgres, and there is no [store.postgres]")
            }
            (StoreEngine::Embedded | StoreEngine::Sled, _) if self.path.as_os_str().is_empty() => {
                fault("missing field `path` in [store]")
            }
            (_, Some(section)) => section.check(),
            (_, None) => Ok(()),
        }
    }
}

impl PostgresSection {
    fn check(&self) -> Result<(), SectionFault> {
        let Ok(url) = url::Url::parse(&self.url) else {
            return fault("store.postgres.url is no URL such as postgres://user@host/database");
        };
        if url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password") {
            return fault(
                "store.postgres.url holds the password: put it into store.postgres.password_file",
            );
        }
        match self.max_connections {
            Some(0) => fault("store.postgres.max_connections must be at least 1"),
            _ => Ok(()),
        }
    }
}

/// Why a `public_url` cannot be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicUrlFault {
    /// It is no origin.
    NotAnOrigin,
    /// Plain http, and this `host:port` is not among the origins where that danger is taken.
    PlainHttp(String),
}

impl Server {
    /// Paths relative to the directory of the configuration.
    pub fn anchor_paths(&mut self, directory: &Path) {
        if let Some(tls) = &mut self.tls {
            tls.certificate = directory.join(&tls.certificate);
            tls.key = directory.join(&tls.key);
        }
    }

    /// An origin, https unless its `host:port` is listed.
    ///
    /// # Errors
    /// [`PublicUrlFault`].
    pub fn check_public_url(&self, plain_http_origins: &[String]) -> Result<(), PublicUrlFault> {
        let fault = |_| PublicUrlFault::NotAnOrigin;
        let url = url::Url::parse(&self.public_url).map_err(fault)?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let Some(host) = url.host_str().filter(|_| bare && url.username().is_empty()) else {
            return Err(PublicUrlFault::NotAnOrigin);
        };
        match url.scheme() {
            "https" => Ok(()),
            "http" => {
                let origin = format!("{host}:{}", url.port_or_known_default().unwrap_or(80));
                if plain_http_origins.contains(&origin) {
                    Ok(())
                } else {
                    Err(PublicUrlFault::PlainHttp(origin))
                }
            }
            _ => Err(PublicUrlFault::NotAnOrigin),
        }
    }
}

impl Keys {
    /// Paths relative to the directory of the configuration.
    pub fn anchor_paths(&mut self, directory: &Path) {
        self.path = directory.join(&self.path);
        self.passphrase_file = directory.join(&self.passphrase_file);
        if let Some(token) = &mut self.pkcs11 {
            token.pin_file = directory.join(&token.pin_file);
            token.module = directory.join(&token.module);
        }
        if let Some(signer) = &mut self.signer {
            signer.socket = directory.join(&signer.socket);
        }
    }

    /// Checks what the types do not hold; call it before [`Keys::anchor_paths`].
    ///
    /// # Errors
    /// [`SectionFault`].
    pub fn check(&self) -> Result<(), SectionFault> {
        match self.backend {
            KeyBackend::Pkcs11 if self.pkcs11.is_none() => {
                fault("keys.backend is pkcs11, and there is no [keys.pkcs11]")
            }
            KeyBackend::Signer if self.signer.is_none() => {
                fault("keys.backend is signer, and there is no [keys.signer]")
            }
            KeyBackend::File | KeyBackend::Pkcs11
                if self.passphrase_file.as_os_str().is_empty() =>
            {
                fault("missing field `passphrase_file` in [keys]")
            }
            KeyBackend::Signer if self.danger_create_on_start => {
                fault("keys.danger_create_on_start makes nothing behind a signer")
            }
            _ => Ok(()),
        }
    }

    /// Writes a passphrase where there is none, if `danger_create_on_start` allows it; answers whether it does.
    ///
    /// # Errors
    /// [`PrivateFileError`] when the file cannot be written.
    pub fn prepare(&self, random_passphrase: &str) -> Result<bool, PrivateFileError> {
        if self.danger_create_on_start {
            private_file::create(&self.passphrase_file, random_passphrase)?;
        }
        Ok(self.danger_create_on_start)
    }

    /// Where keys lie that the key store itself cannot hold: beside it.
    #[must_use]
    pub fn sealed_secrets_path(&self) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(".secrets");
        PathBuf::from(name)
    }
}

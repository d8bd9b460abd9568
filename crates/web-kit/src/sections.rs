//! Sections that the configurations of both services share.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::private_file::{self, PrivateFileError};
use crate::tls::TlsFiles;

/// `[server]`
#[derive(Debug, Clone, Deserialize)]
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
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// The encrypted key store.
    pub path: PathBuf,
    /// Its passphrase, in a file of mode 0600; one line.
    pub passphrase_file: PathBuf,
    /// `serve` makes whatever is missing: passphrase, keys, tokens. Then a lost volume silently becomes a new issuer with
    /// new keys, and the passphrase lies beside what it protects: for examples and test harnesses.
    #[serde(default)]
    pub danger_create_on_start: bool,
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

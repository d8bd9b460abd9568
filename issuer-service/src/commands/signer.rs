//! `issuer-service signer …`: the keys in a process of its own, behind a Unix socket.
//!
//! It reads a configuration of its own (`signer.toml`), so it knows neither database nor chain,
//! and opens no network socket: its unit can have `PrivateNetwork=yes`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::json;
use signing_keys::KeyAlgorithm;
use signing_keys::signer_process::{Signed, SignerPolicy, bind_signer, serve_signer};
use signing_keys::system::SystemEntropy;
use web_kit::sections::{KeyBackend, Keys, Log};

use crate::assemble::{KEYS, open_backend};

/// `signer.toml`. Paths are relative to its directory.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignerConfig {
    /// Where the keys are: a file, or a token.
    pub keys: Keys,
    /// Who may use them.
    pub signer: SignerSection,
    /// The log; each signature is a line in it.
    #[serde(default)]
    pub log: Log,
}

/// `[signer]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignerSection {
    /// Where it listens.
    pub socket: PathBuf,
    /// User ids that are answered.
    pub users: BTreeSet<u32>,
    /// Labels of the keys that may be used; all when absent.
    #[serde(default)]
    pub labels: Option<BTreeSet<String>>,
    /// Connections at a time (32).
    #[serde(default)]
    pub connections: Option<usize>,
}

impl SignerConfig {
    /// Reads it.
    ///
    /// # Errors
    /// When it is not usable.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let mut config: Self = web_kit::load_config(path, "SIGNER")?;
        config.keys.check()?;
        anyhow::ensure!(
            config.keys.backend != KeyBackend::Signer,
            "a signer needs keys of its own"
        );
        let directory = path.parent().unwrap_or(Path::new(""));
        config.keys.anchor_paths(directory);
        config.signer.socket = directory.join(&config.signer.socket);
        Ok(config)
    }
}

/// Makes the keys every issuer has where they are missing, and one more where a label is given.
///
/// # Errors
/// When they cannot be made.
pub fn signer_init(path: &Path, more: Option<(&str, KeyAlgorithm)>) -> anyhow::Result<()> {
    let config = SignerConfig::load(path)?;
    let store = open_backend(&config.keys, true, Arc::new(SystemEntropy))?;
    for (label, algorithm) in KEYS.into_iter().chain(more) {
        if store.find(label).is_none() {
            store.generate(algorithm, label).with_context(|| format!("generating {label}"))?;
        }
    }
    let labels: Vec<String> = store.list().into_iter().map(|key| key.label).collect();
    println!("{}", json!({ "keys": labels }));
    Ok(())
}

/// Serves until the process is ended.
///
/// # Errors
/// When keys or socket cannot be opened.
pub fn signer_serve(path: &Path) -> anyhow::Result<()> {
    let config = SignerConfig::load(path)?;
    let store = open_backend(&config.keys, false, Arc::new(SystemEntropy))?;
    let all = || store.list().into_iter().map(|key| key.label).collect();
    let policy = SignerPolicy {
        labels: config.signer.labels.clone().unwrap_or_else(all),
        users: config.signer.users.clone(),
        connections: config.signer.connections.unwrap_or(32),
    };
    let socket = &config.signer.socket;
    let listener =
        bind_signer(socket).with_context(|| format!("the socket {}", socket.display()))?;
    println!("ready {}", socket.display());
    serve_signer(&listener, &*store, &policy, &told)?;
    Ok(())
}

fn told(signed: &Signed) {
    let (user, process) = signed.by;
    let digest = hex::encode(signed.digest);
    match &signed.outcome {
        Ok(()) => tracing::info!(user, process, key = signed.label, digest, "signed"),
        Err(code) => tracing::warn!(user, process, key = signed.label, digest, code, "refused"),
    }
}

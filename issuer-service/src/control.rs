//! Orders to a running service with an embedded store, which no second process can open: a Unix
//! socket beside the store, for the service's own user alone. One JSON line in, one out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use credential_issuance::ids::{OfferId, PersonId};
use credential_model::ambient::Entropy;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use web_kit::sections::StoreEngine;

use crate::backup;
use crate::commands::shown_backup;
use crate::config::Config;
use crate::state::App;
use storage_embedded::issuer::EmbeddedIssuerStore;

/// Longest order in bytes.
const LONGEST: u64 = 16 * 1024;

/// What may be ordered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Order {
    /// Write a backup from a snapshot.
    Backup {
        /// The file, absolute.
        to: PathBuf,
        /// Its passphrase file, absolute.
        passphrase_file: PathBuf,
    },
    /// Forget a person.
    ErasePerson {
        /// Their id.
        id: String,
    },
    /// Forget what an offer says.
    EraseOffer {
        /// Its id.
        id: String,
    },
}

/// Where the socket lies; none where the store needs no orders.
fn socket(config: &Config) -> Option<PathBuf> {
    if config.store.engine == StoreEngine::Postgres {
        return None;
    }
    let mut name = config.store.path.as_os_str().to_owned();
    name.push(".control");
    Some(PathBuf::from(name))
}

/// Sends an order to the running service; `None` when none runs over this store.
///
/// # Errors
/// When the service refused, or went away.
pub async fn ask(config: &Config, order: &Order) -> anyhow::Result<Option<Value>> {
    let Some(path) = socket(config) else { return Ok(None) };
    let Ok(mut stream) = UnixStream::connect(&path).await else { return Ok(None) };
    let mut line = serde_json::to_vec(order)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    let mut answer = String::new();
    stream.take(LONGEST).read_to_string(&mut answer).await?;
    let answer: Value = serde_json::from_str(&answer).context("the service gave no answer")?;
    match answer.get("error").and_then(Value::as_str) {
        Some(error) => anyhow::bail!("the service refused: {error}"),
        None => Ok(Some(answer)),
    }
}

/// Whether a service answers over this store.
pub async fn is_served(config: &Config) -> bool {
    match socket(config) {
        Some(path) => UnixStream::connect(&path).await.is_ok(),
        None => false,
    }
}

/// What orders are carried out with.
#[derive(Clone)]
pub struct Desk {
    /// The service.
    pub app: App,
    /// Its store.
    pub store: EmbeddedIssuerStore,
    /// Its configuration.
    pub config: Arc<Config>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// Takes orders until dropped. Where the socket cannot be made, that is said and the service runs
/// without.
pub async fn serve(desk: Desk) {
    let Some(path) = socket(&desk.config) else { return };
    let listener = match bind(&path) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!(%error, "no control socket: backups need a stop of the service");
            return;
        }
    };
    let owner = owner(&path);
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let same = stream.peer_cred().is_ok_and(|peer| Some(peer.uid()) == owner);
        if !same {
            tracing::warn!("another user asked at the control socket");
            continue;
        }
        // One after the other: a backup takes what the disk gives.
        if let Err(error) = converse(&desk, stream).await {
            tracing::debug!(%error, "an order broke off");
        }
    }
}

/// The store is held by this process, so a socket that is there was left by a dead one.
fn bind(path: &Path) -> std::io::Result<UnixListener> {
    use std::os::unix::fs::PermissionsExt as _;
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Whose the socket is, and so whose this process is.
fn owner(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).ok().map(|file| file.uid())
}

async fn converse(desk: &Desk, stream: UnixStream) -> anyhow::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    BufReader::new(read.take(LONGEST)).read_line(&mut line).await?;
    let done = match serde_json::from_str::<Order>(&line) {
        Ok(order) => carry_out(desk, order).await,
        Err(error) => Err(error.into()),
    };
    let answer = done.unwrap_or_else(|error| json!({ "error": format!("{error:#}") }));
    write.write_all(answer.to_string().as_bytes()).await?;
    Ok(write.shutdown().await?)
}

async fn carry_out(desk: &Desk, order: Order) -> anyhow::Result<Value> {
    match order {
        Order::Backup { to, passphrase_file } => {
            let snapshot = desk.store.snapshot();
            let snapshot = snapshot.context("this engine has no snapshots: stop the service")?;
            let desk = desk.clone();
            let handle = tokio::runtime::Handle::current();
            // Reading and sealing takes the time of a core; requests go on beside it.
            let made = tokio::task::spawn_blocking(move || {
                let keys = &desk.config.keys;
                let entropy = Arc::clone(&desk.entropy);
                handle.block_on(backup::create(&snapshot, keys, &to, &passphrase_file, entropy))
            });
            Ok(shown_backup(&made.await??))
        }
        Order::ErasePerson { id } => {
            let id = PersonId::parse(&id).ok().context("that is no person id")?;
            let report = desk.app.issuer.erase_person(&id).await?;
            Ok(json!({ "offers": report.offers, "credentials": report.credentials }))
        }
        Order::EraseOffer { id } => {
            let id = OfferId::parse(&id).ok().context("that is no offer id")?;
            let report = desk.app.issuer.erase_offer(&id).await?;
            Ok(json!({ "offers": report.offers, "credentials": report.credentials }))
        }
    }
}

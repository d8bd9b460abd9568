//! `issuer-service backup …`

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::{Value, json};
use signing_keys::system::SystemEntropy;
use web_kit::sections::StoreEngine;

use crate::backup::{self, Contents};
use crate::config::Config;
use crate::control::{self, Order};
use crate::storage;

/// Writes a backup: by the running service from a snapshot, or by itself where none runs.
///
/// # Errors
/// When it cannot be written; with PostgreSQL, whose own tools do this.
pub async fn backup_create(path: &Path, to: &Path, passphrase_file: &Path) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    anyhow::ensure!(
        config.store.engine != StoreEngine::Postgres,
        "a PostgreSQL database is backed up by pg_dump: docs/operations.md tells how"
    );
    // The service may run in another directory.
    let to = std::path::absolute(to)?;
    let passphrase_file = std::path::absolute(passphrase_file)?;
    let order = Order::Backup { to: to.clone(), passphrase_file: passphrase_file.clone() };
    if let Some(answer) = control::ask(&config, &order).await? {
        println!("{answer}");
        return Ok(());
    }
    let store = storage::embedded(&config.store.path, config.store.engine)?;
    let entropy = Arc::new(SystemEntropy);
    let made = backup::create(&store, &config.keys, &to, &passphrase_file, entropy).await?;
    println!("{}", shown(&made));
    Ok(())
}

/// Checks a backup without restoring it.
///
/// # Errors
/// What is wrong with it.
pub fn backup_verify(from: &Path, passphrase_file: &Path) -> anyhow::Result<()> {
    println!("{}", shown(&backup::verify(from, passphrase_file)?));
    Ok(())
}

/// Restores into the configured store, which must be empty.
///
/// # Errors
/// See [`backup::restore`].
pub async fn backup_restore(
    path: &Path,
    from: &Path,
    passphrase_file: &Path,
) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    anyhow::ensure!(
        config.store.engine != StoreEngine::Postgres,
        "restore into an embedded store; `store copy --to-postgres` moves it on"
    );
    let store = storage::embedded(&config.store.path, config.store.engine)
        .context("the store to restore into")?;
    let restored = backup::restore(from, passphrase_file, &store, &config.keys).await?;
    println!("{}", shown(&restored));
    Ok(())
}

/// What a backup holds, as JSON.
pub(crate) fn shown(contents: &Contents) -> Value {
    json!({
        "rows": contents.rows.to_string(),
        "audit_entries": contents.audit.to_string(),
        "key_files": contents.key_files,
    })
}

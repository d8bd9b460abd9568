//! `verifier-service store …`: the schema of a database, and moving a whole store.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use credential_issuance::store_copy::{self, Report, ShelfReport};
use serde_json::{Value, json};
use signing_keys::system::SystemEntropy;
use storage_postgres::{Postgres, SCHEMA_VERSION};
use web_kit::sections::{Store, StoreEngine};

use crate::config::Config;
use crate::storage;

/// The other store of a copy.
#[derive(Debug, Clone)]
pub enum OtherStore {
    /// An embedded store in this directory.
    Directory(PathBuf),
    /// The database of the configuration's `[store.postgres]`.
    Postgres,
}

/// Brings the configured database's schema to this build's version.
///
/// # Errors
/// Without `[store.postgres]`, and when the database refuses.
pub async fn store_migrate(path: &Path) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    let options = storage::postgres_options(&config.store)?;
    let before = Postgres::schema_state(&options, Arc::new(SystemEntropy)).await?;
    Postgres::migrate(&options, Arc::new(SystemEntropy)).await?.close().await;
    let answer = json!({ "schema_version": SCHEMA_VERSION, "before": format!("{before:?}") });
    println!("{answer}");
    Ok(())
}

/// Copies the configured store to (or, with `back`, from) another one and proves it by counts and
/// digests. Neither may be in use.
///
/// # Errors
/// [`store_copy::CopyError`], and what opening brings.
pub async fn store_copy(path: &Path, other: &OtherStore, back: bool) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    let own = storage::open_for_copy(&config.store, Arc::new(SystemEntropy)).await?;
    let other = match other {
        OtherStore::Directory(directory) => {
            Store { path: directory.clone(), engine: StoreEngine::Embedded, postgres: None }
        }
        OtherStore::Postgres => Store { engine: StoreEngine::Postgres, ..config.store.clone() },
    };
    let other = storage::open_for_copy(&other, Arc::new(SystemEntropy)).await?;
    let (from, to) = if back { (other, own) } else { (own, other) };
    let told = |shelf: &ShelfReport| eprintln!("copied {}: {} rows", shelf.shelf, shelf.rows);
    let report = store_copy::copy(&*from, &*to, &told).await?;
    eprintln!("both sides were read once more and are the same");
    println!("{}", shown(&report));
    Ok(())
}

/// Counts and digests the configured store.
///
/// # Errors
/// When it cannot be opened or read.
pub async fn store_survey(path: &Path) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    let store = storage::open_for_copy(&config.store, Arc::new(SystemEntropy)).await?;
    println!("{}", shown(&store_copy::survey(&*store).await?));
    Ok(())
}

fn shown(report: &Report) -> Value {
    let shelves: Vec<Value> = report
        .shelves
        .iter()
        .map(|shelf| {
            json!({
                "shelf": shelf.shelf,
                "rows": shelf.rows.to_string(),
                "sha256": shelf.sha256.to_string(),
            })
        })
        .collect();
    json!({ "rows": report.rows().to_string(), "shelves": shelves })
}

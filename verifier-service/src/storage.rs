//! The store that the configuration names.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use credential_issuance::store_copy::Portable;
use credential_model::ambient::Entropy;
use credential_verification::store::{SeenLists, VerifierStore};
use evm_chain::IndexStore;
use storage_embedded::chain_index::EmbeddedChainIndex;
use storage_embedded::engine::{Database, EngineKind};
use storage_embedded::verifier::EmbeddedVerifierStore;
use storage_postgres::{Postgres, PostgresChainIndex, PostgresOptions, PostgresVerifierStore};
use web_kit::private_file;
use web_kit::sections::{Store, StoreEngine};

enum Place {
    Embedded(Database),
    Postgres(PostgresOptions, Arc<dyn Entropy>),
}

/// An open store.
pub struct OpenStore {
    /// Sessions.
    pub sessions: Arc<dyn VerifierStore>,
    /// The memory of the checks.
    pub seen: Arc<dyn SeenLists>,
    place: Place,
}

impl OpenStore {
    /// The index of a chain's contracts in the same store. Waits for the database.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn chain_index(&self, name: &str) -> anyhow::Result<Arc<dyn IndexStore>> {
        Ok(match &self.place {
            Place::Embedded(database) => Arc::new(EmbeddedChainIndex::new(database.clone(), name)),
            Place::Postgres(options, entropy) => {
                Arc::new(PostgresChainIndex::open(options, Arc::clone(entropy), name)?)
            }
        })
    }
}

/// Opens the configured store.
///
/// # Errors
/// When it cannot be opened, or is a copy that was not finished.
pub async fn open(section: &Store, entropy: Arc<dyn Entropy>) -> anyhow::Result<OpenStore> {
    if section.engine != StoreEngine::Postgres {
        return open_embedded(section);
    }
    let options = postgres_options(section)?;
    let database = Postgres::connect(&options, Arc::clone(&entropy)).await?;
    let store = Arc::new(PostgresVerifierStore::open(database).await?);
    let place = Place::Postgres(options, entropy);
    Ok(OpenStore { sessions: store.clone(), seen: store, place })
}

/// Opens an embedded store, without waiting for anything.
///
/// # Errors
/// When it cannot be opened, and for a store that is none.
pub fn open_embedded(section: &Store) -> anyhow::Result<OpenStore> {
    anyhow::ensure!(section.engine != StoreEngine::Postgres, "this store is not embedded");
    let database = embedded(section)?;
    let store = Arc::new(EmbeddedVerifierStore::new(database.clone()));
    let place = Place::Embedded(database);
    Ok(OpenStore { sessions: store.clone(), seen: store, place })
}

fn embedded(section: &Store) -> anyhow::Result<Database> {
    let kind = match section.engine {
        StoreEngine::Sled => EngineKind::Sled,
        _ => EngineKind::Fjall,
    };
    Ok(Database::open(&section.path, kind)?)
}

/// Opens the configured store as source or target of a copy, whatever its state.
///
/// # Errors
/// When it cannot be opened.
pub async fn open_for_copy(
    section: &Store,
    entropy: Arc<dyn Entropy>,
) -> anyhow::Result<Arc<dyn Portable>> {
    Ok(match section.engine {
        StoreEngine::Postgres => {
            let database = Postgres::connect(&postgres_options(section)?, entropy).await?;
            Arc::new(PostgresVerifierStore::for_copy(database))
        }
        _ => Arc::new(EmbeddedVerifierStore::new(embedded(section)?)),
    })
}

/// Where the database is.
///
/// # Errors
/// Without the section, and when the password cannot be read.
pub fn postgres_options(section: &Store) -> anyhow::Result<PostgresOptions> {
    let section = section.postgres.as_ref();
    let section = section.context("the configuration has no [store.postgres]")?;
    let usual = PostgresOptions::new(&section.url);
    let seconds = |given: Option<u64>, usual| given.map_or(usual, Duration::from_secs);
    let mut options = PostgresOptions {
        max_connections: section.max_connections.unwrap_or(usual.max_connections),
        statement_timeout: seconds(section.statement_seconds, usual.statement_timeout),
        patience: seconds(section.patience_seconds, usual.patience),
        danger_unprotected: section.danger_unprotected,
        ..usual
    };
    if let Some(mode) = &section.sslmode {
        options.set_sslmode(mode)?;
    }
    if let Some(file) = &section.password_file {
        options.set_password(&private_file::read(file, 1)?)?;
    }
    Ok(options)
}

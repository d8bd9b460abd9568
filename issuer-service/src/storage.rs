//! The store that the configuration names, behind one face for all commands.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use credential_issuance::bulk::BulkStore;
use credential_issuance::store::IssuerStore;
use credential_issuance::store_copy::Portable;
use credential_model::ambient::Entropy;
use evm_chain::Outbox;
use officer_access::store::AccessStore;
use storage_embedded::engine::{Database, EngineKind};
use storage_embedded::issuer::EmbeddedIssuerStore;
use storage_embedded::officers::EmbeddedAccessStore;
use storage_postgres::{
    Postgres, PostgresAccessStore, PostgresIssuerStore, PostgresOptions, PostgresOutbox,
};
use web_kit::private_file;
use web_kit::sections::{PostgresSection, Store, StoreEngine};

/// An open store.
#[derive(Clone)]
pub enum OpenStore {
    /// One directory.
    Embedded(EmbeddedIssuerStore),
    /// A database that others may share.
    Postgres {
        /// The records.
        store: PostgresIssuerStore,
        /// The chain writer's rows.
        outbox: PostgresOutbox,
    },
}

impl OpenStore {
    /// As the flow's store.
    pub fn issuer(&self) -> Arc<dyn IssuerStore> {
        match self {
            Self::Embedded(store) => Arc::new(store.clone()),
            Self::Postgres { store, .. } => Arc::new(store.clone()),
        }
    }

    /// As the chain writer's outbox.
    pub fn outbox(&self) -> Arc<dyn Outbox> {
        match self {
            Self::Embedded(store) => Arc::new(store.clone()),
            Self::Postgres { outbox, .. } => Arc::new(outbox.clone()),
        }
    }

    /// As the store of officers' access.
    pub fn access(&self) -> Arc<dyn AccessStore> {
        match self {
            Self::Embedded(store) => Arc::new(EmbeddedAccessStore::new(store.database().clone())),
            Self::Postgres { store, .. } => {
                Arc::new(PostgresAccessStore::new(store.database().clone()))
            }
        }
    }

    /// As the store of bulk jobs.
    pub fn bulk(&self) -> Arc<dyn BulkStore> {
        match self {
            Self::Embedded(store) => Arc::new(store.clone()),
            Self::Postgres { store, .. } => Arc::new(store.clone()),
        }
    }

    /// As shelves of rows.
    pub fn portable(&self) -> Arc<dyn Portable> {
        match self {
            Self::Embedded(store) => Arc::new(store.clone()),
            Self::Postgres { store, .. } => Arc::new(store.clone()),
        }
    }

    /// The embedded store, where it is one.
    pub fn embedded(&self) -> Option<&EmbeddedIssuerStore> {
        match self {
            Self::Embedded(store) => Some(store),
            Self::Postgres { .. } => None,
        }
    }
}

/// Opens the configured store. An embedded one is made where there is none; a database must have
/// its schema (`issuer-service store migrate`).
///
/// # Errors
/// When it cannot be opened, or is a copy that was not finished.
pub async fn open(section: &Store, entropy: Arc<dyn Entropy>) -> anyhow::Result<OpenStore> {
    match section.engine {
        StoreEngine::Postgres => {
            let options = postgres_options(section)?;
            let database = Postgres::connect(&options, Arc::clone(&entropy)).await?;
            let store = PostgresIssuerStore::open(database).await?;
            // Its thread is waited for; that must not hold up the runtime's.
            let outbox =
                tokio::task::spawn_blocking(move || PostgresOutbox::open(&options, entropy));
            Ok(OpenStore::Postgres { store, outbox: outbox.await?? })
        }
        StoreEngine::Embedded | StoreEngine::Sled => {
            let store = embedded(&section.path, section.engine)?;
            if store.copy_unfinished().await? {
                anyhow::bail!("the store is a copy that was not finished: repeat `store copy`");
            }
            Ok(OpenStore::Embedded(store))
        }
    }
}

/// Opens the configured store as source or target of a copy, whatever its state.
///
/// # Errors
/// When it cannot be opened.
pub async fn open_for_copy(
    section: &Store,
    entropy: Arc<dyn Entropy>,
) -> anyhow::Result<Arc<dyn Portable>> {
    match section.engine {
        StoreEngine::Postgres => {
            let database = Postgres::connect(&postgres_options(section)?, entropy).await?;
            Ok(Arc::new(PostgresIssuerStore::for_copy(database)))
        }
        engine => Ok(Arc::new(embedded(&section.path, engine)?)),
    }
}

/// The embedded store in a directory, for its owner's eyes only: it holds personal data.
///
/// # Errors
/// When it cannot be opened; another process may have it.
pub fn embedded(path: &Path, engine: StoreEngine) -> anyhow::Result<EmbeddedIssuerStore> {
    let kind = match engine {
        StoreEngine::Sled => EngineKind::Sled,
        _ => EngineKind::Fjall,
    };
    Ok(EmbeddedIssuerStore::new(Database::open(path, kind)?))
}

/// Where the database is.
///
/// # Errors
/// Without the section, and when the password cannot be read.
pub fn postgres_options(section: &Store) -> anyhow::Result<PostgresOptions> {
    let section: &PostgresSection =
        section.postgres.as_ref().context("the configuration has no [store.postgres]")?;
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

//! The subcommands. Stdout carries results, stderr talk.
use std::{path::Path, sync::Arc, time::Duration};

use credential_model::moment::Moment;
use credential_verification::{
    session::Scheme,
    store::{StoreError, VerifierStore},
};
use serde_json::json;

use web_kit::private_file::PrivateFileError;

use crate::{
    assemble::{self, Surroundings},
    config::{Config, ConfigFault},
    routes,
    state::App,
};

mod operations;
mod store;

pub use store::{OtherStore, store_copy, store_migrate, store_survey};

/// How the log is to be written; a configuration that cannot be read is told of later.
pub fn log_format(path: &Path) -> web_kit::LogFormat {
    Config::load(path).map(|config| config.log.format).unwrap_or_default()
}

/// How often old sessions are forgotten.
const SWEEP: Duration = Duration::from_secs(300);
const SWEEP_STEP: usize = 1_000;

/// Makes key and certificate where they are missing; running it again changes nothing.
///
/// # Errors
/// When configuration or key store are not usable.
pub fn init(path: &Path) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    let surroundings = Surroundings::system();
    let keys = assemble::open_keys(&config, true, Arc::clone(&surroundings.entropy))?;
    let identity = assemble::identity(&config, &keys, true, &surroundings)?;
    let client = |scheme| identity.client(scheme).map(|client| client.client_id);
    let answer = json!({
        "did": identity.did().as_str(),
        "client_ids": {
            "decentralized_identifier": client(Scheme::DecentralizedIdentifier),
            "x509_hash": client(Scheme::X509Hash),
        },
        "certificate": config.certificate_path(),
        "witness_key": assemble::witness_key(&config, &keys)?,
    });
    println!("{answer}");
    Ok(())
}

/// Serves until a signal comes.
///
/// # Errors
/// When a part cannot be opened or the address is taken.
pub async fn serve(path: &Path) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    let surroundings = Surroundings::system();
    assemble::prepare(&config, &surroundings)?;
    let app = assemble::assemble(&config, surroundings).await?;
    let sweeper = tokio::spawn(sweep(Arc::clone(&app)));
    let keeper =
        tokio::spawn(crate::chain_index::keep(Arc::clone(&app), config.trust.index_every_seconds));
    let packs = tokio::spawn(crate::packs::keep(Arc::clone(&app)));
    let operations = match &config.operations.listen {
        Some(listen) => Some(tokio::spawn(operations::serve(listen, Arc::clone(&app)).await?)),
        None => None,
    };
    let router = routes::router(app);
    let (server, connections) = (&config.server, config.limits.connections);
    let served =
        web_kit::serve_limited(router, &server.listen, server.tls.as_ref(), connections).await;
    operations.inspect(tokio::task::JoinHandle::abort);
    sweeper.abort();
    keeper.abort();
    packs.abort();
    Ok(served?)
}

/// Forgets in small steps until nothing old is left: a busy day must not outgrow the sweeper.
async fn forget_all(store: &dyn VerifierStore, now: Moment) -> Result<usize, StoreError> {
    let mut all = 0;
    loop {
        let forgotten = store.forget_sessions(now, SWEEP_STEP).await?;
        all += forgotten;
        if forgotten < SWEEP_STEP {
            return Ok(all);
        }
        // Others may write between the steps.
        tokio::task::yield_now().await;
    }
}

async fn sweep(app: App) {
    loop {
        match forget_all(&*app.store, app.now()).await {
            Ok(0) => {}
            Ok(forgotten) => tracing::info!(forgotten, "old sessions forgotten"),
            Err(error) => tracing::warn!(%error, "old sessions were not forgotten"),
        }
        tokio::time::sleep(SWEEP).await;
    }
}

/// What to do about an error, where that can be said.
pub fn hint(error: &anyhow::Error) -> Option<&'static str> {
    if let Some(fault) = error.downcast_ref::<ConfigFault>() {
        return Some(match fault {
            ConfigFault::PlainHttp(_) => "use https, or list the origin there for development",
            ConfigFault::PublicUrl => {
                "the origin is what wallets and browsers see, not the listen address"
            }
            ConfigFault::NoContracts => {
                "copy the addresses that `issuer-service chain deploy` printed"
            }
            _ => "compare with the example in the README",
        });
    }
    if let Some(error) = error.downcast_ref::<storage_postgres::OpenError>() {
        return match error.code() {
            "postgres_schema_missing" | "postgres_schema_older" => {
                Some("run `verifier-service store migrate` once")
            }
            _ => Some("check [store.postgres]: server, database, user and password"),
        };
    }
    if error.downcast_ref::<PrivateFileError>().is_some() {
        return Some("write the secret into a file of its own and `chmod 600` it");
    }
    let text = format!("{error:#}");
    if text.contains("key store") || text.contains("no key") || text.contains("no certificate") {
        return Some("run `verifier-service init` first, with the same configuration");
    }
    None
}

#[cfg(test)]
mod tests {
    use credential_verification::{store::MemoryStore, store_contract::example_session};

    use super::*;

    #[tokio::test]
    async fn the_sweeper_goes_on_until_nothing_old_is_left() {
        let store = MemoryStore::new();
        let then = Moment::from_unix(1_800_000_000);
        let count = SWEEP_STEP + 7;
        for seed in 0..count {
            let session = example_session(seed as u64, then);
            store.create_session(&session).await.unwrap();
        }
        let later = then.plus_seconds(10 * 86_400);
        assert_eq!(forget_all(&store, later).await, Ok(count));
        assert_eq!(forget_all(&store, later).await, Ok(0));
    }
}

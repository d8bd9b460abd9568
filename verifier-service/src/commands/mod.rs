//! The subcommands. Stdout carries results, stderr talk.
use std::{path::Path, sync::Arc, time::Duration};

use credential_verification::session::Scheme;
use serde_json::json;

use web_kit::private_file::PrivateFileError;

use crate::{
    assemble::{self, Surroundings},
    config::{Config, ConfigFault},
    routes,
    state::App,
};

/// How often old sessions are forgotten.
const SWEEP: Duration = Duration::from_secs(300);

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
    let app = assemble::assemble(&config, Surroundings::system())?;
    let sweeper = tokio::spawn(sweep(Arc::clone(&app)));
    let router = routes::router(app);
    let served = web_kit::serve(router, &config.server.listen).await;
    sweeper.abort();
    Ok(served?)
}

async fn sweep(app: App) {
    loop {
        match app.store.forget_sessions(app.now(), 1_000).await {
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
    if error.downcast_ref::<PrivateFileError>().is_some() {
        return Some("write the secret into a file of its own and `chmod 600` it");
    }
    let text = format!("{error:#}");
    if text.contains("key store") || text.contains("no key") || text.contains("no certificate") {
        return Some("run `verifier-service init` first, with the same configuration");
    }
    None
}

//! `issuer-service serve`

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use credential_model::ambient::random_token;
use signing_keys::system::SystemEntropy;

use crate::assemble::{self, Surroundings};
use crate::config::Config;

/// Serves until a signal comes.
pub async fn serve(path: &Path) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    let entropy = SystemEntropy;
    if config.keys.prepare(&random_token(&entropy))? {
        assemble::open_keys(&config, true, Arc::new(entropy))?;
        assemble::create_admin_token(&config, &entropy)?;
    }
    let app = assemble::assemble(&config, Surroundings::system()).await?;
    tracing::info!(did = %app.issuer.identity().did(), chain = config.chain.is_some(), "starting");
    let every = Duration::from_secs(config.anchor.every_seconds);
    let background = tokio::spawn(crate::run_background(Arc::clone(&app), every));
    let served =
        web_kit::serve(crate::router(app), &config.server.listen, config.server.tls.as_ref()).await;
    // Everything the loops do is durable step by step, so they can be cut off anywhere.
    background.abort();
    Ok(served?)
}

//! `issuer-service serve`

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::assemble::{Surroundings, assemble};
use crate::config::Config;

/// Serves until a signal comes.
pub async fn serve(path: &Path) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    let app = assemble(&config, Surroundings::system()).await?;
    tracing::info!(did = %app.issuer.identity().did(), chain = config.chain.is_some(), "starting");
    let every = Duration::from_secs(config.anchor.every_seconds);
    let background = tokio::spawn(crate::run_background(Arc::clone(&app), every));
    let served = web_kit::serve(crate::router(app), &config.server.listen).await;
    // Everything the loops do is durable step by step, so they can be cut off anywhere.
    background.abort();
    Ok(served?)
}

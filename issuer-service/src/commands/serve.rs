//! `issuer-service serve`

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use credential_model::ambient::random_token;
use signing_keys::system::{SystemClock, SystemEntropy};
use web_kit::serve::serve_until;

use crate::assemble::{self, Surroundings};
use crate::config::Config;
use crate::control::{self, Desk};
use crate::webhooks::WebhookRun;

/// Serves until a signal comes.
pub async fn serve(path: &Path) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    let entropy = SystemEntropy;
    if config.keys.prepare(&random_token(&entropy))? {
        assemble::open_keys(&config, true, Arc::new(entropy))?;
        assemble::create_admin_token(&config, &entropy)?;
    }
    let (app, store) = assemble::assemble_with_store(&config, Surroundings::system()).await?;
    tracing::info!(did = %app.issuer.identity().did(), chain = config.chain.is_some(), "starting");
    let every = Duration::from_secs(config.anchor.every_seconds);
    let webhooks = WebhookRun::new(&config, Arc::new(SystemClock))?;
    crate::register_webhooks(&app, &webhooks).await?;
    let mut beside = tokio::task::JoinSet::new();
    beside.spawn(crate::run_background(Arc::clone(&app), every));
    beside.spawn(crate::run_webhooks(Arc::clone(&app), webhooks));
    if let Some(store) = store.embedded() {
        let (app, store) = (Arc::clone(&app), store.clone());
        let (config, entropy) = (Arc::new(config.clone()), Arc::new(SystemEntropy));
        beside.spawn(control::serve(Desk { app, store, config, entropy }));
    }
    if let Some(listen) = &config.operations.listen {
        let listener = tokio::net::TcpListener::bind(listen)
            .await
            .with_context(|| format!("operations.listen {listen}"))?;
        tracing::info!(address = %listener.local_addr()?, "operations");
        let router = crate::operations_router(Arc::clone(&app));
        beside.spawn(async move {
            let served = serve_until(router, listener, std::future::pending()).await;
            tracing::error!(?served, "the operations address is no longer served");
        });
    }
    let (server, connections) = (&config.server, config.limits.connections);
    let router = crate::router(Arc::clone(&app));
    let served =
        web_kit::serve_limited(router, &server.listen, server.tls.as_ref(), connections).await;
    // Everything the loops do is durable step by step, so they can be cut off anywhere.
    beside.shutdown().await;
    Ok(served?)
}

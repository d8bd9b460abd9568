//! Figures and probes at an address of their own.

use std::future::Future;

use anyhow::Context as _;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use web_kit::serve::serve_until;

use crate::state::App;

/// Takes the address; the future it gives serves until dropped.
pub(super) async fn serve(
    listen: &str,
    app: App,
) -> anyhow::Result<impl Future<Output = ()> + Send + use<>> {
    let bound = TcpListener::bind(listen).await;
    let listener = bound.with_context(|| format!("operations.listen {listen}"))?;
    tracing::info!(address = %listener.local_addr()?, "operations");
    let router = Router::new()
        .route("/metrics", get(|| async { web_kit::metrics::answer() }))
        .route("/health", get(|| async { Json(json!({ "status": "ok" })) }))
        .route("/ready", get(move || ready(app.clone())));
    Ok(async move {
        let served = serve_until(router, listener, std::future::pending()).await;
        tracing::error!(?served, "the operations address is no longer served");
    })
}

/// The store must answer; the chain is only told about.
async fn ready(app: App) -> (StatusCode, Json<Value>) {
    let store = app.store.session("readiness-probe").await;
    let chain = match &app.chain {
        None => "none",
        Some(chain) => match chain.check().await {
            Ok(()) => "ok",
            Err(error) => error.code(),
        },
    };
    let (status, word) = match &store {
        Ok(_) => (StatusCode::OK, "ready"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "not_ready"),
    };
    let store = if store.is_ok() { "ok" } else { "store_failed" };
    (status, Json(json!({ "status": word, "store": store, "chain": chain })))
}

//! What those who run the service look at, at an address of its own: figures and probes.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde_json::{Value, json};

use crate::extract::fresh_json;
use crate::state::App;

/// The router of `[operations]`.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/metrics", get(|| async { web_kit::metrics::answer() }))
        .route("/health", get(|| async { fresh_json(StatusCode::OK, &json!({ "status": "ok" })) }))
        .route("/ready", get(ready))
        .fallback(|| async { StatusCode::NOT_FOUND.into_response() })
        .with_state(app)
}

/// Store and keys must answer for requests to be served; the chain is only told about.
async fn ready(State(app): State<App>) -> Response {
    let (ready, body) = look(&app).await;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    fresh_json(status, &body)
}

/// Whether requests can be served, and what each part says: `ok` or a code.
pub(crate) async fn look(app: &App) -> (bool, Value) {
    let store = app.issuer.ready().await.map_err(|error| error.code());
    // A token may take its time; the runtime's thread should not wait with it.
    let signing = std::sync::Arc::clone(app);
    let keys = tokio::task::spawn_blocking(move || signing.issuer.keys_ready())
        .await
        .unwrap_or(Err("key_store_panicked"));
    let chain = match app.issuer.chain_ready().await {
        None => "none",
        Some(Ok(())) => "ok",
        Some(Err(error)) => error.code(),
    };
    let ready = store.is_ok() && keys.is_ok();
    let body = json!({
        "status": if ready { "ready" } else { "not_ready" },
        "store": store.err().unwrap_or("ok"),
        "keys": keys.err().unwrap_or("ok"),
        "chain": chain,
        "did": app.issuer.identity().did().as_str(),
    });
    (ready, body)
}

//! `GET /ready`: store and keys answer, so requests can be served. The chain is not needed for that.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::json;
use web_kit::Problem;

use super::Endpoint;
use crate::errors::store_problem;
use crate::extract::fresh_json;
use crate::openapi::Operation;
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::get(
        "/ready",
        get(handle),
        Operation::new("operation", "Readiness")
            .answers(200, "application/json", "status: ready")
            .problem(503, "store_failed"),
    )
}

async fn handle(State(app): State<App>) -> Result<Response, Problem> {
    app.issuer.ready().await.map_err(|error| store_problem(&error))?;
    let signing = std::sync::Arc::clone(&app);
    let keys = tokio::task::spawn_blocking(move || signing.issuer.keys_ready()).await;
    keys.unwrap_or(Err("key_store_panicked")).map_err(|code| {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, code)
            .detail("The keys that sign do not answer.")
            .hint("If they are in a token or behind a signer, look there.")
            .retry_after(5)
    })?;
    Ok(fresh_json(
        StatusCode::OK,
        &json!({ "status": "ready", "did": app.issuer.identity().did().as_str() }),
    ))
}

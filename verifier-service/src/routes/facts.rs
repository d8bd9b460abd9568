//! Facts about the service: DID document, OpenAPI, health.
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use web_kit::Problem;

use crate::{openapi, state::App};

/// `GET /.well-known/did.json`
pub(super) async fn did_document(State(app): State<App>) -> Response {
    let mut response = Json(app.identity.did_document()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/did+json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=60"));
    response
}

/// `GET /openapi.json`
pub(super) async fn openapi() -> Response {
    Json(openapi::document()).into_response()
}

/// `GET /health`: the process answers.
pub(super) async fn health() -> Response {
    Json(json!({"status": "ok"})).into_response()
}

/// `GET /ready`: the store answers; chain and trust list are told, but do not make it unready,
/// because verdicts say by themselves what could not be looked at.
pub(super) async fn ready(State(app): State<App>) -> Result<Response, Problem> {
    app.store.session("ready").await.map_err(|error| {
        tracing::error!(%error, "not ready");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "store_failed").retry_after(5)
    })?;
    let trust = app.trust.current(&*app.resolver, &*app.seen, app.now()).await;
    let chain = match &app.chain {
        None => "not configured",
        Some(chain) => match chain.tip().await {
            Ok(_) => "reachable",
            Err(_) => "unreachable",
        },
    };
    let trust = trust.map(|list| json!({"version": list.version, "expires": list.expires}));
    Ok(Json(json!({"status": "ready", "chain": chain, "trust_list": trust})).into_response())
}

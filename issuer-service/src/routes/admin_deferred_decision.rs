//! `POST /admin/deferred/{id}/release` and `POST /admin/deferred/{id}/deny`; `id` is a deferred id or an offer id

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use serde::Deserialize;
use serde_json::json;
use web_kit::{JsonRefusal, Problem, StrictJson, media_type_is};

use super::Endpoint;
use crate::errors::refusal;
use crate::extract::{Officer, fresh_json};
use crate::openapi::{Caller, Operation};
use crate::state::{App, AppState};

fn operation(summary: &'static str) -> Operation {
    let schema = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": { "reason": { "type": "string", "maxLength": 500 } }
    });
    Operation::new("admin", summary)
        .by(Caller::Officer)
        .body("application/json", schema)
        .answers(200, "application/json", "The offer decided on")
        .problem(401, "admin_token_required")
        .problem(404, "unknown_deferred_request")
        .problem(409, "not_waiting")
}

pub(super) fn release_endpoint() -> Endpoint {
    let operation =
        operation("Releases what waits: the wallet can collect it. The body may be empty");
    Endpoint::post("/admin/deferred/{id}/release", post(release), operation)
}

pub(super) fn deny_endpoint() -> Endpoint {
    let operation = operation("Denies what waits: the wallet is told credential_request_denied");
    Endpoint::post("/admin/deferred/{id}/deny", post(deny), operation)
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    #[serde(default)]
    reason: Option<String>,
}

async fn release(
    State(app): State<App>,
    _: Officer,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    decide(&app, &id, true, &headers, &body).await
}

async fn deny(
    State(app): State<App>,
    _: Officer,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    decide(&app, &id, false, &headers, &body).await
}

async fn decide(
    app: &AppState,
    id: &str,
    release: bool,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Response, Problem> {
    let decision = if body.is_empty() {
        Decision::default()
    } else if media_type_is(headers, "application/json") {
        StrictJson::<Decision>::from_bytes(body)?
    } else {
        return Err(JsonRefusal::MediaType.into());
    };
    let offer = app
        .issuer
        .decide_deferred(id, release, decision.reason)
        .await
        .map_err(|error| refusal(error.code(), error.to_string()))?;
    let decided = if release { "released" } else { "denied" };
    Ok(fresh_json(StatusCode::OK, &json!({ "offer_id": offer, "decision": decided })))
}

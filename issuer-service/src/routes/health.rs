//! `GET /health`: the process answers

use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::json;

use super::Endpoint;
use crate::extract::fresh_json;
use crate::openapi::Operation;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::get(
        "/health",
        get(handle),
        Operation::new("operation", "Liveness").answers(200, "application/json", "status: ok"),
    )
}

async fn handle() -> Response {
    fresh_json(StatusCode::OK, &json!({ "status": "ok" }))
}

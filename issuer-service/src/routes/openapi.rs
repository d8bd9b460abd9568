//! `GET /openapi.json`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::Endpoint;
use crate::extract::fresh_json;
use crate::openapi::Operation;
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::get(
        "/openapi.json",
        get(handle),
        Operation::new("operation", "This document").answers(
            200,
            "application/json",
            "OpenAPI 3.1",
        ),
    )
}

async fn handle(State(app): State<App>) -> Response {
    fresh_json(StatusCode::OK, &crate::openapi_document(&app.issuer.settings().public_url))
}

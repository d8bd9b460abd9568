//! `GET /ready`: the store answers, so requests can be served. The chain is not needed for that.

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
    Ok(fresh_json(
        StatusCode::OK,
        &json!({ "status": "ready", "did": app.issuer.identity().did().as_str() }),
    ))
}

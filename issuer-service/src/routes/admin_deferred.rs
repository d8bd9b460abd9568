//! `GET /admin/deferred`

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};
use web_kit::Problem;

use super::{Endpoint, page_size};
use crate::errors::store_problem;
use crate::extract::{Officer, fresh_json};
use crate::openapi::{Caller, Operation};
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::get(
        "/admin/deferred",
        get(handle),
        Operation::new("admin", "Credential requests that wait for an officer, oldest first")
            .by(Caller::Officer)
            .query("limit", "1 to 500, 100 when absent")
            .answers(200, "application/json", "Deferred requests")
            .problem(401, "admin_token_required"),
    )
}

#[derive(Deserialize)]
struct Paging {
    #[serde(default)]
    limit: Option<usize>,
}

async fn handle(
    State(app): State<App>,
    _: Officer,
    Query(query): Query<Paging>,
) -> Result<Response, Problem> {
    let limit = page_size(query.limit);
    let waiting =
        app.issuer.waiting_requests(limit).await.map_err(|error| store_problem(&error))?;
    let waiting: Vec<Value> = waiting
        .iter()
        .map(|request| {
            let holders: Vec<&str> =
                request.holders.iter().map(|holder| holder.did.as_str()).collect();
            json!({
                "deferred_id": request.id,
                "offer_id": request.offer,
                "configuration_id": request.configuration.id(),
                "holders": holders,
                "created_at": request.created_at,
            })
        })
        .collect();
    Ok(fresh_json(StatusCode::OK, &json!({ "deferred": waiting })))
}

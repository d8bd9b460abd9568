//! `POST /admin/anchor` and `GET /admin/anchors`

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use credential_issuance::anchor::AnchorView;
use serde::Deserialize;
use serde_json::json;
use web_kit::Problem;

use super::{Endpoint, page_size};
use crate::errors::{refusal, store_problem};
use crate::extract::{Officer, fresh_json};
use crate::openapi::{Caller, Operation};
use crate::state::App;

pub(super) fn anchor_endpoint() -> Endpoint {
    Endpoint::post(
        "/admin/anchor",
        post(anchor),
        Operation::new("admin", "Anchors now and waits for the chain a while")
            .by(Caller::Officer)
            .answers(200, "application/json", "What is anchored")
            .problem(401, "admin_token_required")
            .problem(503, "chain_…: recorded, will be tried again; no_chain"),
    )
}

pub(super) fn list_endpoint() -> Endpoint {
    Endpoint::get(
        "/admin/anchors",
        get(list),
        Operation::new(
            "admin",
            "Anchor batches, newest first, and the DID document's version on the chain",
        )
        .by(Caller::Officer)
        .query("limit", "1 to 500, 100 when absent")
        .answers(200, "application/json", "Batches")
        .problem(401, "admin_token_required"),
    )
}

async fn anchor(State(app): State<App>, _: Officer) -> Result<Response, Problem> {
    let report =
        app.issuer.anchor(false).await.map_err(|error| refusal(error.code(), error.to_string()))?;
    Ok(fresh_json(StatusCode::OK, &report))
}

#[derive(Deserialize)]
struct Paging {
    #[serde(default)]
    limit: Option<usize>,
}

async fn list(
    State(app): State<App>,
    _: Officer,
    Query(query): Query<Paging>,
) -> Result<Response, Problem> {
    let batches = app
        .issuer
        .anchor_batches(page_size(query.limit))
        .await
        .map_err(|error| store_problem(&error))?;
    let did = app.issuer.did_anchor().await.map_err(|error| store_problem(&error))?;
    let batches: Vec<AnchorView> = batches.iter().map(AnchorView::from).collect();
    let did = did.map(|did| json!({ "version": did.version.to_string(), "sha256": did.digest, "seen_at": did.seen_at }));
    Ok(fresh_json(StatusCode::OK, &json!({ "did_document": did, "batches": batches })))
}

//! `GET /admin/jobs/{id}/claims`

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use credential_issuance::bulk::ClaimState;
use serde::Deserialize;
use serde_json::json;
use web_kit::Problem;

use super::Endpoint;
use super::admin_jobs::{job_id, job_problem};
use crate::extract::{Officer, fresh_json};
use crate::openapi::{Caller, Operation};
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::get(
        "/admin/jobs/{id}/claims",
        get(claims),
        Operation::new("admin", "How many offers of 1,024 rows are unclaimed, claimed, expired")
            .by(Caller::Officer)
            .query("chunk", "From 0; `next` names the next one, null behind the last")
            .answers(200, "application/json", "Counts")
            .problem(401, "admin_token_required")
            .problem(404, "unknown_job"),
    )
}

#[derive(Deserialize)]
struct Wish {
    #[serde(default)]
    chunk: u32,
}

async fn claims(
    State(app): State<App>,
    _: Officer,
    Path(id): Path<String>,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    let rows = app.issuer.job_outcomes(&job_id(&id)?, wish.chunk).await;
    let rows = rows.map_err(|error| job_problem(&error))?;
    let next = rows.as_ref().map(|_| wish.chunk.saturating_add(1));
    let count = |state| rows.iter().flatten().filter(|row| row.claim == Some(state)).count();
    Ok(fresh_json(
        StatusCode::OK,
        &json!({
            "chunk": wish.chunk,
            "unclaimed": count(ClaimState::Unclaimed),
            "claimed": count(ClaimState::Claimed),
            "expired": count(ClaimState::Expired),
            "next": next,
        }),
    ))
}

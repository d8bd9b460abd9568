//! `GET /admin/audit`

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;
use web_kit::Problem;

use super::{Endpoint, page_size};
use crate::errors::store_problem;
use crate::extract::{Officer, fresh_json};
use crate::openapi::{Caller, Operation};
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::get(
        "/admin/audit",
        get(handle),
        Operation::new(
            "admin",
            "The audit trail: append-only, each entry with the digest of the one before",
        )
        .by(Caller::Officer)
        .query("after", "Begin after this sequence number")
        .query("limit", "1 to 500, 100 when absent")
        .query("check", "true: read the whole trail and say where it is broken")
        .answers(200, "application/json", "Entries, and the check when asked for")
        .problem(401, "admin_token_required"),
    )
}

#[derive(Deserialize)]
struct Trail {
    #[serde(default)]
    after: u64,
    #[serde(default)]
    limit: Option<usize>,
    #[serde(default)]
    check: bool,
}

async fn handle(
    State(app): State<App>,
    _: Officer,
    Query(query): Query<Trail>,
) -> Result<Response, Problem> {
    let entries = app
        .issuer
        .audit_trail(query.after, page_size(query.limit))
        .await
        .map_err(|error| store_problem(&error))?;
    let mut answer = json!({ "entries": entries });
    if query.check {
        let (length, broken) =
            app.issuer.check_audit_trail().await.map_err(|error| store_problem(&error))?;
        answer["check"] =
            json!({ "holds": broken.is_none(), "length": length, "broken_at": broken });
    }
    Ok(fresh_json(StatusCode::OK, &answer))
}

//! `POST /admin/kinds` and `GET /admin/kinds`

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use credential_model::kinds::QualificationKind;
use serde::Deserialize;
use serde_json::json;
use web_kit::{Problem, StrictJson};

use super::{Endpoint, page_size};
use crate::errors::{refusal, store_problem};
use crate::extract::{Officer, fresh_json};
use crate::openapi::{Caller, Operation};
use crate::state::App;

pub(super) fn create_endpoint() -> Endpoint {
    let schema = json!({
        "type": "object",
        "required": ["code", "name_ko"],
        "properties": {
            "code": { "type": "string" },
            "name_ko": { "type": "string" },
            "name_en": { "type": "string" },
            "grade": { "type": "string" }
        }
    });
    Endpoint::post(
        "/admin/kinds",
        post(create),
        Operation::new("admin", "Creates or replaces a kind of qualification")
            .by(Caller::Officer)
            .body("application/json", schema)
            .answers(201, "application/json", "The kind")
            .problem(401, "admin_token_required")
            .problem(422, "invalid_kind, forbidden_number"),
    )
}

pub(super) fn search_endpoint() -> Endpoint {
    Endpoint::get(
        "/admin/kinds",
        get(search),
        Operation::new("admin", "Finds kinds by code or name")
            .by(Caller::Officer)
            .query("search", "Part of a code or name")
            .query("after", "Begin after this code")
            .query("limit", "1 to 500, 100 when absent")
            .answers(200, "application/json", "Kinds in code order")
            .problem(401, "admin_token_required"),
    )
}

async fn create(
    State(app): State<App>,
    _: Officer,
    StrictJson(kind): StrictJson<QualificationKind>,
) -> Result<Response, Problem> {
    let kind = app
        .issuer
        .put_kind(kind)
        .await
        .map_err(|error| refusal(error.code(), error.to_string()))?;
    Ok(fresh_json(StatusCode::CREATED, &kind))
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    search: String,
    #[serde(default)]
    after: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

async fn search(
    State(app): State<App>,
    _: Officer,
    Query(query): Query<Search>,
) -> Result<Response, Problem> {
    let limit = page_size(query.limit);
    let kinds = app
        .issuer
        .search_kinds(&query.search, query.after.as_deref(), limit)
        .await
        .map_err(|error| store_problem(&error))?;
    Ok(fresh_json(StatusCode::OK, &json!({ "kinds": kinds })))
}

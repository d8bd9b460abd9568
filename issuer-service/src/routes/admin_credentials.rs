//! `GET /admin/credentials`

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use credential_issuance::credential::CredentialSummary;
use credential_issuance::ids::CredentialId;
use credential_issuance::store::Page;
use serde::Deserialize;
use serde_json::json;
use web_kit::Problem;

use super::{Endpoint, page_size};
use crate::errors::{refusal, store_problem};
use crate::extract::{Officer, fresh_json};
use crate::openapi::{Caller, Operation};
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::get(
        "/admin/credentials",
        get(handle),
        Operation::new("admin", "Credentials, oldest first, without claims")
            .by(Caller::Officer)
            .query("after", "Begin after this credential id")
            .query("limit", "1 to 500, 100 when absent")
            .answers(200, "application/json", "Credentials")
            .problem(401, "admin_token_required"),
    )
}

#[derive(Deserialize)]
struct Paging {
    #[serde(default)]
    after: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

async fn handle(
    State(app): State<App>,
    _: Officer,
    Query(query): Query<Paging>,
) -> Result<Response, Problem> {
    let after = match &query.after {
        None => None,
        Some(id) => Some(
            CredentialId::parse(id).map_err(|error| refusal(error.code(), error.to_string()))?,
        ),
    };
    let page =
        Page { after: after.as_ref().map(CredentialId::as_str), limit: page_size(query.limit) };
    let records = app.issuer.credentials(page).await.map_err(|error| store_problem(&error))?;
    let summaries: Vec<CredentialSummary> = records.iter().map(CredentialSummary::from).collect();
    Ok(fresh_json(StatusCode::OK, &json!({ "credentials": summaries })))
}

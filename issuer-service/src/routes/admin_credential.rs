//! `GET /admin/credentials/{id}`

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use credential_issuance::credential::CredentialSummary;
use credential_issuance::ids::CredentialId;
use credential_issuance::status::StatusChangeError;
use serde_json::json;
use web_kit::Problem;

use super::Endpoint;
use crate::errors::{refusal, store_problem};
use crate::extract::{Officer, fresh_json};
use crate::openapi::{Caller, Operation};
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::get(
        "/admin/credentials/{id}",
        get(handle),
        Operation::new(
            "admin",
            "A credential with its status history and anchor proof, without claims",
        )
        .by(Caller::Officer)
        .answers(200, "application/json", "Credential")
        .problem(401, "admin_token_required")
        .problem(404, "unknown_credential"),
    )
}

async fn handle(
    State(app): State<App>,
    _: Officer,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let unknown = || refusal("unknown_credential", StatusChangeError::Unknown.to_string());
    let id = CredentialId::parse(&id).map_err(|_| unknown())?;
    let record = app.issuer.credential(&id).await.map_err(|error| store_problem(&error))?;
    let record = record.ok_or_else(unknown)?;
    let anchor =
        app.issuer.credential_anchor(&record).await.map_err(|error| store_problem(&error))?;
    let answer = json!({ "credential": CredentialSummary::from(&record), "anchor": anchor });
    Ok(fresh_json(StatusCode::OK, &answer))
}

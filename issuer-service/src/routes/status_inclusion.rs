//! `GET /status/{list}/inclusion`: the proof that a list stands in the newest anchored epoch, or
//! in the epoch the asker names

use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use credential_issuance::ids::ListId;
use serde::Deserialize;
use web_kit::Problem;

use super::Endpoint;
use crate::errors::store_problem;
use crate::extract::fresh_json;
use crate::openapi::Operation;
use crate::state::App;

#[derive(Deserialize)]
struct Form {
    #[serde(default)]
    form: Option<String>,
    #[serde(default)]
    epoch: Option<String>,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::get(
        "/status/{list}/inclusion",
        get(handle),
        Operation::new(
            "public",
            "Merkle inclusion proof of a status list in the newest anchored epoch",
        )
        .query("form", "token for the Token Status List form")
        .query("epoch", "the epoch at the chain's head; one of the last 16, anchored or on its way")
        .answers(200, "application/json", "ListInclusion")
        .problem(404, "not_anchored"),
    )
}

async fn handle(
    State(app): State<App>,
    Path(list): Path<String>,
    Query(form): Query<Form>,
) -> Result<Response, Problem> {
    let token_form = match form.form.as_deref() {
        None | Some("document") => false,
        Some("token") => true,
        Some(_) => {
            return Err(Problem::new(StatusCode::BAD_REQUEST, "unknown_form")
                .detail("form is document (default) or token."));
        }
    };
    let epoch = form.epoch.as_deref().map(str::parse).transpose().map_err(|_| {
        Problem::new(StatusCode::BAD_REQUEST, "invalid_epoch")
            .detail("epoch is a whole number in decimal digits.")
    })?;
    let absent = || {
        Problem::new(StatusCode::NOT_FOUND, "not_anchored")
            .detail("This list is in no anchored epoch (yet).")
            .hint("A list is anchored with the next epoch after its publication.")
    };
    let id = ListId::parse(&list).map_err(|_| absent())?;
    let proof = app
        .issuer
        .list_proof(&id, token_form, epoch)
        .await
        .map_err(|error| store_problem(&error))?;
    let mut response = fresh_json(StatusCode::OK, &proof.ok_or_else(absent)?);
    response
        .headers_mut()
        .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
}

//! `POST /admin/kinds/import`: the Q-Net list format as XML or JSON, or CSV

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use credential_issuance::ImportFormat;
use serde_json::json;
use web_kit::{Problem, media_type_is};

use super::Endpoint;
use crate::errors::refusal;
use crate::extract::{Officer, fresh_json};
use crate::openapi::{Caller, Operation};
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::post(
        "/admin/kinds/import",
        post(handle),
        Operation::new("admin", "Imports a list of kinds; good rows are taken, bad rows are named")
            .by(Caller::Officer)
            .body("application/json", json!({}))
            .body("application/xml", json!({}))
            .body("text/csv", json!({}))
            .answers(200, "application/json", "How many were taken, and each row that was not")
            .problem(401, "admin_token_required")
            .problem(415, "unsupported_media_type")
            .problem(422, "The document cannot be read, or holds a forbidden number"),
    )
}

async fn handle(
    State(app): State<App>,
    _: Officer,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let forms = [
        ("application/xml", ImportFormat::Xml),
        ("text/xml", ImportFormat::Xml),
        ("application/json", ImportFormat::Json),
        ("text/csv", ImportFormat::Csv),
    ];
    let format = forms.into_iter().find(|(media, _)| media_type_is(&headers, media));
    let Some((_, format)) = format else {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type")
            .detail("Kinds are read from application/xml, application/json or text/csv."));
    };
    let outcome = app
        .issuer
        .import_kinds(format, &body)
        .await
        .map_err(|error| refusal(error.code(), error.to_string()))?;
    Ok(fresh_json(StatusCode::OK, &outcome))
}

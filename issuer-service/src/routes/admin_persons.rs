//! `POST /admin/persons`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use credential_issuance::person::NewPerson;
use serde_json::json;
use web_kit::{Problem, StrictJson};

use super::Endpoint;
use crate::errors::refusal;
use crate::extract::{Officer, fresh_json};
use crate::openapi::{Caller, Operation};
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    let schema = json!({
        "type": "object",
        "required": ["external_ref", "name"],
        "additionalProperties": false,
        "properties": {
            "external_ref": { "type": "string", "maxLength": 64 },
            "name": { "type": "string", "maxLength": 100 },
            "name_latin": { "type": "string", "maxLength": 200 },
            "birth_date": { "type": "string", "format": "date" }
        }
    });
    Endpoint::post(
        "/admin/persons",
        post(handle),
        Operation::new("admin", "Registers an entitled person")
            .by(Caller::Officer)
            .body("application/json", schema)
            .answers(201, "application/json", "person_id")
            .problem(401, "admin_token_required")
            .problem(409, "person_exists")
            .problem(422, "invalid_person, invalid_birth_date, forbidden_number"),
    )
}

async fn handle(
    State(app): State<App>,
    _: Officer,
    StrictJson(new): StrictJson<NewPerson>,
) -> Result<Response, Problem> {
    let person = app
        .issuer
        .register_person(new)
        .await
        .map_err(|error| refusal(error.code(), error.to_string()))?;
    let answer = json!({ "person_id": person.id, "external_ref": person.external_ref });
    Ok(fresh_json(StatusCode::CREATED, &answer))
}

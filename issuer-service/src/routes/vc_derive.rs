//! `POST /credentials/derive` and `POST /issuers/{instance}/credentials/derive` (VC-API): what a holder discloses of a
//! credential with a base proof. It needs no key of ours; harnesses expect it somewhere.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use serde_json::{Value, json};
use vc_api::{Contexts, DeriveRequest, Tools};
use web_kit::{Problem, StrictJson};

use super::Endpoint;
use super::vc_issue::{refused, unknown_instance};
use crate::extract::{VcApiCaller, fresh_json};
use crate::openapi::{Caller, Operation};
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::post("/credentials/derive", post(derive), operation())
}

pub(super) fn instance_endpoint() -> Endpoint {
    let path = "/issuers/{instance}/credentials/derive";
    Endpoint::post(path, post(derive_at_instance), operation().problem(404, "unknown_instance"))
}

fn operation() -> Operation {
    let schema = json!({
        "type": "object",
        "required": ["verifiableCredential"],
        "additionalProperties": false,
        "properties": {
            "verifiableCredential": { "type": "object" },
            "options": {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "selectivePointers": { "type": "array", "items": { "type": "string" } },
                    "presentationHeader": { "type": "string", "description": "bbs-2023 only" }
                }
            }
        }
    });
    Operation::new("vc-api", "A derived proof over the mandatory and the chosen parts")
        .by(Caller::Officer)
        .body("application/json", schema)
        .answers(201, "application/json", "{verifiableCredential}")
        .problem(400, "The base proof or the disclosure is refused, with the W3C problem type")
        .problem(401, "admin_token_required, unless the instances are open to everybody")
        .problem(413, "body_unreadable")
        .problem(415, "unsupported_media_type")
}

async fn derive(
    _caller: VcApiCaller,
    State(app): State<App>,
    StrictJson(body): StrictJson<Value>,
) -> Result<Response, Problem> {
    answer(&app, Contexts::Pinned, &body).await
}

async fn derive_at_instance(
    _caller: VcApiCaller,
    State(app): State<App>,
    Path(id): Path<String>,
    StrictJson(body): StrictJson<Value>,
) -> Result<Response, Problem> {
    let instance = app.vc_api.by_id.get(&id).map(Arc::clone).ok_or_else(unknown_instance)?;
    answer(&app, instance.contexts, &body).await
}

async fn answer(app: &App, contexts: Contexts, body: &Value) -> Result<Response, Problem> {
    let request = DeriveRequest::parse(body).map_err(|error| refused(&error.problem()))?;
    let instances = &app.vc_api;
    let tools = Tools { resolver: &instances.resolver, status: None, now: instances.clock.now() };
    let derived = vc_api::derive(&request, contexts, &tools, &*instances.entropy)
        .await
        .map_err(|error| refused(&error.problem()))?;
    Ok(fresh_json(StatusCode::CREATED, &json!({ "verifiableCredential": derived })))
}

//! `POST /issuers/{instance}/credentials/issue` (VC-API, W3C VCALM)

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use serde_json::{Value, json};
use vc_api::{IssueRequest, ProblemDetail};
use web_kit::{Problem, StrictJson};

use super::Endpoint;
use crate::extract::{VcApiCaller, fresh_json};
use crate::openapi::{Caller, Operation};
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    let schema = json!({
        "type": "object",
        "required": ["credential"],
        "additionalProperties": false,
        "properties": {
            "credential": { "type": "object" },
            "options": {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "mandatoryPointers": { "type": "array", "items": { "type": "string" } }
                }
            }
        }
    });
    Endpoint::post(
        "/issuers/{instance}/credentials/issue",
        post(handle),
        Operation::new("vc-api", "Secures a credential with the suite and key of the instance")
            .by(Caller::Officer)
            .body("application/json", schema)
            .answers(201, "application/json", "{verifiableCredential}")
            .problem(400, "The request or credential is refused, with the W3C problem type")
            .problem(401, "admin_token_required, unless the instances are open to everybody")
            .problem(404, "unknown_instance")
            .problem(413, "body_unreadable")
            .problem(415, "unsupported_media_type"),
    )
}

async fn handle(
    _caller: VcApiCaller,
    State(app): State<App>,
    Path(id): Path<String>,
    StrictJson(body): StrictJson<Value>,
) -> Result<Response, Problem> {
    let instance = app.vc_api.by_id.get(&id).map(Arc::clone).ok_or_else(unknown_instance)?;
    let request = IssueRequest::parse(&body).map_err(|error| refused(&error.problem()))?;
    let (now, entropy) = (app.vc_api.clock.now(), Arc::clone(&app.vc_api.entropy));
    // Canonicalizing and signing is work for a thread of its own.
    let issued =
        tokio::task::spawn_blocking(move || vc_api::issue(&instance, &request, now, &*entropy))
            .await
            .map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error"))?;
    match issued {
        Ok(credential) => {
            Ok(fresh_json(StatusCode::CREATED, &json!({ "verifiableCredential": credential })))
        }
        Err(error) if error.is_ours() => {
            tracing::error!(instance = id, code = error.code(), "an instance could not sign");
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.code())
                .detail("The key of this instance could not sign now."))
        }
        Err(error) => Err(refused(&error.problem())),
    }
}

pub(super) fn unknown_instance() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "unknown_instance")
        .detail("There is no VC-API instance of this id.")
        .hint("GET /issuers lists them; [[vc_api.instances]] configures them.")
}

/// 400 with the standard's problem type.
pub(super) fn refused(problem: &ProblemDetail) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, problem.code.clone())
        .of_type(problem.kind)
        .detail(problem.detail.clone())
}

//! `POST /admin/jobs/{id}/parts/{number}`, `POST /admin/jobs/{id}/steps/{step}`,
//! `POST /admin/jobs/{id}/status`

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use credential_issuance::bulk::{BulkError, JobStep};
use credential_issuance::status::StatusAction;
use officer_access::Principal;
use serde::Deserialize;
use serde_json::json;
use web_kit::{Problem, StrictJson};

use super::Endpoint;
use super::admin_jobs::{NamedOfficer, job_id, job_problem, view_of};
use crate::extract::{Officer, fresh_json};
use crate::openapi::{Caller, Operation};
use crate::state::App;

pub(super) fn part_endpoint() -> Endpoint {
    Endpoint::post(
        "/admin/jobs/{id}/parts/{number}",
        post(part),
        Operation::new("admin", "Takes a part of the file; the same part again changes nothing")
            .by(Caller::Officer)
            .body("application/octet-stream", json!({}))
            .answers(200, "application/json", "Taken")
            .problem(401, "admin_token_required")
            .problem(404, "unknown_job")
            .problem(422, "invalid_part"),
    )
}

pub(super) fn step_endpoint() -> Endpoint {
    let schema = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "rate": { "type": "integer", "description": "for run: at most so many rows a second and replica" }
        }
    });
    Endpoint::post(
        "/admin/jobs/{id}/steps/{step}",
        post(step),
        Operation::new("admin", "Takes a step: seal, check, approve, run, pause, cancel")
            .by(Caller::Officer)
            .body("application/json", schema)
            .answers(200, "application/json", "The job afterwards")
            .problem(401, "admin_token_required")
            .problem(403, "same_officer, officer_required")
            .problem(404, "unknown_job, unknown_step")
            .problem(409, "job_step_not_allowed, part_missing, wrong_file"),
    )
}

pub(super) fn status_endpoint() -> Endpoint {
    let schema = json!({
        "type": "object",
        "required": ["action", "reason"],
        "additionalProperties": false,
        "properties": {
            "action": { "enum": ["suspend", "reinstate", "revoke", "supersede"] },
            "reason": { "type": "string", "maxLength": 500 }
        }
    });
    Endpoint::post(
        "/admin/jobs/{id}/status",
        post(status),
        Operation::new("admin", "Orders a status change of everything a job issued")
            .by(Caller::Officer)
            .body("application/json", schema)
            .answers(202, "application/json", "The job with its order; the worker carries it out")
            .problem(401, "admin_token_required")
            .problem(404, "unknown_job")
            .problem(409, "job_step_not_allowed, order_running")
            .problem(422, "invalid_reason"),
    )
}

async fn part(
    State(app): State<App>,
    _: Officer,
    Path((id, number)): Path<(String, u32)>,
    body: Bytes,
) -> Result<Response, Problem> {
    let id = job_id(&id)?;
    app.issuer.put_job_part(&id, number, &body).await.map_err(|error| job_problem(&error))?;
    Ok(fresh_json(StatusCode::OK, &json!({ "part": number })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    #[serde(default)]
    rate: Option<u32>,
}

async fn step(
    State(app): State<App>,
    officer: NamedOfficer,
    Path((id, step)): Path<(String, String)>,
    StrictJson(wish): StrictJson<Wish>,
) -> Result<Response, Problem> {
    let steps = [
        JobStep::Seal,
        JobStep::Check,
        JobStep::Approve,
        JobStep::Run,
        JobStep::Pause,
        JobStep::Cancel,
    ];
    let step = steps.into_iter().find(|known| known.as_str() == step).ok_or_else(|| {
        Problem::new(StatusCode::NOT_FOUND, "unknown_step")
            .detail("The steps are seal, check, approve, run, pause and cancel.")
    })?;
    if step == JobStep::Approve && officer.0 == Principal::service().id {
        return Err(Problem::new(StatusCode::FORBIDDEN, "officer_required")
            .detail("Officers have accounts here, so the admin token alone approves nothing.")
            .hint("Approve in the office, or with an API key that has the scope decide."));
    }
    let job = app
        .issuer
        .step_job(&job_id(&id)?, step, &officer.0, wish.rate)
        .await
        .map_err(|error| job_problem(&error))?;
    Ok(fresh_json(StatusCode::OK, &view_of(&app, &job).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    action: StatusAction,
    reason: String,
}

async fn status(
    State(app): State<App>,
    officer: NamedOfficer,
    Path(id): Path<String>,
    StrictJson(order): StrictJson<Order>,
) -> Result<Response, Problem> {
    let refuse = |error: BulkError| job_problem(&error);
    let job = app
        .issuer
        .order_job_status(&job_id(&id)?, order.action, &order.reason, &officer.0)
        .await
        .map_err(refuse)?;
    Ok(fresh_json(StatusCode::ACCEPTED, &view_of(&app, &job).await?))
}

//! `GET /admin/approvals`, `POST /admin/approvals/{id}/approve` and `POST /admin/approvals/{id}/refuse`

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use officer_access::{PendingAction, Principal};
use serde::Deserialize;
use serde_json::{Value, json};
use web_kit::{Problem, StrictJson};

use super::Endpoint;
use crate::errors::refusal;
use crate::extract::fresh_json;
use crate::office::four_eyes;
use crate::openapi::{Caller, Operation};
use crate::state::App;

/// Most that wait at once; more are seen once these are decided.
const MOST: usize = 500;

pub(super) fn list_endpoint() -> Endpoint {
    Endpoint::get(
        "/admin/approvals",
        get(list),
        Operation::new("admin", "Status changes that wait for a second person, oldest first")
            .by(Caller::Officer)
            .answers(200, "application/json", "Actions")
            .problem(401, "admin_token_required"),
    )
}

fn operation(summary: &'static str) -> Operation {
    Operation::new("admin", summary)
        .by(Caller::Officer)
        .answers(200, "application/json", "The action")
        .problem(401, "admin_token_required")
        .problem(403, "scope_missing, same_person")
        .problem(404, "unknown_action")
        .problem(409, "action_not_waiting, action_expired, status_change_not_allowed")
}

pub(super) fn approve_endpoint() -> Endpoint {
    let operation = operation("Approves what somebody else asked for, and does it");
    Endpoint::post("/admin/approvals/{id}/approve", post(approve), operation)
}

pub(super) fn refuse_endpoint() -> Endpoint {
    let schema = json!({
        "type": "object",
        "required": ["reason"],
        "additionalProperties": false,
        "properties": { "reason": { "type": "string", "maxLength": 500 } }
    });
    let operation = operation("Refuses what somebody else asked for")
        .body("application/json", schema)
        .problem(422, "invalid_reason");
    Endpoint::post("/admin/approvals/{id}/refuse", post(refuse), operation)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refusal {
    reason: String,
}

/// What callers see of an action.
pub(super) fn view(action: &PendingAction) -> Value {
    json!({
        "action_id": action.id.as_str(),
        "action": action.kind.as_str(),
        "subject": action.subject,
        "detail": action.detail,
        "reason": action.reason,
        "asked_by": action.asked_by.id,
        "asked_at": action.asked_at,
        "expires_at": action.expires_at,
        "stage": action.stage.name(),
    })
}

async fn list(State(app): State<App>) -> Result<Response, Problem> {
    let waiting = app.access.waiting_actions(MOST).await;
    let waiting = waiting.map_err(|error| refusal(error.code(), error.to_string()))?;
    let waiting: Vec<Value> = waiting.iter().map(view).collect();
    Ok(fresh_json(StatusCode::OK, &json!({ "approvals": waiting })))
}

async fn approve(
    State(app): State<App>,
    Extension(by): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let done = four_eyes::approve(&app, &by, &id).await;
    let done = done.map_err(|error| refusal(error.code(), error.to_string()))?;
    Ok(fresh_json(StatusCode::OK, &view(&done)))
}

async fn refuse(
    State(app): State<App>,
    Extension(by): Extension<Principal>,
    Path(id): Path<String>,
    StrictJson(refused): StrictJson<Refusal>,
) -> Result<Response, Problem> {
    let done = four_eyes::refuse(&app, &by, &id, &refused.reason).await;
    let done = done.map_err(|error| refusal(error.code(), error.to_string()))?;
    Ok(fresh_json(StatusCode::OK, &view(&done)))
}

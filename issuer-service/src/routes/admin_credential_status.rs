//! `POST /admin/credentials/{id}/status`

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use credential_issuance::credential::CredentialSummary;
use credential_issuance::ids::CredentialId;
use credential_issuance::status::{StatusAction, StatusChangeError};
use officer_access::Principal;
use serde::Deserialize;
use serde_json::json;
use web_kit::{Problem, StrictJson};

use super::{Endpoint, admin_approvals};
use crate::errors::refusal;
use crate::extract::fresh_json;
use crate::office::four_eyes::{self, ChangeError};
use crate::openapi::{Caller, Operation};
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
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
        "/admin/credentials/{id}/status",
        post(handle),
        Operation::new(
            "admin",
            "Suspends, reinstates, revokes or supersedes a credential and publishes its list",
        )
        .by(Caller::Officer)
        .body("application/json", schema)
        .answers(
            200,
            "application/json",
            "The credential and the version of the list that shows it",
        )
        .answers(202, "application/json", "It waits for a second person, as [four_eyes] asks")
        .problem(401, "admin_token_required")
        .problem(404, "unknown_credential")
        .problem(409, "status_change_not_allowed, not_issued, action_waits_already")
        .problem(422, "invalid_reason"),
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    action: StatusAction,
    reason: String,
}

async fn handle(
    State(app): State<App>,
    Extension(by): Extension<Principal>,
    Path(id): Path<String>,
    StrictJson(change): StrictJson<Change>,
) -> Result<Response, Problem> {
    let refuse = |error: &ChangeError| refusal(error.code(), error.to_string());
    let id = CredentialId::parse(&id).map_err(|_| refuse(&StatusChangeError::Unknown.into()))?;
    let outcome = four_eyes::change_or_ask(&app, &by, &id, change.action, &change.reason)
        .await
        .map_err(|error| refuse(&error))?;
    Ok(match outcome {
        four_eyes::Change::Made(outcome) => {
            let answer = json!({
                "credential": CredentialSummary::from(&outcome.record),
                "status_list_version": outcome.list_version.map(|version| version.to_string()),
            });
            fresh_json(StatusCode::OK, &answer)
        }
        four_eyes::Change::Waits(action) => {
            fresh_json(StatusCode::ACCEPTED, &admin_approvals::view(&action))
        }
    })
}

//! `POST …/credentials/derive` (VC-API): the holder's part, where harnesses expect it beside the verifier.
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde_json::{Value, json};
use vc_api::{Contexts, DeriveRequest, ProblemDetail, Tools};
use web_kit::{Problem, StrictJson};

use super::{
    api_auth::ApiCaller,
    vc_verify::{json_answer, unknown_instance},
};
use crate::state::App;

/// Over pinned contexts.
pub(super) async fn derive(
    _caller: ApiCaller,
    State(app): State<App>,
    StrictJson(body): StrictJson<Value>,
) -> Result<Response, Problem> {
    answer(&app, Contexts::Pinned, &body).await
}

/// Over what an instance accepts.
pub(super) async fn derive_at(
    _caller: ApiCaller,
    State(app): State<App>,
    Path(id): Path<String>,
    StrictJson(body): StrictJson<Value>,
) -> Result<Response, Problem> {
    let policy = app.vc_api.policy(&id).ok_or_else(unknown_instance)?;
    answer(&app, policy.contexts, &body).await
}

async fn answer(app: &App, contexts: Contexts, body: &Value) -> Result<Response, Problem> {
    let request = DeriveRequest::parse(body).map_err(|error| refused(&error.problem()))?;
    let tools = Tools { resolver: &*app.resolver, status: None, now: app.now() };
    let derived = vc_api::derive(&request, contexts, &tools, &*app.entropy)
        .await
        .map_err(|error| refused(&error.problem()))?;
    Ok(json_answer(StatusCode::CREATED, &json!({"verifiableCredential": derived})))
}

fn refused(problem: &ProblemDetail) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, problem.code.clone())
        .of_type(problem.kind)
        .detail(problem.detail.clone())
}

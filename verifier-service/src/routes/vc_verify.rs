//! `POST …/credentials/verify` and `POST …/presentations/verify` (VC-API, W3C VCALM).
use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use vc_api::{
    ProblemDetail, RequestError, Tools, VerifierPolicy, VerifyPresentationRequest, VerifyRequest,
    problem::INVALID_CHALLENGE_ERROR,
};
use web_kit::{Problem, StrictJson};

use super::api_auth::ApiCaller;
use crate::{state::App, vc_api::FlowStatus};

/// A credential, strictly.
pub(super) async fn credential(
    _caller: ApiCaller,
    State(app): State<App>,
    StrictJson(body): StrictJson<Value>,
) -> Response {
    verify_credential(&app, VerifierPolicy::default(), &body).await
}

/// A credential, by an instance.
pub(super) async fn credential_at(
    _caller: ApiCaller,
    State(app): State<App>,
    Path(id): Path<String>,
    StrictJson(body): StrictJson<Value>,
) -> Result<Response, Problem> {
    let policy = app.vc_api.policy(&id).ok_or_else(unknown_instance)?;
    Ok(verify_credential(&app, policy, &body).await)
}

/// A presentation, strictly.
pub(super) async fn presentation(
    _caller: ApiCaller,
    State(app): State<App>,
    StrictJson(body): StrictJson<Value>,
) -> Response {
    verify_presentation(&app, VerifierPolicy::default(), &body).await
}

/// A presentation, by an instance.
pub(super) async fn presentation_at(
    _caller: ApiCaller,
    State(app): State<App>,
    Path(id): Path<String>,
    StrictJson(body): StrictJson<Value>,
) -> Result<Response, Problem> {
    let policy = app.vc_api.policy(&id).ok_or_else(unknown_instance)?;
    Ok(verify_presentation(&app, policy, &body).await)
}

async fn verify_credential(app: &App, policy: VerifierPolicy, body: &Value) -> Response {
    let request = match VerifyRequest::parse(body) {
        Ok(request) => request,
        Err(error) => return malformed(&error),
    };
    let status = FlowStatus { toolbox: app.toolbox().await };
    let tools = Tools { resolver: &*app.resolver, status: Some(&status), now: app.now() };
    let found = vc_api::verify_credential(&request.credential, &request.options, policy, &tools);
    let found = found.await;
    answer(app, found.verified(), &found.to_json(&request.options))
}

async fn verify_presentation(app: &App, policy: VerifierPolicy, body: &Value) -> Response {
    let request = match VerifyPresentationRequest::parse(body) {
        Ok(request) => request,
        Err(error) => return malformed(&error),
    };
    let now = app.now();
    if let Some(challenge) = &request.options.challenge
        && !app.vc_api.challenges.take(challenge, now)
    {
        let detail = "the challenge was answered already, or is too old";
        let problem = ProblemDetail::new(INVALID_CHALLENGE_ERROR, "challenge_spent", detail);
        return answer(app, false, &refusal(&problem));
    }
    let status = FlowStatus { toolbox: app.toolbox().await };
    let tools = Tools { resolver: &*app.resolver, status: Some(&status), now };
    let found = vc_api::verify_presentation(&request, policy, &tools).await;
    answer(app, found.verified(), &found.to_json(&request.options))
}

pub(super) fn unknown_instance() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "unknown_instance")
        .detail("There is no VC-API instance of this id.")
        .hint("[[vc_api.instances]] configures them.")
}

/// A body that is no request is 400 always: nothing was verified.
fn malformed(error: &RequestError) -> Response {
    json_answer(StatusCode::BAD_REQUEST, &refusal(&error.problem()))
}

fn refusal(problem: &ProblemDetail) -> Value {
    json!({"verified": false, "problemDetails": [problem], "warnings": [], "errors": [problem]})
}

fn answer(app: &App, verified: bool, body: &Value) -> Response {
    json_answer(if verified { StatusCode::OK } else { app.vc_api.not_verified }, body)
}

pub(super) fn json_answer(status: StatusCode, body: &Value) -> Response {
    let mut response = (status, body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

//! `GET /api/requests/{id}`: where a request stands, and its report.
use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use credential_verification::{
    Report, Verdict,
    session::{SessionState, Stage},
    verdict::Overall,
};
use serde::Serialize;
use web_kit::Problem;

use super::{api_auth::ApiCaller, create_request::store_problem};
use crate::state::App;

#[derive(Serialize)]
struct Answer<'a> {
    request_id: &'a str,
    state: SessionState,
    match_code: &'a str,
    expires_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    overall: Option<Overall>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<&'a Report>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wallet_error: Option<&'a str>,
}

/// Where a request stands.
pub(super) async fn state(
    _caller: ApiCaller,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let session = app.store.session(&id).await.map_err(|error| store_problem(&error))?;
    let session = session.ok_or_else(|| {
        Problem::new(StatusCode::NOT_FOUND, "unknown_request")
            .detail("There is no request of this id, or it was forgotten after a day.")
    })?;
    // Where no token guards the API, knowing the id (it stands in the page's address) is not
    // being the browser that the report is for.
    let for_browser = session.asked.same_device || session.desk;
    let report = session.report().filter(|_| app.api_token.is_some() || !for_browser);
    let answer = Answer {
        request_id: &session.id,
        state: session.state(app.now()),
        match_code: &session.asked.match_code,
        expires_at: session.expires.to_string(),
        overall: report.map(|report| report.overall),
        verdict: report.map(|report| report.verdict),
        report,
        wallet_error: match &session.stage {
            Stage::Refused { error, .. } => Some(error),
            _ => None,
        },
    };
    let mut response = Json(answer).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

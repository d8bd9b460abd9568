//! `POST /challenges` (VCALM): a challenge for one presentation.
use axum::{extract::State, http::StatusCode, response::Response};
use serde_json::json;

use super::{api_auth::ApiCaller, vc_verify::json_answer};
use crate::state::App;

/// Makes one. Any body is ignored: there is nothing to choose.
pub(super) async fn create(_caller: ApiCaller, State(app): State<App>) -> Response {
    let challenge = app.vc_api.challenges.make(app.now(), &*app.entropy);
    json_answer(StatusCode::OK, &json!({"challenge": challenge}))
}

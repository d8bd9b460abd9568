//! `GET /status/archive/{sha256}`: a list as it once was

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use credential_issuance::ids::Digest;
use web_kit::Problem;

use super::Endpoint;
use super::status_list::{DOCUMENT, TOKEN};
use crate::errors::store_problem;
use crate::openapi::Operation;
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::get(
        "/status/archive/{sha256}",
        get(handle),
        Operation::new("public", "Any published status list, by the SHA-256 of its bytes")
            .answers(200, DOCUMENT, "The list, unchanged for ever")
            .problem(404, "not_archived"),
    )
}

async fn handle(State(app): State<App>, Path(sha256): Path<String>) -> Result<Response, Problem> {
    let absent = || {
        Problem::new(StatusCode::NOT_FOUND, "not_archived")
            .detail("No status list with this digest was published here.")
            .hint("The digest is 64 lower-case hexadecimal digits.")
    };
    let digest = Digest::parse(&sha256).map_err(|_| absent())?;
    let bytes = app.issuer.archived_list(&digest).await.map_err(|error| store_problem(&error))?;
    let bytes = bytes.ok_or_else(absent)?;
    let media = if bytes.first() == Some(&b'{') { DOCUMENT } else { TOKEN };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
}

//! `GET /1.0/identifiers/{did}` (W3C DID Resolution, HTTPS binding).
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use vc_api::did_resolution_answer;

use crate::state::App;

/// Resolves or dereferences.
pub(super) async fn resolve(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Response {
    // As it stands in the request: decoding would take the port of a did:web apart.
    let identifier = uri.path().strip_prefix("/1.0/identifiers/").unwrap_or_default();
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let answer =
        did_resolution_answer::answer(&*app.resolver, identifier, uri.query(), accept).await;
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, answer.body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.media_type));
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Some(location) = answer.location.and_then(|url| HeaderValue::try_from(url).ok()) {
        headers.insert(header::LOCATION, location);
    }
    response
}

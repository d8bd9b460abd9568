//! `GET /1.0/identifiers/{did}` (W3C DID Resolution, HTTPS binding): `did:key`, `did:jwk` and this service's own DID.
//! Others would need the network, which the issuer does not use.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use vc_api::did_resolution_answer;

use super::Endpoint;
use crate::openapi::Operation;
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::get(
        "/1.0/identifiers/{*did}",
        get(handle),
        Operation::new(
            "vc-api",
            "Resolves a DID or dereferences a DID URL; the form follows Accept",
        )
        .query("service", "dereferences to the endpoint of this service (303)")
        .query("relativeRef", "relative to the endpoint")
        .answers(200, "application/did-resolution", "The resolution result")
        .answers(303, "application/did-resolution", "Location is the service endpoint")
        .answers(400, "application/did-resolution", "INVALID_DID, INVALID_DID_URL, INVALID_OPTIONS")
        .answers(404, "application/did-resolution", "NOT_FOUND")
        .answers(406, "application/did-resolution", "REPRESENTATION_NOT_SUPPORTED")
        .answers(410, "application/did-resolution", "deactivated")
        .answers(
            501,
            "application/did-resolution",
            "METHOD_NOT_SUPPORTED, FEATURE_NOT_SUPPORTED",
        ),
    )
}

async fn handle(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Response {
    // As it stands in the request: decoding would take the port of a did:web apart.
    let identifier = uri.path().strip_prefix("/1.0/identifiers/").unwrap_or_default();
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let resolver = &app.vc_api.resolver;
    let answer = did_resolution_answer::answer(resolver, identifier, uri.query(), accept).await;
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, answer.body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.media_type));
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    if let Some(location) = answer.location.and_then(|url| HeaderValue::try_from(url).ok()) {
        headers.insert(header::LOCATION, location);
    }
    response
}

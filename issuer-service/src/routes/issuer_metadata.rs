//! `GET /.well-known/openid-credential-issuer` (OID4VCI 1.0, section 12.2)

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::Endpoint;
use crate::errors::server_error;
use crate::extract::accepts;
use crate::openapi::Operation;
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::get(
        "/.well-known/openid-credential-issuer",
        get(handle),
        Operation::new("wallet", "Issuer metadata; signed when Accept is application/jwt").answers(
            200,
            "application/json",
            "Metadata with display names in Korean and English",
        ),
    )
}

async fn handle(State(app): State<App>, headers: HeaderMap) -> Response {
    let key = app.request_key.public_jwk();
    let (body, media) = if accepts(&headers, "application/jwt") {
        match app.issuer.signed_issuer_metadata(&key) {
            Ok(token) => (token.into_bytes(), "application/jwt"),
            Err(error) => return server_error(error.code()).into_response(),
        }
    } else {
        let metadata = app.issuer.issuer_metadata(&key);
        (serde_json::to_vec(&metadata).unwrap_or_default(), "application/json")
    };
    let mut response = (StatusCode::OK, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    // The request encryption key is new in every run: nobody may keep this across one.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

//! `GET /.well-known/did.json` (did:web)

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::Endpoint;
use crate::openapi::Operation;
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::get(
        "/.well-known/did.json",
        get(handle),
        Operation::new("public", "The issuer's DID document, byte for byte what is anchored")
            .answers(200, "application/did+json", "DID document"),
    )
}

async fn handle(State(app): State<App>) -> Response {
    let mut response = app.issuer.identity().did_document_bytes().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/did+json"));
    // Readable by verifiers that run in a browser.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

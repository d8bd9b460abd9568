//! The routes: one endpoint, one file.
#![allow(
    clippy::result_large_err,
    reason = "a Problem is an answer on its way out, made at most once a request"
)]
use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};
use web_kit::{layers, page};

use crate::state::App;

mod api_auth;
mod chain_witness;
mod check_document;
mod create_request;
mod done;
mod facts;
mod form;
mod home;
mod request_object;
mod request_page;
mod request_state;
mod response;
mod vc_challenges;
mod vc_derive;
mod vc_identifiers;
mod vc_verify;
mod verify_page;

/// A photo of a QR code may be larger than any message.
const UPLOAD_BYTES: usize = 12 * 1024 * 1024;

/// Every path with its methods, as the OpenAPI document lists them.
pub const ENDPOINTS: [(&str, &[&str]); 26] = [
    ("/", &["get"]),
    ("/requests", &["post"]),
    ("/r/{id}", &["get"]),
    ("/r/{id}/qr.svg", &["get"]),
    ("/r/{id}/qr.png", &["get"]),
    ("/done/{id}", &["get"]),
    ("/verify", &["get", "post"]),
    ("/request/{id}", &["get", "post"]),
    ("/response/{id}", &["post"]),
    ("/api/requests", &["post"]),
    ("/api/requests/{id}", &["get"]),
    ("/api/verify", &["post"]),
    ("/chain/witness", &["post"]),
    ("/credentials/verify", &["post"]),
    ("/presentations/verify", &["post"]),
    ("/credentials/derive", &["post"]),
    ("/verifiers/{id}/credentials/verify", &["post"]),
    ("/verifiers/{id}/presentations/verify", &["post"]),
    ("/verifiers/{id}/credentials/derive", &["post"]),
    ("/challenges", &["post"]),
    ("/1.0/identifiers/{*did}", &["get"]),
    ("/openapi.json", &["get"]),
    ("/.well-known/did.json", &["get"]),
    ("/health", &["get"]),
    ("/ready", &["get"]),
    (page::STYLESHEET_PATH, &["get"]),
];

/// The whole face, walls included.
pub fn router(app: App) -> Router {
    let limits = app.limits;
    let router = Router::new()
        .route("/", get(home::home))
        .route("/requests", post(home::create))
        .route("/r/{id}", get(request_page::page))
        .route("/r/{id}/qr.svg", get(request_page::qr_svg))
        .route("/r/{id}/qr.png", get(request_page::qr_png))
        .route("/done/{id}", get(done::done))
        .route(
            "/verify",
            get(verify_page::form)
                .post(verify_page::check)
                .layer(DefaultBodyLimit::max(UPLOAD_BYTES)),
        )
        .route("/request/{id}", get(request_object::get).post(request_object::post))
        .route("/response/{id}", post(response::response))
        .route("/api/requests", post(create_request::create))
        .route("/api/requests/{id}", get(request_state::state))
        .route("/api/verify", post(check_document::check))
        .route("/chain/witness", post(chain_witness::state))
        .route("/credentials/verify", post(vc_verify::credential))
        .route("/presentations/verify", post(vc_verify::presentation))
        .route("/credentials/derive", post(vc_derive::derive))
        .route("/verifiers/{id}/credentials/verify", post(vc_verify::credential_at))
        .route("/verifiers/{id}/presentations/verify", post(vc_verify::presentation_at))
        .route("/verifiers/{id}/credentials/derive", post(vc_derive::derive_at))
        .route("/challenges", post(vc_challenges::create))
        .route("/1.0/identifiers/{*did}", get(vc_identifiers::resolve))
        .route("/openapi.json", get(facts::openapi))
        .route("/.well-known/did.json", get(facts::did_document))
        .route("/health", get(facts::health))
        .route("/ready", get(facts::ready))
        .route(page::STYLESHEET_PATH, get(page::stylesheet))
        .with_state(app);
    layers(router, limits)
}

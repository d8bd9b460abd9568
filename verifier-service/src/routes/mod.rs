//! The routes: one endpoint, one file.
#![allow(
    clippy::result_large_err,
    reason = "a Problem is an answer on its way out, made at most once a request"
)]
use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, Request},
    http::{HeaderValue, header},
    middleware::{Next, from_fn},
    response::Response,
    routing::{get, post},
};
use web_kit::{assets, layers, locale::LANGUAGE_COOKIE, page};

use crate::{desk::batch::MAX_UPLOAD_BYTES, pages, state::App};

mod api_auth;
mod batch;
mod chain_witness;
mod check_document;
mod code;
mod collection;
mod create_request;
mod decode;
mod done;
mod facts;
mod form;
mod home;
mod receipt;
mod request_object;
mod request_page;
mod request_state;
mod response;
mod share;
mod vc_challenges;
mod vc_derive;
mod vc_identifiers;
mod vc_verify;
mod verify_page;

/// A photo of a QR code may be larger than any message.
const UPLOAD_BYTES: usize = 12 * 1024 * 1024;

/// Every path with its methods, as the OpenAPI document lists them.
pub const ENDPOINTS: [(&str, &[&str]); 57] = [
    crate::offline::ENDPOINTS[0],
    crate::offline::ENDPOINTS[1],
    crate::offline::ENDPOINTS[2],
    crate::offline::ENDPOINTS[3],
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
    ("/ask", &["get"]),
    ("/results/{number}", &["get"]),
    ("/batch", &["post"]),
    ("/batch/{id}", &["get"]),
    ("/batch/{id}/table", &["get"]),
    ("/batch/{id}/table.csv", &["get"]),
    ("/batch/{id}/rows/{row}", &["get"]),
    ("/receipts/{number}", &["get"]),
    ("/receipts/{number}/receipt.json", &["get"]),
    ("/collections", &["get", "post"]),
    ("/collections/{owner}", &["get"]),
    ("/collections/{owner}/table", &["get"]),
    ("/collections/{owner}/table.csv", &["get"]),
    ("/collections/{owner}/rows/{row}", &["get"]),
    ("/c/{id}", &["get"]),
    ("/c/{id}/qr.svg", &["get"]),
    ("/c/{id}/request", &["get"]),
    ("/code", &["get", "post"]),
    ("/w/{id}", &["get"]),
    ("/r/{id}/state", &["get"]),
    ("/api/decode", &["post"]),
    ("/assets/{name}", &["get"]),
    ("/shares", &["post"]),
    ("/shares/{id}/state", &["post"]),
    ("/shares/{id}/withdraw", &["post"]),
    ("/s/{id}", &["get"]),
    ("/s/{id}/box", &["post"]),
];

async fn asset(Path(name): Path<String>) -> Response {
    assets::serve(&pages::ASSETS, &name)
}

/// Remembers the language of a link, so that the next page speaks it too.
async fn remember_language(request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let chosen = query.split('&').find_map(|pair| pair.strip_prefix("lang="));
    let chosen = ["ko", "en"].into_iter().find(|code| chosen == Some(*code));
    let mut response = next.run(request).await;
    if let Some(code) = chosen {
        let cookie = format!("{LANGUAGE_COOKIE}={code}; Path=/; Max-Age=31536000; SameSite=Lax");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// The whole face, walls included.
pub fn router(app: App) -> Router {
    let limits = app.limits.clone();
    let router = Router::new()
        .merge(crate::offline::routes())
        .route("/", get(home::home))
        .route("/ask", get(home::ask))
        .route("/requests", post(home::create))
        .route("/results/{number}", get(verify_page::result))
        .route("/batch", post(batch::begin).layer(DefaultBodyLimit::max(MAX_UPLOAD_BYTES + 65_536)))
        .route("/batch/{id}", get(batch::page))
        .route("/batch/{id}/table", get(batch::table))
        .route("/batch/{id}/table.csv", get(batch::csv))
        .route("/batch/{id}/rows/{row}", get(batch::row))
        .route("/receipts/{number}", get(receipt::page))
        .route("/receipts/{number}/receipt.json", get(receipt::file))
        .route("/collections", get(collection::form).post(collection::create))
        .route("/collections/{owner}", get(collection::page))
        .route("/collections/{owner}/table", get(collection::table))
        .route("/collections/{owner}/table.csv", get(collection::csv))
        .route("/collections/{owner}/rows/{row}", get(collection::row))
        .route("/c/{id}", get(collection::invitation))
        .route("/c/{id}/qr.svg", get(collection::qr))
        .route("/c/{id}/request", get(collection::request))
        .route("/code", get(code::form).post(code::lead))
        .route("/w/{id}", get(request_page::wallet))
        .route("/r/{id}/state", get(request_page::state))
        .route(
            "/api/decode",
            post(decode::decode).layer(DefaultBodyLimit::max(decode::MAX_FRAME_BYTES)),
        )
        .route("/assets/{name}", get(asset))
        .route("/shares", post(share::create))
        .route("/shares/{id}/state", post(share::state))
        .route("/shares/{id}/withdraw", post(share::withdraw))
        .route("/s/{id}", get(share::open))
        .route("/s/{id}/box", post(share::sealed))
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
        .layer(from_fn(remember_language))
        .with_state(app);
    layers(router, limits)
}

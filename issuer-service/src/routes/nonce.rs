//! `POST /nonce` (OID4VCI 1.0, section 7)

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use openid4vc_messages::NonceResponse;

use super::Endpoint;
use crate::extract::fresh_json;
use crate::openapi::Operation;
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::post(
        "/nonce",
        post(handle),
        Operation::new("wallet", "A fresh c_nonce for key proofs").answers(
            200,
            "application/json",
            "c_nonce, single-use, short-lived",
        ),
    )
}

async fn handle(State(app): State<App>) -> Response {
    fresh_json(StatusCode::OK, &NonceResponse { c_nonce: app.issuer.nonce() })
}

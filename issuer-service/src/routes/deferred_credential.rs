//! `POST /deferred_credential` (OID4VCI 1.0, section 9)

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use openid4vc_messages::{CredentialResponse, DeferredRequest};
use serde_json::json;
use web_kit::OAuthError;

use super::Endpoint;
use crate::errors::{WalletError, deferred_error};
use crate::extract::{Wallet, check_encryption, wallet_answer, wallet_json};
use crate::openapi::{Caller, Operation};
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    let schema = json!({
        "type": "object",
        "required": ["transaction_id"],
        "properties": { "transaction_id": { "type": "string" } }
    });
    Endpoint::post(
        "/deferred_credential",
        post(handle),
        Operation::new("wallet", "Collects credentials that an officer released")
            .by(Caller::Wallet)
            .body("application/json", schema)
            .answers(200, "application/json", "Credentials")
            .answers(202, "application/json", "Still waiting")
            .error(400, "invalid_transaction_id, credential_request_denied")
            .answers(401, "application/json", "invalid_token, with WWW-Authenticate"),
    )
}

async fn handle(
    State(app): State<App>,
    Wallet(token): Wallet,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, WalletError> {
    let json = wallet_json(&app, &headers, &body, "invalid_transaction_id")?;
    let request = DeferredRequest::parse(&json)
        .map_err(|error| OAuthError::bad_request(error.code(), error.detail.clone()))?;
    let encryption = request.credential_response_encryption.as_ref();
    check_encryption(encryption)?;
    let answer = app
        .issuer
        .collect_deferred(&token, &request.transaction_id)
        .await
        .map_err(|error| deferred_error(&error))?;
    let status = match &answer {
        CredentialResponse::Immediate { .. } => StatusCode::OK,
        CredentialResponse::Deferred { .. } => StatusCode::ACCEPTED,
    };
    Ok(wallet_answer(status, &answer, encryption)?)
}

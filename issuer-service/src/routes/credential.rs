//! `POST /credential` (OID4VCI 1.0, section 8)

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use openid4vc_messages::{CredentialRequest, CredentialResponse};
use serde_json::json;
use web_kit::OAuthError;

use super::Endpoint;
use crate::errors::{WalletError, request_error};
use crate::extract::{Wallet, check_encryption, wallet_answer, wallet_json};
use crate::openapi::{Caller, Operation};
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    let schema = json!({
        "type": "object",
        "required": ["proofs"],
        "properties": {
            "credential_configuration_id": { "type": "string" },
            "credential_identifier": { "type": "string" },
            "proofs": {
                "type": "object",
                "properties": { "jwt": { "type": "array", "items": { "type": "string" }, "minItems": 1 } }
            },
            "credential_response_encryption": { "type": "object" }
        }
    });
    Endpoint::post(
        "/credential",
        post(handle),
        Operation::new("wallet", "Credentials for proven keys, one a proof")
            .by(Caller::Wallet)
            .body("application/json", schema)
            .body("application/jwt", json!({ "type": "string", "description": "the request as JWE" }))
            .answers(200, "application/json", "Credentials (application/jwt when encrypted)")
            .answers(202, "application/json", "Deferred: transaction_id and interval")
            .error(400, "invalid_credential_request, unknown_credential_configuration, invalid_proof, invalid_nonce, …")
            .answers(401, "application/json", "invalid_token, with WWW-Authenticate"),
    )
}

async fn handle(
    State(app): State<App>,
    Wallet(token): Wallet,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, WalletError> {
    let json = wallet_json(&app, &headers, &body, "invalid_credential_request")?;
    let request = CredentialRequest::parse(&json)
        .map_err(|error| OAuthError::bad_request(error.code(), error.detail.clone()))?;
    let encryption = request.credential_response_encryption.as_ref();
    check_encryption(encryption)?;
    let answer = app
        .issuer
        .request_credentials(&token, &request)
        .await
        .map_err(|error| request_error(&error))?;
    let status = match &answer {
        CredentialResponse::Immediate { .. } => StatusCode::OK,
        CredentialResponse::Deferred { .. } => StatusCode::ACCEPTED,
    };
    Ok(wallet_answer(status, &answer, encryption)?)
}

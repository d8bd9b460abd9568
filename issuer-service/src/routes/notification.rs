//! `POST /notification` (OID4VCI 1.0, section 11)

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use openid4vc_messages::NotificationRequest;
use serde_json::json;
use web_kit::OAuthError;

use super::Endpoint;
use crate::errors::{WalletError, notification_error};
use crate::extract::{Wallet, wallet_json};
use crate::openapi::{Caller, Operation};
use crate::state::App;

pub(super) fn endpoint() -> Endpoint {
    let schema = json!({
        "type": "object",
        "required": ["notification_id", "event"],
        "properties": {
            "notification_id": { "type": "string" },
            "event": { "enum": ["credential_accepted", "credential_failure", "credential_deleted"] },
            "event_description": { "type": "string" }
        }
    });
    Endpoint::post(
        "/notification",
        post(handle),
        Operation::new("wallet", "What became of issued credentials")
            .by(Caller::Wallet)
            .body("application/json", schema)
            .answers(204, "", "Taken; the same one again is fine")
            .error(400, "invalid_notification_id, invalid_notification_request")
            .answers(401, "application/json", "invalid_token, with WWW-Authenticate"),
    )
}

async fn handle(
    State(app): State<App>,
    Wallet(token): Wallet,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, WalletError> {
    let json = wallet_json(&app, &headers, &body, "invalid_notification_request")?;
    let request = NotificationRequest::parse(&json)
        .map_err(|error| OAuthError::bad_request(error.code(), error.detail.clone()))?;
    app.issuer.notify(&token, &request).await.map_err(|error| notification_error(&error))?;
    Ok(StatusCode::NO_CONTENT)
}

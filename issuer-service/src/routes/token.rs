//! `POST /token` (OID4VCI 1.0, section 6)

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use credential_issuance::offer::{RedeemError, TokenGrant};
use openid4vc_messages::{TokenRequest, TokenResponse};
use serde_json::json;
use web_kit::{OAuthError, media_type_is};

use super::Endpoint;
use crate::errors::server_error;
use crate::extract::fresh_json;
use crate::openapi::Operation;
use crate::state::App;

/// A token request is a handful of short parameters.
const BODY: usize = 16 * 1024;

pub(super) fn endpoint() -> Endpoint {
    let form = json!({
        "type": "object",
        "required": ["grant_type", "pre-authorized_code"],
        "properties": {
            "grant_type": { "const": "urn:ietf:params:oauth:grant-type:pre-authorized_code" },
            "pre-authorized_code": { "type": "string" },
            "tx_code": { "type": "string" },
            "authorization_details": { "type": "string", "description": "JSON" }
        }
    });
    Endpoint::post(
        "/token",
        post(handle),
        Operation::new("wallet", "Exchanges a pre-authorized code for an access token")
            .body("application/x-www-form-urlencoded", form)
            .answers(200, "application/json", "Access token")
            .error(400, "invalid_request, invalid_grant, unsupported_grant_type"),
    )
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, OAuthError> {
    if !media_type_is(&headers, "application/x-www-form-urlencoded") || body.len() > BODY {
        let text = "send a short application/x-www-form-urlencoded body";
        return Err(OAuthError::bad_request("invalid_request", text));
    }
    let request = TokenRequest::from_form(&body)
        .map_err(|error| OAuthError::bad_request(error.code(), error.detail.clone()))?;
    let grant = TokenGrant::of(request).map_err(|error| refused(&error))?;
    let issued = app.issuer.redeem(grant).await.map_err(|error| refused(&error))?;
    let response = TokenResponse {
        access_token: issued.token,
        token_type: "Bearer".to_owned(),
        expires_in: u64::try_from(issued.expires_in).ok(),
        refresh_token: None,
        scope: None,
        authorization_details: issued.authorization_details,
    };
    Ok(fresh_json(StatusCode::OK, &response))
}

fn refused(error: &RedeemError) -> OAuthError {
    match error {
        RedeemError::Store(inner) => server_error(inner.code()),
        refused => OAuthError::bad_request(refused.code(), refused.to_string()),
    }
}

//! The bearer token of the JSON API, where one is configured.
use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
};
use sha2::{Digest, Sha256};
use web_kit::Problem;

use crate::state::App;

/// Proof that the caller may use the API.
pub(super) struct ApiCaller;

impl FromRequestParts<App> for ApiCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let Some(expected) = app.api_token else { return Ok(ApiCaller) };
        let given = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        // Digests are compared: the time taken tells nothing about the token.
        let digest: Option<[u8; 32]> = given.map(|token| Sha256::digest(token.as_bytes()).into());
        if digest == Some(expected) {
            return Ok(ApiCaller);
        }
        Err(Problem::new(StatusCode::UNAUTHORIZED, "unauthorized")
            .detail("This API needs its bearer token.")
            .hint("Send `Authorization: Bearer …` with the token of api.token_file."))
    }
}

/// Proof that the caller may use the form of the front page: the API's token, unless the
/// configuration opens the desk to everybody.
pub(super) struct DeskCaller;

impl FromRequestParts<App> for DeskCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        if !app.public_desk {
            ApiCaller::from_request_parts(parts, app).await?;
        }
        Ok(DeskCaller)
    }
}

//! `GET|POST /request/{id}`: the signed request object, once (OID4VP 1.0 section 5.10).
use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use credential_verification::{
    session::{InvalidTransition, SessionRecord},
    store::StoreError,
};
use openid4vc_messages::RequestUriPost;
use web_kit::OAuthError;

use super::{form::FormBytes, response::RETRIES};
use crate::{identity::Identity, state::App};

/// By GET.
pub(super) async fn get(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, OAuthError> {
    deliver(&app, &id, None).await
}

/// By POST, with the wallet's nonce.
pub(super) async fn post(
    State(app): State<App>,
    Path(id): Path<String>,
    FormBytes(body): FormBytes,
) -> Result<Response, OAuthError> {
    let form = RequestUriPost::from_form(&body)
        .map_err(|error| OAuthError::bad_request(error.code(), error.detail.clone()))?;
    deliver(&app, &id, form.wallet_nonce.as_deref()).await
}

/// Signs and hands out the request object of a session, once.
pub(super) async fn deliver(
    app: &App,
    id: &str,
    wallet_nonce: Option<&str>,
) -> Result<Response, OAuthError> {
    let session = app
        .store
        .session_by_public_id(id)
        .await
        .map_err(|error| failed(&error))?
        .ok_or_else(|| gone(StatusCode::NOT_FOUND, "unknown_request", "no such request"))?;
    let now = app.now();
    let claims = session.request_claims(app.identity.name(), wallet_nonce, now);
    let scheme = Identity::scheme_of(&session.asked.client_id);
    // The step is tried before the costly signature, and kept only after it: a request whose
    // object could not be signed can still be fetched.
    let next = session.fetched(now).map_err(refused)?;
    let token = app
        .identity
        .sign(&claims, scheme)
        .map_err(|error| {
            tracing::error!(%error, "a request object was not signed");
            OAuthError::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "signing failed")
        })?
        .ok_or_else(|| gone(StatusCode::NOT_FOUND, "unsigned_request", "nothing to fetch"))?;
    keep(app, next).await?;
    tracing::info!(request = id, "request object delivered");
    let mut response = token.into_response();
    let headers = response.headers_mut();
    headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/oauth-authz-req+jwt"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Keeps the step. A browser that was bound meanwhile is no reason to refuse the wallet: the step
/// is tried again on the fresh session, and refuses by itself where another wallet was faster.
async fn keep(app: &App, mut next: SessionRecord) -> Result<(), OAuthError> {
    for _ in 0..=RETRIES {
        match app.store.advance_session(&next).await {
            Ok(()) => return Ok(()),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(failed(&error)),
        }
        let session = app.store.session(&next.id).await.map_err(|error| failed(&error))?;
        let session = session
            .ok_or_else(|| gone(StatusCode::NOT_FOUND, "unknown_request", "no such request"))?;
        next = session.fetched(app.now()).map_err(refused)?;
    }
    Err(refused(InvalidTransition::AlreadyFetched))
}

fn refused(error: InvalidTransition) -> OAuthError {
    gone(StatusCode::GONE, error.code(), &error.to_string())
}

fn gone(status: StatusCode, code: &str, detail: &str) -> OAuthError {
    OAuthError::new(status, "invalid_request", format!("{code}: {detail}"))
}

fn failed(error: &StoreError) -> OAuthError {
    tracing::error!(%error, "store");
    OAuthError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "temporarily_unavailable",
        "store_failed: the records could not be read or written",
    )
}

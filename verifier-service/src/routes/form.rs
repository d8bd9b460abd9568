//! A form body, read once as bytes after its media type was checked.
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use web_kit::{OAuthError, media_type_is};

/// The bytes of an `application/x-www-form-urlencoded` body.
pub(super) struct FormBytes(pub(super) Bytes);

impl<S: Send + Sync> FromRequest<S> for FormBytes {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        if !media_type_is(request.headers(), "application/x-www-form-urlencoded") {
            return Err(OAuthError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "invalid_request",
                "unsupported_media_type: the body must be application/x-www-form-urlencoded",
            )
            .into_response());
        }
        match Bytes::from_request(request, state).await {
            Ok(bytes) => Ok(FormBytes(bytes)),
            Err(rejection) => Err(OAuthError::new(
                rejection.status(),
                "invalid_request",
                "body_too_large: the body is longer than this service takes, or broke off",
            )
            .into_response()),
        }
    }
}

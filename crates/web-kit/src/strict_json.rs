//! Reading a JSON body once, strictly: media type, size, duplicate keys, depth,
//! then the typed form. What passes here needs no second look inside.

use std::any::Any;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use credential_model::json::{Limits, parse_strict};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::problem::Problem;

/// A JSON body read by [`parse_strict`] and then as `T`.
#[derive(Debug, Clone)]
pub struct StrictJson<T>(pub T);

/// Why a JSON body was not taken.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum JsonRefusal {
    /// The `Content-Type` is not JSON.
    #[error("the body must be sent as application/json")]
    MediaType,
    /// The body is longer than this service takes, or broke off.
    #[error("the body could not be read: {0}")]
    Body(String),
    /// It is no JSON that two programs would read alike (syntax, duplicate keys, depth).
    #[error("the body is not acceptable JSON: {0}")]
    Syntax(String),
    /// It is JSON, but not of the form this endpoint takes.
    #[error("the body does not have the form this endpoint takes: {0}")]
    Shape(String),
}

impl JsonRefusal {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MediaType => "unsupported_media_type",
            Self::Body(_) => "body_unreadable",
            Self::Syntax(_) => "malformed_json",
            Self::Shape(_) => "unexpected_json",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Body(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Syntax(_) => StatusCode::BAD_REQUEST,
            Self::Shape(_) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

impl From<JsonRefusal> for Problem {
    fn from(refusal: JsonRefusal) -> Self {
        Self::new(refusal.status(), refusal.code()).detail(refusal.to_string())
    }
}

impl IntoResponse for JsonRefusal {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

/// Whether the `Content-Type` is `wanted`, parameters aside, in any letter case.
pub fn media_type_is(headers: &HeaderMap, wanted: &str) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|media| media.trim().eq_ignore_ascii_case(wanted))
}

impl<T: DeserializeOwned + 'static> StrictJson<T> {
    /// Reads bytes that are already here; the extractor does the same.
    pub fn from_bytes(bytes: &[u8]) -> Result<T, JsonRefusal> {
        let limits = Limits { max_bytes: bytes.len().max(1), ..Limits::default() };
        let value = parse_strict(bytes, &limits).map_err(|e| JsonRefusal::Syntax(e.to_string()))?;
        typed(value).map_err(|e| JsonRefusal::Shape(e.to_string()))
    }
}

/// The typed form. Who asks for JSON as it is gets it as it is: it need not be built a second time.
fn typed<T: DeserializeOwned + 'static>(value: Value) -> serde_json::Result<T> {
    let mut value = Some(value);
    let as_it_is = (&mut value as &mut dyn Any).downcast_mut::<Option<T>>().and_then(Option::take);
    match as_it_is {
        Some(value) => Ok(value),
        None => serde_json::from_value(value.unwrap_or_default()),
    }
}

impl<T, S> FromRequest<S> for StrictJson<T>
where
    T: DeserializeOwned + 'static,
    S: Send + Sync,
{
    type Rejection = JsonRefusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        if !media_type_is(request.headers(), "application/json") {
            return Err(JsonRefusal::MediaType);
        }
        // The body cap is a layer (see `layers`), so that every route has it.
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| JsonRefusal::Body(rejection.body_text()))?;
        Self::from_bytes(&bytes).map(Self)
    }
}

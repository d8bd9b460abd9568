//! Error answers of the OAuth family: `{error, error_description}` (RFC 6749 section 5.2,
//! OpenID4VCI 1.0 section 8.3.1) and bearer challenges (RFC 6750 section 3).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// An error answer that wallets understand.
#[derive(Debug, Clone)]
pub struct OAuthError {
    status: StatusCode,
    error: String,
    description: String,
    challenge: bool,
}

#[derive(Serialize)]
struct Body<'a> {
    error: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    error_description: &'a str,
}

impl OAuthError {
    /// A refusal with status 400 and the standard's code.
    pub fn bad_request(error: impl Into<String>, description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, description)
    }

    /// A refusal with a status of its own.
    pub fn new(
        status: StatusCode,
        error: impl Into<String>,
        description: impl Into<String>,
    ) -> Self {
        Self { status, error: error.into(), description: description.into(), challenge: false }
    }

    /// 401 with a `WWW-Authenticate: Bearer` challenge.
    pub fn invalid_token(description: impl Into<String>) -> Self {
        Self {
            challenge: true,
            ..Self::new(StatusCode::UNAUTHORIZED, "invalid_token", description)
        }
    }

    /// The standard's code.
    pub fn error(&self) -> &str {
        &self.error
    }
}

/// RFC 6749 allows only %x20-21 / %x23-5B / %x5D-7E in `error_description`.
fn allowed(text: &str) -> String {
    text.chars()
        .map(|c| if matches!(c, ' '..='!' | '#'..='[' | ']'..='~') { c } else { '\'' })
        .collect()
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let description = allowed(&self.description);
        let body = Body { error: &self.error, error_description: &description };
        let bytes = serde_json::to_vec(&body).unwrap_or_else(|_| b"{}".to_vec());
        let mut response = (self.status, bytes).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.challenge {
            let challenge =
                format!("Bearer error=\"{}\", error_description=\"{description}\"", self.error);
            if let Ok(value) = HeaderValue::from_str(&challenge) {
                headers.insert(header::WWW_AUTHENTICATE, value);
            }
        }
        response
    }
}

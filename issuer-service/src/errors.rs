//! From the flow's errors to answers: which status, which family, which hint.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use credential_issuance::store::StoreError;
use credential_issuance::{CredentialRequestError, DeferredError, NotificationError, TokenRefused};
use web_kit::{OAuthError, Problem};

/// An error answer of the wallet endpoints: the OAuth family, or a bearer challenge.
pub(crate) enum WalletError {
    /// `{error, error_description}`.
    OAuth(OAuthError),
    /// 401 without an error code: no token came at all (RFC 6750, section 3.1).
    Challenge,
}

impl From<OAuthError> for WalletError {
    fn from(error: OAuthError) -> Self {
        Self::OAuth(error)
    }
}

impl IntoResponse for WalletError {
    fn into_response(self) -> Response {
        match self {
            Self::OAuth(error) => error.into_response(),
            Self::Challenge => challenge(),
        }
    }
}

/// 401 with a bare bearer challenge.
pub(crate) fn challenge() -> Response {
    let mut response = StatusCode::UNAUTHORIZED.into_response();
    let headers = response.headers_mut();
    headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The service itself failed: the code stays ours, the log keeps the cause.
pub(crate) fn server_error(code: &'static str) -> OAuthError {
    tracing::error!(code, "request failed");
    let text = "the issuer could not do this now; nothing was half written, try again";
    OAuthError::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", text)
}

pub(crate) fn token_refused(error: &TokenRefused) -> OAuthError {
    match error {
        TokenRefused::Store(inner) => server_error(inner.code()),
        refused => OAuthError::invalid_token(refused.to_string()),
    }
}

pub(crate) fn request_error(error: &CredentialRequestError) -> OAuthError {
    match error {
        CredentialRequestError::Token(inner) => token_refused(inner),
        CredentialRequestError::Store(_) | CredentialRequestError::Issue(_) => {
            server_error(error.code())
        }
        refused => OAuthError::bad_request(refused.code(), refused.to_string()),
    }
}

pub(crate) fn deferred_error(error: &DeferredError) -> OAuthError {
    match error {
        DeferredError::Token(inner) => token_refused(inner),
        DeferredError::Request(inner) => request_error(inner),
        DeferredError::Store(inner) => server_error(inner.code()),
        refused => OAuthError::bad_request(refused.code(), refused.to_string()),
    }
}

pub(crate) fn notification_error(error: &NotificationError) -> OAuthError {
    match error {
        NotificationError::Token(inner) => token_refused(inner),
        NotificationError::Store(inner) => server_error(inner.code()),
        refused => OAuthError::bad_request(refused.code(), refused.to_string()),
    }
}

/// A refusal for officers, with the status that fits its code.
pub(crate) fn refusal(code: &'static str, text: String) -> Problem {
    let status = match code {
        "unknown_credential"
        | "unknown_offer"
        | "unknown_status_list"
        | "unknown_deferred_request"
        | "unknown_action"
        | "not_found" => StatusCode::NOT_FOUND,
        "same_person" | "not_allowed" => StatusCode::FORBIDDEN,
        "person_exists"
        | "already_exists"
        | "status_change_not_allowed"
        | "not_waiting"
        | "action_waits_already"
        | "action_not_waiting"
        | "action_expired"
        | "not_issued"
        | "store_conflict" => StatusCode::CONFLICT,
        "store_failed" | "store_record_unreadable" | "signing_failed" => {
            tracing::error!(code, "request failed");
            StatusCode::SERVICE_UNAVAILABLE
        }
        code if code.starts_with("chain_") || code == "no_chain" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let problem = Problem::new(status, code).detail(text);
    match hint(code) {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}

pub(crate) fn store_problem(error: &StoreError) -> Problem {
    refusal(error.code(), error.to_string())
}

fn hint(code: &str) -> Option<&'static str> {
    Some(match code {
        "forbidden_number" => {
            "Remove resident registration, passport, licence and account numbers; no field takes them."
        }
        "unknown_kind" => {
            "Look for the kind with GET /admin/kinds?search=, or create it with POST /admin/kinds."
        }
        "same_person" => "Another officer or API key with the scope decide must do this.",
        "action_waits_already" => "GET /admin/approvals lists what waits.",
        "unknown_person" => "Register the person first with POST /admin/persons.",
        "invalid_subject" => {
            "See the schema of the type; each broken rule is listed in violations."
        }
        "unknown_type" => "The types are listed in /.well-known/openid-credential-issuer.",
        "status_change_not_allowed" => {
            "Only a suspended credential can be reinstated; revoked and superseded are final."
        }
        "not_waiting" => "Only offers made with deferred: true wait, and each is decided once.",
        "no_chain" => "Configure [chain] and run `issuer-service chain deploy --write`.",
        "offer_expired" | "offer_used" | "offer_dead" => "Ask the issuer for a new offer.",
        code if code.starts_with("chain_") => {
            "Issuing goes on; what is recorded is anchored when the chain answers again."
        }
        "store_failed" | "store_conflict" => "Try again; nothing was half written.",
        _ => return None,
    })
}

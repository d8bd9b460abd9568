//! What routes take from requests: the officer's token, the wallet's token, strict bodies.

use axum::body::Bytes;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use credential_model::json::{Limits, parse_strict};
use credential_proofs::jwe::{self, ContentEncryption};
use officer_access::Principal;
use openid4vc_messages::CredentialResponseEncryption;
use serde::Serialize;
use serde_json::Value;
use web_kit::{OAuthError, media_type_is};

use crate::errors::{WalletError, token_refused};
use crate::state::{App, AppState};

/// Longest body of a wallet request.
const BODY: usize = 256 * 1024;

/// Whoever the gate let in ([`crate::office::api_gate`]): the admin token or an API key.
pub(crate) struct Officer;

impl FromRequestParts<App> for Officer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Response> {
        // A route that stands before no gate stays closed.
        match parts.extensions.get::<Principal>() {
            Some(_) => Ok(Self),
            None => Err(crate::office::api_gate::nobody()),
        }
    }
}

/// Whoever may use the VC-API instances: an officer, or anybody where the configuration takes that danger.
pub(crate) struct VcApiCaller;

impl FromRequestParts<App> for VcApiCaller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        if !app.vc_api.open {
            Officer::from_request_parts(parts, app).await?;
        }
        Ok(Self)
    }
}

/// The bearer token of a request (RFC 6750, section 2.1).
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty()).then_some(token)
}

/// A wallet with an access token that opens something. Checked before the body is read.
pub(crate) struct Wallet(pub(crate) String);

impl FromRequestParts<App> for Wallet {
    type Rejection = WalletError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, WalletError> {
        let token = bearer(&parts.headers).ok_or(WalletError::Challenge)?;
        app.issuer.check_token(token).await.map_err(|error| token_refused(&error))?;
        Ok(Self(token.to_owned()))
    }
}

/// A JSON body of a wallet request, in clear or (`application/jwt`) encrypted to our key.
pub(crate) fn wallet_json(
    app: &AppState,
    headers: &HeaderMap,
    body: &Bytes,
    code: &str,
) -> Result<Value, OAuthError> {
    if body.len() > BODY {
        return Err(OAuthError::bad_request(code, format!("the body is longer than {BODY} bytes")));
    }
    let clear = if media_type_is(headers, "application/jwt") {
        let refuse = |text: &str| OAuthError::bad_request("invalid_encryption_parameters", text);
        let token = std::str::from_utf8(body).map_err(|_| refuse("the body is no compact JWE"))?;
        jwe::decrypt(token.trim(), &app.request_key).map_err(|_| {
            refuse("the request is not encrypted to the key in the metadata: read it again")
        })?
    } else if media_type_is(headers, "application/json") {
        body.to_vec()
    } else {
        let text = "send application/json, or application/jwt for an encrypted request";
        return Err(OAuthError::bad_request(code, text));
    };
    let limits = Limits { max_bytes: BODY, ..Limits::default() };
    parse_strict(&clear, &limits).map_err(|error| {
        OAuthError::bad_request(code, format!("the body is not acceptable JSON: {error}"))
    })
}

/// Checks what a wallet wants responses encrypted with, before anything is issued.
pub(crate) fn check_encryption(
    wanted: Option<&CredentialResponseEncryption>,
) -> Result<(), OAuthError> {
    let Some(wanted) = wanted else { return Ok(()) };
    let refuse = |text: &str| Err(OAuthError::bad_request("invalid_encryption_parameters", text));
    if ContentEncryption::parse(&wanted.enc).is_none() {
        return refuse("enc must be A128GCM or A256GCM");
    }
    if wanted.alg() != Some(jwe::ALGORITHM) {
        return refuse("jwk.alg must be ECDH-ES");
    }
    if wanted.zip.is_some() {
        return refuse("compression is not supported");
    }
    // Trying it now tells a bad key from a good one before a credential exists.
    match jwe::encrypt(b"{}", &wanted.jwk, ContentEncryption::A128Gcm) {
        Ok(_) => Ok(()),
        Err(_) => refuse("jwk must be a bare public P-256 key"),
    }
}

/// The answer to a wallet: JSON, or a JWE where it was asked for. Never cached.
pub(crate) fn wallet_answer(
    status: StatusCode,
    answer: &impl Serialize,
    encryption: Option<&CredentialResponseEncryption>,
) -> Result<Response, OAuthError> {
    let clear = serde_json::to_vec(answer).unwrap_or_default();
    let (body, media) = match encryption {
        None => (clear, "application/json"),
        Some(wanted) => {
            let enc = ContentEncryption::parse(&wanted.enc).unwrap_or(ContentEncryption::A256Gcm);
            let token = jwe::encrypt(&clear, &wanted.jwk, enc).map_err(|_| {
                OAuthError::bad_request(
                    "invalid_encryption_parameters",
                    "the response could not be encrypted",
                )
            })?;
            (token.into_bytes(), "application/jwt")
        }
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// A JSON answer that must not be cached.
pub(crate) fn fresh_json(status: StatusCode, answer: &impl Serialize) -> Response {
    let body = serde_json::to_vec(answer).unwrap_or_default();
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Whether `Accept` names a media type, parameters and weights aside.
pub(crate) fn accepts(headers: &HeaderMap, media: &str) -> bool {
    headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).any(|line| {
        line.split(',').any(|part| {
            part.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case(media))
        })
    })
}

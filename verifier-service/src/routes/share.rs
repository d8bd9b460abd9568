//! Shared links: `POST /shares` and, with the holder's token, `/shares/{id}/state` and
//! `/shares/{id}/withdraw`; for whoever has the link the page `GET /s/{id}` and its box,
//! `POST /s/{id}/box`, which is what counts as an opening: previews and HEAD do not post.
use axum::{
    Json,
    extract::{ConnectInfo, Path, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use credential_model::moment::Moment;
use serde::Deserialize;
use serde_json::{Value, json};
use web_kit::{Peer, Problem, RequestLocale, StrictJson};

use crate::{
    shares::{MAX_BOX, MAX_DAYS, Refused, Share, page},
    state::App,
};

/// A new share, as the wallet makes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    id: String,
    /// RFC 3339, UTC; exactly this text is bound into the ciphertext.
    expires: String,
    #[serde(rename = "box")]
    sealed: String,
    token_sha256: String,
}

/// The holder's token.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Holder {
    token: String,
}

fn is_base64url(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn is_id(id: &str) -> bool {
    id.len() == 22 && is_base64url(id)
}

fn unknown() -> Problem {
    // Withdrawn, over, never there, or of somebody else: nobody learns which.
    Problem::new(StatusCode::NOT_FOUND, "share_gone")
        .detail("There is no such share, or it was withdrawn, or it is over.")
}

fn failed(error: &anyhow::Error) -> Problem {
    tracing::error!(%error, "shares");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "store_failed")
        .detail("The share could not be written. Nothing was half written.")
        .retry_after(5)
}

fn answer(status: StatusCode, body: Value) -> Response {
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Keeps a new share.
pub(super) async fn create(
    State(app): State<App>,
    parts: Parts,
    StrictJson(new): StrictJson<New>,
) -> Result<Response, Problem> {
    let refuse =
        |code: &str, detail: &str| Problem::new(StatusCode::BAD_REQUEST, code).detail(detail);
    let is_digest = new.token_sha256.len() == 64
        && new.token_sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !is_id(&new.id) || !is_digest || !is_base64url(&new.sealed) || new.sealed.len() < 40 {
        return Err(refuse("share_malformed", "Id, token digest or box is not of its form."));
    }
    if new.sealed.len() > MAX_BOX {
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "share_too_large")
            .detail("The box is larger than this service keeps."));
    }
    let now = app.now();
    let expires = Moment::parse(&new.expires).ok();
    // The text is bound into the ciphertext, so it must come back as it was.
    let expires = expires.filter(|moment| moment.to_string() == new.expires);
    let latest = now.plus_seconds(MAX_DAYS * 86_400);
    let expires = expires.filter(|moment| *moment > now && *moment <= latest).ok_or_else(|| {
        refuse("share_bad_expiry", "`expires` is no moment (UTC) within the next 90 days.")
    })?;
    let from = parts.extensions.get::<ConnectInfo<Peer>>().map(|ConnectInfo(Peer(at))| at.ip());
    let share = Share {
        v: 1,
        id: new.id,
        expires,
        sealed: new.sealed,
        token_sha256: new.token_sha256,
        openings: 0,
        last_opened: None,
    };
    let path = format!("s/{}", share.id);
    match app.desk.shares.add(share, from, now) {
        Ok(()) => {}
        Err(Refused::Taken) => {
            return Err(Problem::new(StatusCode::CONFLICT, "share_id_taken"));
        }
        Err(Refused::Full) => {
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "shares_full")
                .detail("This service keeps no more shares for now.")
                .retry_after(3_600));
        }
        Err(Refused::Often) => {
            return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "shares_too_often")
                .detail("Too many new shares from this address.")
                .retry_after(3_600));
        }
        Err(Refused::Store(error)) => return Err(failed(&error)),
    }
    let url = app.public_url.join(&path).map(String::from).unwrap_or_default();
    Ok(answer(StatusCode::CREATED, json!({ "url": url, "expires": expires })))
}

/// Openings so far, for the holder.
pub(super) async fn state(
    State(app): State<App>,
    Path(id): Path<String>,
    StrictJson(holder): StrictJson<Holder>,
) -> Result<Response, Problem> {
    let share = app.desk.shares.of_holder(&id, &holder.token, app.now()).ok_or_else(unknown)?;
    let state = json!({
        "openings": share.openings, "last_opened": share.last_opened, "expires": share.expires,
    });
    Ok(answer(StatusCode::OK, state))
}

/// Erases it, for the holder.
pub(super) async fn withdraw(
    State(app): State<App>,
    Path(id): Path<String>,
    StrictJson(holder): StrictJson<Holder>,
) -> Result<Response, Problem> {
    match app.desk.shares.withdraw(&id, &holder.token) {
        Ok(true) => Ok(answer(StatusCode::OK, json!({ "withdrawn": true }))),
        Ok(false) => Err(unknown()),
        Err(error) => Err(failed(&error)),
    }
}

/// What a link leads to.
pub(super) async fn open(
    Path(id): Path<String>,
    RequestLocale(locale): RequestLocale,
) -> Result<Response, Problem> {
    if is_id(&id) { Ok(page::page(locale, &id)) } else { Err(unknown()) }
}

/// The box; counted.
pub(super) async fn sealed(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let share = app.desk.shares.opened(&id, app.now()).map_err(|error| failed(&error))?;
    let share = share.ok_or_else(unknown)?;
    Ok(answer(StatusCode::OK, json!({ "box": share.sealed, "expires": share.expires })))
}

//! `GET /r/{id}`: the page of a request: QR code or link, then the report.
use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use credential_model::ambient::random_token;
use credential_verification::{
    session::{SessionRecord, SessionState},
    store::StoreError,
};
use serde_json::json;
use web_kit::{Problem, RequestLocale, locale::cookie};

use super::create_request::{describe, store_problem};
use crate::{desk::views::Position, pages, state::App};

/// The random token that binds a result to a browser, from its cookie or freshly made.
pub(super) struct Browser {
    pub(super) token: String,
    new: bool,
}

impl Browser {
    /// The one that sent the request.
    pub(super) fn of(app: &App, parts: &Parts) -> Self {
        match Self::known(app, parts) {
            Some(token) => Browser { token, new: false },
            None => Self::fresh(app),
        }
    }

    /// A new token for it.
    pub(super) fn fresh(app: &App) -> Self {
        Browser { token: random_token(&*app.entropy), new: true }
    }

    /// The token that it sent.
    pub(super) fn known(app: &App, parts: &Parts) -> Option<String> {
        cookie(parts, cookie_name(app)).filter(|token| is_token(token))
    }

    /// Sets the cookie where it is new. `Lax`, because the wallet brings the browser back from
    /// outside.
    pub(super) fn remember(&self, app: &App, response: &mut Response) {
        if !self.new {
            return;
        }
        let secure = if is_https(app) { "; Secure" } else { "" };
        let (name, token) = (cookie_name(app), &self.token);
        let value = format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax{secure}");
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
}

fn is_https(app: &App) -> bool {
    app.public_url.scheme() == "https"
}

/// `__Host-` keeps neighbouring hosts and plain http from planting a token (RFC 6265bis,
/// section 4.1.3.2); browsers take it over https only.
fn cookie_name(app: &App) -> &'static str {
    if is_https(app) { "__Host-sinpyo_browser" } else { "sinpyo_browser" }
}

/// The page.
pub(super) async fn page(
    State(app): State<App>,
    Path(id): Path<String>,
    RequestLocale(locale): RequestLocale,
    parts: Parts,
) -> Result<Response, Problem> {
    let browser = Browser::of(&app, &parts);
    let session = bound(&app, &id, &browser.token).await?;
    let now = app.now();
    let ours = session.is_bound_to(&browser.token);
    let mut response = match (session.state(now), session.report()) {
        (SessionState::Shown, _) if !ours => pages::not_this_browser(locale),
        (_, Some(_)) if session.desk && !ours => pages::not_this_browser(locale),
        (_, Some(report)) => pages::report(locale, report, extras_of(&app, &session, &browser)),
        (SessionState::Requested | SessionState::Fetched, None) => {
            let created = describe(&app, &session)?;
            let spoken = format!("/w/{}", session.public_id);
            let waiting = pages::Waiting {
                session: &session,
                deep_link: &created.deep_link,
                qr: &format!("/r/{}/qr.svg", session.id),
                name: app.identity.name(),
                code: super::code::spoken(&app, &spoken, session.expires),
                state: session.state(now),
            };
            pages::waiting(locale, &waiting)
        }
        (SessionState::Answered, None) => pages::come_back(locale),
        (state, None) => pages::ended(locale, state),
    };
    browser.remember(&app, &mut response);
    Ok(response)
}

/// The asker's position for the map, and the receipt where one is kept.
pub(super) fn extras_of<'a>(
    app: &App,
    session: &'a SessionRecord,
    browser: &Browser,
) -> pages::Extras<'a> {
    let number = session.report().and_then(|report| report.number.as_deref());
    let kept =
        number.filter(|number| app.desk.results.find(number, &browser.token, app.now()).is_some());
    let position = Position::of_context(session.asked.domain.as_ref());
    pages::Extras { position, receipt: kept }
}

/// `GET /r/{id}/state`: where the request stands, for the page's progress. No claim is in it.
pub(super) async fn state(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let session = load(&app, &id).await?;
    let state = session.state(app.now());
    let same_device = session.asked.same_device;
    let is_final = match state {
        SessionState::Requested | SessionState::Fetched => false,
        SessionState::Answered => !same_device,
        _ => true,
    };
    let answer = json!({"state": pages::state_name(state), "final": is_final});
    let mut response = Json(answer).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// `GET /w/{public id}`: where a typed code leads: to the wallet's link of that request.
pub(super) async fn wallet(
    State(app): State<App>,
    Path(id): Path<String>,
    RequestLocale(locale): RequestLocale,
) -> Result<Response, Problem> {
    let session =
        app.store.session_by_public_id(&id).await.map_err(|error| store_problem(&error))?;
    let session = session.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "unknown_request"))?;
    match session.state(app.now()) {
        SessionState::Requested => {
            let link = describe(&app, &session)?.deep_link;
            Ok(pages::typed(locale, &session, app.identity.name(), &link))
        }
        state => Ok(pages::ended(locale, state)),
    }
}

/// Loads the session and binds it to the first browser. A wallet may take its step at the same
/// moment, so the binding is tried again.
async fn bound(app: &App, id: &str, token: &str) -> Result<SessionRecord, Problem> {
    for _ in 0..5 {
        let session = load(app, id).await?;
        if session.browser.is_some() {
            return Ok(session);
        }
        let next = session.bound_to(token);
        match app.store.advance_session(&next).await {
            Ok(()) => return Ok(next),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(store_problem(&error)),
        }
    }
    Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy").retry_after(1))
}

async fn load(app: &App, id: &str) -> Result<SessionRecord, Problem> {
    app.store.session(id).await.map_err(|error| store_problem(&error))?.ok_or_else(|| {
        Problem::new(StatusCode::NOT_FOUND, "unknown_request")
            .detail("There is no request of this id, or it was forgotten after a day.")
    })
}

/// `GET /r/{id}/qr.svg`
pub(super) async fn qr_svg(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let svg = qr_code::encode_svg(&link(&app, &id).await?).map_err(|error| no_code(&error))?;
    Ok(picture(svg.into_bytes(), "image/svg+xml"))
}

/// `GET /r/{id}/qr.png`
pub(super) async fn qr_png(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let png = qr_code::encode_png(&link(&app, &id).await?, 8).map_err(|error| no_code(&error))?;
    Ok(picture(png, "image/png"))
}

async fn link(app: &App, id: &str) -> Result<String, Problem> {
    let session = load(app, id).await?;
    Ok(describe(app, &session)?.deep_link)
}

fn no_code(error: &qr_code::QrError) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "link_too_long")
        .detail(error.to_string())
        .hint("Requests under redirect_uri carry everything in the link; use a signed scheme.")
}

fn picture(bytes: Vec<u8>, media_type: &'static str) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn is_token(text: &str) -> bool {
    (40..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

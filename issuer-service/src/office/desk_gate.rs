//! The gate before every page: a session, the permission, and for forms the session's token.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use credential_issuance::acting_as;
use localized_text::Locale;
use officer_access::{Permission, Principal, Seat};
use web_kit::{RequestLocale, media_type_is};

use super::html::Frame;
use crate::state::App;

/// The session's cookie over https, and its name where a development origin is plain http: there
/// browsers take no `__Host-` cookie.
const COOKIE: &str = "__Host-sinpyo-office";
const PLAIN_COOKIE: &str = "sinpyo-office";

/// Most that a page counts as waiting.
const MOST_WAITING: usize = 500;
/// Most fields of a form.
const MOST_FIELDS: usize = 100;
/// Longest file of a bulk job that is taken by the page; longer ones go by the API, in parts.
const JOB_FILE: usize = 32 * 1024 * 1024;

/// Whoever sits at the desk, for one request.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) seat: Seat,
    pub(crate) locale: Locale,
    /// How many actions wait for this officer's decision.
    pub(crate) waiting: usize,
    /// The page as asked for, for the language link.
    pub(crate) place: String,
}

impl Desk {
    pub(crate) fn who(&self) -> &Principal {
        &self.seat.principal
    }
    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.seat.principal.may(permission)
    }
}

/// The fields of a form whose token was right.
#[derive(Clone, Default)]
pub(crate) struct Form {
    texts: BTreeMap<String, String>,
    files: BTreeMap<String, Bytes>,
}

impl Form {
    /// The trimmed text of a field; empty when it is not there.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.texts.get(name).map_or("", |text| text.trim())
    }
    /// As entered: for passwords.
    pub(crate) fn raw(&self, name: &str) -> &str {
        self.texts.get(name).map_or("", String::as_str)
    }
    pub(crate) fn has(&self, name: &str) -> bool {
        self.texts.contains_key(name)
    }
    pub(crate) fn file(&self, name: &str) -> Option<&Bytes> {
        self.files.get(name).filter(|bytes| !bytes.is_empty())
    }
}

/// Whether browsers reach us over https.
fn is_secure(app: &App) -> bool {
    app.issuer.settings().public_url.starts_with("https://")
}

/// The name of a cookie of the office.
pub(crate) fn cookie_name(app: &App) -> &'static str {
    if is_secure(app) { COOKIE } else { PLAIN_COOKIE }
}

/// A `Set-Cookie` value. Empty `value` removes the cookie.
pub(crate) fn set_cookie(
    app: &App,
    name: &str,
    value: &str,
    same_site: &str,
) -> Option<HeaderValue> {
    let secure = if is_secure(app) { "; Secure" } else { "" };
    let age = if value.is_empty() { "; Max-Age=0" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite={same_site}{secure}{age}");
    HeaderValue::from_str(&text).ok()
}

/// The value of a cookie; nothing when it comes twice: then one of them is a stranger's.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut found = lines.flat_map(|line| line.split(';')).filter_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then_some(value)
    });
    match (found.next(), found.next()) {
        (Some(value), None) if !value.is_empty() && value.len() <= 128 => Some(value.to_owned()),
        _ => None,
    }
}

/// Whether a browser says that another site made it send this.
pub(crate) fn is_foreign(app: &App, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site != "same-origin" && site != "none";
    }
    let own = app.issuer.settings().public_url.trim_end_matches('/');
    text("origin").is_some_and(|origin| origin != own)
}

pub(super) async fn gate(
    State((app, needs)): State<(App, Option<Permission>)>,
    RequestLocale(locale): RequestLocale,
    mut request: Request,
    next: Next,
) -> Response {
    let token = cookie(request.headers(), cookie_name(&app));
    let seat = match token {
        Some(token) => app.access.seat(&token).await,
        None => Ok(None),
    };
    let seat = match seat {
        Ok(Some(seat)) => seat,
        Ok(None) => return Redirect::to("/office/sign-in").into_response(),
        Err(error) => {
            tracing::error!(code = error.code(), "a session could not be read");
            return Frame::plain(locale)
                .trouble(StatusCode::SERVICE_UNAVAILABLE, "office-trouble-store");
        }
    };
    let waiting = waiting_for(&app, &seat).await;
    let place = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let desk = Desk { seat, locale, waiting, place };
    if needs.is_some_and(|needs| !desk.may(needs)) {
        return Frame::of(&desk).trouble(StatusCode::FORBIDDEN, "office-trouble-forbidden");
    }
    let path = request.uri().path();
    let due = desk.seat.account.password_due();
    if due && !path.starts_with("/office/account") && path != "/office/sign-out" {
        return Redirect::to("/office/account").into_response();
    }
    if request.method() == Method::POST {
        if is_foreign(&app, request.headers()) {
            return Frame::of(&desk).trouble(StatusCode::FORBIDDEN, "office-trouble-csrf");
        }
        let (mut parts, body) = request.into_parts();
        let most =
            if parts.uri.path() == "/office/jobs" { JOB_FILE } else { app.limits.body_bytes };
        let form = match read(&parts.headers, body, most).await {
            Ok(form) => form,
            Err(status) => return Frame::of(&desk).trouble(status, "office-trouble-form"),
        };
        if !app.access.csrf_fits(&desk.seat, form.raw("csrf")) {
            return Frame::of(&desk).trouble(StatusCode::FORBIDDEN, "office-trouble-csrf");
        }
        parts.extensions.insert(form);
        request = Request::from_parts(parts, Body::empty());
    }
    let actor = desk.who().id.clone();
    request.extensions_mut().insert(desk);
    acting_as(&actor, next.run(request)).await
}

/// What waits for this officer's decision: nothing of their own asking.
async fn waiting_for(app: &App, seat: &Seat) -> usize {
    if !seat.principal.may(Permission::Decide) {
        return 0;
    }
    let waiting = app.access.waiting_actions(MOST_WAITING).await.unwrap_or_default();
    waiting.iter().filter(|action| action.asked_by.id != seat.principal.id).count()
}

/// Reads a form, whichever way it was sent.
pub(super) async fn read(headers: &HeaderMap, body: Body, most: usize) -> Result<Form, StatusCode> {
    let bytes = to_bytes(body, most).await.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    let mut form = Form::default();
    if media_type_is(headers, "application/x-www-form-urlencoded") {
        for (name, value) in url::form_urlencoded::parse(&bytes).take(MOST_FIELDS) {
            // Of a field that comes twice the first counts; lists come as `name.1`, `name.2`.
            form.texts.entry(name.into_owned()).or_insert_with(|| value.into_owned());
        }
        return Ok(form);
    }
    if !media_type_is(headers, "multipart/form-data") {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let mut request = Request::new(Body::from(bytes));
    *request.headers_mut() = headers.clone();
    // Its length was bounded above.
    DefaultBodyLimit::disable().apply(&mut request);
    let bad = |_| StatusCode::BAD_REQUEST;
    let mut parts =
        Multipart::from_request(request, &()).await.map_err(|_| StatusCode::BAD_REQUEST)?;
    for _ in 0..MOST_FIELDS {
        let Some(field) = parts.next_field().await.map_err(bad)? else { return Ok(form) };
        let name = field.name().unwrap_or_default().to_owned();
        if field.file_name().is_some() {
            let bytes = field.bytes().await.map_err(bad)?;
            form.files.entry(name).or_insert(bytes);
        } else {
            let text = field.text().await.map_err(bad)?;
            form.texts.entry(name).or_insert(text);
        }
    }
    Err(StatusCode::BAD_REQUEST)
}

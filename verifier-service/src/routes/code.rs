//! `GET|POST /code`: where somebody who cannot scan types the code beside a QR.
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use credential_model::moment::Moment;
use web_kit::{RequestLocale, spoken::Led};

use super::form::FormBytes;
use crate::{pages, state::App};

/// The form.
pub(super) async fn form(RequestLocale(locale): RequestLocale) -> Response {
    pages::code_form(locale, None)
}

/// Leads on. A request's own page is its asker's: a typed code opens the wallet.
pub(super) async fn lead(
    State(app): State<App>,
    RequestLocale(locale): RequestLocale,
    FormBytes(body): FormBytes,
) -> Response {
    let typed = url::form_urlencoded::parse(&body).find(|(name, _)| name == "code");
    let typed = typed.map(|(_, value)| value.into_owned()).unwrap_or_default();
    let (status, problem) = match app.desk.codes.lead(&typed, app.now()) {
        Led::To(path) => return Redirect::to(&path).into_response(),
        Led::Nowhere => (StatusCode::NOT_FOUND, "desk-code-unknown"),
        Led::Wait => (StatusCode::TOO_MANY_REQUESTS, "desk-code-wait"),
    };
    let mut page = pages::code_form(locale, Some(problem));
    *page.status_mut() = status;
    page
}

/// The code that leads to this path, with the place where it is typed.
pub(super) fn spoken(app: &App, path: &str, until: Moment) -> Option<pages::Spoken> {
    let digits = app.desk.codes.of(path, until, app.now(), &*app.entropy)?;
    let place = app.public_url.join("code").ok()?;
    let host = place.host_str()?;
    let port = place.port().map_or(String::new(), |port| format!(":{port}"));
    Some(pages::Spoken { digits, place: format!("{host}{port}{}", place.path()) })
}

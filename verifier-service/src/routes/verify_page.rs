//! `GET|POST /verify`: paste or upload a credential (JSON, token, photo or screenshot of a QR
//! code) and read the verdict.
use axum::{
    extract::{Multipart, State, multipart::MultipartError},
    http::StatusCode,
    response::Response,
};
use credential_model::{credential::UnverifiedCredential, moment::Moment};
use localized_text::{Locale, say};
use serde_json::Value;
use web_kit::RequestLocale;

use super::check_document::{Shown, report_on};
use crate::{pages, state::App};

/// The empty form.
pub(super) async fn form(RequestLocale(locale): RequestLocale) -> Response {
    pages::verify_form(locale, None)
}

/// Examines what was sent.
pub(super) async fn check(
    State(app): State<App>,
    RequestLocale(locale): RequestLocale,
    body: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    let Ok(body) = body else {
        return again(locale, StatusCode::UNSUPPORTED_MEDIA_TYPE, "verifier-verify-form-needed");
    };
    let sent = match read(body).await {
        Ok(sent) => sent,
        Err(error) => {
            return again(locale, error.status(), "verifier-verify-too-large");
        }
    };
    let now = app.now();
    let Some(moment) = moment_of(&sent.at, now) else {
        return again(locale, StatusCode::UNPROCESSABLE_ENTITY, "verifier-verify-day-unreadable");
    };
    let text = match text_of(sent) {
        Ok(text) => text,
        Err(message) => return again(locale, StatusCode::UNPROCESSABLE_ENTITY, message),
    };
    let Ok(shown) = Shown::read(Value::String(text)) else {
        return again(locale, StatusCode::UNPROCESSABLE_ENTITY, "verifier-verify-staple");
    };
    let report = report_on(&app, &[shown], None, moment).await;
    pages::report(locale, &report)
}

#[derive(Default)]
struct Sent {
    text: String,
    file: Vec<u8>,
    at: String,
}

/// The end of the day asked about, in Korea; now for today and for an empty field.
fn moment_of(day: &str, now: Moment) -> Option<Moment> {
    let day = day.trim();
    if day.is_empty() || day == now.date_kst() {
        return Some(now);
    }
    (day.len() == 10).then(|| Moment::parse(&format!("{day}T23:59:59+09:00")).ok())?
}

async fn read(mut body: Multipart) -> Result<Sent, MultipartError> {
    let mut sent = Sent::default();
    while let Some(field) = body.next_field().await? {
        match field.name() {
            Some("credential") => sent.text = field.text().await?,
            Some("at") => sent.at = field.text().await?,
            Some("file") => sent.file = field.bytes().await?.to_vec(),
            _ => {}
        }
    }
    Ok(sent)
}

/// The one credential in what was sent; message id of the reason otherwise.
fn text_of(sent: Sent) -> Result<String, &'static str> {
    if !sent.text.trim().is_empty() {
        return Ok(sent.text.trim().to_owned());
    }
    if sent.file.is_empty() {
        return Err("verifier-verify-nothing");
    }
    if is_picture(&sent.file) {
        let found = qr_code::decode_image(&sent.file).map_err(|_| "verifier-verify-no-code")?;
        if found.is_empty() {
            return Err("verifier-verify-no-code");
        }
        // Several codes may be on one sheet: the one that is a credential counts.
        return found
            .into_iter()
            .find(|text| UnverifiedCredential::parse_str(text).is_ok())
            .ok_or("verifier-verify-other-code");
    }
    String::from_utf8(sent.file)
        .map(|text| text.trim_start_matches('\u{feff}').trim().to_owned())
        .map_err(|_| "verifier-verify-not-text")
}

fn is_picture(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG\r\n\x1a\n") || bytes.starts_with(b"\xff\xd8\xff")
}

fn again(locale: Locale, status: StatusCode, message: &str) -> Response {
    let mut page = pages::verify_form(locale, Some(&say(locale, message)));
    *page.status_mut() = status;
    page
}

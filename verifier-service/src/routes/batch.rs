//! `POST /batch`: many documents at once; `GET /batch/{id}` and what belongs to its page.
use axum::{
    extract::{Multipart, Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Redirect, Response},
};
use localized_text::{Locale, say};
use web_kit::RequestLocale;

use super::{request_page::Browser, verify_page::moment_of};
use crate::{
    desk::{
        batch::{Batch, MAX_DOCUMENTS, MAX_UPLOAD_BYTES, Outcome},
        intake::zip,
    },
    pages::{self, Extras},
    state::App,
};

/// Takes the documents and goes to the page that shows their progress.
pub(super) async fn begin(
    State(app): State<App>,
    RequestLocale(locale): RequestLocale,
    parts: Parts,
    body: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    // Said before a byte of it is read.
    if announced(&parts.headers).is_some_and(|length| length > MAX_UPLOAD_BYTES + 65_536) {
        return again(&app, locale, StatusCode::PAYLOAD_TOO_LARGE, "desk-batch-too-large");
    }
    let Ok(body) = body else {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return again(&app, locale, status, "verifier-verify-form-needed");
    };
    let (files, at) = match read(body).await {
        Ok(read) => read,
        Err((status, message)) => return again(&app, locale, status, message),
    };
    if files.is_empty() {
        return again(&app, locale, unprocessable, "verifier-verify-nothing");
    }
    let now = app.now();
    let Some(moment) = moment_of(&at, now) else {
        return again(&app, locale, unprocessable, "verifier-verify-day-unreadable");
    };
    let browser = Browser::of(&app, &parts);
    let batch = app.desk.batches.begin(&app, files, moment, &browser.token);
    let mut response = Redirect::to(&format!("/batch/{}", batch.id)).into_response();
    browser.remember(&app, &mut response);
    response
}

fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

type Files = Vec<(String, Vec<u8>)>;

async fn read(mut body: Multipart) -> Result<(Files, String), (StatusCode, &'static str)> {
    let too_large = (StatusCode::PAYLOAD_TOO_LARGE, "desk-batch-too-large");
    let mut files = Vec::new();
    let mut at = String::new();
    while let Some(field) = body.next_field().await.map_err(|_| too_large)? {
        match field.name() {
            Some("at") => at = field.text().await.map_err(|_| too_large)?,
            Some("file") => {
                let name = field.file_name().unwrap_or_default().to_owned();
                let bytes = field.bytes().await.map_err(|_| too_large)?.to_vec();
                if name.is_empty() && bytes.is_empty() {
                    // The empty field of a form.
                } else if zip::is_zip(&bytes) {
                    let inside = zip::files(&bytes)
                        .map_err(|error| (StatusCode::UNPROCESSABLE_ENTITY, error.message_id()))?;
                    files.extend(inside);
                } else {
                    files.push((name, bytes));
                }
            }
            _ => {}
        }
        if files.len() > MAX_DOCUMENTS {
            return Err((StatusCode::PAYLOAD_TOO_LARGE, "desk-batch-too-many"));
        }
    }
    Ok((files, at))
}

fn known(app: &App, parts: &Parts, id: &str) -> Option<std::sync::Arc<Batch>> {
    app.desk.batches.find(id, &Browser::known(app, parts)?, app.now())
}

/// The page.
pub(super) async fn page(
    State(app): State<App>,
    Path(id): Path<String>,
    RequestLocale(locale): RequestLocale,
    parts: Parts,
) -> Response {
    match known(&app, &parts, &id) {
        Some(batch) => pages::batch(locale, &batch),
        None => gone(locale),
    }
}

/// The table alone, while it grows.
pub(super) async fn table(
    State(app): State<App>,
    Path(id): Path<String>,
    RequestLocale(locale): RequestLocale,
    parts: Parts,
) -> Response {
    let Some(batch) = known(&app, &parts, &id) else { return gone(locale) };
    let (rows, finished) = batch.rows();
    fragment(pages::table(locale, &rows, finished, &format!("/batch/{id}/rows/")))
}

/// The table as CSV.
pub(super) async fn csv(
    State(app): State<App>,
    Path(id): Path<String>,
    RequestLocale(locale): RequestLocale,
    parts: Parts,
) -> Response {
    let Some(batch) = known(&app, &parts, &id) else { return gone(locale) };
    spreadsheet(pages::csv(locale, &batch.rows().0))
}

/// The verdict page of one row.
pub(super) async fn row(
    State(app): State<App>,
    Path((id, at)): Path<(String, usize)>,
    RequestLocale(locale): RequestLocale,
    parts: Parts,
) -> Response {
    let row = known(&app, &parts, &id).and_then(|batch| batch.row(at.checked_sub(1)?));
    match row.map(|row| row.outcome) {
        Some(Outcome::Examined(report)) => pages::report(locale, &report, Extras::default()),
        Some(Outcome::Refused(refusal)) => pages::gone(locale, &refusal.message_id()),
        None => gone(locale),
    }
}

/// Part of a page.
pub(super) fn fragment(html: String) -> Response {
    let mut response = Html(html).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A CSV download.
pub(super) fn spreadsheet(text: String) -> Response {
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let name = HeaderValue::from_static("attachment; filename=\"sinpyo-results.csv\"");
    headers.insert(header::CONTENT_DISPOSITION, name);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn gone(locale: Locale) -> Response {
    let mut page = pages::gone(locale, "desk-result-gone");
    *page.status_mut() = StatusCode::NOT_FOUND;
    page
}

fn again(app: &App, locale: Locale, status: StatusCode, message: &str) -> Response {
    let mut page = pages::home(locale, app.identity.name(), Some(&say(locale, message)));
    *page.status_mut() = status;
    page
}

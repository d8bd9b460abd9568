//! `GET /receipts/{number}`: the sheet; `…/receipt.json`: the file, documents only when chosen.
use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use std::sync::Arc;
use web_kit::RequestLocale;

use super::request_page::Browser;
use crate::{desk::results::Kept, pages, state::App};

fn kept(app: &App, parts: &Parts, number: &str) -> Option<Arc<Kept>> {
    app.desk.results.find(number, &Browser::known(app, parts)?, app.now())
}

/// The sheet.
pub(super) async fn page(
    State(app): State<App>,
    Path(number): Path<String>,
    RequestLocale(locale): RequestLocale,
    parts: Parts,
) -> Response {
    match kept(&app, &parts, &number) {
        Some(kept) => pages::receipt(locale, &kept.receipt, &kept.number),
        None => gone(locale),
    }
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    documents: String,
}

/// The file.
pub(super) async fn file(
    State(app): State<App>,
    Path(number): Path<String>,
    Query(chosen): Query<Chosen>,
    RequestLocale(locale): RequestLocale,
    parts: Parts,
) -> Response {
    let Some(kept) = kept(&app, &parts, &number) else { return gone(locale) };
    let mut receipt = kept.receipt.clone();
    if chosen.documents != "1" {
        receipt = receipt.without_documents();
    }
    let Ok(text) = serde_json::to_vec(&receipt) else { return gone(locale) };
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let name = format!("attachment; filename=\"receipt-{}.json\"", kept.number);
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn gone(locale: localized_text::Locale) -> Response {
    let mut page = pages::gone(locale, "desk-result-gone");
    *page.status_mut() = StatusCode::NOT_FOUND;
    page
}

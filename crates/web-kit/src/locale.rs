//! The reader's language: what the link says, else what was chosen, else what the browser asks for.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use localized_text::Locale;

/// Name of the cookie that remembers a chosen language. It holds `ko` or `en`, nothing else.
pub const LANGUAGE_COOKIE: &str = "sinpyo_lang";

/// The language of this request; Korean where nothing says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestLocale(pub Locale);

impl<S: Send + Sync> FromRequestParts<S> for RequestLocale {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(of(parts)))
    }
}

fn of(parts: &Parts) -> Locale {
    let query = parts.uri.query().unwrap_or_default();
    let asked = query.split('&').find_map(|pair| pair.strip_prefix("lang="));
    if let Some(locale) = asked.and_then(exact) {
        return locale;
    }
    if let Some(locale) = cookie(parts, LANGUAGE_COOKIE).as_deref().and_then(exact) {
        return locale;
    }
    parts
        .headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .map_or(Locale::Ko, Locale::from_accept_language)
}

fn exact(code: &str) -> Option<Locale> {
    match code {
        "ko" => Some(Locale::Ko),
        "en" => Some(Locale::En),
        _ => None,
    }
}

/// The value of a cookie of this request.
pub fn cookie(parts: &Parts, name: &str) -> Option<String> {
    let headers = parts.headers.get_all(header::COOKIE);
    headers.iter().filter_map(|value| value.to_str().ok()).find_map(|line| {
        line.split(';').find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then(|| value.to_owned())
        })
    })
}

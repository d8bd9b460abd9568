//! The language link: remembers the choice and goes back.

use axum::extract::Query;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use web_kit::locale::LANGUAGE_COOKIE;

#[derive(Deserialize)]
pub(super) struct Choice {
    #[serde(default)]
    to: String,
    #[serde(default)]
    back: String,
}

pub(super) async fn choose(Query(choice): Query<Choice>) -> Response {
    // Back into the office and nowhere else: the address comes from the link.
    let fine = (choice.back == "/office"
        || choice.back.starts_with("/office/")
        || choice.back.starts_with("/office?"))
        && choice.back.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let back = if fine { choice.back.as_str() } else { "/office" };
    let mut response = Redirect::to(back).into_response();
    if matches!(choice.to.as_str(), "ko" | "en") {
        let text =
            format!("{LANGUAGE_COOKIE}={}; Path=/; SameSite=Lax; Max-Age=31536000", choice.to);
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    response
}

//! `GET|POST /code`: where somebody who cannot scan types the digits beside an offer's QR.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use localized_text::{Locale, say};
use serde_json::json;
use web_kit::RequestLocale;
use web_kit::page::{escape, layout};
use web_kit::spoken::Led;

use super::Endpoint;
use crate::openapi::Operation;
use crate::spoken;
use crate::state::App;

pub(super) fn form_endpoint() -> Endpoint {
    Endpoint::get(
        "/code",
        get(form),
        Operation::new("public", "A form for the digits beside an offer's QR code")
            .query("lang", "ko or en; else what the browser asks for")
            .answers(200, "text/html", "Form"),
    )
}

pub(super) fn lead_endpoint() -> Endpoint {
    let body = json!({"type": "object", "properties": {"code": {"type": "string"}}});
    Endpoint::post(
        "/code",
        post(lead),
        Operation::new("public", "Leads from the digits to the offer's page")
            .body("application/x-www-form-urlencoded", body)
            .answers(303, "text/html", "To the offer's page")
            .answers(404, "text/html", "No offer has these digits now")
            .answers(429, "text/html", "Too many wrong digits this minute"),
    )
}

async fn form(RequestLocale(locale): RequestLocale) -> Response {
    page(locale, StatusCode::OK, None)
}

async fn lead(
    State(app): State<App>,
    RequestLocale(locale): RequestLocale,
    body: Bytes,
) -> Response {
    let typed = url::form_urlencoded::parse(&body).find(|(name, _)| name == "code");
    let typed = typed.map(|(_, value)| value.into_owned()).unwrap_or_default();
    match spoken::lead(&app, &typed) {
        Led::To(path) => Redirect::to(&path).into_response(),
        Led::Nowhere => page(locale, StatusCode::NOT_FOUND, Some("issuer-code-unknown")),
        Led::Wait => page(locale, StatusCode::TOO_MANY_REQUESTS, Some("issuer-code-wait")),
    }
}

fn page(locale: Locale, status: StatusCode, problem: Option<&str>) -> Response {
    let t = |id: &str| escape(&say(locale, id));
    let problem = problem.map_or(String::new(), |id| {
        format!("<p class=\"verdict no\" role=\"alert\"><strong>{}</strong></p>\n", t(id))
    });
    let title = say(locale, "issuer-code-title");
    let body = format!(
        "<h1>{}</h1>\n{problem}<p>{}</p>\n<form method=\"post\" action=\"/code\"><label for=\"code\">{}</label>\
         <input id=\"code\" name=\"code\" inputmode=\"numeric\" autocomplete=\"one-time-code\" placeholder=\"1234-5678-9012\" required>\
         <p><button>{}</button></p></form>",
        escape(&title),
        t("issuer-code-lead"),
        t("issuer-code-label"),
        t("issuer-code-go"),
    );
    let mut response = layout(locale, &title, &body);
    *response.status_mut() = status;
    response
}

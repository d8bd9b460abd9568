//! `GET /`: scan, drop, paste; `GET /ask`: what this verifier can ask for; `POST /requests`: the
//! form behind it.
use axum::{
    extract::State,
    http::request::Parts,
    response::{IntoResponse, Redirect, Response},
};
use serde_json::{Map, Value, json};
use web_kit::{Problem, RequestLocale};

use super::{api_auth::DeskCaller, create_request, form::FormBytes, request_page::Browser};
use crate::{pages, state::App};

/// The front page.
pub(super) async fn home(State(app): State<App>, RequestLocale(locale): RequestLocale) -> Response {
    pages::home(locale, app.identity.name(), None)
}

/// What can be asked of a wallet.
pub(super) async fn ask(State(app): State<App>, RequestLocale(locale): RequestLocale) -> Response {
    pages::ask(locale, app.desk_is_open())
}

/// Makes a request from a template and shows its page. The browser that asked is bound at
/// once: nobody who sees the page's address first can take its place.
pub(super) async fn create(
    _caller: DeskCaller,
    State(app): State<App>,
    parts: Parts,
    FormBytes(body): FormBytes,
) -> Result<Response, Problem> {
    let mut wanted = create_request::Wanted::default();
    let mut field = Map::new();
    for (name, value) in url::form_urlencoded::parse(&body) {
        match &*name {
            "template" => wanted.template = Some(value.into_owned()),
            "same_device" => wanted.same_device = value == "1",
            "lat" | "lon" | "accuracy_m" | "agl_m" => {
                if let Ok(number) = value.trim().parse::<f64>() {
                    field.insert(name.into_owned(), json!(number));
                }
            }
            _ => {}
        }
    }
    if !field.is_empty() && wanted.template.as_deref() == Some("drone-field") {
        wanted.context = Some(field_context(field));
    }
    let browser = Browser::of(&app, &parts);
    let session = create_request::make(&app, wanted, Some(&browser.token)).await?;
    // Relative, so that the browser stays on the origin it sees.
    let mut response = Redirect::to(&format!("/r/{}", session.id)).into_response();
    browser.remember(&app, &mut response);
    Ok(response)
}

/// The officer's position and height as the field check takes them.
fn field_context(mut field: Map<String, Value>) -> Value {
    let height = field.remove("agl_m");
    let mut context = json!({"profile": "drone-field"});
    if field.contains_key("lat") && field.contains_key("lon") {
        context["position"] = Value::Object(field);
    }
    if let Some(height) = height {
        context["altitude"] = json!({"value": height, "ref": "AGL"});
    }
    context
}

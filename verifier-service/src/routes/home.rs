//! `GET /`: what this verifier can ask for; `POST /requests`: the form behind it.
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use web_kit::{Problem, RequestLocale};

use super::{create_request, form::FormBytes};
use crate::{pages, state::App};

/// The front page.
pub(super) async fn home(State(app): State<App>, RequestLocale(locale): RequestLocale) -> Response {
    pages::home(locale, app.identity.name())
}

/// Makes a request from a template and shows its page.
pub(super) async fn create(
    State(app): State<App>,
    FormBytes(body): FormBytes,
) -> Result<Response, Problem> {
    let mut wanted = create_request::Wanted::default();
    for (name, value) in url::form_urlencoded::parse(&body) {
        match &*name {
            "template" => wanted.template = Some(value.into_owned()),
            "same_device" => wanted.same_device = value == "1",
            _ => {}
        }
    }
    let session = create_request::make(&app, wanted).await?;
    // Relative, so that the browser stays on the origin it sees.
    Ok(Redirect::to(&format!("/r/{}", session.id)).into_response())
}

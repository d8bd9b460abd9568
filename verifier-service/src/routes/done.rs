//! `GET /done/{id}?response_code=…`: the return on the same device. Only the browser that opened
//! the request, with the code that only the wallet got, sees the report.
use axum::{
    extract::{Path, Query, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use credential_verification::{
    session::{SessionState, Stage},
    store::StoreError,
};
use serde::Deserialize;
use web_kit::{Problem, RequestLocale};

use super::{create_request::store_problem, request_page::Browser};
use crate::{pages, state::App};

#[derive(Deserialize)]
pub(super) struct Returned {
    #[serde(default)]
    response_code: String,
}

/// Shows the report to the browser it belongs to.
pub(super) async fn done(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(returned): Query<Returned>,
    RequestLocale(locale): RequestLocale,
    parts: Parts,
) -> Result<Response, Problem> {
    let session = app
        .store
        .session_by_public_id(&id)
        .await
        .map_err(|error| store_problem(&error))?
        .ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "unknown_request"))?;
    let token = Browser::known(&app, &parts);
    let ours = token.as_deref().is_some_and(|token| session.is_bound_to(token));
    if let (Stage::Shown { report, .. }, true) = (&session.stage, ours) {
        // The page was reloaded.
        return Ok(pages::report(locale, report, pages::Extras::default()));
    }
    let state = session.state(app.now());
    match session.shown(app.now(), &returned.response_code, token.as_deref()) {
        Ok(next) => {
            // A token that was planted before the return must not open the report after it.
            let browser = Browser::fresh(&app);
            let next = next.rebound_to(&browser.token);
            match app.store.advance_session(&next).await {
                Ok(()) => {
                    let mut page = match next.report() {
                        Some(report) => pages::report(locale, report, pages::Extras::default()),
                        None => pages::ended(locale, SessionState::Shown),
                    };
                    browser.remember(&app, &mut page);
                    Ok(page)
                }
                // The same browser asked twice at once: the other answer shows the report.
                Err(StoreError::Conflict) => Ok(pages::come_back(locale)),
                Err(error) => Err(store_problem(&error)),
            }
        }
        Err(error) => {
            tracing::info!(request = id, code = error.code(), "a return was not taken");
            let mut page = match state {
                SessionState::Answered | SessionState::Shown => pages::not_this_browser(locale),
                state => pages::ended(locale, state),
            };
            *page.status_mut() = StatusCode::FORBIDDEN;
            Ok(page)
        }
    }
}

//! What waits for a second person.

use std::fmt::Write as _;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use credential_issuance::credential::Configuration;
use localized_text::{Locale, say};
use officer_access::{ActionStage, PendingAction, Permission};

use super::desk_gate::{Desk, Form};
use super::four_eyes::{self, ChangeError};
use super::html::{Frame, chip, code, csrf, facts, moment, note, t, text, tw};
use crate::state::App;

const MOST: usize = 200;

/// What an action would do, as safe HTML.
pub(super) fn what(locale: Locale, action: &PendingAction) -> String {
    let (family, id) = action.subject.split_once(':').unwrap_or(("credential", &action.subject));
    let change = say(locale, &format!("office-action-{}", action.kind.as_str().replace('_', "-")));
    let language = match locale {
        Locale::Ko => "ko",
        Locale::En => "en",
    };
    let named = action.detail.get("configuration").and_then(|id| Configuration::parse(id));
    let about = named.map_or_else(|| family.to_owned(), |of| of.credential_type.label(language));
    tw(locale, "office-approval-what", &[("change", &change), ("about", &about), ("id", short(id))])
}

fn short(id: &str) -> &str {
    id.get(..13).unwrap_or(id)
}

pub(super) async fn list(State(app): State<App>, Extension(desk): Extension<Desk>) -> Response {
    page(&app, &desk, StatusCode::OK, "").await
}

async fn page(app: &App, desk: &Desk, status: StatusCode, said: &str) -> Response {
    let locale = desk.locale;
    let (waiting, past) =
        match (app.access.waiting_actions(MOST).await, app.access.actions(None, MOST).await) {
            (Ok(waiting), Ok(past)) => (waiting, past),
            (Err(error), _) | (_, Err(error)) => {
                tracing::error!(code = error.code(), "approvals could not be read");
                return Frame::of(desk)
                    .trouble(StatusCode::SERVICE_UNAVAILABLE, "office-trouble-store");
            }
        };
    let mut body = format!("{said}<p>{}</p>", t(locale, "office-approvals-lead"));
    if waiting.is_empty() {
        let _ = write!(body, "<p class=\"empty\">{}</p>", t(locale, "office-approvals-nothing"));
    }
    for action in &waiting {
        body.push_str(&card(desk, action));
    }
    let rows: Vec<Vec<String>> = past
        .iter()
        .rev()
        .filter(|action| {
            !matches!(action.stage, ActionStage::Waiting | ActionStage::Approved { .. })
        })
        .take(50)
        .map(|action| {
            let (by, at) = match &action.stage {
                ActionStage::Done { by, at } | ActionStage::Refused { by, at, .. } => {
                    (text(&by.name), moment(*at))
                }
                ActionStage::Withdrawn { at } => (text(&action.asked_by.name), moment(*at)),
                _ => (String::new(), String::new()),
            };
            vec![
                what(locale, action),
                chip(locale, "action-stage", action.stage.name()),
                text(&action.asked_by.name),
                by,
                at,
            ]
        })
        .collect();
    if !rows.is_empty() {
        let _ = write!(body, "<h2>{}</h2>", t(locale, "office-approvals-past"));
        body.push_str(&super::html::table(
            locale,
            "office-approvals-past",
            &[
                "office-approval",
                "office-stage",
                "office-asked-by",
                "office-decided-by",
                "office-at",
            ],
            &rows,
            "office-approvals-nothing",
        ));
    }
    Frame::of(desk).page_with(status, &say(locale, "office-nav-approvals"), "", &body)
}

fn card(desk: &Desk, action: &PendingAction) -> String {
    let locale = desk.locale;
    let id = action.id.as_str();
    let own = action.asked_by.id == desk.who().id;
    let subject = match action.subject.split_once(':') {
        Some(("credential", credential)) => {
            format!("<a href=\"/office/credentials/{credential}\">{}</a>", code(credential))
        }
        _ => code(&action.subject),
    };
    let mut rows = vec![
        ("office-approval-subject", subject),
        ("office-reason", text(&action.reason)),
        ("office-asked-by", text(&action.asked_by.name)),
        ("office-at", moment(action.asked_at)),
        ("office-approval-until", moment(action.expires_at)),
    ];
    if let Some(kind) = action.detail.get("kind") {
        rows.insert(1, ("office-kind", code(kind)));
    }
    let buttons = if own {
        let take_back = format!(
            "<p class=\"soft\">{}</p><form method=\"post\" action=\"/office/approvals/{id}/withdraw\">{}<button class=\"quiet\">{}</button></form>",
            t(locale, "office-approval-own"),
            csrf(desk),
            t(locale, "office-approval-withdraw"),
        );
        if desk.may(Permission::Status) { take_back } else { String::new() }
    } else if desk.may(Permission::Decide) {
        format!(
            "<div class=\"decide\"><form method=\"post\" action=\"/office/approvals/{id}/approve\">{token}<button>{approve}</button></form>\
             <details><summary>{refuse}</summary><form method=\"post\" action=\"/office/approvals/{id}/refuse\">{token}\
             <label for=\"r-{id}\">{reason}</label><input id=\"r-{id}\" name=\"reason\" maxlength=\"500\" required>\
             <p><button class=\"danger\">{refuse}</button></p></form></details></div>",
            token = csrf(desk),
            approve = t(locale, "office-approval-approve"),
            refuse = t(locale, "office-approval-refuse"),
            reason = t(locale, "office-reason"),
        )
    } else {
        String::new()
    };
    format!(
        "<section class=\"card action\" id=\"a-{id}\"><h2>{} {}</h2>{}{buttons}</section>\n",
        what(locale, action),
        chip(locale, "action-stage", action.stage.name()),
        facts(locale, &rows),
    )
}

async fn answer(app: &App, desk: &Desk, done: Result<PendingAction, ChangeError>) -> Response {
    let error = match done {
        Ok(_) => return Redirect::to("/office/approvals").into_response(),
        Err(error) => error,
    };
    let (status, id) = match error.code() {
        "same_person" => (StatusCode::FORBIDDEN, "office-approval-same-person"),
        "not_allowed" => (StatusCode::FORBIDDEN, "office-trouble-forbidden"),
        "unknown_action" => (StatusCode::NOT_FOUND, "office-approval-unknown"),
        "action_not_waiting" | "action_expired" => (StatusCode::CONFLICT, "office-approval-over"),
        "invalid_reason" => (StatusCode::UNPROCESSABLE_ENTITY, "office-reason-bad"),
        code => {
            tracing::error!(code, "a decision was not carried out");
            (StatusCode::SERVICE_UNAVAILABLE, "office-trouble-store")
        }
    };
    page(app, desk, status, &note(false, &t(desk.locale, id))).await
}

pub(super) async fn approve(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Path(id): Path<String>,
) -> Response {
    let done = four_eyes::approve(&app, desk.who(), &id).await;
    answer(&app, &desk, done).await
}

pub(super) async fn refuse(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Extension(form): Extension<Form>,
    Path(id): Path<String>,
) -> Response {
    let done = four_eyes::refuse(&app, desk.who(), &id, form.text("reason")).await;
    answer(&app, &desk, done).await
}

pub(super) async fn withdraw(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Path(id): Path<String>,
) -> Response {
    let done = four_eyes::withdraw(&app, desk.who(), &id).await;
    answer(&app, &desk, done).await
}

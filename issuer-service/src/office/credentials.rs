//! Credentials: search, history, and changes of status.

use std::fmt::Write as _;

use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use credential_issuance::credential::{CredentialRecord, CredentialSummary};
use credential_issuance::ids::CredentialId;
use credential_issuance::status::{StatusAction, transition};
use credential_issuance::store::Page;
use credential_model::moment::{Moment, is_calendar_date};
use localized_text::{Locale, say};
use officer_access::{ActionKind, Permission};
use serde::Deserialize;
use web_kit::page::escape;

use super::desk_gate::{Desk, Form};
use super::four_eyes::{self, Change};
use super::html::{
    Frame, chip, code, csrf, facts, input, moment, note, query, select, t, table, text, waits,
};
use crate::state::App;

/// Credentials on a page, and how many are looked at for it.
const PAGE: usize = 50;
const LOOKED_AT: usize = 5_000;
const CHUNK: usize = 500;

const ACTIONS: [(StatusAction, ActionKind); 4] = [
    (StatusAction::Suspend, ActionKind::Suspend),
    (StatusAction::Reinstate, ActionKind::Reinstate),
    (StatusAction::Revoke, ActionKind::Revoke),
    (StatusAction::Supersede, ActionKind::Supersede),
];

#[derive(Deserialize, Default)]
pub(super) struct Search {
    #[serde(default)]
    id: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    after: String,
}

impl Search {
    fn fits(&self, record: &CredentialRecord) -> bool {
        let kind = self.kind.is_empty() || record.kind.as_deref() == Some(self.kind.as_str());
        let status = self.status.is_empty() || record.status.message() == self.status;
        kind && status
    }

    /// Ids begin with their time, so a day is a place among them.
    fn begin(&self) -> Option<String> {
        if !self.after.is_empty() {
            return CredentialId::parse(&self.after).ok().map(|id| id.to_string());
        }
        day(&self.from, "00:00:00").map(place_before)
    }

    fn end(&self) -> Option<Moment> {
        day(&self.to, "23:59:59")
    }
}

fn day(text: &str, time: &str) -> Option<Moment> {
    is_calendar_date(text).then(|| Moment::parse(&format!("{text}T{time}+09:00")).ok())?
}

/// What sorts before every id made at or after this moment (UUIDv7: 48 bits of milliseconds).
fn place_before(at: Moment) -> String {
    let millis = u64::try_from(at.unix()).unwrap_or(0).saturating_mul(1_000);
    let digits = format!("{millis:012x}");
    format!("{}-{}-0000-0000-000000000000", &digits[..8], &digits[8..12])
}

pub(super) async fn list(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Query(search): Query<Search>,
) -> Response {
    let locale = desk.locale;
    let wanted = search.id.trim();
    if !wanted.is_empty() {
        let wanted = wanted.strip_prefix("urn:uuid:").unwrap_or(wanted);
        if let Ok(id) = CredentialId::parse(wanted)
            && matches!(app.issuer.credential(&id).await, Ok(Some(_)))
        {
            return Redirect::to(&format!("/office/credentials/{id}")).into_response();
        }
    }
    let found = if wanted.is_empty() { find(&app, &search).await } else { Ok((Vec::new(), None)) };
    let (records, next) = match found {
        Ok(found) => found,
        Err(error) => {
            tracing::error!(code = error.code(), "credentials could not be read");
            return Frame::of(&desk)
                .trouble(StatusCode::SERVICE_UNAVAILABLE, "office-trouble-store");
        }
    };
    let rows: Vec<Vec<String>> = records.iter().map(|record| row(locale, record)).collect();
    let more = next.map(|after| {
        let pairs = [
            ("kind", search.kind.as_str()),
            ("from", &search.from),
            ("to", &search.to),
            ("status", &search.status),
            ("after", &after),
        ];
        format!(
            "<p><a class=\"button quiet\" href=\"/office/credentials{}\">{}</a></p>",
            query(&pairs),
            t(locale, "office-more")
        )
    });
    let heads = [
        "office-id",
        "office-type",
        "office-kind",
        "office-status",
        "office-issued-at",
        "office-valid-until",
    ];
    let body = format!(
        "{}{}{}",
        search_form(locale, &search),
        table(locale, "office-nav-credentials", &heads, &rows, "office-credentials-nothing"),
        more.unwrap_or_default()
    );
    Frame::of(&desk).page(&say(locale, "office-nav-credentials"), &body)
}

fn search_form(locale: Locale, search: &Search) -> String {
    let mut states = vec![(String::new(), say(locale, "office-any"))];
    for state in ["valid", "suspended", "revoked", "superseded"] {
        states.push((state.to_owned(), say(locale, &format!("office-status-{state}"))));
    }
    format!(
        "<form class=\"card search wide\" method=\"get\" action=\"/office/credentials\" role=\"search\"><div class=\"fields\">\
         <div>{}</div><div>{}</div><div>{}</div><div>{}</div><div>{}</div></div><p><button>{}</button></p></form>",
        input(
            locale,
            "id",
            "office-credential-id",
            &search.id,
            "maxlength=\"64\" spellcheck=\"false\""
        ),
        input(locale, "kind", "office-kind-code", &search.kind, "maxlength=\"16\""),
        input(locale, "from", "office-from", &search.from, "type=\"date\""),
        input(locale, "to", "office-to", &search.to, "type=\"date\""),
        select(locale, "status", "office-status", &search.status, &states),
        t(locale, "office-search"),
    )
}

type Found = (Vec<CredentialRecord>, Option<String>);

/// A page of what fits, and where to go on; bounded work, however rare the hits are.
async fn find(app: &App, search: &Search) -> Result<Found, credential_issuance::store::StoreError> {
    let mut found = Vec::new();
    let mut after = search.begin();
    let end = search.end();
    for _ in 0..LOOKED_AT / CHUNK {
        let page = Page { after: after.as_deref(), limit: CHUNK };
        let records = app.issuer.credentials(page).await?;
        let last = records.len() < CHUNK;
        for record in records {
            if end.is_some_and(|end| record.prepared_at > end) {
                return Ok((found, None));
            }
            after = Some(record.id.to_string());
            if search.fits(&record) {
                found.push(record);
                if found.len() == PAGE {
                    return Ok((found, after));
                }
            }
        }
        if last {
            return Ok((found, None));
        }
    }
    Ok((found, after))
}

fn type_label(locale: Locale, record: &CredentialRecord) -> String {
    let language = match locale {
        Locale::Ko => "ko",
        Locale::En => "en",
    };
    escape(&record.configuration.credential_type.label(language))
}

fn row(locale: Locale, record: &CredentialRecord) -> Vec<String> {
    let id = record.id.as_str();
    vec![
        format!("<a href=\"/office/credentials/{id}\">{}</a>", code(id)),
        type_label(locale, record),
        record.kind.as_deref().map_or(String::new(), code),
        chip(locale, "status", record.status.message()),
        record.issued().map_or(String::new(), |issued| moment(issued.at)),
        record.valid_until.map_or(String::new(), moment),
    ]
}

pub(super) async fn one(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Path(id): Path<String>,
) -> Response {
    show(&app, &desk, &id, StatusCode::OK, "").await
}

async fn show(app: &App, desk: &Desk, id: &str, status: StatusCode, said: &str) -> Response {
    let locale = desk.locale;
    let unknown = || Frame::of(desk).trouble(StatusCode::NOT_FOUND, "office-credential-unknown");
    let Ok(id) = CredentialId::parse(id) else { return unknown() };
    let record = match app.issuer.credential(&id).await {
        Ok(Some(record)) => record,
        Ok(None) => return unknown(),
        Err(error) => {
            tracing::error!(code = error.code(), "a credential could not be read");
            return Frame::of(desk)
                .trouble(StatusCode::SERVICE_UNAVAILABLE, "office-trouble-store");
        }
    };
    let summary = CredentialSummary::from(&record);
    let anchored = match summary.anchored_in_batch {
        Some(batch) => format!("{} {}", chip(locale, "anchor", "anchored"), code(&batch)),
        None => chip(locale, "anchor", "waiting"),
    };
    let rows = [
        ("office-status", chip(locale, "status", summary.status)),
        ("office-type", type_label(locale, &record)),
        ("office-format", code(record.configuration.format.as_str())),
        ("office-kind", summary.kind.as_deref().map_or(String::new(), code)),
        ("office-issued-at", summary.issued_at.map_or(String::new(), moment)),
        ("office-valid-from", moment(summary.valid_from)),
        ("office-valid-until", summary.valid_until.map_or(String::new(), moment)),
        ("office-anchor", anchored),
        (
            "office-offer",
            format!(
                "<a href=\"/office/offers/{0}\">{1}</a>",
                record.offer,
                code(record.offer.as_str())
            ),
        ),
        ("office-holder", code(&summary.holder)),
        (
            "office-status-list",
            format!("{} #{}", code(&summary.status_list), escape(&summary.status_index)),
        ),
        ("office-id", code(&summary.id)),
    ];
    let mut steps = String::new();
    if let Some(issued) = summary.issued_at {
        let _ = write!(
            steps,
            "<li><strong>{}</strong> {}</li>",
            t(locale, "office-history-issued"),
            moment(issued)
        );
    }
    for change in &record.history {
        let _ = write!(
            steps,
            "<li>{} → {} {}<p>{}</p></li>",
            chip(locale, "status", change.from.message()),
            chip(locale, "status", change.to.message()),
            moment(change.at),
            text(&change.reason),
        );
    }
    let waiting = app.access.waiting_on(&format!("credential:{id}")).await.ok().flatten();
    let actions = match &waiting {
        Some(action) => waits(&format!(
            "{} <a href=\"/office/approvals#a-{}\">{}</a>",
            t(locale, "office-credential-waits"),
            action.id.as_str(),
            t(locale, "office-nav-approvals")
        )),
        None if desk.may(Permission::Status) && record.issued().is_some() => {
            change_form(app, desk, &record)
        }
        None => String::new(),
    };
    let body = format!(
        "{said}<div class=\"split\"><div class=\"card\">{}</div><div>{actions}<section class=\"card\"><h2>{}</h2><ol class=\"history\">{steps}</ol></section></div></div>",
        facts(locale, &rows),
        t(locale, "office-history"),
    );
    Frame::of(desk).page_with(status, &say(locale, "office-credential-title"), "", &body)
}

fn change_form(app: &App, desk: &Desk, record: &CredentialRecord) -> String {
    let locale = desk.locale;
    let rules = &app.access.settings().four_eyes;
    let type_name = record.configuration.credential_type.type_name();
    let mut buttons = String::new();
    let mut second = false;
    for (action, kind) in ACTIONS {
        if transition(record.status, action).is_none() {
            continue;
        }
        let asks = rules.asks(kind, type_name, record.kind.as_deref());
        second |= asks;
        let class = match action {
            StatusAction::Revoke | StatusAction::Supersede => " class=\"danger\"",
            StatusAction::Suspend => " class=\"quiet\"",
            StatusAction::Reinstate => "",
        };
        let mark = if asks { " ✱" } else { "" };
        let _ = write!(
            buttons,
            "<button{class} name=\"action\" value=\"{}\">{}{mark}</button>",
            action.as_str(),
            t(locale, &format!("office-action-{}", action.as_str())),
        );
    }
    if buttons.is_empty() {
        return waits(&t(locale, "office-credential-final"));
    }
    let hint = if second {
        format!("<p class=\"soft\">✱ {}</p>", t(locale, "office-four-eyes-hint"))
    } else {
        String::new()
    };
    format!(
        "<section class=\"card\"><h2>{}</h2><form method=\"post\" action=\"/office/credentials/{}/status\">{}{}\
         <p class=\"row\">{buttons}</p>{hint}</form></section>",
        t(locale, "office-credential-change"),
        record.id,
        csrf(desk),
        input(locale, "reason", "office-reason", "", "maxlength=\"500\" required"),
    )
}

pub(super) async fn change(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Extension(form): Extension<Form>,
    Path(id): Path<String>,
) -> Response {
    let locale = desk.locale;
    let wanted = ACTIONS.iter().find(|(action, _)| action.as_str() == form.text("action"));
    let Some((action, _)) = wanted else {
        return Frame::of(&desk).trouble(StatusCode::BAD_REQUEST, "office-trouble-form");
    };
    let Ok(credential) = CredentialId::parse(&id) else {
        return Frame::of(&desk).trouble(StatusCode::NOT_FOUND, "office-credential-unknown");
    };
    let done =
        four_eyes::change_or_ask(&app, desk.who(), &credential, *action, form.text("reason")).await;
    match done {
        Ok(Change::Made(_)) => {
            let said = note(true, &t(locale, "office-credential-changed"));
            show(&app, &desk, &id, StatusCode::OK, &said).await
        }
        Ok(Change::Waits(_)) => {
            let said = note(true, &t(locale, "office-credential-asked"));
            show(&app, &desk, &id, StatusCode::ACCEPTED, &said).await
        }
        Err(error) => {
            let (status, sentence) = match error.code() {
                "unknown_credential" => (StatusCode::NOT_FOUND, "office-credential-unknown"),
                "invalid_reason" => (StatusCode::UNPROCESSABLE_ENTITY, "office-reason-bad"),
                "status_change_not_allowed" | "not_issued" => {
                    (StatusCode::CONFLICT, "office-credential-not-allowed")
                }
                "action_waits_already" => (StatusCode::CONFLICT, "office-credential-waits"),
                code => {
                    tracing::error!(code, "a status was not changed");
                    (StatusCode::SERVICE_UNAVAILABLE, "office-trouble-store")
                }
            };
            show(&app, &desk, &id, status, &note(false, &t(locale, sentence))).await
        }
    }
}

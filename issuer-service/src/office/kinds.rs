//! Kinds of qualification: search, import, and what a badge of one looks like.

use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use credential_issuance::ImportFormat;
use credential_model::kinds::QualificationKind;
use localized_text::{Locale, say};
use officer_access::{ActionKind, Permission};
use serde::Deserialize;
use web_kit::page::escape;

use super::desk_gate::{Desk, Form};
use super::html::{Frame, code, csrf, facts, note, query, t, table, text, tw};
use crate::state::App;

/// Kinds on a page.
const PAGE: usize = 50;

#[derive(Deserialize, Default)]
pub(super) struct Search {
    #[serde(default)]
    search: String,
    #[serde(default)]
    after: String,
}

pub(super) async fn list(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Query(search): Query<Search>,
) -> Response {
    page(&app, &desk, &search, StatusCode::OK, "").await
}

async fn page(app: &App, desk: &Desk, search: &Search, status: StatusCode, said: &str) -> Response {
    let locale = desk.locale;
    let needle: String = search.search.chars().take(100).collect();
    let after = (!search.after.is_empty()).then_some(search.after.as_str());
    let kinds = match app.issuer.search_kinds(&needle, after, PAGE + 1).await {
        Ok(kinds) => kinds,
        Err(error) => {
            tracing::error!(code = error.code(), "kinds could not be read");
            return Frame::of(desk)
                .trouble(StatusCode::SERVICE_UNAVAILABLE, "office-trouble-store");
        }
    };
    let rows: Vec<Vec<String>> = kinds.iter().take(PAGE).map(|kind| row(desk, kind)).collect();
    let more = match kinds.get(PAGE).and_then(|_| kinds.get(PAGE - 1)) {
        Some(last) => format!(
            "<p><a class=\"button quiet\" href=\"/office/kinds{}\">{}</a></p>",
            query(&[("search", &needle), ("after", &last.code)]),
            t(locale, "office-more")
        ),
        None => String::new(),
    };
    let import = if desk.may(Permission::Kinds) {
        format!(
            "<details class=\"card\"><summary>{}</summary><form method=\"post\" action=\"/office/kinds/import\" enctype=\"multipart/form-data\">{}\
             <label for=\"file\">{}</label><input id=\"file\" type=\"file\" name=\"file\" accept=\".xml,.json,.csv\" required>\
             <p class=\"soft\">{}</p><p><button>{}</button></p></form></details>",
            t(locale, "office-kinds-import"),
            csrf(desk),
            t(locale, "office-kinds-file"),
            t(locale, "office-kinds-import-lead"),
            t(locale, "office-kinds-import"),
        )
    } else {
        String::new()
    };
    let body = format!(
        "{said}<form class=\"search\" method=\"get\" action=\"/office/kinds\" role=\"search\">\
         <label for=\"search\">{}</label><div class=\"row\"><input id=\"search\" name=\"search\" type=\"search\" value=\"{}\" maxlength=\"100\">\
         <button>{}</button></div></form>\n{}{more}{import}",
        t(locale, "office-kinds-search"),
        escape(&needle),
        t(locale, "office-search"),
        table(
            locale,
            "office-nav-kinds",
            &["office-code", "office-name", "office-grade", "office-field", "office-do"],
            &rows,
            "office-kinds-nothing",
        ),
    );
    Frame::of(desk).page_with(status, &say(locale, "office-nav-kinds"), "", &body)
}

fn row(desk: &Desk, kind: &QualificationKind) -> Vec<String> {
    let place = format!("/office/kinds/{}", escape(&kind.code));
    let english = kind
        .name_en
        .as_deref()
        .map(|name| format!("<br><span class=\"soft\">{}</span>", text(name)));
    let offer = if desk.may(Permission::Issue) {
        format!(
            "<a href=\"/office/offers/new?kind={}\" aria-label=\"{}\">{}</a>",
            escape(&kind.code),
            tw(desk.locale, "office-kind-offer-of", &[("name", &kind.name_ko)]),
            t(desk.locale, "office-kind-offer"),
        )
    } else {
        String::new()
    };
    vec![
        code(&kind.code),
        format!("<a href=\"{place}\">{}</a>{}", text(&kind.name_ko), english.unwrap_or_default()),
        grade(desk.locale, kind),
        kind.field_large.as_ref().map_or(String::new(), |field| text(&field.name)),
        offer,
    ]
}

/// The grade in words.
pub(super) fn grade(locale: Locale, kind: &QualificationKind) -> String {
    kind.grade.map_or(String::new(), |grade| {
        t(locale, &format!("office-grade-{}", grade.as_str().to_lowercase().replace('_', "-")))
    })
}

pub(super) async fn import(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Extension(form): Extension<Form>,
) -> Response {
    let locale = desk.locale;
    let Some(file) = form.file("file") else {
        let said = note(false, &t(locale, "office-kinds-no-file"));
        return page(&app, &desk, &Search::default(), StatusCode::UNPROCESSABLE_ENTITY, &said)
            .await;
    };
    // By what it is, not by its name: office PCs give files any name.
    let start = file.iter().copied().find(|byte| !byte.is_ascii_whitespace() && *byte < 0x80);
    let format = match start {
        Some(b'<') => ImportFormat::Xml,
        Some(b'{' | b'[') => ImportFormat::Json,
        _ => ImportFormat::Csv,
    };
    match app.issuer.import_kinds(format, file).await {
        Ok(outcome) => {
            let mut said = note(
                true,
                &tw(locale, "office-kinds-imported", &[("count", &outcome.imported.to_string())]),
            );
            if !outcome.refused.is_empty() {
                let rows: Vec<Vec<String>> = outcome
                    .refused
                    .iter()
                    .take(100)
                    .map(|row| vec![row.row.to_string(), code(&row.code), text(&row.detail)])
                    .collect();
                said.push_str(&note(
                    false,
                    &tw(
                        locale,
                        "office-kinds-refused",
                        &[("count", &outcome.refused.len().to_string())],
                    ),
                ));
                said.push_str(&table(
                    locale,
                    "office-kinds-refused-rows",
                    &["office-row", "office-code", "office-detail"],
                    &rows,
                    "office-kinds-nothing",
                ));
            }
            page(&app, &desk, &Search::default(), StatusCode::OK, &said).await
        }
        Err(error) => {
            let said = note(
                false,
                &format!("{} {}", t(locale, "office-kinds-unreadable"), code(error.code())),
            );
            page(&app, &desk, &Search::default(), StatusCode::UNPROCESSABLE_ENTITY, &said).await
        }
    }
}

pub(super) async fn one(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Path(kind): Path<String>,
) -> Response {
    let locale = desk.locale;
    let kind = match app.issuer.kind(&kind).await {
        Ok(Some(kind)) => kind,
        Ok(None) => return Frame::of(&desk).trouble(StatusCode::NOT_FOUND, "office-kind-unknown"),
        Err(error) => {
            tracing::error!(code = error.code(), "a kind could not be read");
            return Frame::of(&desk)
                .trouble(StatusCode::SERVICE_UNAVAILABLE, "office-trouble-store");
        }
    };
    let rules = &app.access.settings().four_eyes;
    let asks: Vec<String> =
        [ActionKind::Suspend, ActionKind::Reinstate, ActionKind::Revoke, ActionKind::Supersede]
            .into_iter()
            .filter(|action| rules.asks(*action, "KrQualificationBadge", Some(&kind.code)))
            .map(|action| t(locale, &format!("office-action-{}", action.as_str())))
            .collect();
    let asks = if asks.is_empty() { t(locale, "office-four-eyes-none") } else { asks.join(", ") };
    let name = |pair: &Option<credential_model::kinds::CodedName>| {
        pair.as_ref()
            .map_or(String::new(), |pair| format!("{} {}", text(&pair.name), code(&pair.code)))
    };
    let rows = [
        ("office-code", code(&kind.code)),
        ("office-name", text(&kind.name_ko)),
        ("office-name-en", kind.name_en.as_deref().map_or(String::new(), text)),
        ("office-grade", grade(locale, &kind)),
        ("office-group", name(&kind.group)),
        ("office-series", name(&kind.series)),
        ("office-field", name(&kind.field_large)),
        ("office-four-eyes", asks),
    ];
    let beside = if desk.may(Permission::Issue) {
        format!(
            "<a class=\"button\" href=\"/office/offers/new?kind={}\">{}</a>",
            escape(&kind.code),
            t(locale, "office-kind-offer")
        )
    } else {
        String::new()
    };
    let body = format!(
        "<div class=\"split\"><div class=\"card\">{}</div><div><h2>{}</h2>{}</div></div>",
        facts(locale, &rows),
        t(locale, "office-kind-preview"),
        badge(&app, locale, &kind),
    );
    Frame::of(&desk).page_with(StatusCode::OK, &kind.name_ko, &beside, &body)
}

/// What the badge will look like in a holder's hands, with a person who does not exist.
pub(super) fn badge(app: &App, locale: Locale, kind: &QualificationKind) -> String {
    let identity = app.issuer.identity();
    let issuer = match locale {
        Locale::Ko => identity.name_ko(),
        Locale::En => identity.name_en(),
    };
    let name = match locale {
        Locale::En => kind.name_en.as_deref().unwrap_or(&kind.name_ko),
        Locale::Ko => &kind.name_ko,
    };
    format!(
        "<figure class=\"badge\" aria-label=\"{label}\">\
         <svg viewBox=\"0 0 96 96\" class=\"seal\" aria-hidden=\"true\" focusable=\"false\"><circle cx=\"48\" cy=\"48\" r=\"45\" class=\"rim\"/>\
         <circle cx=\"48\" cy=\"48\" r=\"37\" class=\"field\"/><path d=\"M30 49l12 13 24-27\" class=\"tick\"/></svg>\
         <p class=\"grade\">{grade}</p><p class=\"name\">{name}</p><p class=\"person\">{person}</p>\
         <dl><dt>{number}</dt><dd>00000000000Z</dd><dt>{issuer_label}</dt><dd>{issuer}</dd></dl>\
         <figcaption>{caption}</figcaption></figure>",
        label = t(locale, "office-kind-preview"),
        grade = grade(locale, kind),
        name = text(name),
        person = t(locale, "office-example-person"),
        number = t(locale, "office-licence-number"),
        issuer_label = t(locale, "office-issuer"),
        issuer = text(issuer),
        caption = t(locale, "office-kind-preview-note"),
    )
}

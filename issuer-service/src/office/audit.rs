//! The audit trail: read, check, export. Nothing here changes anything but tells of itself.

use std::fmt::Write as _;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use credential_issuance::audit::{AuditAction, AuditEntry};
use localized_text::{Locale, say};
use serde::Deserialize;
use web_kit::page::escape;

use super::desk_gate::Desk;
use super::html::{Frame, code, moment, note, query, t, table, text, tw};
use super::tally;
use crate::state::App;

const PAGE: usize = 50;
const CHUNK: usize = 1_000;

#[derive(Deserialize)]
pub(super) struct Place {
    #[serde(default)]
    after: Option<u64>,
    #[serde(default)]
    check: bool,
}

fn action_name(entry: &AuditEntry) -> String {
    serde_json::to_string(&entry.event.action).unwrap_or_default().trim_matches('"').to_owned()
}

pub(super) async fn show(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Query(place): Query<Place>,
) -> Response {
    let locale = desk.locale;
    // The newest first, unless another place was asked for.
    let after = match place.after {
        Some(after) => after,
        None => tally::current(&app)
            .await
            .map_or(0, |(tally, _)| tally.seq())
            .saturating_sub(PAGE as u64),
    };
    let entries = match app.issuer.audit_trail(after, PAGE).await {
        Ok(entries) => entries,
        Err(error) => {
            tracing::error!(code = error.code(), "the trail could not be read");
            return Frame::of(&desk)
                .trouble(StatusCode::SERVICE_UNAVAILABLE, "office-trouble-store");
        }
    };
    let mut said = String::new();
    if place.check {
        said = match app.issuer.check_audit_trail().await {
            Ok((length, None)) => {
                note(true, &tw(locale, "office-audit-holds", &[("count", &length.to_string())]))
            }
            Ok((_, Some(seq))) => {
                note(false, &tw(locale, "office-audit-broken", &[("seq", &seq.to_string())]))
            }
            Err(error) => {
                tracing::error!(code = error.code(), "the trail could not be checked");
                note(false, &t(locale, "office-trouble-store"))
            }
        };
    }
    let rows: Vec<Vec<String>> = entries.iter().rev().map(|entry| row(locale, entry)).collect();
    let mut pager = String::new();
    if after > 0 {
        let back = after.saturating_sub(PAGE as u64).to_string();
        let _ = write!(
            pager,
            "<a class=\"button quiet\" href=\"/office/audit{}\">{}</a> ",
            query(&[("after", &back)]),
            t(locale, "office-audit-earlier")
        );
    }
    if entries.len() == PAGE {
        let next = (after + PAGE as u64).to_string();
        let _ = write!(
            pager,
            "<a class=\"button quiet\" href=\"/office/audit{}\">{}</a>",
            query(&[("after", &next)]),
            t(locale, "office-audit-later")
        );
    }
    let beside = format!(
        "<a class=\"button quiet\" href=\"/office/audit?check=true\">{}</a> <a class=\"button quiet\" href=\"/office/audit/export\">{}</a> <a class=\"button quiet\" href=\"/office/audit/export?form=json\">JSON</a>",
        t(locale, "office-audit-check"),
        t(locale, "office-audit-export"),
    );
    let body = format!(
        "{said}<p>{}</p>{}<p class=\"row\">{pager}</p>",
        t(locale, "office-audit-lead"),
        table(
            locale,
            "office-nav-audit",
            &[
                "office-seq",
                "office-at",
                "office-who",
                "office-audit-what",
                "office-audit-about",
                "office-reason"
            ],
            &rows,
            "office-audit-nothing"
        ),
    );
    Frame::of(&desk).page_with(StatusCode::OK, &say(locale, "office-nav-audit"), &beside, &body)
}

fn row(locale: Locale, entry: &AuditEntry) -> Vec<String> {
    let name = action_name(entry);
    let id = format!("office-audit-{}", name.replace('_', "-"));
    let what = if localized_text::has(locale, &id) { t(locale, &id) } else { escape(&name) };
    let about: Vec<String> = entry
        .event
        .subjects
        .iter()
        .map(|(role, id)| {
            let shown: String = id.chars().take(40).collect();
            let rest = if shown.len() < id.len() { "…" } else { "" };
            format!(
                "<span class=\"about\">{}: <bdi title=\"{}\">{}{rest}</bdi></span>",
                escape(role),
                escape(id),
                escape(&shown)
            )
        })
        .collect();
    vec![
        entry.seq.to_string(),
        moment(entry.event.at),
        code(&entry.event.actor),
        what,
        about.join(" "),
        entry.event.reason.as_deref().map_or(String::new(), text),
    ]
}

#[derive(Deserialize)]
pub(super) struct Form {
    #[serde(default)]
    form: String,
}

/// The whole trail as a file, read piece by piece while it is sent.
pub(super) async fn export(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Query(wanted): Query<Form>,
) -> Response {
    let json = wanted.form == "json";
    let told = app
        .issuer
        .tell(
            &desk.who().id,
            AuditAction::TrailExported,
            &[("form", if json { "json" } else { "csv" })],
            None,
        )
        .await;
    if let Err(error) = told {
        tracing::error!(code = error.code(), "the trail was not exported");
        return Frame::of(&desk).trouble(StatusCode::SERVICE_UNAVAILABLE, "office-trouble-store");
    }
    let (media, name) = if json {
        ("application/x-ndjson", "attachment; filename=\"audit-trail.jsonl\"")
    } else {
        ("text/csv; charset=utf-8", "attachment; filename=\"audit-trail.csv\"")
    };
    // Excel on Windows takes a file with this mark as UTF-8.
    let head =
        "\u{feff}\"seq\",\"at\",\"actor\",\"action\",\"subjects\",\"reason\",\"prev\",\"hash\"\r\n";
    let begun = Some((0_u64, if json { String::new() } else { head.to_owned() }));
    let pieces = futures_util::stream::unfold(begun, move |place| {
        let app = app.clone();
        async move {
            let (after, head) = place?;
            match app.issuer.audit_trail(after, CHUNK).await {
                Ok(entries) => {
                    let last = entries.last()?.seq;
                    let piece =
                        entries.iter().fold(head, |piece, entry| piece + &line(entry, json));
                    Some((Ok(Bytes::from(piece)), Some((last, String::new()))))
                }
                // The connection breaks off: a file that is too short must not look whole.
                Err(error) => Some((Err(std::io::Error::other(error.code())), None)),
            }
        }
    });
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(name));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn line(entry: &AuditEntry, json: bool) -> String {
    if json {
        return format!("{}\n", serde_json::to_string(entry).unwrap_or_default());
    }
    let subjects: Vec<String> =
        entry.event.subjects.iter().map(|(role, id)| format!("{role}={id}")).collect();
    let cells = [
        entry.seq.to_string(),
        entry.event.at.to_string(),
        entry.event.actor.clone(),
        action_name(entry),
        subjects.join("; "),
        entry.event.reason.clone().unwrap_or_default(),
        entry.prev.to_string(),
        entry.hash.to_string(),
    ];
    let cells: Vec<String> = cells.iter().map(|cell| cell_of(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell no spreadsheet takes for a formula (OWASP, CSV injection).
fn cell_of(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::cell_of;

    #[test]
    fn cells_are_no_formulas() {
        assert_eq!(cell_of("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        for text in ["+1", "-1", "@SUM(A1)", "\t=1"] {
            assert!(cell_of(text).starts_with("\"'"), "{text:?}");
        }
        assert_eq!(cell_of("자격 취소"), "\"자격 취소\"");
    }
}

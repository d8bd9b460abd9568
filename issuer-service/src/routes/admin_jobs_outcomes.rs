//! `GET /admin/jobs/{id}/outcomes` and `GET /admin/jobs/{id}/events`

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use credential_issuance::bulk::{ClaimState, OutcomeRow, RowFinding};
use futures_util::stream;
use localized_text::{Locale, has, say, say_with};
use serde::Deserialize;
use serde_json::Value;
use web_kit::{Problem, RequestLocale};

use super::Endpoint;
use super::admin_jobs::{job_id, job_problem, view_of};
use crate::extract::Officer;
use crate::openapi::{Caller, Operation};
use crate::state::App;

/// How often the event stream looks.
const LOOK: Duration = Duration::from_millis(500);
/// Names the chunk that follows; absent behind the last one.
const NEXT: HeaderName = HeaderName::from_static("sinpyo-next-chunk");

pub(super) fn outcomes_endpoint() -> Endpoint {
    Endpoint::get(
        "/admin/jobs/{id}/outcomes",
        get(outcomes),
        Operation::new("admin", "What became of each row, as CSV, 1,024 rows at a time")
            .by(Caller::Officer)
            .query("chunk", "From 0; the header Sinpyo-Next-Chunk names the next one")
            .query("only", "refused, held, issued, ready or unclaimed: these rows alone")
            .query("lang", "ko or en")
            .answers(200, "text/csv", "row, outcome, column, code, message, credential, offer, …")
            .problem(401, "admin_token_required")
            .problem(404, "unknown_job"),
    )
}

pub(super) fn events_endpoint() -> Endpoint {
    Endpoint::get(
        "/admin/jobs/{id}/events",
        get(events),
        Operation::new("admin", "The job as an event stream: one event a change")
            .by(Caller::Officer)
            .answers(200, "text/event-stream", "`job` events with the job; ends when it is over")
            .problem(401, "admin_token_required")
            .problem(404, "unknown_job"),
    )
}

#[derive(Deserialize)]
struct Wish {
    #[serde(default)]
    chunk: u32,
    #[serde(default)]
    only: Option<String>,
}

async fn outcomes(
    State(app): State<App>,
    _: Officer,
    Path(id): Path<String>,
    Query(wish): Query<Wish>,
    RequestLocale(locale): RequestLocale,
) -> Result<Response, Problem> {
    let id = job_id(&id)?;
    let refuse = |error| job_problem(&error);
    let rows = app.issuer.job_outcomes(&id, wish.chunk).await.map_err(refuse)?;
    let more = rows.is_some();
    let mut text = String::new();
    if wish.chunk == 0 {
        // The byte order mark makes spreadsheets read UTF-8.
        text.push('\u{feff}');
        line(&mut text, &HEADER);
    }
    for row in rows.iter().flatten().filter(|row| wanted(row, wish.only.as_deref())) {
        write_row(&mut text, row, locale);
    }
    let mut response = (StatusCode::OK, text).into_response();
    let headers = response.headers_mut();
    let csv = HeaderValue::from_static("text/csv; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, csv);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if more && let Ok(next) = HeaderValue::from_str(&(wish.chunk + 1).to_string()) {
        headers.insert(NEXT, next);
    }
    Ok(response)
}

const HEADER: [&str; 10] = [
    "row",
    "outcome",
    "column",
    "code",
    "message",
    "credential",
    "offer_url",
    "offer_uri",
    "claim_until",
    "claim",
];

fn wanted(row: &OutcomeRow, only: Option<&str>) -> bool {
    match only {
        None => true,
        Some("unclaimed") => row.claim == Some(ClaimState::Unclaimed),
        Some(outcome) => row.outcome == outcome,
    }
}

/// One line a finding, so that a row with two mistakes has two.
fn write_row(text: &mut String, row: &OutcomeRow, locale: Locale) {
    let claim = row.claim.map(|claim| match claim {
        ClaimState::Unclaimed => "unclaimed",
        ClaimState::Claimed => "claimed",
        ClaimState::Expired => "expired",
    });
    let until = row.claim_until.map(|until| until.to_string()).unwrap_or_default();
    let number = row.row.to_string();
    let mut one = |finding: Option<&RowFinding>| {
        let message = finding.map(|finding| message(locale, finding)).unwrap_or_default();
        line(
            text,
            &[
                &number,
                row.outcome,
                finding.and_then(|finding| finding.column.as_deref()).unwrap_or_default(),
                finding.map(|finding| finding.code.as_str()).unwrap_or_default(),
                &message,
                row.credential.as_deref().unwrap_or_default(),
                row.offer_url.as_deref().unwrap_or_default(),
                row.offer_uri.as_deref().unwrap_or_default(),
                &until,
                claim.unwrap_or_default(),
            ],
        );
    };
    if row.findings.is_empty() {
        one(None);
    }
    row.findings.iter().for_each(|finding| one(Some(finding)));
}

/// A sentence about a finding, in the reader's language.
pub(super) fn message(locale: Locale, finding: &RowFinding) -> String {
    let id = format!("jobs-finding-{}", finding.code.replace('_', "-"));
    let column = finding.column.as_deref().unwrap_or("-");
    if has(locale, &id) {
        return say(locale, &id);
    }
    say_with(locale, "jobs-finding", &[("column", column), ("code", &finding.code)])
}

/// A line of CSV that no spreadsheet takes for a formula.
fn line(text: &mut String, cells: &[&str]) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        if !formula && !cell.contains([',', '"', '\n', '\r']) {
            text.push_str(cell);
            continue;
        }
        text.push('"');
        if formula {
            text.push('\'');
        }
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    }
    text.push_str("\r\n");
}

/// Where a stream stands.
struct Watch {
    app: App,
    id: credential_issuance::ids::JobId,
    told: Option<Value>,
    over: bool,
}

async fn events(
    State(app): State<App>,
    _: Officer,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = job_id(&id)?;
    app.issuer.bulk_job(&id).await.map_err(|error| job_problem(&error))?;
    let watch = Watch { app, id, told: None, over: false };
    let stream = stream::unfold(watch, |mut watch| async move {
        let event = watch.next().await?;
        Some((Ok::<_, Infallible>(event), watch))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()).into_response())
}

impl Watch {
    /// The next change; none when the job is over and everything about it was told.
    async fn next(&mut self) -> Option<Event> {
        if self.over {
            return None;
        }
        loop {
            let job = self.app.issuer.bulk_job(&self.id).await.ok()?;
            let view = view_of(&self.app, &job).await.ok()?;
            if self.told.as_ref() != Some(&view) {
                self.over = job.stage.is_over() && !job.wants_work();
                let event = Event::default().event("job").data(view.to_string());
                self.told = Some(view);
                return Some(event);
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_becomes_a_formula_or_another_cell() {
        let mut text = String::new();
        line(&mut text, &["=1+1", "a,b", "say \"x\"", "가", "", "-1"]);
        assert_eq!(text, "\"'=1+1\",\"a,b\",\"say \"\"x\"\"\",가,,\"'-1\"\r\n");
    }

    #[test]
    fn each_finding_has_a_sentence_in_both_languages() {
        let codes = [
            "row_malformed",
            "row_too_long",
            "too_many_columns",
            "row_twice",
            "row_issued_before",
            "cell_nul",
            "cell_not_text",
            "cell_forbidden_number",
            "cell_formula",
            "cell_control_character",
            "cell_too_long",
            "kind_unknown",
            "kind_missing",
            "kind_not_entitled",
            "date_malformed",
            "date_missing",
            "column_conflict",
            "job_cancelled",
            "cannot_secure",
        ];
        for locale in [Locale::Ko, Locale::En] {
            for code in codes {
                let id = format!("jobs-finding-{}", code.replace('_', "-"));
                assert!(has(locale, &id), "{id}");
            }
            let other = message(locale, &RowFinding::at("성명", "schema_max_length"));
            assert!(other.contains("성명") && other.contains("schema_max_length"), "{other}");
        }
    }
}

//! A job's offers on paper: sheets to print, cut and hand out. Eight offers an A4 page, eight pages
//! at a time, so that a million offers do not make one document.

use std::fmt::Write as _;

use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use credential_issuance::bulk::{BulkError, CHUNK_ROWS, ClaimState, OutcomeRow};
use credential_issuance::ids::{CredentialId, JobId};
use localized_text::{Locale, say};
use serde::Deserialize;
use serde_json::Value;

use super::desk_gate::Desk;
use super::html::{Frame, moment, note, query, t, text, tw};
use crate::state::App;

/// Rows of one answer; a chunk is a whole number of them.
const ROWS: usize = 64;
/// Offers of a printed page.
const A_SHEET: usize = 8;

/// What the officer chose.
#[derive(Deserialize)]
pub(super) struct Wish {
    #[serde(default)]
    page: usize,
    /// `yes`: the person's name stands on the card, not the row's number alone.
    #[serde(default)]
    names: String,
}

pub(super) async fn show(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Path(id): Path<String>,
    Query(wish): Query<Wish>,
) -> Response {
    let unknown = || Frame::of(&desk).trouble(StatusCode::NOT_FOUND, "office-job-unknown");
    let Ok(id) = JobId::parse(&id) else { return unknown() };
    let of_chunk = CHUNK_ROWS / ROWS;
    let Ok(chunk) = u32::try_from(wish.page / of_chunk) else { return unknown() };
    let rows = match app.issuer.job_outcomes(&id, chunk).await {
        Ok(Some(rows)) => rows,
        Ok(None) | Err(BulkError::Unknown) => return unknown(),
        Err(error) => {
            tracing::error!(code = error.code(), "a job's offers could not be read");
            return Frame::of(&desk)
                .trouble(StatusCode::SERVICE_UNAVAILABLE, "office-trouble-store");
        }
    };
    let from = wish.page % of_chunk * ROWS;
    let last_of_chunk = rows.len() <= from + ROWS;
    let more = !last_of_chunk || rows.len() == CHUNK_ROWS;
    let open: Vec<&OutcomeRow> = rows
        .iter()
        .skip(from)
        .take(ROWS)
        .filter(|row| row.claim == Some(ClaimState::Unclaimed))
        .collect();
    let names = wish.names == "yes";
    let mut body = head(&desk, &id, &wish, more);
    if open.is_empty() {
        body.push_str(&note(true, &t(desk.locale, "office-job-sheets-nothing")));
    }
    for sheet in open.chunks(A_SHEET) {
        body.push_str("<section class=\"sheet\">");
        for row in sheet {
            let name = if names { name_of(&app, row).await } else { None };
            body.push_str(&card(desk.locale, row, name.as_deref()));
        }
        body.push_str("</section>");
    }
    Frame::of(&desk).page(&say(desk.locale, "office-job-sheets"), &body)
}

/// What is not printed: where one is, with or without names, and that the paper is worth something.
fn head(desk: &Desk, id: &JobId, wish: &Wish, more: bool) -> String {
    let locale = desk.locale;
    let link = |page: usize, names: &str, label: &str| {
        let at = query(&[("page", &page.to_string()), ("names", names)]);
        format!("<a href=\"/office/jobs/{id}/sheets{at}\">{}</a>", t(locale, label))
    };
    let (other, label) = if wish.names == "yes" {
        ("", "office-job-sheets-without-names")
    } else {
        ("yes", "office-job-sheets-with-names")
    };
    let mut links = format!(
        "<a href=\"/office/jobs/{id}\">{}</a> {}",
        t(locale, "office-job-title"),
        link(wish.page, other, label)
    );
    if let Some(before) = wish.page.checked_sub(1) {
        let _ = write!(links, " {}", link(before, &wish.names, "office-job-sheets-before"));
    }
    if more {
        let _ = write!(links, " {}", link(wish.page + 1, &wish.names, "office-job-sheets-next"));
    }
    format!(
        "<div class=\"not-printed\"><p>{}</p><p>{links}</p></div>",
        t(locale, "office-job-sheets-lead")
    )
}

fn card(locale: Locale, row: &OutcomeRow, name: Option<&str>) -> String {
    let code = row.offer_uri.as_deref().and_then(|uri| qr_code::encode_svg(uri).ok());
    let code = code.as_deref().and_then(|svg| Some(&svg[svg.find("<svg")?..])).unwrap_or_default();
    let number = row.row.to_string();
    let who = name.map_or(String::new(), |name| format!("<p class=\"name\">{}</p>", text(name)));
    let until = row.claim_until.map_or(String::new(), |until| {
        format!("<p>{} {}</p>", t(locale, "office-job-sheets-until"), moment(until))
    });
    format!(
        "<figure class=\"slip\"><div class=\"qr\">{code}</div><figcaption>{who}<p>{}</p>{until}\
         <p>{}</p></figcaption></figure>",
        tw(locale, "office-job-sheets-row", &[("row", &number)]),
        t(locale, "office-job-sheets-once"),
    )
}

/// Whom a row is about, as its credential says.
async fn name_of(app: &App, row: &OutcomeRow) -> Option<String> {
    let id = CredentialId::parse(row.credential.as_deref()?).ok()?;
    let record = app.issuer.credential(&id).await.ok()??;
    let name = record.issued()?.credential.pointer("/credentialSubject/person/name");
    name.and_then(Value::as_str).map(str::to_owned)
}

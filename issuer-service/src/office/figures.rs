//! Issuing and status over time.

use axum::Extension;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use localized_text::say;
use serde::Deserialize;

use super::desk_gate::Desk;
use super::html::{Frame, note, t, table};
use super::plot::{Series, bars, days};
use super::tally;
use crate::state::App;

#[derive(Deserialize)]
pub(super) struct Span {
    #[serde(default)]
    days: Option<i64>,
}

pub(super) async fn show(
    State(app): State<App>,
    Extension(desk): Extension<Desk>,
    Query(span): Query<Span>,
) -> Response {
    let locale = desk.locale;
    let (tally, whole) = match tally::current(&app).await {
        Ok(found) => found,
        Err(error) => {
            tracing::error!(code = error.code(), "no figures");
            return Frame::of(&desk)
                .trouble(StatusCode::SERVICE_UNAVAILABLE, "office-trouble-store");
        }
    };
    let count = if span.days == Some(90) { 90 } else { 30 };
    let days = days(app.access.moment(), count);
    let pick = |of: fn(&tally::Day) -> u64| -> Vec<u64> {
        days.iter().map(|day| of(&tally.day(day))).collect()
    };
    let issued =
        Series { class: "a", name: "office-figures-issued", values: pick(|day| day.issued) };
    let offered =
        Series { class: "a", name: "office-figures-offered", values: pick(|day| day.offered) };
    let changes = [
        Series { class: "c", name: "office-figures-revoked", values: pick(|day| day.revoked) },
        Series { class: "b", name: "office-figures-suspended", values: pick(|day| day.suspended) },
        Series {
            class: "d",
            name: "office-figures-reinstated",
            values: pick(|day| day.reinstated),
        },
    ];
    let rows: Vec<Vec<String>> = days
        .iter()
        .rev()
        .map(|day| (day, tally.day(day)))
        .filter(|(_, sums)| *sums != tally::Day::default())
        .map(|(day, sums)| {
            let mut row = vec![day.clone()];
            row.extend(
                [sums.offered, sums.issued, sums.suspended, sums.reinstated, sums.revoked]
                    .map(|n| n.to_string()),
            );
            row
        })
        .collect();
    let other = if count == 30 { ("90", "office-figures-90") } else { ("30", "office-figures-30") };
    let beside =
        format!("<a class=\"button quiet\" href=\"?days={}\">{}</a>", other.0, t(locale, other.1));
    let partly =
        if whole { String::new() } else { note(false, &t(locale, "office-figures-partly")) };
    let body = format!(
        "{partly}<section class=\"card\"><h2>{}</h2>{}</section>\n<section class=\"card\"><h2>{}</h2>{}</section>\n\
         <section class=\"card\"><h2>{}</h2>{}</section>\n<h2>{}</h2>{}<p class=\"soft\">{}</p>",
        t(locale, "office-figures-issued"),
        bars(locale, "office-figures-issued", &days, &[issued]),
        t(locale, "office-figures-changes"),
        bars(locale, "office-figures-changes", &days, &changes),
        t(locale, "office-figures-offered"),
        bars(locale, "office-figures-offered", &days, &[offered]),
        t(locale, "office-figures-table"),
        table(
            locale,
            "office-figures-table",
            &[
                "office-day",
                "office-figures-offered",
                "office-figures-issued",
                "office-figures-suspended",
                "office-figures-reinstated",
                "office-figures-revoked"
            ],
            &rows,
            "office-figures-nothing",
        ),
        t(locale, "office-figures-source"),
    );
    Frame::of(&desk).page_with(StatusCode::OK, &say(locale, "office-nav-figures"), &beside, &body)
}

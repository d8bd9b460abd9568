//! The first page: today's numbers and what waits.

use std::fmt::Write as _;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use localized_text::say_with;
use officer_access::Permission;

use super::desk_gate::Desk;
use super::html::{Frame, moment, note, t, text, tw};
use super::plot::{Series, bars, days};
use super::{approvals, tally};
use crate::state::App;

pub(super) async fn show(State(app): State<App>, Extension(desk): Extension<Desk>) -> Response {
    let locale = desk.locale;
    let mut body = String::new();
    let today = app.access.moment().date_kst();
    let recovery = desk.seat.account.recovery_left();
    if recovery.is_some_and(|left| left <= 2) {
        body.push_str(&note(false, &t(locale, "office-home-recovery-low")));
    }
    if desk.may(Permission::Look) {
        numbers(&app, &desk, &today, &mut body).await;
        if desk.waiting > 0 {
            let waiting = app.access.waiting_actions(5).await.unwrap_or_default();
            let waiting: Vec<_> =
                waiting.iter().filter(|action| action.asked_by.id != desk.who().id).collect();
            let _ =
                write!(body, "<h2>{}</h2><ul class=\"tasks\">", t(locale, "office-home-waiting"));
            for action in waiting {
                let _ = write!(
                    body,
                    "<li class=\"card\"><a href=\"/office/approvals#a-{}\">{}</a> <span class=\"soft\">{} · {}</span></li>",
                    action.id.as_str(),
                    approvals::what(locale, action),
                    text(&action.asked_by.name),
                    moment(action.asked_at),
                );
            }
            body.push_str("</ul>");
        }
    }
    body.push_str(&doors(&desk));
    let name = &desk.who().name;
    Frame::of(&desk).page(&say_with(locale, "office-home-title", &[("name", name)]), &body)
}

async fn numbers(app: &App, desk: &Desk, today: &str, body: &mut String) {
    let locale = desk.locale;
    let (tally, _) = match tally::current(app).await {
        Ok(found) => found,
        Err(error) => {
            tracing::error!(code = error.code(), "no numbers for the first page");
            body.push_str(&note(false, &t(locale, "office-trouble-store")));
            return;
        }
    };
    let day = tally.day(today);
    let numbers = [
        ("office-figures-issued", day.issued, "/office/credentials"),
        ("office-figures-offered", day.offered, "/office/offers"),
        ("office-figures-suspended", day.suspended, "/office/figures"),
        ("office-figures-revoked", day.revoked, "/office/figures"),
        (
            "office-home-waiting",
            app.access.waiting_actions(500).await.map_or(0, |all| all.len() as u64),
            "/office/approvals",
        ),
    ];
    let _ = write!(
        body,
        "<p class=\"soft\">{}</p><ul class=\"numbers\">",
        tw(locale, "office-home-today", &[("day", today)])
    );
    for (name, number, place) in numbers {
        let _ = write!(
            body,
            "<li class=\"card\"><a href=\"{place}\"><span>{}</span><strong>{number}</strong></a></li>",
            t(locale, name)
        );
    }
    body.push_str("</ul>");
    let days = days(app.access.moment(), 30);
    let values = days.iter().map(|day| tally.day(day).issued).collect();
    let series = Series { class: "a", name: "office-figures-issued", values };
    let _ = write!(
        body,
        "<section class=\"card\"><h2>{}</h2>{}</section>",
        t(locale, "office-home-plot"),
        bars(locale, "office-home-plot", &days, &[series]),
    );
}

/// What this officer comes for.
fn doors(desk: &Desk) -> String {
    let doors = [
        (Permission::Issue, "/office/offers/new", "office-door-offer", "office-door-offer-lead"),
        (Permission::Issue, "/office/jobs", "office-door-job", "office-door-job-lead"),
        (
            Permission::Status,
            "/office/credentials",
            "office-door-credential",
            "office-door-credential-lead",
        ),
        (
            Permission::Decide,
            "/office/approvals",
            "office-door-approve",
            "office-door-approve-lead",
        ),
        (Permission::Audit, "/office/audit", "office-door-audit", "office-door-audit-lead"),
    ];
    let mut html = String::from("<ul class=\"grid doors\">");
    for (needs, place, name, lead) in doors {
        if desk.may(needs) {
            let _ = write!(
                html,
                "<li class=\"card\"><a href=\"{place}\">{}</a><p class=\"soft\">{}</p></li>",
                t(desk.locale, name),
                t(desk.locale, lead)
            );
        }
    }
    html.push_str("</ul>");
    html
}

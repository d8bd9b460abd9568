//! The verdict page: the answer first, then the three questions, what to do, what was shown, what
//! was checked and when.
use std::fmt::Write as _;

use axum::response::Response;
use credential_verification::{Report, report::Line};
use localized_text::{Locale, say, say_with};
use web_kit::page::escape;

use super::{Frame, foreign, framed, text};
use crate::desk::views::{self, Position};

/// What a verdict page shows beside the report.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extras<'a> {
    /// Where the asker stands, for the map.
    pub position: Option<Position>,
    /// The check number under which a receipt can be had.
    pub receipt: Option<&'a str>,
}

/// The report, readable by a layman.
pub fn report(locale: Locale, report: &Report, extras: Extras<'_>) -> Response {
    let sections = report.sections(locale);
    let state = match sections.overall {
        "accept" => "yes",
        "reject" => "no",
        _ => "unknown",
    };
    // A past day is said before the verdict: it is a verdict about that day.
    let mut body = match report.examined_at {
        Some(_) => {
            let day = report.moment.to_kst_text();
            let said = say_with(locale, "verifier-report-on-that-day", &[("day", &day)]);
            format!("<p><strong>{}</strong></p>\n", escape(&said))
        }
        None => String::new(),
    };
    let _ = writeln!(
        body,
        "<div class=\"answer {state}\" data-verdict=\"{}\"><p class=\"big\"><span class=\"sign\" aria-hidden=\"true\"></span>{}</p><p>{}</p></div>",
        sections.overall,
        escape(&sections.title),
        foreign(&sections.summary),
    );
    body.push_str("<ul class=\"three\">\n");
    for question in &sections.questions {
        let _ = writeln!(
            body,
            "<li class=\"{}\"><span>{}</span><strong>{}</strong></li>",
            question.state,
            escape(&question.label),
            escape(&question.value)
        );
    }
    body.push_str("</ul>\n");
    list(&mut body, &say(locale, "verdict-section-actions"), &sections.actions);
    body.push_str(&views::views(locale, report, extras.position));
    if let Some((heading, lines)) = &sections.domain {
        let _ = writeln!(body, "<h2>{}</h2>\n<ul class=\"verdict\">", escape(heading));
        for line in lines {
            let _ = writeln!(
                body,
                "<li class=\"{}\">{}</li>",
                answer_class(line.state),
                escape(&line.value)
            );
        }
        body.push_str("</ul>\n");
    }
    list(&mut body, &say(locale, "verdict-section-checklist"), &sections.checklist);
    for (heading, lines) in &sections.credentials {
        facts(&mut body, heading, lines);
    }
    let checks = say(locale, "verdict-section-checks");
    heading_and_table(&mut body, &checks, &sections.checks, "checks");
    heading_and_table(&mut body, &say(locale, "verifier-report-notes"), &sections.notes, "notes");
    body.push_str(&evidence(locale, extras.receipt));
    let title = say(locale, "verdict-title");
    let again = extras.receipt.map(|number| format!("/results/{number}")).unwrap_or_default();
    framed(locale, &Frame { title: &title, body: &body, again: &again, ..Frame::default() })
}

/// Print, keep, check the next one.
fn evidence(locale: Locale, number: Option<&str>) -> String {
    let mut out = format!("<section class=\"screen\"><h2>{}</h2>", text(locale, "desk-evidence"));
    if let Some(number) = number {
        let number = escape(number);
        let _ = write!(
            out,
            "<p>{}</p><p class=\"row\"><a class=\"button quiet\" href=\"/receipts/{number}\">{}</a> \
             <a class=\"button quiet\" href=\"/receipts/{number}/receipt.json\" download>{}</a> \
             <a class=\"button quiet\" href=\"/receipts/{number}/receipt.json?documents=1\" download>{}</a></p>",
            text(locale, "desk-evidence-lead"),
            text(locale, "desk-receipt-page"),
            text(locale, "desk-receipt-bare"),
            text(locale, "desk-receipt-full"),
        );
    }
    let _ = write!(
        out,
        "<p class=\"row\"><button type=\"button\" id=\"print\">{}</button> <a class=\"button quiet\" href=\"/\">{}</a></p></section>",
        text(locale, "desk-print"),
        text(locale, "desk-next"),
    );
    out
}

fn list(body: &mut String, heading: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    let _ = writeln!(body, "<h2>{}</h2>\n<ul class=\"todo\">", escape(heading));
    for item in items {
        let _ = writeln!(body, "<li>{}</li>", foreign(item));
    }
    body.push_str("</ul>\n");
}

/// Values up to this many characters may be large.
const LARGE: usize = 24;

/// The first four values large, as on a certificate; the rest below.
fn facts(body: &mut String, heading: &str, lines: &[Line]) {
    let _ = writeln!(body, "<h2>{}</h2>\n<dl class=\"facts\">", escape(heading));
    // Long ones (digests, sentences) would not stand well in large letters.
    let short = |line: &&Line| line.value.chars().count() <= LARGE;
    let first: Vec<&Line> = lines.iter().take(4).filter(short).collect();
    let rest: Vec<Line> = lines.iter().filter(|line| !first.contains(line)).cloned().collect();
    for line in &first {
        let _ = writeln!(
            body,
            "<div><dt>{}</dt><dd>{}</dd></div>",
            foreign(&line.label),
            foreign(&line.value)
        );
    }
    body.push_str("</dl>\n");
    table(body, &rest, "values");
}

fn heading_and_table(body: &mut String, heading: &str, lines: &[Line], class: &str) {
    let _ = writeln!(body, "<h2>{}</h2>", escape(heading));
    table(body, lines, class);
}

fn table(body: &mut String, lines: &[Line], class: &str) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(body, "<table class=\"{class}\">");
    for line in lines {
        let _ = writeln!(
            body,
            "<tr class=\"{}\"><th scope=\"row\">{}</th><td>{}</td></tr>",
            answer_class(line.state),
            foreign(&line.label),
            foreign(&line.value)
        );
    }
    body.push_str("</table>\n");
}

fn answer_class(state: &str) -> &'static str {
    match state {
        "passed" | "yes" => "yes",
        "failed" | "no" => "no",
        "inconclusive" | "unknown" => "unknown",
        _ => "soft",
    }
}

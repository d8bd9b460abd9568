//! One table for many: batches of files and collections of answers.
use std::fmt::Write as _;

use axum::response::Response;
use credential_verification::templates::Template;
use localized_text::{Locale, say, say_with};
use web_kit::page::escape;

use super::{Frame, Spoken, foreign, framed, lost, many_limits, page, spoken, text, told, words};
use crate::{
    collections::Collection,
    desk::{
        batch::{Batch, Row},
        table::Cells,
    },
};

const COLUMNS: [&str; 10] = [
    "number",
    "file",
    "person",
    "what",
    "grade",
    "awarded",
    "authentic",
    "in-force",
    "entitled",
    "why",
];

/// The table's rows with their sums, as a fragment.
pub fn table(locale: Locale, rows: &[(usize, Row)], finished: bool, link: &str) -> String {
    let mut out = String::new();
    let count = |wanted: &str| {
        rows.iter().filter(|(_, row)| Cells::of(locale, row).overall == wanted).count()
    };
    let duplicates = rows.iter().filter(|(_, row)| row.duplicate_of.is_some()).count();
    let _ =
        write!(out, "<p class=\"sums\" data-finished=\"{finished}\" data-done=\"{}\">", rows.len());
    for (kind, class, number) in [
        ("accept", "yes", count("accept")),
        ("reject", "no", count("reject")),
        ("unknown", "unknown", count("unknown")),
        ("unread", "soft", count("unread")),
        ("dup", "soft", duplicates),
    ] {
        let word = text(locale, &format!("desk-filter-{kind}"));
        let _ = write!(out, "<span class=\"chip {class}\">{word} {number}</span> ");
    }
    let _ = write!(
        out,
        "</p><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table class=\"rows\"><thead><tr>",
        text(locale, "desk-table")
    );
    for column in COLUMNS {
        let _ = write!(
            out,
            "<th scope=\"col\">{}</th>",
            text(locale, &format!("desk-column-{column}"))
        );
    }
    out.push_str("</tr></thead><tbody>\n");
    for (at, row) in rows {
        out.push_str(&line(locale, *at, row, link));
    }
    out.push_str("</tbody></table></div>\n");
    out
}

fn line(locale: Locale, at: usize, row: &Row, link: &str) -> String {
    let cells = Cells::of(locale, row);
    let class = if row.duplicate_of.is_some() { " class=\"dup\"" } else { "" };
    let place = at + 1;
    let name = match cells.overall {
        "unread" => foreign(&row.name),
        _ => format!("<a href=\"{link}{place}\">{}</a>", foreign(&cells.name_or(locale))),
    };
    let mut out =
        format!("<tr data-overall=\"{}\"{class}><td>{place}</td><td>{name}</td>", cells.overall);
    for value in [&cells.person, &cells.what, &cells.grade, &cells.awarded] {
        let _ = write!(out, "<td>{}</td>", foreign(value));
    }
    for answer in cells.answers {
        match answer {
            Some(answer) => {
                let word = text(locale, &format!("desk-answer-{answer}"));
                let _ = write!(out, "<td><span class=\"chip {answer}\">{word}</span></td>");
            }
            None => out.push_str("<td></td>"),
        }
    }
    let _ = writeln!(out, "<td class=\"why\">{}</td></tr>", escape(&cells.why));
    out
}

/// The same as CSV (RFC 4180) with a byte order mark, every cell quoted, none a formula.
pub fn csv(locale: Locale, rows: &[(usize, Row)]) -> String {
    let mut out = String::from('\u{feff}');
    let heads = COLUMNS.map(|column| say(locale, &format!("desk-column-{column}")));
    push_line(&mut out, &heads);
    for (at, row) in rows {
        let cells = Cells::of(locale, row);
        let answer = |at: usize| match cells.answers[at] {
            Some(answer) => say(locale, &format!("desk-answer-{answer}")),
            None => String::new(),
        };
        push_line(
            &mut out,
            &[
                (at + 1).to_string(),
                row.name.clone(),
                cells.person.clone(),
                cells.what.clone(),
                cells.grade.clone(),
                cells.awarded.clone(),
                answer(0),
                answer(1),
                answer(2),
                cells.why.clone(),
            ],
        );
    }
    out
}

fn push_line(out: &mut String, cells: &[String]) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        // A spreadsheet would run what begins like a formula (security.md row 18).
        let formula = cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']);
        let harmless = cell.replace('"', "\"\"").replace(['\r', '\n', '\t', '\0'], " ");
        let _ = write!(out, "\"{}{harmless}\"", if formula { "'" } else { "" });
    }
    out.push_str("\r\n");
}

fn filters(locale: Locale) -> String {
    let mut out = format!(
        "<form class=\"screen\"><fieldset class=\"filters\"><legend>{}</legend>",
        text(locale, "desk-filter")
    );
    for (at, kind) in
        ["all", "accept", "reject", "unknown", "unread", "dup"].into_iter().enumerate()
    {
        let checked = if at == 0 { " checked" } else { "" };
        let _ = write!(
            out,
            "<label class=\"inline\"><input type=\"radio\" name=\"filter\" value=\"{kind}\"{checked}>{}</label>",
            text(locale, &format!("desk-filter-{kind}"))
        );
    }
    out.push_str("</fieldset></form>\n");
    out
}

/// A batch at work or done.
pub fn batch(locale: Locale, batch: &Batch) -> Response {
    let (rows, finished) = batch.rows();
    let base = format!("/batch/{}", batch.id);
    let mut body = String::new();
    if !finished {
        let _ = writeln!(
            body,
            "<p role=\"status\">{}</p><p><label for=\"progress\">{}</label><progress id=\"progress\" max=\"{}\" value=\"{}\"></progress> \
             <span id=\"done\">{3}</span> / {2}</p>",
            text(locale, "desk-batch-working"),
            text(locale, "desk-batch-progress"),
            batch.total,
            rows.len(),
        );
    }
    body.push_str(&filters(locale));
    let from = if finished { String::new() } else { format!(" data-from=\"{base}/table\"") };
    let _ = writeln!(
        body,
        "{}<div id=\"table\" data-filter=\"all\"{from}>\n{}</div>",
        lost(locale),
        table(locale, &rows, finished, &format!("{base}/rows/"))
    );
    if finished {
        let _ = write!(
            body,
            "<p class=\"row screen\"><a class=\"button\" href=\"{base}/table.csv\" download>{}</a> ",
            text(locale, "desk-csv")
        );
        if let Some(number) = batch.number() {
            let _ = write!(
                body,
                "<a class=\"button quiet\" href=\"/receipts/{}\">{}</a> ",
                escape(&number),
                text(locale, "desk-receipt-page")
            );
        }
        let _ = writeln!(
            body,
            "<button type=\"button\" class=\"quiet\" id=\"print\">{}</button></p>",
            text(locale, "desk-print")
        );
        let when = batch.at.to_kst_text();
        let _ = write!(
            body,
            "<p class=\"soft\">{}</p>",
            escape(&say_with(locale, "desk-batch-when", &[("when", &when)]))
        );
    }
    let count = batch.total.to_string();
    let title = say_with(locale, "desk-batch-title", &[("count", &count)]);
    framed(
        locale,
        &Frame {
            title: &title,
            body: &body,
            at: "/",
            wide: true,
            reload: !finished,
            ..Frame::default()
        },
    )
}

/// The form for a new collection.
pub fn collections(locale: Locale, open: bool, tomorrow: &str, problem: Option<&str>) -> Response {
    let problem = problem.map(|id| say(locale, id));
    let mut body = told(locale, problem.as_deref());
    let _ = writeln!(body, "<p>{}</p>", text(locale, "desk-collections-lead"));
    if open {
        let _ = write!(
            body,
            "<form method=\"post\" action=\"/collections\" class=\"card\"><label for=\"template\">{}</label><select id=\"template\" name=\"template\">",
            text(locale, "desk-collection-what")
        );
        for template in Template::ALL {
            let _ = write!(
                body,
                "<option value=\"{}\">{}</option>",
                template.as_str(),
                escape(words(locale, &template.purpose()))
            );
        }
        let _ = writeln!(
            body,
            "</select><label for=\"purpose\">{}</label><input id=\"purpose\" name=\"purpose\" maxlength=\"120\" required aria-describedby=\"purpose-hint\">\
             <p class=\"soft\" id=\"purpose-hint\">{}</p>\
             <label for=\"deadline\">{}</label><input id=\"deadline\" type=\"date\" name=\"deadline\" value=\"{}\" required>\
             <p><button>{}</button></p></form>",
            text(locale, "desk-collection-purpose"),
            text(locale, "desk-collection-purpose-hint"),
            text(locale, "desk-collection-deadline"),
            escape(tomorrow),
            text(locale, "desk-collection-make"),
        );
    } else {
        let _ = writeln!(body, "<p class=\"soft\">{}</p>", text(locale, "desk-ask-closed"));
    }
    let _ = write!(
        body,
        "<h2>{}</h2><p>{}</p>\
         <form id=\"files-form\" method=\"post\" action=\"/batch\" enctype=\"multipart/form-data\" class=\"card\" data-send data-limits='{}'>\
         <label for=\"batch-files\">{}</label><input id=\"batch-files\" type=\"file\" name=\"file\" multiple required>\
         <p><button>{}</button></p></form>",
        text(locale, "desk-batch-make"),
        text(locale, "desk-batch-lead"),
        many_limits(),
        text(locale, "desk-batch-files"),
        text(locale, "verifier-verify-button"),
    );
    let title = say(locale, "desk-collections-title");
    framed(locale, &Frame { title: &title, body: &body, at: "/collections", ..Frame::default() })
}

/// What the owner's page of a collection shows.
pub struct CollectionView<'a> {
    /// The collection.
    pub collection: &'a Collection,
    /// Link for applicants.
    pub link: &'a str,
    /// Spoken code.
    pub code: Option<Spoken>,
    /// Still open.
    pub open: bool,
    /// Its answers as rows.
    pub rows: &'a [(usize, Row)],
}

/// The owner's page.
pub fn collection(locale: Locale, view: &CollectionView<'_>) -> Response {
    let one = view.collection;
    let base = format!("/collections/{}", one.owner);
    let mut body = format!(
        "<div class=\"ask\"><div><p><img class=\"qr\" src=\"/c/{}/qr.svg\" alt=\"{}\"></p>{}\
         <p><label for=\"link\">{}</label><input id=\"link\" readonly value=\"{}\"></p>\
         <p class=\"screen\"><button type=\"button\" class=\"quiet\" data-copy=\"{4}\" data-done=\"{}\">{}</button></p></div>",
        one.public,
        text(locale, "desk-collection-alt"),
        spoken(locale, view.code.as_ref()),
        text(locale, "desk-collection-link"),
        escape(view.link),
        text(locale, "desk-copied"),
        text(locale, "desk-copy"),
    );
    let state = if view.open { "desk-collection-open" } else { "desk-collection-closed" };
    let _ = writeln!(
        body,
        "<div><table><tr><th scope=\"row\">{}</th><td>{}</td></tr><tr><th scope=\"row\">{}</th><td>{}</td></tr>\
         <tr><th scope=\"row\">{}</th><td>{}</td></tr></table><p class=\"soft\">{}</p></div></div>",
        text(locale, "verdict-note-purpose"),
        foreign(words(locale, &one.purpose)),
        text(locale, "desk-collection-deadline"),
        escape(&one.deadline.to_kst_text()),
        text(locale, "verdict-note-state"),
        text(locale, state),
        text(locale, "desk-collection-secret"),
    );
    let _ = writeln!(body, "<h2>{}</h2>", text(locale, "desk-collection-answers"));
    body.push_str(&filters(locale));
    let follow = if view.open {
        format!(" data-from=\"{base}/table\" data-slow=\"1\"")
    } else {
        String::new()
    };
    let _ = write!(
        body,
        "{}<div id=\"table\" data-filter=\"all\"{follow}>\n{}</div>\n\
         <p class=\"row screen\"><a class=\"button\" href=\"{base}/table.csv\" download>{}</a> \
         <button type=\"button\" class=\"quiet\" id=\"print\">{}</button></p>",
        lost(locale),
        table(locale, view.rows, !view.open, &format!("{base}/rows/")),
        text(locale, "desk-csv"),
        text(locale, "desk-print"),
    );
    let title = words(locale, &one.purpose).to_owned();
    framed(
        locale,
        &Frame { title: &title, body: &body, at: "/collections", wide: true, ..Frame::default() },
    )
}

/// What an applicant sees who follows the link.
pub fn collection_invitation(
    locale: Locale,
    one: &Collection,
    who: &str,
    deep_link: &str,
    code: Option<&Spoken>,
) -> Response {
    let asked = one.template().map(|template| words(locale, &template.purpose()).to_owned());
    let body = format!(
        "<table><tr><th scope=\"row\">{}</th><td>{}</td></tr><tr><th scope=\"row\">{}</th><td>{}</td></tr>\
         <tr><th scope=\"row\">{}</th><td>{}</td></tr><tr><th scope=\"row\">{}</th><td>{}</td></tr></table>\n\
         <p>{}</p><p><a class=\"button\" href=\"{}\">{}</a></p>\
         <p>{}</p><p><img class=\"qr\" src=\"/c/{}/qr.svg\" alt=\"{}\"></p>{}<p class=\"soft\">{}</p>",
        text(locale, "verifier-request-who"),
        escape(who),
        text(locale, "verifier-request-why"),
        foreign(words(locale, &one.purpose)),
        text(locale, "desk-collection-what"),
        escape(&asked.unwrap_or_default()),
        text(locale, "desk-collection-deadline"),
        escape(&one.deadline.to_kst_text()),
        text(locale, "desk-invitation-here"),
        escape(deep_link),
        text(locale, "verifier-request-open"),
        text(locale, "verifier-request-scan"),
        one.public,
        text(locale, "desk-collection-alt"),
        spoken(locale, code),
        text(locale, "desk-invitation-once"),
    );
    page(locale, &say(locale, "verifier-request-title"), &body)
}

/// The deadline has passed.
pub fn collection_over(locale: Locale, one: &Collection) -> Response {
    let when = one.deadline.to_kst_text();
    let body =
        format!("<p>{}</p>", escape(&say_with(locale, "desk-collection-over", &[("when", &when)])));
    page(locale, &say(locale, "desk-collection-over-title"), &body)
}

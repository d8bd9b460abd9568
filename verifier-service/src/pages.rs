//! The pages: plain HTML, no script, one stylesheet. They show what the flow decided.
use std::fmt::Write as _;

use axum::response::Response;
use credential_verification::{
    Report,
    report::{Line, Words},
    session::{SessionRecord, SessionState},
    templates::Template,
};
use localized_text::{Locale, say, say_with};
use web_kit::page::{escape, layout};

fn words(locale: Locale, words: &Words) -> &str {
    match locale {
        Locale::Ko => &words.ko,
        Locale::En => &words.en,
    }
}

fn text(locale: Locale, id: &str) -> String {
    escape(&say(locale, id))
}

fn navigation(locale: Locale) -> String {
    let (other, name) = match locale {
        Locale::Ko => ("en", "English"),
        Locale::En => ("ko", "한국어"),
    };
    format!(
        "<nav class=\"soft\"><a href=\"/\">{}</a> · <a href=\"/verify\">{}</a> · \
         <a href=\"?lang={other}\" hreflang=\"{other}\" lang=\"{other}\">{name}</a></nav>",
        text(locale, "verifier-nav-home"),
        text(locale, "verifier-nav-verify"),
    )
}

fn page(locale: Locale, title: &str, body: &str) -> Response {
    layout(locale, title, &format!("{}\n<h1>{}</h1>\n{body}", navigation(locale), escape(title)))
}

/// The front page.
pub fn home(locale: Locale, name: &Words, open: bool) -> Response {
    let mut body =
        format!("<p>{}</p>\n<ul class=\"verdict\">\n", text(locale, "verifier-home-lead"));
    for template in Template::ALL {
        let purpose = template.purpose();
        if !open {
            // Without the token the buttons would only be refused.
            let purpose = escape(words(locale, &purpose));
            let _ = writeln!(body, "<li><strong>{purpose}</strong></li>");
            continue;
        }
        let _ = writeln!(
            body,
            "<li><form method=\"post\" action=\"/requests\">\
             <p><strong>{}</strong></p>\
             <input type=\"hidden\" name=\"template\" value=\"{}\">\
             <p><button name=\"same_device\" value=\"0\">{}</button> \
             <button name=\"same_device\" value=\"1\">{}</button></p></form></li>",
            escape(words(locale, &purpose)),
            template.as_str(),
            text(locale, "verifier-home-qr"),
            text(locale, "verifier-home-here"),
        );
    }
    let _ = write!(
        body,
        "</ul>\n<p><a href=\"/verify\">{}</a></p>",
        text(locale, "verifier-home-verify")
    );
    page(locale, &say_with(locale, "verifier-home-title", &[("name", words(locale, name))]), &body)
}

/// What the page of an open request shows.
pub struct Waiting<'a> {
    /// The session.
    pub session: &'a SessionRecord,
    /// Link for the wallet.
    pub deep_link: &'a str,
    /// Path of the QR code.
    pub qr: &'a str,
    /// Who asks.
    pub name: &'a Words,
}

/// An open request.
pub fn waiting(locale: Locale, waiting: &Waiting<'_>) -> Response {
    let asked = &waiting.session.asked;
    let mut body = format!(
        "<table><tr><th>{}</th><td>{}</td></tr><tr><th>{}</th><td>{}</td></tr>\
         <tr><th>{}</th><td>{}</td></tr></table>\n",
        text(locale, "verifier-request-who"),
        escape(words(locale, waiting.name)),
        text(locale, "verifier-request-why"),
        escape(words(locale, &asked.purpose)),
        text(locale, "verifier-request-until"),
        escape(&waiting.session.expires.to_kst_text()),
    );
    if asked.same_device {
        let _ = writeln!(
            body,
            "<p>{}</p>\n<p><a href=\"{}\"><strong>{}</strong></a></p>",
            text(locale, "verifier-request-here"),
            escape(waiting.deep_link),
            text(locale, "verifier-request-open"),
        );
    } else {
        let _ = writeln!(
            body,
            "<p>{}</p>\n<p><img class=\"qr\" src=\"{}\" alt=\"{}\"></p>\n\
             <p>{}</p>\n<p class=\"match\">{}</p>\n<p><a href=\"{}\">{}</a></p>",
            text(locale, "verifier-request-scan"),
            escape(waiting.qr),
            text(locale, "verifier-request-alt"),
            text(locale, "verifier-request-match"),
            escape(&asked.match_code),
            escape(waiting.deep_link),
            text(locale, "verifier-request-open"),
        );
    }
    let _ = write!(body, "<p class=\"soft\">{}</p>", text(locale, "verifier-request-refresh"));
    page(locale, &say(locale, "verifier-request-title"), &body)
}

/// Same device: answered, but the browser has not come back yet.
pub fn come_back(locale: Locale) -> Response {
    let body = format!("<p>{}</p>", text(locale, "verifier-come-back"));
    page(locale, &say(locale, "verifier-come-back-title"), &body)
}

/// The result belongs to another browser.
pub fn not_this_browser(locale: Locale) -> Response {
    let body = format!("<p>{}</p>", text(locale, "verifier-other-browser"));
    page(locale, &say(locale, "verifier-other-browser-title"), &body)
}

/// A request that is over without a report.
pub fn ended(locale: Locale, state: SessionState) -> Response {
    let id = match state {
        SessionState::Expired => "verifier-ended-expired",
        SessionState::Refused => "verifier-ended-refused",
        _ => "verifier-ended-other",
    };
    let body = format!(
        "<p>{}</p><p><a href=\"/\">{}</a></p>",
        text(locale, id),
        text(locale, "verifier-ended-again")
    );
    page(locale, &say(locale, "verifier-ended-title"), &body)
}

/// The form for pasting and uploading.
pub fn verify_form(locale: Locale, problem: Option<&str>) -> Response {
    let problem = problem
        .map(|problem| {
            format!(
                "<p class=\"verdict no\" role=\"alert\"><strong>{}</strong></p>",
                escape(problem)
            )
        })
        .unwrap_or_default();
    let body = format!(
        "{problem}<p>{}</p>\n<form method=\"post\" action=\"/verify\" enctype=\"multipart/form-data\">\
         <p><label for=\"credential\">{}</label></p>\
         <p><textarea id=\"credential\" name=\"credential\" spellcheck=\"false\"></textarea></p>\
         <p><label for=\"file\">{}</label></p>\
         <p><input id=\"file\" type=\"file\" name=\"file\" accept=\".json,.txt,.jwt,image/png,image/jpeg\"></p>\
         <p><label for=\"at\">{}</label></p>\
         <p><input id=\"at\" type=\"date\" name=\"at\"></p>\
         <p><button>{}</button></p></form>\n<p class=\"soft\">{}</p>",
        text(locale, "verifier-verify-lead"),
        text(locale, "verifier-verify-paste"),
        text(locale, "verifier-verify-upload"),
        text(locale, "verifier-verify-day"),
        text(locale, "verifier-verify-button"),
        text(locale, "verifier-verify-privacy"),
    );
    page(locale, &say(locale, "verifier-verify-title"), &body)
}

/// The report, readable by a layman.
pub fn report(locale: Locale, report: &Report) -> Response {
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
        "<ul class=\"verdict\"><li class=\"{state}\"><strong>{}</strong><br>{}</li></ul>",
        escape(&sections.title),
        escape(&sections.summary),
    );
    body.push_str("<ul class=\"verdict\">\n");
    for question in &sections.questions {
        let _ = writeln!(
            body,
            "<li class=\"{}\">{}<br><strong>{}</strong></li>",
            question.state,
            escape(&question.label),
            escape(&question.value)
        );
    }
    body.push_str("</ul>\n");
    list(&mut body, &say(locale, "verdict-section-actions"), &sections.actions);
    for (heading, lines) in &sections.credentials {
        heading_and_table(&mut body, heading, lines);
    }
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
    heading_and_table(&mut body, &say(locale, "verdict-section-checks"), &sections.checks);
    heading_and_table(&mut body, &say(locale, "verifier-report-notes"), &sections.notes);
    page(locale, &say(locale, "verdict-title"), &body)
}

fn list(body: &mut String, heading: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    let _ = writeln!(body, "<h2>{}</h2>\n<ul>", escape(heading));
    for item in items {
        let _ = writeln!(body, "<li>{}</li>", escape(item));
    }
    body.push_str("</ul>\n");
}

fn heading_and_table(body: &mut String, heading: &str, lines: &[Line]) {
    let _ = writeln!(body, "<h2>{}</h2>\n<table>", escape(heading));
    for line in lines {
        let _ = writeln!(
            body,
            "<tr class=\"{}\"><th scope=\"row\">{}</th><td>{}</td></tr>",
            answer_class(line.state),
            escape(&line.label),
            escape(&line.value)
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

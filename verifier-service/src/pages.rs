//! The pages: HTML that works without a script, one look, small scripts that help. They show what
//! the flow decided.
use std::fmt::Write as _;

use axum::response::Response;
use credential_verification::{
    report::Words,
    session::{SessionRecord, SessionState},
    templates::Template,
};
use localized_text::{Locale, say, say_with};
use web_kit::{
    assets::Asset,
    page::{Document, document, escape},
};

mod evidence;
mod many;
mod verdict;

pub use evidence::{code_form, receipt, replayed};
pub use many::{
    CollectionView, batch, collection, collection_invitation, collection_over, collections, csv,
    table,
};
pub use verdict::{Extras, report};

use crate::desk::{batch as limits, intake};

static DESK_JS: Asset = Asset::new("desk", "js", include_bytes!("assets/desk.js"));
static DESK_CSS: Asset = Asset::new("desk", "css", include_bytes!("assets/desk.css"));

/// Everything served below `/assets`.
pub static ASSETS: [&Asset; 3] = [&DESK_JS, &DESK_CSS, &crate::shares::page::SHARE_JS];

fn words(locale: Locale, words: &Words) -> &str {
    match locale {
        Locale::Ko => &words.ko,
        Locale::En => &words.en,
    }
}

/// Text of a stranger: escaped, and isolated so that it cannot turn the line around it.
fn foreign(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<bdi>{}</bdi>", escape(text)) }
}

fn text(locale: Locale, id: &str) -> String {
    escape(&say(locale, id))
}

/// What differs from page to page.
#[derive(Default)]
struct Frame<'a> {
    title: &'a str,
    body: &'a str,
    /// The path that the navigation marks as the present one.
    at: &'a str,
    wide: bool,
    reload: bool,
    /// Where this page can be had again, for the other language; the same address when empty.
    again: &'a str,
}

const PLACES: [(&str, &str); 4] = [
    ("/", "desk-nav-check"),
    ("/ask", "desk-nav-ask"),
    ("/collections", "desk-nav-many"),
    ("/offline", "desk-nav-offline"),
];

fn framed(locale: Locale, frame: &Frame<'_>) -> Response {
    let (other, name) = match locale {
        Locale::Ko => ("en", "English"),
        Locale::En => ("ko", "한국어"),
    };
    let mut nav = format!(
        "<nav aria-label=\"{}\"><a class=\"brand\" href=\"/\">Sinpyo</a>",
        text(locale, "desk-nav-label")
    );
    for (path, id) in PLACES {
        let here = if path == frame.at { " aria-current=\"page\"" } else { "" };
        let _ = write!(nav, " <a href=\"{path}\"{here}>{}</a>", text(locale, id));
    }
    let _ = write!(
        nav,
        " <a href=\"{}?lang={other}\" hreflang=\"{other}\" lang=\"{other}\">{name}</a></nav>",
        escape(frame.again),
    );
    let body = format!("{nav}\n<h1>{}</h1>\n{}", escape(frame.title), frame.body);
    let (styles, scripts) = ([DESK_CSS.path()], [DESK_JS.path()]);
    document(
        locale,
        &Document {
            title: frame.title,
            body: &body,
            styles: &styles,
            scripts: &scripts,
            wide: frame.wide,
            reload_without_script: frame.reload.then_some(3),
            ..Document::default()
        },
    )
}

fn page(locale: Locale, title: &str, body: &str) -> Response {
    framed(locale, &Frame { title, body, ..Frame::default() })
}

/// The front page: scan, drop, paste.
pub fn home(locale: Locale, name: &Words, problem: Option<&str>) -> Response {
    let mut body = format!(
        "<p class=\"soft\">{}</p>\n",
        escape(&say_with(locale, "desk-home-lead", &[("name", words(locale, name))]))
    );
    body.push_str(&intake_form(locale, problem));
    let _ = write!(
        body,
        "<ul class=\"grid\"><li class=\"card\"><h2>{}</h2><p>{}</p><p><a class=\"button quiet\" href=\"/ask\">{}</a></p></li>\
         <li class=\"card\"><h2>{}</h2><p>{}</p><p><a class=\"button quiet\" href=\"/collections\">{}</a></p></li></ul>\n\
         <p class=\"soft\">{}</p>",
        text(locale, "desk-home-ask"),
        text(locale, "desk-home-ask-lead"),
        text(locale, "desk-nav-ask"),
        text(locale, "desk-home-many"),
        text(locale, "desk-home-many-lead"),
        text(locale, "desk-nav-many"),
        text(locale, "verifier-verify-privacy"),
    );
    let title = say(locale, "verifier-verify-title");
    framed(locale, &Frame { title: &title, body: &body, at: "/", ..Frame::default() })
}

/// Sentences that the script needs, by key.
const SPOKEN: [(&str, &str); 8] = [
    ("nothing", "verifier-verify-nothing"),
    ("too-large", "desk-refused-too-large"),
    ("batch-too-large", "desk-batch-too-large"),
    ("batch-too-many", "desk-batch-too-many"),
    ("camera-refused", "desk-camera-refused"),
    ("offline", "desk-offline"),
    ("unsent", "desk-unsent"),
    ("busy", "desk-busy"),
];

/// What a page with an upload says: what is wrong with it, that it is on its way, that it did not
/// get there.
fn told(locale: Locale, problem: Option<&str>) -> String {
    let mut out = format!(
        "<p id=\"complaint\" class=\"verdict no\" role=\"alert\" tabindex=\"-1\"{}><strong>{}</strong></p>\n\
         <p id=\"sending\" role=\"status\" hidden>{} <progress max=\"1\" value=\"0\" aria-label=\"{}\"></progress></p>\n\
         <div id=\"unsent\" class=\"told\" role=\"alert\" hidden><p><strong></strong></p>\
         <p><button type=\"button\" id=\"resend\">{}</button></p></div>\n<div hidden>",
        if problem.is_some() { "" } else { " hidden" },
        escape(problem.unwrap_or_default()),
        text(locale, "desk-sending"),
        text(locale, "desk-sending"),
        text(locale, "desk-resend"),
    );
    for (key, id) in SPOKEN {
        let _ = write!(out, "<span data-text=\"{key}\">{}</span>", text(locale, id));
    }
    out.push_str("</div>\n");
    out
}

/// What a form with files may hold, for the script that looks before it sends.
fn many_limits() -> String {
    format!("{{\"all\":{},\"files\":{}}}", limits::MAX_UPLOAD_BYTES, limits::MAX_DOCUMENTS)
}

fn intake_form(locale: Locale, problem: Option<&str>) -> String {
    let mut out = told(locale, problem);
    let _ = write!(
        out,
        "<form id=\"one\" method=\"post\" action=\"/verify\" enctype=\"multipart/form-data\" data-send \
         data-limits='{{\"one\":{},\"all\":{},\"files\":{}}}'>\n\
         <div id=\"drop\"><p class=\"row\"><button type=\"button\" id=\"scan\" hidden>{}</button></p>\n\
         <div id=\"viewfinder\" hidden><video id=\"camera\" muted playsinline aria-label=\"{}\"></video>\
         <p class=\"row\"><span>{}</span> <button type=\"button\" class=\"quiet\" id=\"stop\">{}</button></p></div>\n\
         <label for=\"file\">{}</label>\
         <input id=\"file\" type=\"file\" name=\"file\" multiple accept=\".json,.txt,.jwt,.pdf,.zip,.svg,image/png,image/jpeg\">\n\
         <p class=\"soft\">{}</p></div>\n",
        intake::MAX_DOCUMENT_BYTES,
        limits::MAX_UPLOAD_BYTES,
        limits::MAX_DOCUMENTS,
        text(locale, "desk-scan"),
        text(locale, "desk-viewfinder"),
        text(locale, "desk-scanning"),
        text(locale, "desk-scan-stop"),
        text(locale, "desk-drop"),
        text(locale, "desk-drop-hint"),
    );
    let _ = write!(
        out,
        "<label for=\"credential\">{}</label>\
         <textarea id=\"credential\" name=\"credential\" spellcheck=\"false\" autocomplete=\"off\"></textarea>\n\
         <details><summary>{}</summary><label for=\"at\">{}</label>\
         <input id=\"at\" type=\"date\" name=\"at\" aria-describedby=\"at-hint\">\
         <p class=\"soft\" id=\"at-hint\">{}</p></details>\n\
         <p><button>{}</button></p></form>\n\
         <form id=\"many\" method=\"post\" action=\"/batch\" enctype=\"multipart/form-data\" data-send data-limits='{}' hidden>\
         <input id=\"files\" type=\"file\" name=\"file\" multiple aria-label=\"{}\"></form>\n",
        text(locale, "verifier-verify-paste"),
        text(locale, "desk-another-day"),
        text(locale, "verifier-verify-day"),
        text(locale, "desk-another-day-hint"),
        text(locale, "verifier-verify-button"),
        many_limits(),
        text(locale, "desk-drop"),
    );
    out
}

/// What this desk can ask wallets for.
pub fn ask(locale: Locale, open: bool) -> Response {
    let mut body = format!("<p>{}</p>\n", text(locale, "verifier-home-lead"));
    if !open {
        let _ = writeln!(body, "<p class=\"soft\">{}</p>", text(locale, "desk-ask-closed"));
    }
    body.push_str("<ul class=\"grid loose\">\n");
    for template in Template::ALL {
        let purpose = escape(words(locale, &template.purpose()));
        if !open {
            let _ = writeln!(body, "<li class=\"card\"><strong>{purpose}</strong></li>");
            continue;
        }
        let position = match template {
            Template::DroneField => position_fields(locale),
            _ => String::new(),
        };
        let _ = writeln!(
            body,
            "<li class=\"card\"><form method=\"post\" action=\"/requests\"><h2>{purpose}</h2>{position}\
             <input type=\"hidden\" name=\"template\" value=\"{}\">\
             <p class=\"row\"><button name=\"same_device\" value=\"0\">{}</button> \
             <button class=\"quiet\" name=\"same_device\" value=\"1\">{}</button></p></form></li>",
            template.as_str(),
            text(locale, "verifier-home-qr"),
            text(locale, "verifier-home-here"),
        );
    }
    body.push_str("</ul>\n");
    let title = say(locale, "desk-ask-title");
    framed(locale, &Frame { title: &title, body: &body, at: "/ask", ..Frame::default() })
}

fn position_fields(locale: Locale) -> String {
    let mut out = format!(
        "<p><button type=\"button\" class=\"quiet\" id=\"locate\" hidden>{}</button></p>\
         <p id=\"no-fix\" class=\"told\" role=\"alert\" hidden>{}</p><div class=\"pairs\">",
        text(locale, "desk-position-here"),
        text(locale, "desk-position-none"),
    );
    for (name, example) in
        [("lat", "37.2000"), ("lon", "126.8100"), ("accuracy_m", "10"), ("agl_m", "80")]
    {
        let _ = write!(
            out,
            "<p><label for=\"{name}\">{}</label><input id=\"{name}\" name=\"{name}\" inputmode=\"decimal\" placeholder=\"{example}\"></p>",
            text(locale, &format!("desk-position-{}", name.replace('_', "-"))),
        );
    }
    out.push_str("</div>");
    out
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
    /// The spoken code.
    pub code: Option<Spoken>,
    /// Where the request stands.
    pub state: SessionState,
}

/// An open request.
pub fn waiting(locale: Locale, waiting: &Waiting<'_>) -> Response {
    let asked = &waiting.session.asked;
    let mut body = String::from("<div class=\"ask\">\n<div>");
    if asked.same_device {
        let _ = writeln!(
            body,
            "<p>{}</p>\n<p><a class=\"button\" href=\"{}\">{}</a></p>",
            text(locale, "verifier-request-here"),
            escape(waiting.deep_link),
            text(locale, "verifier-request-open"),
        );
    } else {
        let _ = writeln!(
            body,
            "<p>{}</p>\n<p><img class=\"qr\" src=\"{}\" alt=\"{}\"></p>\n{}<p><a href=\"{}\">{}</a></p>",
            text(locale, "verifier-request-scan"),
            escape(waiting.qr),
            text(locale, "verifier-request-alt"),
            spoken(locale, waiting.code.as_ref()),
            escape(waiting.deep_link),
            text(locale, "verifier-request-open"),
        );
    }
    let _ = write!(
        body,
        "</div>\n<div><table><tr><th scope=\"row\">{}</th><td>{}</td></tr><tr><th scope=\"row\">{}</th><td>{}</td></tr>\
         <tr><th scope=\"row\">{}</th><td>{}</td></tr></table>\n",
        text(locale, "verifier-request-who"),
        escape(words(locale, waiting.name)),
        text(locale, "verifier-request-why"),
        foreign(words(locale, &asked.purpose)),
        text(locale, "verifier-request-until"),
        escape(&waiting.session.expires.to_kst_text()),
    );
    if !asked.same_device {
        let _ = write!(
            body,
            "<p>{}</p>\n<p class=\"match\">{}</p>\n",
            text(locale, "verifier-request-match"),
            escape(&asked.match_code),
        );
    }
    let _ = write!(body, "<h2>{}</h2><ol id=\"steps\">", text(locale, "desk-steps"));
    for state in ["requested", "fetched", "answered"] {
        let here = if state == state_name(waiting.state) { " aria-current=\"step\"" } else { "" };
        let step = text(locale, &format!("desk-step-{state}"));
        let _ = write!(body, "<li data-step=\"{state}\"{here}>{step}</li>");
    }
    let _ = write!(
        body,
        "</ol><p id=\"said\" class=\"skip\" aria-live=\"polite\"></p>{}\
         <p class=\"soft\" data-live=\"/r/{}/state\" data-state=\"{}\">{}</p></div>\n</div>",
        lost(locale),
        waiting.session.id,
        state_name(waiting.state),
        text(locale, "verifier-request-refresh"),
    );
    let title = say(locale, "verifier-request-title");
    framed(
        locale,
        &Frame { title: &title, body: &body, at: "/ask", reload: true, ..Frame::default() },
    )
}

/// What a page that follows something says while the net is away.
fn lost(locale: Locale) -> String {
    format!(
        "<p id=\"lost\" class=\"told\" role=\"status\" hidden>{}</p>",
        text(locale, "desk-lost")
    )
}

/// The name of a stage in the page's progress.
pub fn state_name(state: SessionState) -> &'static str {
    match state {
        SessionState::Requested => "requested",
        SessionState::Fetched => "fetched",
        SessionState::Answered | SessionState::Shown => "answered",
        SessionState::Refused => "refused",
        SessionState::Expired => "expired",
    }
}

/// What can be said where a QR code cannot be seen.
pub struct Spoken {
    /// Eight digits in two groups.
    pub digits: String,
    /// Where they are typed, as one says it: host and path.
    pub place: String,
}

/// The code beside a QR, to read aloud or type.
fn spoken(locale: Locale, spoken: Option<&Spoken>) -> String {
    let Some(spoken) = spoken else { return String::new() };
    format!(
        "<p>{} <a href=\"/code\">{}</a></p>\n<p class=\"spoken\">{}</p>\n",
        text(locale, "desk-code-instead"),
        escape(&spoken.place),
        escape(&spoken.digits)
    )
}

/// Where a typed code leads: who asks, why, and the wallet's link.
pub fn typed(locale: Locale, session: &SessionRecord, name: &Words, link: &str) -> Response {
    let body = format!(
        "<table><tr><th scope=\"row\">{}</th><td>{}</td></tr><tr><th scope=\"row\">{}</th><td>{}</td></tr></table>\n\
         <p>{}</p><p class=\"match\">{}</p><p><a class=\"button\" href=\"{}\">{}</a></p>",
        text(locale, "verifier-request-who"),
        escape(words(locale, name)),
        text(locale, "verifier-request-why"),
        foreign(words(locale, &session.asked.purpose)),
        text(locale, "verifier-request-match"),
        escape(&session.asked.match_code),
        escape(link),
        text(locale, "verifier-request-open"),
    );
    page(locale, &say(locale, "verifier-request-title"), &body)
}

/// Same device: answered, but the browser has not come back yet.
pub fn come_back(locale: Locale) -> Response {
    let body = format!("<p>{}</p>", text(locale, "verifier-come-back"));
    let title = say(locale, "verifier-come-back-title");
    framed(locale, &Frame { title: &title, body: &body, reload: true, ..Frame::default() })
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
        "<p>{}</p><p><a class=\"button\" href=\"/ask\">{}</a></p>",
        text(locale, id),
        text(locale, "verifier-ended-again")
    );
    page(locale, &say(locale, "verifier-ended-title"), &body)
}

/// Something a person asked for is not there; told plainly.
pub fn gone(locale: Locale, message: &str) -> Response {
    let body = format!(
        "<p>{}</p><p><a href=\"/\">{}</a></p>",
        text(locale, message),
        text(locale, "desk-nav-check")
    );
    page(locale, &say(locale, "desk-gone-title"), &body)
}

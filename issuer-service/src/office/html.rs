//! Pieces of pages. Whatever comes from outside goes through `text` or `odd`.

use std::fmt::Write as _;

use axum::http::StatusCode;
use axum::response::Response;
use credential_issuance::bulk::{FileFault, RowFinding};
use credential_model::moment::Moment;
use localized_text::{Locale, say, say_with};
use officer_access::Permission;
use web_kit::page::{Document, document, escape};

use super::desk_gate::Desk;

/// A sentence of the catalogue, escaped.
pub(super) fn t(locale: Locale, id: &str) -> String {
    escape(&say(locale, id))
}

/// A sentence with values, escaped.
pub(super) fn tw(locale: Locale, id: &str, values: &[(&str, &str)]) -> String {
    escape(&say_with(locale, id, values))
}

/// Foreign text: escaped, its direction kept to itself, so that it cannot turn the line around it.
pub(super) fn text(foreign: &str) -> String {
    format!("<bdi>{}</bdi>", escape(foreign))
}

/// An id or a code: in a face where `l` and `1` differ.
pub(super) fn code(id: &str) -> String {
    format!("<code>{}</code>", escape(id))
}

/// A moment for people, with the exact one for programs.
pub(super) fn moment(at: Moment) -> String {
    format!("<time datetime=\"{at}\">{}</time>", escape(&at.to_kst_text()))
}

/// A percent-encoded value for a query.
pub(super) fn query(pairs: &[(&str, &str)]) -> String {
    let mut line = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        line.append_pair(name, value);
    }
    let line = line.finish();
    if line.is_empty() { line } else { format!("?{}", escape(&line)) }
}

/// A status or stage as a chip: colour and word, never colour alone.
pub(super) fn chip(locale: Locale, family: &str, value: &str) -> String {
    let class = match value {
        "valid" | "issued" | "done" | "anchored" | "active" | "approved" | "redeemed" => "yes",
        "revoked" | "dead" | "refused" | "compromised" | "cancelled" | "failed" => "no",
        "suspended" | "waiting" | "created" | "prepared" | "sent" => "unknown",
        _ => "soft",
    };
    let id = format!("office-{family}-{}", value.replace('_', "-"));
    let word = if localized_text::has(locale, &id) { say(locale, &id) } else { value.to_owned() };
    format!("<span class=\"chip {class}\">{}</span>", escape(&word))
}

/// A labelled input. `more` are further attributes, already safe.
pub(super) fn input(locale: Locale, name: &str, label: &str, value: &str, more: &str) -> String {
    format!(
        "<label for=\"{name}\">{}</label>\n<input id=\"{name}\" name=\"{name}\" value=\"{}\" {more}>\n",
        t(locale, label),
        escape(value),
    )
}

/// A labelled choice of values with their words.
pub(super) fn select(
    locale: Locale,
    name: &str,
    label: &str,
    chosen: &str,
    options: &[(String, String)],
) -> String {
    let mut html = format!(
        "<label for=\"{name}\">{}</label>\n<select id=\"{name}\" name=\"{name}\">",
        t(locale, label)
    );
    for (value, word) in options {
        let selected = if value == chosen { " selected" } else { "" };
        let _ =
            write!(html, "<option value=\"{}\"{selected}>{}</option>", escape(value), escape(word));
    }
    html.push_str("</select>\n");
    html
}

/// The hidden field every form carries.
pub(super) fn csrf(desk: &Desk) -> String {
    format!("<input type=\"hidden\" name=\"csrf\" value=\"{}\">", escape(&desk.seat.csrf))
}

/// Rows of label and safe HTML.
pub(super) fn facts(locale: Locale, rows: &[(&str, String)]) -> String {
    let mut html = String::from("<table class=\"facts\"><tbody>\n");
    for (label, value) in rows {
        let value = if value.is_empty() { "<span class=\"soft\">–</span>" } else { value };
        let _ =
            writeln!(html, "<tr><th scope=\"row\">{}</th><td>{value}</td></tr>", t(locale, label));
    }
    html.push_str("</tbody></table>\n");
    html
}

/// A table with headings; cells are safe HTML. A sentence where there are no rows.
pub(super) fn table(
    locale: Locale,
    caption: &str,
    heads: &[&str],
    rows: &[Vec<String>],
    nothing: &str,
) -> String {
    if rows.is_empty() {
        return format!("<p class=\"empty\">{}</p>\n", t(locale, nothing));
    }
    let mut html = format!(
        "<div class=\"scroll card table\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table>\n<thead><tr>",
        t(locale, caption)
    );
    for head in heads {
        let _ = write!(html, "<th scope=\"col\">{}</th>", t(locale, head));
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        html.push_str("<tr>");
        for cell in row {
            let _ = write!(html, "<td>{cell}</td>");
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n");
    html
}

/// What is wrong with a row of a file: the column by its name, and a sentence.
pub(super) fn finding(locale: Locale, finding: &RowFinding) -> String {
    let id = format!("jobs-finding-{}", finding.code.replace('_', "-"));
    let column = finding.column.as_deref();
    if !localized_text::has(locale, &id) {
        // A place in the document: several columns together, or one that is not there.
        if column.is_none_or(|column| column.starts_with('/')) {
            return t(locale, "office-finding-row");
        }
        let column = column.unwrap_or("-");
        return tw(locale, "jobs-finding", &[("column", column), ("code", &finding.code)]);
    }
    let column =
        column.map_or(String::new(), |column| format!("<strong>{}</strong> ", text(column)));
    format!("{column}{}", t(locale, &id))
}

/// What is wrong with a file as a whole.
pub(super) fn file_fault(locale: Locale, fault: &FileFault) -> String {
    let id = format!("office-fault-{}", fault.code.replace('_', "-"));
    let sentence =
        if localized_text::has(locale, &id) { t(locale, &id) } else { code(&fault.code) };
    let column = fault
        .column
        .as_deref()
        .map_or(String::new(), |column| format!(" <strong>{}</strong>", text(column)));
    format!("{sentence}{column}")
}

/// What went well, or did not.
pub(super) fn note(good: bool, html: &str) -> String {
    let (class, role) = if good { ("yes", "status") } else { ("no", "alert") };
    format!("<p class=\"verdict {class}\" role=\"{role}\">{html}</p>\n")
}

/// What waits: neither good nor bad.
pub(super) fn waits(html: &str) -> String {
    format!("<p class=\"verdict unknown\" role=\"status\">{html}</p>\n")
}

/// The frame around a page: with the menu of whoever is signed in, or bare.
pub(super) struct Frame<'a> {
    locale: Locale,
    desk: Option<&'a Desk>,
}

/// The menu: permission, address, sentence.
const MENU: [(Option<Permission>, &str, &str); 10] = [
    (None, "/office", "office-nav-home"),
    (Some(Permission::Look), "/office/kinds", "office-nav-kinds"),
    (Some(Permission::Look), "/office/offers", "office-nav-offers"),
    (Some(Permission::Look), "/office/jobs", "office-nav-jobs"),
    (Some(Permission::Look), "/office/credentials", "office-nav-credentials"),
    (Some(Permission::Look), "/office/approvals", "office-nav-approvals"),
    (Some(Permission::Look), "/office/keys", "office-nav-keys"),
    (Some(Permission::Look), "/office/figures", "office-nav-figures"),
    (Some(Permission::Audit), "/office/audit", "office-nav-audit"),
    (None, "/office/account", "office-nav-account"),
];

impl<'a> Frame<'a> {
    pub(super) fn of(desk: &'a Desk) -> Self {
        Self { locale: desk.locale, desk: Some(desk) }
    }

    pub(super) fn plain(locale: Locale) -> Self {
        Self { locale, desk: None }
    }

    /// A page; `body` is safe HTML.
    pub(super) fn page(&self, title: &str, body: &str) -> Response {
        self.page_with(StatusCode::OK, title, "", body)
    }

    /// A page with its status and a line of buttons beside the title.
    pub(super) fn page_with(
        &self,
        status: StatusCode,
        title: &str,
        beside: &str,
        body: &str,
    ) -> Response {
        let locale = self.locale;
        let whole = format!("{} · {}", title, say(locale, "office-title"));
        let html = format!(
            "<a class=\"skip\" href=\"#content\">{skip}</a>\n{head}\n<div id=\"content\" class=\"office{bare}\">\n\
             <div class=\"titled\"><h1>{title}</h1><div class=\"row screen\">{beside}</div></div>\n{body}\n</div>\n\
             <p class=\"foot soft\">{foot}</p>",
            skip = t(locale, "office-skip"),
            head = self.head(),
            bare = if self.desk.is_none() { " bare" } else { "" },
            title = escape(title),
            foot = t(locale, "office-foot"),
        );
        let styles = [super::style_path()];
        let mut response = document(
            locale,
            &Document {
                title: &whole,
                body: &html,
                styles: &styles,
                wide: true,
                ..Document::default()
            },
        );
        *response.status_mut() = status;
        response
    }

    /// A page that says what is wrong and where to go on.
    pub(super) fn trouble(&self, status: StatusCode, id: &str) -> Response {
        let locale = self.locale;
        let body = format!(
            "{}<p><a class=\"button quiet\" href=\"/office\">{}</a></p>",
            note(false, &t(locale, id)),
            t(locale, "office-trouble-home"),
        );
        self.page_with(status, &say(locale, "office-trouble-title"), "", &body)
    }

    fn head(&self) -> String {
        let locale = self.locale;
        let (other, name) = match locale {
            Locale::Ko => ("en", "English"),
            Locale::En => ("ko", "한국어"),
        };
        let place = self.desk.map_or("/office/sign-in", |desk| desk.place.as_str());
        let language = format!(
            "<a href=\"/office/language{}\" hreflang=\"{other}\" lang=\"{other}\">{name}</a>",
            query(&[("to", other), ("back", place)])
        );
        let mark = "<svg class=\"mark\" viewBox=\"0 0 32 32\" aria-hidden=\"true\" focusable=\"false\">\
             <path d=\"M5 3h22v15c0 6-5 9-11 11C10 27 5 24 5 18z\" class=\"shield\"/>\
             <path d=\"M10.5 15.5l4 4 7.5-8.5\" class=\"tick\"/></svg>";
        let brand = format!(
            "<a class=\"brand\" href=\"/office\">{mark}<span>{}</span></a>",
            t(locale, "office-title")
        );
        let Some(desk) = self.desk else {
            return format!(
                "<header class=\"top\"><div class=\"bar\">{brand}<span class=\"who\">{language}</span></div></header>"
            );
        };
        let mut menu = String::new();
        for (needs, place, id) in MENU {
            if needs.is_some_and(|needs| !desk.may(needs)) {
                continue;
            }
            let path = desk.place.split('?').next().unwrap_or_default();
            let here =
                path == place || (place != "/office" && path.starts_with(&format!("{place}/")));
            let current = if here { " aria-current=\"page\"" } else { "" };
            let count = match desk.waiting {
                waiting if waiting > 0 && place == "/office/approvals" => format!(
                    " <span class=\"count\">{waiting}<span class=\"unseen\"> {}</span></span>",
                    t(locale, "office-nav-waiting")
                ),
                _ => String::new(),
            };
            let _ =
                write!(menu, "<li><a href=\"{place}\"{current}>{}{count}</a></li>", t(locale, id));
        }
        let roles: Vec<String> = desk
            .who()
            .roles
            .iter()
            .map(|role| t(locale, &format!("office-role-{}", role.as_str())))
            .collect();
        format!(
            "<header class=\"top\"><div class=\"bar\">{brand}<div class=\"who\"><span>{name} <span class=\"soft\">{roles}</span></span>{language}\
             <form method=\"post\" action=\"/office/sign-out\">{csrf}<button class=\"quiet small\">{leave}</button></form></div></div>\
             <nav aria-label=\"{label}\"><ul>{menu}</ul></nav></header>",
            name = text(&desk.who().name),
            roles = roles.join(", "),
            csrf = csrf(desk),
            leave = t(locale, "office-sign-out"),
            label = t(locale, "office-nav-label"),
        )
    }
}

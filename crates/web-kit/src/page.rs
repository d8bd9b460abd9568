//! Small server-rendered pages: usable without a script, one stylesheet, readable on paper.

use std::fmt::Write as _;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use localized_text::Locale;

/// Path at which a service serves [`stylesheet`].
pub const STYLESHEET_PATH: &str = "/style.css";

/// Text made safe for element content and quoted attributes.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // Characters that turn the writing direction could make a line read otherwise
            // than it was signed; a name needs none of them.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => {
                let _ = write!(safe, "<span class=\"odd\">U+{:04X}</span>", u32::from(c));
            }
            c if c.is_control() && c != '\n' && c != '\t' => {}
            c => safe.push(c),
        }
    }
    safe
}

/// The stylesheet that every page of both services begins with.
pub const BASE_CSS: &str = include_str!("../assets/base.css");

/// What the pages may do: their own styles, scripts, pictures and requests, nothing inline, nothing
/// foreign, no frame.
pub const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data: blob:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; \
     base-uri 'none'";

/// A page with more than text: its own styles and scripts, by address.
#[derive(Debug, Default)]
pub struct Document<'a> {
    /// Title of the window.
    pub title: &'a str,
    /// Safe HTML inside `<main>`.
    pub body: &'a str,
    /// Further stylesheets on this origin.
    pub styles: &'a [String],
    /// Module scripts on this origin; they run after the page is read.
    pub scripts: &'a [String],
    /// Reloads every so many seconds where no script runs.
    pub reload_without_script: Option<u8>,
    /// A wide page, for tables.
    pub wide: bool,
    /// Another policy than [`PAGE_POLICY`].
    pub policy: Option<&'static str>,
}

/// A whole page around `body`, which must already be safe HTML.
pub fn layout(locale: Locale, title: &str, body: &str) -> Response {
    document(locale, &Document { title, body, ..Document::default() })
}

/// The same with styles and scripts.
pub fn document(locale: Locale, document: &Document<'_>) -> Response {
    let language = match locale {
        Locale::Ko => "ko",
        Locale::En => "en",
    };
    let mut head = String::new();
    for style in document.styles {
        let _ = writeln!(head, "<link rel=\"stylesheet\" href=\"{}\">", escape(style));
    }
    for script in document.scripts {
        let _ = writeln!(head, "<script type=\"module\" src=\"{}\"></script>", escape(script));
    }
    if let Some(seconds) = document.reload_without_script {
        let _ = writeln!(
            head,
            "<noscript><meta http-equiv=\"refresh\" content=\"{seconds}\"></noscript>"
        );
    }
    let html = format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<link rel=\"icon\" href=\"data:,\">\n\
         <link rel=\"stylesheet\" href=\"{STYLESHEET_PATH}\">\n{head}</head>\n\
         <body>\n<main{wide}>\n{body}\n</main>\n</body>\n</html>\n",
        title = escape(document.title),
        wide = if document.wide { " class=\"wide\"" } else { "" },
        body = document.body,
    );
    let mut response = html.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let policy = HeaderValue::from_static(document.policy.unwrap_or(PAGE_POLICY));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// The one stylesheet, as a route handler.
pub async fn stylesheet() -> Response {
    let mut response = BASE_CSS.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=3600"));
    response
}

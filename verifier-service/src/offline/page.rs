//! `GET /offline`: the desk. Its sentences are in the page; what a verdict says comes from the
//! module, from the same catalogue.
use std::fmt::Write as _;

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use localized_text::{Locale, say};
use web_kit::{
    RequestLocale,
    page::{Document, document, escape},
};

use super::{files, luggage};

/// The page.
pub const PATH: &str = "/offline";
/// The service worker.
pub const WORKER_PATH: &str = "/offline/worker.js";

/// As every page's, and the module may be compiled: here and nowhere else.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; form-action 'self'; \
     frame-ancestors 'none'; base-uri 'none'";

const WORKER: &str = include_str!("../../assets/offline/worker.js");

/// Sentences that the script shows, by the name it knows them under. `{…}` is filled in there.
const SENTENCES: [(&str, &str); 17] = [
    ("ready", "offline-ready"),
    ("readyOffline", "offline-ready-offline"),
    ("preparing", "offline-preparing"),
    ("never", "offline-never"),
    ("noModule", "offline-no-module"),
    ("broken", "offline-broken"),
    ("noCamera", "offline-no-camera"),
    ("looking", "offline-looking"),
    ("noCode", "offline-no-code"),
    ("unreadableFile", "offline-unreadable-file"),
    ("made", "offline-made"),
    ("pack", "offline-pack"),
    ("packDue", "offline-pack-due"),
    ("noPack", "offline-no-pack"),
    ("expired", "offline-expired"),
    ("checks", "offline-checks"),
    ("failed", "offline-failed"),
];

/// The page of the desk.
pub(super) async fn page(RequestLocale(locale): RequestLocale) -> Response {
    let title = say(locale, "offline-title");
    let body = body(locale, &title);
    let response = document(
        locale,
        &Document {
            title: &title,
            body: &body,
            styles: &[files::path(&files::DESK_CSS)],
            scripts: &[files::path(&files::DESK_JS)],
            policy: Some(POLICY),
            ..Document::default()
        },
    );
    camera_allowed(response)
}

/// The camera is this page's purpose.
fn camera_allowed(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(self), microphone=(), geolocation=()"),
    );
    response
}

fn body(locale: Locale, title: &str) -> String {
    let text = |id: &str| escape(&say(locale, id));
    let (other, name) = match locale {
        Locale::Ko => ("en", "English"),
        Locale::En => ("ko", "한국어"),
    };
    let mut data = String::new();
    for (key, id) in SENTENCES {
        let _ = write!(data, " data-text-{}=\"{}\"", kebab(key), text(id));
    }
    let module = if files::has_module() { files::path(&files::MODULE) } else { String::new() };
    format!(
        "<nav class=\"soft\"><a href=\"/\">{home}</a> · \
         <a href=\"?lang={other}\" hreflang=\"{other}\" lang=\"{other}\">{name}</a></nav>\n\
         <h1>{title}</h1>\n<p>{lead}</p>\n\
         <div id=\"desk\" data-locale=\"{lang}\" data-module=\"{module}\" data-glue=\"{glue}\" \
         data-decoder=\"{decoder}\" \
         data-scan=\"{scan}\" data-bundle=\"{bundle}\" data-worker=\"{worker}\"{data}>\n\
         <p id=\"state\" role=\"status\"></p>\n\
         <p><button id=\"start\" type=\"button\" disabled>{start}</button> \
         <button id=\"stop\" type=\"button\" class=\"quiet\" hidden>{stop}</button></p>\n\
         <video id=\"camera\" muted playsinline hidden aria-label=\"{camera}\"></video>\n\
         <p id=\"hint\" class=\"soft\" role=\"status\"></p>\n\
         <form id=\"paste\"><p><label for=\"text\">{paste}</label>\
         <textarea id=\"text\" rows=\"4\" spellcheck=\"false\" autocomplete=\"off\"></textarea></p>\n\
         <p><label for=\"file\">{file}</label>\
         <input id=\"file\" type=\"file\" accept=\".json,.jwt,.txt,image/png,image/jpeg\"></p>\n\
         <p><button id=\"check\" disabled>{check}</button></p></form>\n\
         <section id=\"verdict\" aria-live=\"polite\" tabindex=\"-1\" hidden></section>\n\
         <section id=\"age\" class=\"soft\"><h2>{age}</h2><ul id=\"ages\"></ul></section>\n\
         </div>\n<noscript><p>{noscript}</p></noscript>",
        home = text("offline-home"),
        title = escape(title),
        lead = text("offline-lead"),
        lang = locale.as_str(),
        module = escape(&module),
        glue = files::path(&files::MODULE_JS),
        decoder = files::path(&files::DECODER),
        scan = files::path(&files::SCAN_JS),
        bundle = luggage::PATH,
        worker = WORKER_PATH,
        start = text("offline-start"),
        stop = text("offline-stop"),
        camera = text("offline-camera"),
        paste = text("offline-paste"),
        file = text("offline-file"),
        check = text("offline-check"),
        age = text("offline-age"),
        noscript = text("offline-noscript"),
    )
}

/// `readyOffline` → `ready-offline`, as HTML names what a script calls `dataset.textReadyOffline`.
fn kebab(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// `GET /offline/worker.js`: what it keeps is written into it, so that a new build is a new worker.
pub(super) async fn worker() -> Response {
    let mut kept = vec![
        format!("{PATH}?lang=ko"),
        format!("{PATH}?lang=en"),
        web_kit::page::STYLESHEET_PATH.to_owned(),
    ];
    let files = files::all().into_iter().filter(|file| !file.bytes().is_empty());
    kept.extend(files.map(files::path));
    let list = serde_json::to_string(&kept).unwrap_or_else(|_| "[]".to_owned());
    let script = format!("const KEPT = {list};\nconst BUNDLE = \"{}\";\n{WORKER}", luggage::PATH);
    let mut response = script.into_response();
    let headers = response.headers_mut();
    headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers
        .insert(HeaderName::from_static("service-worker-allowed"), HeaderValue::from_static(PATH));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; connect-src 'self'"),
    );
    response
}

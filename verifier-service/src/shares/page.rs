//! The page of a shared link. The same for every id: what a link is worth shows only after its box
//! was fetched, so that a preview of the link neither counts nor learns anything.
use std::fmt::Write as _;

use axum::response::Response;
use localized_text::{Locale, say};
use web_kit::{
    assets::Asset,
    page::{Document, document, escape},
};

/// Fetches, decrypts, hands over.
pub static SHARE_JS: Asset = Asset::new("share", "js", include_bytes!("../assets/share.js"));

/// Sentences that the script shows.
const TOLD: [(&str, &str); 6] = [
    ("gone", "desk-share-gone"),
    ("key", "desk-share-wrong-key"),
    ("nokey", "desk-share-no-key"),
    ("net", "desk-share-net"),
    ("busy", "desk-share-busy"),
    ("old", "desk-share-old-browser"),
];

/// The page.
pub fn page(locale: Locale, id: &str) -> Response {
    let text = |id: &str| escape(&say(locale, id));
    let (other, name) = match locale {
        Locale::Ko => ("en", "English"),
        Locale::En => ("ko", "한국어"),
    };
    let title = say(locale, "desk-share-title");
    // The other language is set by the script too, because a link would lose the fragment.
    let mut body = format!(
        "<nav class=\"soft\"><a href=\"/\">{}</a> · <a id=\"language\" href=\"?lang={other}\" \
         hreflang=\"{other}\" lang=\"{other}\">{name}</a></nav>\n<h1>{}</h1>\n<p>{}</p>\n<p>{}</p>\n",
        text("desk-nav-check"),
        escape(&title),
        text("desk-share-lead"),
        text("desk-share-privacy"),
    );
    let _ = write!(
        body,
        "<noscript><p><strong>{}</strong></p></noscript>\n\
         <form id=\"share\" data-id=\"{}\" method=\"post\" action=\"/verify\" enctype=\"multipart/form-data\">\
         <textarea name=\"credential\" hidden aria-hidden=\"true\"></textarea>\
         <p><button id=\"open\" disabled>{}</button></p></form>\n\
         <p id=\"told\" role=\"alert\" tabindex=\"-1\" hidden></p>\n<div hidden>",
        text("desk-share-no-script"),
        escape(id),
        text("desk-share-open"),
    );
    for (key, id) in TOLD {
        let _ = write!(body, "<span data-text=\"{key}\">{}</span>", text(id));
    }
    body.push_str("</div>");
    document(
        locale,
        &Document {
            title: &title,
            body: &body,
            scripts: &[SHARE_JS.path()],
            ..Document::default()
        },
    )
}

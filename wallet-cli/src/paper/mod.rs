//! A credential for paper: the printable page with its QR, and badges as pictures.

mod fonts;
mod page;

use localized_text::Locale;
use serde_json::{Value, json};

use credential_wallet::records::HeldCredential;
use paper_badges::PaperError;

use crate::failure::Failure;

pub(crate) use fonts::font;
pub(crate) use page::{Page, to_pdf};

/// A credential's text as it is written in files.
pub(crate) fn wire_text(wire: &Value) -> String {
    wire.as_str().map_or_else(|| wire.to_string(), str::to_owned)
}

/// The text of the QR: the credential itself, or a link to a desk with the credential in it.
pub(crate) fn qr_text(held: &HeldCredential, desk: Option<&str>) -> Result<String, Failure> {
    let wire = held.copies.first().map_or(Value::Null, |copy| copy.wire.clone());
    let text = wire_text(&wire);
    let coded = match desk {
        Some(desk) => {
            paper_badges::to_link(&format!("{}/verify", desk.trim_end_matches('/')), &text)
        }
        None => paper_badges::to_qr_text(&text),
    };
    coded.map_err(|error| match error {
        PaperError::NotACredential(_) => Failure::unable("paper_format", held.format.clone()),
        other => Failure::from(other),
    })
}

/// What was made, for programs.
pub(crate) fn measures(qr: &str, rows: usize) -> Value {
    // 21 modules are version 1; each version has four more (ISO/IEC 18004).
    json!({"characters": qr.len(), "version": rows.saturating_sub(17) / 4})
}

/// What stands on the page about a credential.
pub(crate) fn page_of<'a>(
    locale: Locale,
    held: &HeldCredential,
    qr: &'a str,
    day: String,
) -> Page<'a> {
    let claims = credential_wallet::Wallet::shown_claims(held);
    let wire = held.copies.first().map_or(Value::Null, |copy| copy.wire.clone());
    Page {
        locale,
        title: crate::screens::title(locale, held),
        issuer: held.source_name(locale.as_str()).to_owned(),
        lines: claims
            .iter()
            .map(|claim| (claim.label(locale.as_str()), claim.text(locale.as_str()).to_owned()))
            .collect(),
        qr,
        credential: wire_text(&wire),
        is_json: wire.is_object(),
        day,
    }
}

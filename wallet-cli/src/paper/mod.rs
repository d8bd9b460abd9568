//! A credential for paper: the printable page with its QR, and badges as pictures.

mod fonts;
mod page;

use localized_text::{Locale, say, say_with};
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

/// Codes above this version are told to be dense: the goal for paper (decision 0033).
const EASY_VERSION: usize = 11;

/// 21 modules are version 1; each version has four more (ISO/IEC 18004).
const fn version(rows: usize) -> usize {
    rows.saturating_sub(17) / 4
}

/// What was made, for programs.
pub(crate) fn measures(qr: &str, rows: usize) -> Value {
    json!({"characters": qr.len(), "version": version(rows)})
}

/// How dense the code is, for people, and what to do about a dense one.
pub(crate) fn density(locale: Locale, rows: usize) -> String {
    let (which, modules) = (version(rows).to_string(), rows.to_string());
    let said = say_with(locale, "wallet-export-qr", &[("version", &which), ("modules", &modules)]);
    if version(rows) <= EASY_VERSION {
        return said;
    }
    format!("{said}\n{}", say(locale, "wallet-export-qr-dense"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dense_code_is_said_to_be_one_and_an_easy_one_is_not() {
        for (rows, which, dense) in
            [(21, 1, false), (61, 11, false), (65, 12, true), (177, 40, true)]
        {
            assert_eq!(version(rows), which);
            for locale in [Locale::Ko, Locale::En] {
                let said = density(locale, rows);
                assert!(said.contains(&which.to_string()), "{said}");
                assert_eq!(said.lines().count(), if dense { 2 } else { 1 }, "{said}");
            }
        }
    }
}

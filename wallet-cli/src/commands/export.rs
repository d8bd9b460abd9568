//! `wallet export`: a credential as a file for somebody else.

use std::path::Path;

use badge_pictures::Baked;
use credential_model::ambient::Clock as _;
use credential_wallet::records::HeldCredential;
use localized_text::{Locale, say_with};
use serde_json::{Value, json};
use signing_keys::system::SystemClock;

use crate::Reply;
use crate::cli::{Cli, ExportArgs, PictureKind};
use crate::failure::Failure;
use crate::home::write_private;
use crate::paper;

/// Pixels a module of a badge picture.
const PICTURE_SCALE: u32 = 6;

/// Writes a credential as a file for somebody else, with its evidence where that is wanted.
pub(super) fn run(cli: &Cli, locale: Locale, args: &ExportArgs) -> Result<Reply, Failure> {
    let open = super::open(cli, locale)?;
    let held = super::held(&open, &args.id)?;
    if let (true, Some(path)) = (args.pdf, &args.output) {
        return pdf(locale, args, &held, path);
    }
    if let (Some(kind), Some(path)) = (args.picture, &args.output) {
        return picture(locale, args, &held, kind, path);
    }
    let wire = held.copies.first().map_or(Value::Null, |copy| copy.wire.clone());
    let document = if args.with_evidence {
        json!({"credential": wire, "staple": super::evidence::staple_json(&held)?})
    } else {
        wire
    };
    let text = document.as_str().map_or_else(|| document.to_string(), str::to_owned);
    let Some(path) = &args.output else { return Ok(Reply::done(text, document)) };
    let place = path.display().to_string();
    write_private(path, text.as_bytes())
        .map_err(|error| Failure::unable("input_unreadable", format!("{place}: {error}")))?;
    let json = json!({"ok": true, "id": held.id, "file": place});
    Ok(Reply::done(say_with(locale, "wallet-export-done", &[("file", &place)]), json))
}

/// The printable page.
fn pdf(
    locale: Locale,
    args: &ExportArgs,
    held: &HeldCredential,
    path: &Path,
) -> Result<Reply, Failure> {
    let qr = paper::qr_text(held, args.desk.as_deref())?;
    let font = paper::font(args.font.as_deref())?;
    let page = paper::page_of(locale, held, &qr, SystemClock.now().date_kst());
    let file = paper::to_pdf(&page, &font)?;
    written(locale, held, path, &file, &qr)
}

/// The QR as a picture with the credential baked in: a scanner and a reader of badges both get it.
fn picture(
    locale: Locale,
    args: &ExportArgs,
    held: &HeldCredential,
    kind: PictureKind,
    path: &Path,
) -> Result<Reply, Failure> {
    let qr = paper::qr_text(held, args.desk.as_deref())?;
    let wire = held.copies.first().map_or(Value::Null, |copy| copy.wire.clone());
    let baked = Baked::from_text(&paper::wire_text(&wire))?;
    let file = match kind {
        PictureKind::Png => {
            badge_pictures::bake_png(&qr_code::encode_png(&qr, PICTURE_SCALE)?, &baked)?
        }
        PictureKind::Svg => badge_pictures::bake_svg(qr_code::encode_svg(&qr)?.as_bytes(), &baked)?,
    };
    written(locale, held, path, &file, &qr)
}

fn written(
    locale: Locale,
    held: &HeldCredential,
    path: &Path,
    file: &[u8],
    qr: &str,
) -> Result<Reply, Failure> {
    let place = path.display().to_string();
    write_private(path, file)
        .map_err(|error| Failure::unable("input_unreadable", format!("{place}: {error}")))?;
    let rows = qr_code::encode_rows(qr)?.len();
    let json = json!({
        "ok": true, "id": held.id, "file": place, "bytes": file.len(),
        "qr": paper::measures(qr, rows),
    });
    let done = say_with(locale, "wallet-export-done", &[("file", &place)]);
    Ok(Reply::done(format!("{done}\n{}", paper::density(locale, rows)), json))
}

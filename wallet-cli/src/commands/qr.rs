//! `wallet qr`

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use serde_json::json;

use crate::Reply;
use crate::cli::QrArgs;
use crate::failure::Failure;

/// Shows a link as a QR code in the terminal, or writes a picture of it.
pub(super) fn run(args: &QrArgs) -> Result<Reply, Failure> {
    if let Some(path) = &args.svg {
        return written(path, qr_code::encode_svg(&args.link)?.as_bytes());
    }
    if let Some(path) = &args.png {
        return written(path, &qr_code::encode_png(&args.link, 8)?);
    }
    let picture = qr_code::encode_terminal(&args.link)?;
    let plain = qr_code::encode_terminal_plain(&args.link)?;
    let rows: Vec<&str> = plain.lines().collect();
    let json = json!({"ok": true, "text": args.link, "rows": rows});
    Ok(Reply::done(picture, json))
}

fn written(path: &Path, bytes: &[u8]) -> Result<Reply, Failure> {
    let shown = path.display().to_string();
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Failure::unable("file_exists", shown.clone()),
        _ => Failure::unable("input_unreadable", format!("{shown}: {error}")),
    };
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    Ok(Reply::done(shown.clone(), json!({"ok": true, "file": shown})))
}

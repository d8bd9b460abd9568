//! `wallet history`

use localized_text::Locale;
use serde_json::json;

use crate::cli::Cli;
use crate::failure::Failure;
use crate::{Reply, screens};

/// Lists what was presented to whom, when.
pub(super) fn run(cli: &Cli, locale: Locale) -> Result<Reply, Failure> {
    let open = super::open(cli, locale)?;
    let history = open.wallet.history()?;
    let json = json!({"ok": true, "history": history});
    Ok(Reply::done(screens::history(locale, &history), json))
}

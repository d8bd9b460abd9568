//! `wallet list`

use credential_wallet::records::HeldCredential;
use credential_wallet::short_id;
use localized_text::Locale;
use serde_json::{Value, json};

use crate::cli::Cli;
use crate::failure::Failure;
use crate::{Reply, screens};

/// Lists what the wallet holds.
pub(super) fn run(cli: &Cli, locale: Locale) -> Result<Reply, Failure> {
    let open = super::open(cli, locale)?;
    let held = open.wallet.credentials()?;
    let pending = open.wallet.open_sessions()?;
    let json = json!({
        "ok": true,
        "credentials": held.iter().map(|one| summary(locale, one)).collect::<Vec<_>>(),
        "pending": pending
            .iter()
            .map(|session| json!({"session": session.id, "issuer": session.issuer, "stage": session.stage_name()}))
            .collect::<Vec<_>>(),
    });
    Ok(Reply::done(screens::list(locale, &held, pending.len()), json))
}

/// A credential in one JSON object, without its content.
pub(super) fn summary(locale: Locale, held: &HeldCredential) -> Value {
    let (from, until) = held.validity();
    json!({
        "id": held.id,
        "short_id": short_id(&held.id),
        "name": held.name(locale.as_str()),
        "topic": held.topic(),
        "format": held.format,
        "configuration_id": held.configuration_id,
        "issuer": held.issuer,
        "issuer_name": held.source_name(locale.as_str()),
        "source": held.source,
        "issuer_check": held.issuer_check,
        "valid_from": from,
        "valid_until": until,
        "received_at": held.received_at,
        "copies": held.copies.len(),
        "presented": held.copies.iter().map(|copy| copy.presented).sum::<u64>(),
    })
}

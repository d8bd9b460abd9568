//! `wallet show`

use credential_wallet::Wallet;
use localized_text::Locale;
use serde_json::{Value, json};

use super::list::summary;
use crate::cli::{Cli, ShowArgs};
use crate::failure::Failure;
use crate::{Reply, screens};

/// Shows one credential, or prints it raw.
pub(super) fn run(cli: &Cli, locale: Locale, args: &ShowArgs) -> Result<Reply, Failure> {
    let open = super::open(cli, locale)?;
    let held = super::held(&open, &args.id)?;
    let wire = held.copies.first().map_or(Value::Null, |copy| copy.wire.clone());
    if args.raw {
        let text = wire.as_str().map_or_else(|| wire.to_string(), str::to_owned);
        return Ok(Reply::done(text, wire));
    }
    let claims: Vec<Value> = Wallet::shown_claims(&held)
        .into_iter()
        .map(|claim| {
            json!({
                "path": claim.path,
                "label": claim.label(locale.as_str()),
                "value": claim.value,
                "text": claim.text(locale.as_str()),
            })
        })
        .collect();
    let mut json = summary(locale, &held);
    if let Some(members) = json.as_object_mut() {
        members.insert("ok".to_owned(), Value::Bool(true));
        members.insert("claims".to_owned(), Value::Array(claims));
        members.insert("credential".to_owned(), wire);
        let kept = held.copies.first().and_then(|copy| copy.evidence.as_ref());
        let evidence = kept.map(|kept| {
            json!({
                "fetched_at": kept.fetched_at,
                "what": super::evidence::contents(&kept.staple),
            })
        });
        members.insert("evidence".to_owned(), evidence.unwrap_or(Value::Null));
    }
    Ok(Reply::done(screens::show(locale, &held), json))
}

//! `wallet keys`

use localized_text::Locale;
use serde_json::{Value, json};
use signing_keys::KeyStore as _;

use crate::cli::Cli;
use crate::failure::Failure;
use crate::{Reply, screens};

/// Lists the keys, public halves only.
pub(super) fn run(cli: &Cli, locale: Locale) -> Result<Reply, Failure> {
    let open = super::open(cli, locale)?;
    let keys = open.keys.list();
    let list: Vec<Value> = keys
        .iter()
        .map(|key| {
            json!({
                "handle": key.handle,
                "label": key.label,
                "algorithm": key.algorithm.as_str(),
                "thumbprint": key.public_key.as_ref().map(|key| key.thumbprint()),
                "did": key.public_key.as_ref().map(|key| key.to_did_key()),
                "jwk": key.public_key.as_ref().map(|key| key.to_jwk()),
            })
        })
        .collect();
    Ok(Reply::done(screens::keys(locale, &keys), json!({"ok": true, "keys": list})))
}

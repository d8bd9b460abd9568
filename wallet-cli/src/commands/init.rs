//! `wallet init`

use localized_text::{Locale, say_with};
use serde_json::json;
use signing_keys::sealed::KdfParameters;

use crate::Reply;
use crate::cli::{Cli, InitArgs};
use crate::failure::Failure;
use crate::home::Home;
use crate::passphrase;

/// Makes a new, empty wallet.
pub(super) fn run(cli: &Cli, locale: Locale, args: &InitArgs) -> Result<Reply, Failure> {
    let home = Home::of(cli)?;
    if home.exists() {
        return Err(Failure::unable("wallet_exists", home.directory().display().to_string()));
    }
    home.prepare()?;
    let passphrase = passphrase::new(cli, locale)?;
    let kdf = if args.danger_cheap_kdf {
        KdfParameters::CHEAPEST_FOR_TESTS
    } else {
        KdfParameters::RECOMMENDED
    };
    home.create(&passphrase, kdf, None, |_| Ok(()))?;
    let place = home.directory().display().to_string();
    let text = say_with(locale, "wallet-init-done", &[("home", &place)]);
    Ok(Reply::done(text, json!({"ok": true, "home": place})))
}

//! `wallet backup` and `wallet restore`

use std::sync::Arc;

use credential_wallet::backup::{Backup, MAX_BACKUP_BYTES};
use localized_text::{Locale, say_with};
use serde_json::json;
use signing_keys::sealed::KdfParameters;
use signing_keys::system::SystemEntropy;

use crate::Reply;
use crate::cli::{Cli, FileArgs};
use crate::failure::Failure;
use crate::home::{Home, write_private};
use crate::{input, passphrase};

/// Writes the whole wallet into one encrypted file.
pub(super) fn write(cli: &Cli, locale: Locale, args: &FileArgs) -> Result<Reply, Failure> {
    let place = args.file.display().to_string();
    if args.file.exists() {
        return Err(Failure::unable("file_exists", place));
    }
    let open = super::open(cli, locale)?;
    let unreadable =
        |error: std::io::Error| Failure::unable("input_unreadable", format!("{place}: {error}"));
    let key_store = std::fs::read(open.home.keys()).map_err(unreadable)?;
    let backup = open.wallet.backup(&key_store)?;
    let file =
        backup.seal(&open.passphrase, KdfParameters::RECOMMENDED, Arc::new(SystemEntropy))?;
    write_private(&args.file, &file).map_err(unreadable)?;
    let count = backup.credential_count();
    let text =
        say_with(locale, "wallet-backup-done", &[("file", &place), ("count", &count.to_string())]);
    let json = json!({"ok": true, "file": place, "bytes": file.len(), "credentials": count});
    Ok(Reply::done(text, json))
}

/// Restores a backup into a new place.
pub(super) fn restore(cli: &Cli, locale: Locale, args: &FileArgs) -> Result<Reply, Failure> {
    let home = Home::of(cli)?;
    let place = home.directory().display().to_string();
    let mut content = std::fs::read_dir(home.directory()).ok().into_iter().flatten();
    if home.exists() || content.next().is_some() {
        return Err(Failure::unable("wallet_not_empty", place));
    }
    let path = args.file.to_string_lossy();
    let file = input::bytes(&path, MAX_BACKUP_BYTES)?;
    let passphrase = passphrase::existing(cli, locale)?;
    // Everything is opened before anything is written.
    let backup = Backup::open(&file, &passphrase, Arc::new(SystemEntropy))?;
    let key_store = backup.key_store()?;
    home.create(&passphrase, KdfParameters::RECOMMENDED, Some(&key_store), |ledger| {
        Ok(backup.restore(ledger)?)
    })?;
    let count = backup.credential_count();
    let text = say_with(locale, "wallet-restore-done", &[("count", &count.to_string())]);
    let json =
        json!({"ok": true, "home": place, "credentials": count, "created_at": backup.created_at});
    Ok(Reply::done(text, json))
}

//! The passphrase: by prompt, file or file descriptor. Never by argument or environment.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use localized_text::{Locale, say};
use zeroize::Zeroizing;

use crate::cli::Cli;
use crate::failure::Failure;
use crate::terminal;

/// A passphrase, wiped when dropped.
pub(crate) type Passphrase = Zeroizing<Vec<u8>>;

const MAX_BYTES: u64 = 4096;
/// In characters, for new wallets.
const MIN_CHARACTERS: usize = 8;

/// The passphrase of an existing wallet.
pub(crate) fn existing(cli: &Cli, locale: Locale) -> Result<Passphrase, Failure> {
    match told(cli)? {
        Some(passphrase) => Ok(passphrase),
        None => prompt(&say(locale, "wallet-passphrase-ask")),
    }
}

/// A passphrase for a new wallet: asked for twice.
pub(crate) fn new(cli: &Cli, locale: Locale) -> Result<Passphrase, Failure> {
    let passphrase = match told(cli)? {
        Some(passphrase) => passphrase,
        None => {
            let first = prompt(&say(locale, "wallet-passphrase-new"))?;
            let second = prompt(&say(locale, "wallet-passphrase-again"))?;
            if first != second {
                return Err(Failure::unable("passphrase_differs", String::new()));
            }
            first
        }
    };
    let characters =
        std::str::from_utf8(&passphrase).map_or(passphrase.len(), |text| text.chars().count());
    if characters < MIN_CHARACTERS {
        return Err(Failure::unable("passphrase_short", String::new()));
    }
    Ok(passphrase)
}

fn told(cli: &Cli) -> Result<Option<Passphrase>, Failure> {
    if let Some(fd) = cli.passphrase_fd {
        return first_line(Path::new(&format!("/dev/fd/{fd}"))).map(Some);
    }
    cli.passphrase_file.as_deref().map(first_line).transpose()
}

fn first_line(path: &Path) -> Result<Passphrase, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::unable("input_unreadable", format!("{}: {error}", path.display()))
    };
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES as usize));
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(unreadable)?;
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Ok(Zeroizing::new(line.to_vec()))
}

fn prompt(text: &str) -> Result<Passphrase, Failure> {
    if !terminal::is_interactive() {
        return Err(Failure::unable("passphrase_needed", String::new()));
    }
    rpassword::prompt_password(text)
        .map(|entry| Zeroizing::new(entry.into_bytes()))
        .map_err(|error| Failure::unable("input_unreadable", error.to_string()))
}

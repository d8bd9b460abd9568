//! One file a command.

mod accept;
mod backup;
mod history;
mod init;
mod keys;
mod list;
mod present;
mod qr;
mod show;
mod verify;

use localized_text::Locale;

use crate::Reply;
use crate::cli::{Cli, Command};
use crate::failure::Failure;
use crate::home::{Home, OpenWallet};

/// Runs the command.
pub(crate) async fn run(cli: Cli, locale: Locale) -> Result<Reply, Failure> {
    match &cli.command {
        Command::Init(args) => init::run(&cli, locale, args),
        Command::Accept(args) => accept::run(&cli, locale, args).await,
        Command::List => list::run(&cli, locale),
        Command::Show(args) => show::run(&cli, locale, args),
        Command::Present(args) => present::run(&cli, locale, args).await,
        Command::Verify(args) => verify::run(&cli, locale, args).await,
        Command::Keys => keys::run(&cli, locale),
        Command::History => history::run(&cli, locale),
        Command::Backup(args) => backup::write(&cli, locale, args),
        Command::Restore(args) => backup::restore(&cli, locale, args),
        Command::Qr(args) => qr::run(args),
    }
}

/// Opens the wallet with everything it needs.
fn open(cli: &Cli, locale: Locale) -> Result<OpenWallet, Failure> {
    Home::of(cli)?.open(cli, locale, 1)
}

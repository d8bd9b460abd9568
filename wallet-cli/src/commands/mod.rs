//! One file a command.

mod accept;
mod backup;
mod did;
mod evidence;
mod export;
mod history;
mod init;
mod keys;
mod list;
mod present;
mod qr;
mod replay;
mod share;
mod shell;
mod show;
mod status_pack;
mod trust_list;
mod vc;
mod verify;

use credential_wallet::records::HeldCredential;
use credential_wallet::{PickError, short_id};
use localized_text::Locale;

use crate::Reply;
use crate::cli::{Cli, Command, DidkitCommand, DidkitKeyArgs, FromKeyArgs};
use crate::failure::Failure;
use crate::home::{Home, OpenWallet};
use crate::suggest;

/// Runs the command.
pub(crate) async fn run(cli: Cli, locale: Locale) -> Result<Reply, Failure> {
    match &cli.command {
        Command::Init(args) => init::run(&cli, locale, args),
        Command::Accept(args) => accept::run(&cli, locale, args).await,
        Command::List => list::run(&cli, locale),
        Command::Show(args) => show::run(&cli, locale, args),
        Command::Present(args) => present::run(&cli, locale, args).await,
        Command::Verify(args) => verify::run(&cli, locale, args).await,
        Command::Evidence(command) => evidence::run(&cli, locale, command).await,
        Command::StatusPack(command) => status_pack::run(&cli, locale, command).await,
        Command::TrustList(command) => trust_list::run(&cli, locale, command),
        Command::Export(args) => export::run(&cli, locale, args),
        Command::Share(args) => share::run(&cli, locale, args).await,
        Command::Shares => share::list(&cli, locale).await,
        Command::Keys => keys::run(&cli, locale),
        Command::History => history::run(&cli, locale),
        Command::Backup(args) => backup::write(&cli, locale, args),
        Command::Restore(args) => backup::restore(&cli, locale, args),
        Command::Qr(args) => qr::run(args),
        Command::Did(command) => did::run(&cli, locale, command).await,
        Command::Vc(command) => vc::run(&cli, locale, command).await,
        Command::Completions(args) => Ok(shell::completions(locale, args)),
        Command::Man(args) => shell::man(locale, args),
        Command::Didkit(command) => didkit(&cli, locale, command).await,
    }
}

/// didkit's verbs are ours under other names.
async fn didkit(cli: &Cli, locale: Locale, command: &DidkitCommand) -> Result<Reply, Failure> {
    let key = |args: &DidkitKeyArgs| FromKeyArgs { method: args.method, key: args.key.clone() };
    match command {
        DidkitCommand::GenerateEd25519Key(args) => did::keygen(cli, locale, args),
        DidkitCommand::KeyToDid(args) => did::from_key(cli, locale, &key(args)),
        DidkitCommand::KeyToVerificationMethod(args) => {
            did::verification_method(cli, locale, &key(args))
        }
        DidkitCommand::DidResolve(args) => did::resolve(cli, args).await,
        DidkitCommand::IssueCredential(args) => vc::issue(cli, locale, args),
        DidkitCommand::VerifyCredential(args) => vc::verify(cli, locale, args).await,
        DidkitCommand::IssuePresentation(args) => vc::present(cli, locale, args),
        DidkitCommand::VerifyPresentation(args) => vc::verify_presentation(cli, locale, args).await,
    }
}

/// A credential of the wallet, by its id; a mistyped one is guessed at.
fn held(open: &OpenWallet, id: &str) -> Result<HeldCredential, Failure> {
    open.wallet.credential(id).map_err(|error| {
        let near = match &error {
            PickError::Unknown => {
                let held = open.wallet.credentials().unwrap_or_default();
                suggest::nearest(id, held.iter().map(|one| short_id(&one.id)))
            }
            _ => None,
        };
        Failure::from(error).near(near)
    })
}

/// Opens the wallet with everything it needs.
fn open(cli: &Cli, locale: Locale) -> Result<OpenWallet, Failure> {
    Home::of(cli)?.open(cli, locale, 1)
}

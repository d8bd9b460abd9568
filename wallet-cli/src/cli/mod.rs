//! The commands and their options.

mod did;
mod didkit;
mod evidence;
pub(crate) mod help;
mod share;
mod status_pack;
mod trust_list;
mod vc;

use std::path::PathBuf;

use clap::{Args, CommandFactory as _, Parser, Subcommand};
use localized_text::Locale;

pub(crate) use did::{DidCommand, FromKeyArgs, KeygenArgs, ResolveArgs};
pub(crate) use didkit::{DidkitCommand, DidkitKeyArgs};
pub(crate) use evidence::{
    EvidenceCommand, EvidenceFetchArgs, EvidenceShowArgs, ExportArgs, PictureKind,
};
pub(crate) use share::{ShareArgs, ShareCommand};
pub(crate) use status_pack::{StatusPackCommand, StatusPackFetchArgs, StatusPackShowArgs};
pub(crate) use trust_list::{TrustListCommand, TrustListSignArgs};
pub(crate) use vc::{
    FileFlow, Format, Lookup, PresentationFormat, VcCommand, VcDeriveArgs, VcIssueArgs,
    VcPresentArgs, VcVerifyArgs, VcVerifyPresentationArgs,
};

/// Receive, hold, present and verify credentials.
///
/// Exit codes: 0 done, 1 the answer is no, 2 could not do.
#[derive(Debug, Parser)]
#[command(name = "wallet", version, about, max_term_width = 100)]
pub struct Cli {
    /// The wallet's folder
    #[arg(long, global = true, env = "WALLET_HOME", value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Read the passphrase from the first line of this file
    #[arg(long, global = true, env = "WALLET_PASSPHRASE_FILE", value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Read the passphrase from the first line of this open file descriptor
    #[arg(long, global = true, value_name = "FD", conflicts_with = "passphrase_file")]
    pub passphrase_fd: Option<u32>,
    /// Language of sentences: ko or en
    #[arg(long, global = true, env = "SINPYO_LANG", value_name = "LANG")]
    pub lang: Option<String>,
    /// Print one JSON value on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// DANGER, development only: speak http to this host:port (repeatable)
    #[arg(
        long = "danger-plain-http",
        global = true,
        env = "WALLET_DANGER_PLAIN_HTTP",
        value_name = "HOST:PORT",
        value_delimiter = ','
    )]
    pub danger_plain_http: Vec<String>,
    /// Trust this certificate (PEM or DER) to name verifiers (repeatable)
    #[arg(long = "certificate-anchor", global = true, value_name = "FILE")]
    pub certificate_anchors: Vec<PathBuf>,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a new wallet
    Init(InitArgs),
    /// Accept a credential offer: a link, a picture of its QR code, or - for standard input
    Accept(AcceptArgs),
    /// List what the wallet holds
    List,
    /// Show one credential
    Show(ShowArgs),
    /// Answer a verifier's request: a link, a picture of its QR code, or - for standard input
    Present(PresentArgs),
    /// Verify a credential: a file, PDF, picture or QR text, an id of this wallet, or - for standard input
    Verify(VerifyArgs),
    /// Fetch and show proofs for verifiers without a net
    #[command(subcommand)]
    Evidence(EvidenceCommand),
    /// Fetch and show the status of all badges of an issuer, for verifying without a net
    #[command(subcommand)]
    StatusPack(StatusPackCommand),
    /// Sign a list of accredited issuers
    #[command(subcommand)]
    TrustList(TrustListCommand),
    /// Write a credential into a file for somebody else
    Export(ExportArgs),
    /// Make a link that opens a credential in a browser until you withdraw it or its time is over
    Share(ShareArgs),
    /// List the links that were made, with how often each was opened
    Shares,
    /// List the wallet's keys (public halves only)
    Keys,
    /// List what was presented to whom, when
    History,
    /// Write the whole wallet into one encrypted file
    Backup(FileArgs),
    /// Restore a backup into a new, empty place
    Restore(FileArgs),
    /// Show a link, or a text such as a DID, as a QR code
    Qr(QrArgs),
    /// Make and name keys, resolve DIDs
    #[command(subcommand)]
    Did(DidCommand),
    /// Issue, verify, derive and present credentials in files
    #[command(subcommand)]
    Vc(Box<VcCommand>),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print the manual page (roff), or write one page for each command
    Man(ManArgs),
    /// didkit's verbs
    #[command(flatten)]
    Didkit(DidkitCommand),
}

/// Options of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: ShellName,
}

/// A shell that completions are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ShellName {
    /// GNU Bash
    Bash,
    /// Z shell
    Zsh,
    /// fish
    Fish,
}

/// Options of `man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write wallet.1, wallet-accept.1 and so on into this folder
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// Options of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// DANGER: the cheapest key derivation that is accepted, for tests that open many wallets
    #[arg(long = "danger-cheap-kdf", hide = true)]
    pub danger_cheap_kdf: bool,
}

/// Options of `accept`.
#[derive(Debug, Args)]
pub struct AcceptArgs {
    /// The offer; not needed with --resume
    #[arg(value_name = "LINK|PICTURE|-", required_unless_present_any = ["resume", "abandon"])]
    pub offer: Option<String>,
    /// The transaction code that the issuer gave you separately
    #[arg(long, value_name = "CODE")]
    pub tx_code: Option<String>,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// Go on with what was interrupted, or what the issuer had not ready
    #[arg(long)]
    pub resume: bool,
    /// Give up an interrupted acceptance: a session of `list`, or all
    #[arg(long, value_name = "SESSION|all", conflicts_with_all = ["offer", "resume"])]
    pub abandon: Option<String>,
    /// How many one-time copies of an SD-JWT VC to ask for, where the issuer allows it
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=32))]
    pub copies: u32,
}

/// Options of `show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The credential's id, or its beginning
    pub id: String,
    /// Print the credential exactly as the issuer sent it
    #[arg(long)]
    pub raw: bool,
}

/// Options of `present`.
#[derive(Debug, Args)]
pub struct PresentArgs {
    /// The request
    #[arg(value_name = "LINK|PICTURE|-")]
    pub request: String,
    /// Agree without asking
    #[arg(long, conflicts_with = "refuse")]
    pub yes: bool,
    /// Decline and tell the verifier
    #[arg(long)]
    pub refuse: bool,
    /// Use this credential for this query (repeatable)
    #[arg(long, value_name = "QUERY=ID")]
    pub choose: Vec<String>,
    /// Also answer what the verifier asks for without requiring it
    #[arg(long)]
    pub include_optional: bool,
}

/// Options of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The credential; several for checks that take them together
    #[arg(value_name = "FILE|ID|-", required_unless_present = "replay")]
    pub credentials: Vec<String>,
    /// Make the verdict of this receipt again from what lies in it, without asking anybody
    #[arg(long, value_name = "RECEIPT")]
    pub replay: Option<PathBuf>,
    /// Use no network
    #[arg(long)]
    pub offline: bool,
    /// Judge as of this moment (RFC 3339), or as of the end of this day in Korean time
    #[arg(long, value_name = "DATE")]
    pub at: Option<String>,
    /// The list of accredited issuers (JSON, or a signed JWS)
    #[arg(long, visible_alias = "trust", value_name = "FILE", env = "WALLET_TRUST_LIST")]
    pub trust_list: Option<PathBuf>,
    /// Accept the trust list only when this DID signed it
    #[arg(long, value_name = "DID", requires = "trust_list")]
    pub trust_operator: Option<String>,
    /// Where to find the chain (TOML: the section `chain` of a service's configuration)
    #[arg(long, value_name = "FILE", env = "WALLET_CHAIN_CONFIG")]
    pub chain_config: Option<PathBuf>,
    /// The pinned chain that stapled proofs are checked against (JSON)
    #[arg(long, value_name = "FILE", env = "WALLET_PINS")]
    pub pins: Option<PathBuf>,
    /// Evidence to use instead of what the wallet keeps (JSON)
    #[arg(long, value_name = "FILE")]
    pub staple: Option<PathBuf>,
    /// States of issuers' keys learned earlier (JSON)
    #[arg(long, value_name = "FILE", env = "WALLET_KEY_BOOK")]
    pub key_book: Option<PathBuf>,
    /// A content-addressed copy of status lists to ask where the issuer is silent (repeatable)
    #[arg(long = "mirror", value_name = "URL")]
    pub mirrors: Vec<url::Url>,
    /// An issuer's status pack, which answers where its lists cannot be had (repeatable)
    #[arg(long = "status-pack", value_name = "FILE")]
    pub status_packs: Vec<PathBuf>,
    /// Inputs of a domain check, as JSON with a member "profile"; @FILE reads a file
    #[arg(long, value_name = "JSON|@FILE")]
    pub context: Option<String>,
    /// A DID document you trust, to be used instead of asking the network (repeatable)
    #[arg(long = "did-document", value_name = "FILE")]
    pub did_documents: Vec<PathBuf>,
}

/// A file.
#[derive(Debug, Args)]
pub struct FileArgs {
    /// The file
    pub file: PathBuf,
}

/// Options of `qr`.
#[derive(Debug, Args)]
pub struct QrArgs {
    /// The link
    pub link: String,
    /// Write an SVG file instead
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Write a PNG file instead
    #[arg(long, value_name = "FILE", conflicts_with = "svg")]
    pub png: Option<PathBuf>,
}

impl Cli {
    /// Reads the command line of this process. Help and complaints come in the language asked for.
    ///
    /// # Errors
    /// What clap has to say instead of running.
    pub fn read() -> Result<Self, clap::Error> {
        let complaint = match Self::try_parse() {
            Ok(cli) => return Ok(cli),
            Err(complaint) => complaint,
        };
        // Only now is the translation worth its time.
        let locale = language(told_language().as_deref());
        if locale == Locale::En {
            return Err(complaint);
        }
        match help::localized(Self::command(), locale).try_get_matches() {
            Err(translated) => Err(translated),
            Ok(_) => Err(complaint),
        }
    }

    /// The language: `--lang`, else the system's.
    pub fn locale(&self) -> Locale {
        language(self.lang.as_deref())
    }
}

fn language(told: Option<&str>) -> Locale {
    told.and_then(Locale::parse).unwrap_or_else(|| {
        let lang = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        Locale::from_env(&lang.unwrap_or_default())
    })
}

/// `--lang` of a command line that did not parse.
fn told_language() -> Option<String> {
    let words: Vec<String> =
        std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let joined = words.iter().find_map(|word| word.strip_prefix("--lang=").map(str::to_owned));
    let apart = || words.windows(2).find(|pair| pair[0] == "--lang").map(|pair| pair[1].clone());
    joined.or_else(apart).or_else(|| std::env::var("SINPYO_LANG").ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_option_takes_a_passphrase() {
        // A passphrase in argv is readable by every process of the machine.
        let command = Cli::command();
        let names: Vec<String> = command
            .get_arguments()
            .filter_map(|argument| argument.get_long().map(str::to_owned))
            .filter(|name| name.contains("passphrase") || name.contains("password"))
            .collect();
        assert_eq!(names, ["passphrase-file", "passphrase-fd"]);
    }

    #[test]
    fn resume_needs_no_link_and_accept_does() {
        assert!(Cli::try_parse_from(["wallet", "accept"]).is_err());
        assert!(Cli::try_parse_from(["wallet", "accept", "--resume"]).is_ok());
        let both = ["wallet", "present", "openid4vp://?x=1", "--yes", "--refuse"];
        assert!(Cli::try_parse_from(both).is_err());
    }

    #[test]
    fn the_language_is_as_told() {
        let of =
            |lang: &str| Cli::try_parse_from(["wallet", "--lang", lang, "list"]).unwrap().locale();
        assert_eq!(of("ko"), Locale::Ko);
        assert_eq!(of("en"), Locale::En);
    }
}

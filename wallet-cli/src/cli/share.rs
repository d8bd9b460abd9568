//! Options of `share`.

use clap::{Args, Subcommand};
use url::Url;

/// Options of `share`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct ShareArgs {
    /// The credential's id, or its beginning
    #[arg(required = true)]
    pub id: Option<String>,
    /// For whom or what, for your own list; it is not sent
    #[arg(long = "for", value_name = "TEXT", default_value = "")]
    pub purpose: String,
    /// How long the link opens: "7 days", "12 hours", "2 weeks" (at most 90 days)
    #[arg(long, value_name = "TIME", default_value = "7 days")]
    pub expires: String,
    /// The verifier's desk that keeps the encrypted content and opens the link
    #[arg(long, value_name = "URL", env = "WALLET_DESK", required = true)]
    pub desk: Option<Url>,
    /// Disclose only this of an SD-JWT credential (repeatable); everything without it
    #[arg(long = "claim", value_name = "PATH")]
    pub claims: Vec<String>,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// What to do with a link that was made
    #[command(subcommand)]
    pub command: Option<ShareCommand>,
}

/// What to do with a link.
#[derive(Debug, Subcommand)]
pub enum ShareCommand {
    /// Withdraw a link: its desk erases the content
    Withdraw(WithdrawArgs),
}

/// Options of `share withdraw`.
#[derive(Debug, Args)]
pub struct WithdrawArgs {
    /// The link, or the id that `wallet shares` lists
    pub share: String,
}

//! Options of `status-pack`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use url::Url;

/// What to do with a status pack.
#[derive(Debug, Subcommand)]
pub enum StatusPackCommand {
    /// Fetch an issuer's status pack into a file, or bring the file up to date
    Fetch(StatusPackFetchArgs),
    /// Show what a status pack file holds and how old it is
    Show(StatusPackShowArgs),
}

/// Options of `status-pack fetch`.
#[derive(Debug, Args)]
pub struct StatusPackFetchArgs {
    /// The issuer's origin such as `https://issuer.example`, or the address of its pack
    #[arg(value_name = "URL")]
    pub address: Url,
    /// The file; what is in it already is brought up to date
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,
    /// A content-addressed copy to ask where the issuer is silent (repeatable)
    #[arg(long = "mirror", value_name = "URL")]
    pub mirrors: Vec<Url>,
    /// A DID document you trust, to be used instead of asking the network (repeatable)
    #[arg(long = "did-document", value_name = "FILE")]
    pub did_documents: Vec<PathBuf>,
}

/// Options of `status-pack show`.
#[derive(Debug, Args)]
pub struct StatusPackShowArgs {
    /// The file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

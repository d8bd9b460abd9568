//! Options of `trust-list`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What to do with a trust list.
#[derive(Debug, Subcommand)]
pub enum TrustListCommand {
    /// Sign a trust list with the key of its operator
    Sign(TrustListSignArgs),
}

/// Options of `trust-list sign`.
#[derive(Debug, Args)]
pub struct TrustListSignArgs {
    /// The list (JSON), or - for standard input
    #[arg(value_name = "FILE|-")]
    pub list: String,
    /// The operator's key: a file (JWK or Multikey), or store:LABEL
    #[arg(long, short, value_name = "KEY")]
    pub key: String,
    /// The operator's verification method; the key's own did:key unless told
    #[arg(long, short, value_name = "DID-URL")]
    pub verification_method: Option<String>,
    /// Write the result here instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

//! Options of `evidence` and `export`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What to do with evidence.
#[derive(Debug, Subcommand)]
pub enum EvidenceCommand {
    /// Fetch the issuer's evidence for credentials and keep it beside them
    Fetch(EvidenceFetchArgs),
    /// Show the evidence that is kept for a credential
    Show(EvidenceShowArgs),
}

/// Options of `evidence fetch`.
#[derive(Debug, Args)]
pub struct EvidenceFetchArgs {
    /// The credential's id, or its beginning
    #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
    pub id: Option<String>,
    /// For everything the wallet holds
    #[arg(long)]
    pub all: bool,
}

/// Options of `evidence show`.
#[derive(Debug, Args)]
pub struct EvidenceShowArgs {
    /// The credential's id, or its beginning
    #[arg(value_name = "ID")]
    pub id: String,
}

/// Options of `export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The credential's id, or its beginning
    #[arg(value_name = "ID")]
    pub id: String,
    /// Put the evidence beside it: {"credential": …, "staple": …}
    #[arg(long)]
    pub with_evidence: bool,
    /// Write the result here instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

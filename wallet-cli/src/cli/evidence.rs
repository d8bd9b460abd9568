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
    /// Make a printable page (PDF) with a QR code that verifies without a net; needs --output
    #[arg(long, requires = "output", conflicts_with_all = ["with_evidence", "picture"])]
    pub pdf: bool,
    /// Make a picture with the credential baked in (Open Badges 3.0); needs --output
    #[arg(
        long,
        value_enum,
        value_name = "KIND",
        requires = "output",
        conflicts_with = "with_evidence"
    )]
    pub picture: Option<PictureKind>,
    /// Let the QR code open this desk (https://…) instead of holding the credential alone
    #[arg(long, value_name = "URL")]
    pub desk: Option<String>,
    /// The font of the page; without it the system's Hangul font
    #[arg(long, value_name = "FILE", requires = "pdf")]
    pub font: Option<PathBuf>,
    /// Write the result here instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// A kind of picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum PictureKind {
    /// PNG
    Png,
    /// SVG
    Svg,
}

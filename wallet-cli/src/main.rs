//! The binary `wallet`; everything is in the library beside it.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    wallet_cli::run(wallet_cli::Cli::parse())
}

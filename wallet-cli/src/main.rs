//! The binary `wallet`; everything is in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    match wallet_cli::Cli::read() {
        Ok(cli) => wallet_cli::run(cli),
        // Help and version are no errors: clap prints them where they belong and knows the exit code.
        Err(message) => message.exit(),
    }
}

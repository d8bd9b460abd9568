//! `verifier-service`: serves, or prepares its key.
use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use verifier_service::commands;

/// The Sinpyo verifier: OpenID4VP 1.0, verdicts in Korean and English.
#[derive(Parser)]
#[command(name = "verifier-service", version)]
struct Arguments {
    /// The configuration file (TOML); variables VERIFIER__SECTION__KEY overlay it.
    #[arg(long, global = true, env = "VERIFIER_CONFIG", default_value = "verifier.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serves until SIGTERM or SIGINT; prints `ready URL` when it listens.
    Serve,
    /// Creates key and certificate where they are missing; prints the identity as JSON.
    Init,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    web_kit::start_log();
    let done = match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => commands::serve(&arguments.config).await,
        Command::Init => commands::init(&arguments.config),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            if let Some(hint) = commands::hint(&error) {
                eprintln!("hint: {hint}");
            }
            ExitCode::from(2)
        }
    }
}

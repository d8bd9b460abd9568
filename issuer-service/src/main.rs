//! `issuer-service`: serves, prepares keys, deploys contracts, checks a configuration.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use issuer_service::commands;

/// The Sinpyo issuer: OpenID4VCI 1.0, status lists, anchoring.
#[derive(Parser)]
#[command(name = "issuer-service", version)]
struct Arguments {
    /// The configuration file (TOML); variables ISSUER__SECTION__KEY overlay it.
    #[arg(long, global = true, env = "ISSUER_CONFIG", default_value = "issuer.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serves until SIGTERM or SIGINT; prints `ready URL` when it listens.
    Serve,
    /// Creates keys and the admin token where they are missing; prints DID and chain address as JSON.
    Init,
    /// What concerns the chain.
    Chain {
        #[command(subcommand)]
        command: ChainCommand,
    },
    /// Checks configuration, keys, store and chain, and says what to do about each finding.
    Doctor,
}

#[derive(Subcommand)]
enum ChainCommand {
    /// Deploys both contracts with the chain key; prints their addresses as JSON.
    Deploy {
        /// Also writes the addresses into the configuration's [chain] section.
        #[arg(long)]
        write: bool,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    web_kit::start_log();
    let config = &arguments.config;
    let done = match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => commands::serve(config).await.map(|()| true),
        Command::Init => commands::init(config).map(|()| true),
        Command::Chain { command: ChainCommand::Deploy { write } } => {
            commands::chain_deploy(config, write).await.map(|()| true)
        }
        Command::Doctor => commands::doctor(config).await,
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error:#}");
            if let Some(hint) = commands::hint(&error) {
                eprintln!("hint: {hint}");
            }
            ExitCode::from(2)
        }
    }
}

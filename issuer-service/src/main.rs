//! `issuer-service`: serves, prepares keys, deploys contracts, checks a configuration.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use credential_issuance::KeyPlace;
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
    /// The keys that sign, and those that did.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Checks configuration, keys, store and chain, and says what to do about each finding.
    Doctor,
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Prints all keys with what became of them, as JSON.
    List,
    /// Makes new keys and retires those that sign now; what they signed stays good. Restart the service after it.
    Rotate {
        /// Only the key of this algorithm.
        #[arg(value_enum)]
        only: Option<Place>,
    },
    /// Records that others may have signed with a key that was rotated before. Restart the service after it.
    Compromised {
        /// Label of the key, as `keys list` shows it.
        label: String,
        /// Since when (UTC), such as 2026-11-01T09:00:00Z. A later statement can only move it earlier.
        #[arg(long)]
        since: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Place {
    Ed25519,
    P256,
}

#[derive(Subcommand)]
enum ChainCommand {
    /// Deploys the contract set with the chain key; prints their addresses as JSON.
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
        Command::Keys { command: KeysCommand::List } => commands::keys_list(config).map(|()| true),
        Command::Keys { command: KeysCommand::Rotate { only } } => {
            let places = match only {
                None => KeyPlace::ALL.to_vec(),
                Some(Place::Ed25519) => vec![KeyPlace::Ed25519],
                Some(Place::P256) => vec![KeyPlace::P256],
            };
            commands::keys_rotate(config, &places).map(|()| true)
        }
        Command::Keys { command: KeysCommand::Compromised { label, since } } => {
            commands::keys_compromised(config, &label, &since).map(|()| true)
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

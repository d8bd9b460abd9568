//! `verifier-service`: serves, or prepares its key.
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use verifier_service::commands::{self, OtherStore};

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
    /// The store: schema of a database, copies, counts.
    Store {
        #[command(subcommand)]
        command: StoreCommand,
    },
}

#[derive(Subcommand)]
enum StoreCommand {
    /// Brings the schema of the database in [store.postgres] to this build's version.
    Migrate,
    /// Copies the configured store whole and proves it by counts and digests. Neither side may be in use.
    Copy {
        /// To an embedded store in this new directory.
        #[arg(long, value_name = "DIRECTORY")]
        to: Option<PathBuf>,
        /// To the database in [store.postgres].
        #[arg(long, conflicts_with_all = ["to", "from"])]
        to_postgres: bool,
        /// Into the configured store, from the embedded store in this directory.
        #[arg(long, value_name = "DIRECTORY", conflicts_with = "to")]
        from: Option<PathBuf>,
    },
    /// Prints counts and digests of all that is recorded, as JSON.
    Survey,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    web_kit::start_log_as(commands::log_format(&arguments.config));
    let done = match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => commands::serve(&arguments.config).await,
        Command::Init => commands::init(&arguments.config),
        Command::Store { command } => store(&arguments.config, command).await,
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

async fn store(config: &Path, command: StoreCommand) -> anyhow::Result<()> {
    match command {
        StoreCommand::Migrate => commands::store_migrate(config).await,
        StoreCommand::Survey => commands::store_survey(config).await,
        StoreCommand::Copy { to, to_postgres, from } => {
            let (other, back) = match (to, to_postgres, from) {
                (Some(directory), false, None) => (OtherStore::Directory(directory), false),
                (None, true, None) => (OtherStore::Postgres, false),
                (None, false, Some(directory)) => (OtherStore::Directory(directory), true),
                _ => anyhow::bail!("name one of --to, --to-postgres and --from"),
            };
            commands::store_copy(config, &other, back).await
        }
    }
}

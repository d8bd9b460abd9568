//! `issuer-service`: serves, prepares keys, deploys contracts, checks a configuration.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use credential_issuance::KeyPlace;
use issuer_service::commands::{self, Erase, OtherStore};
use signing_keys::KeyAlgorithm;

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
    /// Who may issue what, by this issuer's authority.
    Accreditation {
        #[command(subcommand)]
        command: commands::AccreditationCommand,
    },
    /// What the operators of the contracts decide together.
    Directory {
        #[command(subcommand)]
        command: commands::DirectoryCommand,
    },
    /// The configuration itself.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// The store: schema of a database, copies, counts.
    Store {
        #[command(subcommand)]
        command: StoreCommand,
    },
    /// Keys in a process of their own; --config names its signer.toml.
    Signer {
        #[command(subcommand)]
        command: SignerCommand,
    },
    /// The audit trail.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Backups of an embedded store (PostgreSQL: pg_dump, see docs/operations.md).
    Backup {
        #[command(subcommand)]
        command: BackupCommand,
    },
    /// Forgets personal data; status entries and digests stay.
    Erase {
        #[command(subcommand)]
        command: EraseCommand,
    },
    /// Bulk jobs: a file of rows to credentials, each row exactly once.
    Jobs {
        #[command(flatten)]
        desk: commands::Desk,
        #[command(subcommand)]
        command: commands::JobsCommand,
    },
    /// The keys that sign, and those that did.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Officers' accounts. With the embedded store, stop the service first.
    Officers {
        #[command(subcommand)]
        command: commands::OfficersCommand,
    },
    /// API keys for programs. With the embedded store, stop the service first.
    ApiKeys {
        #[command(subcommand)]
        command: commands::ApiKeysCommand,
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

#[derive(Subcommand)]
enum ConfigCommand {
    /// Prints the JSON Schema of the configuration file.
    Schema,
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
        /// Copies although bulk jobs and officers' accounts stay behind: what jobs issued before, they could issue again.
        #[arg(long)]
        danger_leave_jobs_and_accounts: bool,
    },
    /// Prints counts and digests of all that is recorded, as JSON.
    Survey,
}

#[derive(Subcommand)]
enum SignerCommand {
    /// Makes the keys that are missing.
    Init {
        /// One more key, for a rotation: its label, as `keys list` would name it.
        #[arg(long, requires = "algorithm")]
        label: Option<String>,
        /// Of this algorithm.
        #[arg(long, value_enum)]
        algorithm: Option<Place>,
    },
    /// Answers signing requests at its Unix socket; opens no network socket.
    Serve,
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Writes the trail to stdout, one JSON entry a line.
    Export {
        /// Begin after this sequence number.
        #[arg(long, default_value_t = 0)]
        after: u64,
    },
    /// Recomputes the hash chain of the store, or of an exported file.
    Verify {
        /// The file.
        #[arg(long)]
        file: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum BackupCommand {
    /// Writes store and keys into one encrypted file; the service may run.
    Create {
        /// The file to write; must not be there.
        #[arg(long)]
        to: PathBuf,
        /// Its passphrase, in a file of mode 0600; one line.
        #[arg(long)]
        passphrase_file: PathBuf,
    },
    /// Checks a backup whole: every part, counts, digests, the audit trail.
    Verify {
        /// The backup.
        #[arg(long)]
        from: PathBuf,
        /// Its passphrase file.
        #[arg(long)]
        passphrase_file: PathBuf,
    },
    /// Puts a backup into the configured store, which must be empty, and its keys where none are.
    Restore {
        /// The backup.
        #[arg(long)]
        from: PathBuf,
        /// Its passphrase file.
        #[arg(long)]
        passphrase_file: PathBuf,
    },
}

#[derive(Subcommand)]
enum EraseCommand {
    /// A person with all offers and credentials made for them.
    Person {
        /// Their id.
        id: String,
    },
    /// What one offer and its credentials say.
    Offer {
        /// Its id.
        id: String,
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
        #[command(flatten)]
        governed: commands::Governed,
    },
    /// Anchors once without serving: for who accredits and issues nothing. Stop the service first.
    Anchor,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let config = &arguments.config;
    web_kit::start_log_as(commands::log_format(config));
    let done = match arguments.command.unwrap_or(Command::Serve) {
        Command::Config { command: ConfigCommand::Schema } => commands::config_schema(),
        Command::Store { command } => store(config, command).await.map(|()| true),
        Command::Signer { command } => signer(config, command).map(|()| true),
        Command::Audit { command: AuditCommand::Export { after } } => {
            commands::audit_export(config, after).await.map(|()| true)
        }
        Command::Audit { command: AuditCommand::Verify { file } } => {
            commands::audit_verify(config, file.as_deref()).await
        }
        Command::Backup { command } => backup(config, command).await.map(|()| true),
        Command::Erase { command: EraseCommand::Person { id } } => {
            commands::erase(config, &Erase::Person(id)).await.map(|()| true)
        }
        Command::Erase { command: EraseCommand::Offer { id } } => {
            commands::erase(config, &Erase::Offer(id)).await.map(|()| true)
        }
        Command::Serve => commands::serve(config).await.map(|()| true),
        Command::Init => commands::init(config).map(|()| true),
        Command::Chain { command: ChainCommand::Deploy { write, governed } } => {
            commands::chain_deploy(config, write, &governed).await.map(|()| true)
        }
        Command::Chain { command: ChainCommand::Anchor } => {
            commands::chain_anchor(config).await.map(|()| true)
        }
        Command::Accreditation { command } => commands::accreditation(config, command).await,
        Command::Directory { command } => commands::directory(config, command).await.map(|()| true),
        Command::Jobs { desk, command } => commands::jobs(config, &desk, command).await,
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
        Command::Officers { command } => commands::officers(config, command).await.map(|()| true),
        Command::ApiKeys { command } => commands::api_keys(config, command).await.map(|()| true),
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

async fn store(config: &Path, command: StoreCommand) -> anyhow::Result<()> {
    match command {
        StoreCommand::Migrate => commands::store_migrate(config).await,
        StoreCommand::Survey => commands::store_survey(config).await,
        StoreCommand::Copy { to, to_postgres, from, danger_leave_jobs_and_accounts: leave } => {
            let (other, back) = match (to, to_postgres, from) {
                (Some(directory), false, None) => (OtherStore::Directory(directory), false),
                (None, true, None) => (OtherStore::Postgres, false),
                (None, false, Some(directory)) => (OtherStore::Directory(directory), true),
                _ => anyhow::bail!("name one of --to, --to-postgres and --from"),
            };
            commands::store_copy(config, &other, back, leave).await
        }
    }
}

fn signer(config: &Path, command: SignerCommand) -> anyhow::Result<()> {
    match command {
        SignerCommand::Serve => commands::signer_serve(config),
        SignerCommand::Init { label, algorithm } => {
            let algorithm = match algorithm {
                Some(Place::P256) => KeyAlgorithm::Es256,
                Some(Place::Ed25519) | None => KeyAlgorithm::EdDsa,
            };
            let more = label.as_deref().map(|label| (label, algorithm));
            commands::signer_init(config, more)
        }
    }
}

async fn backup(config: &Path, command: BackupCommand) -> anyhow::Result<()> {
    match command {
        BackupCommand::Create { to, passphrase_file } => {
            commands::backup_create(config, &to, &passphrase_file).await
        }
        BackupCommand::Verify { from, passphrase_file } => {
            commands::backup_verify(&from, &passphrase_file)
        }
        BackupCommand::Restore { from, passphrase_file } => {
            commands::backup_restore(config, &from, &passphrase_file).await
        }
    }
}

//! The subcommands. Stdout carries results, stderr talk.

mod accreditation;
mod api_keys;
mod audit;
mod backup;
mod chain_access;
mod chain_deploy;
mod directory;
mod directory_file;
mod doctor;
mod erase;
mod init;
mod jobs;
mod jobs_client;
mod keys;
mod officers;
mod serve;
mod signer;
mod store;

use std::path::Path;

use web_kit::LogFormat;

use crate::config::ConfigFault;
use web_kit::private_file::PrivateFileError;

pub use accreditation::{AccreditationCommand, accreditation};
pub use api_keys::{ApiKeysCommand, api_keys};
pub use audit::{audit_export, audit_verify};
pub(crate) use backup::shown as shown_backup;
pub use backup::{backup_create, backup_restore, backup_verify};
pub use chain_deploy::{Governed, chain_anchor, chain_deploy};
pub use directory::{DirectoryCommand, directory};
pub use doctor::doctor;
pub use erase::{Erase, erase};
pub use init::init;
pub use jobs::{Desk, JobsCommand, jobs};
pub use keys::{keys_compromised, keys_list, keys_rotate};
pub use officers::{OfficersCommand, officers};
pub use serve::serve;
pub use signer::{SignerConfig, SignerSection, signer_init, signer_serve};
pub use store::{OtherStore, store_copy, store_migrate, store_survey};

/// How the log is to be written; a configuration that cannot be read is told of later.
pub fn log_format(path: &Path) -> LogFormat {
    let issuer = crate::config::Config::load(path).map(|config| config.log.format).ok();
    let signer = || SignerConfig::load(path).map(|config| config.log.format).ok();
    issuer.or_else(signer).unwrap_or_default()
}

/// Prints the configuration's JSON Schema.
///
/// # Errors
/// None in practice.
pub fn config_schema() -> anyhow::Result<bool> {
    println!("{}", serde_json::to_string_pretty(&crate::config_schema::document())?);
    Ok(true)
}

/// What to do about an error, where that can be said.
pub fn hint(error: &anyhow::Error) -> Option<&'static str> {
    let text = format!("{error:#}");
    if let Some(fault) = error.downcast_ref::<ConfigFault>() {
        return Some(match fault {
            ConfigFault::PlainHttp(_) => "use https, or list the origin there for development",
            ConfigFault::PublicUrl => {
                "the origin is what wallets and verifiers see, not the listen address"
            }
            _ => "compare with the example in the README",
        });
    }
    if let Some(fault) = error.downcast_ref::<PrivateFileError>() {
        return Some(match fault {
            PrivateFileError::Open(_) => "chmod 600 the file",
            PrivateFileError::Unreadable { .. } => {
                "write the passphrase file yourself; `issuer-service init` makes keys and admin token"
            }
            _ => "the file holds the secret alone, on one line",
        });
    }
    if let Some(error) = error.downcast_ref::<credential_issuance::RegisterError>()
        && matches!(error, credential_issuance::RegisterError::InUse(_))
    {
        return Some("run `issuer-service keys rotate` first");
    }
    if let Some(error) = error.downcast_ref::<evm_chain::ChainWriteError>() {
        use evm_chain::ChainWriteError;
        return match error {
            ChainWriteError::NotController => {
                Some("anchor this DID first: `issuer-service chain anchor`, or start the service")
            }
            ChainWriteError::WriterElsewhere(_) => Some("stop the service, or wait a minute"),
            ChainWriteError::NotMinedInTime => Some("repeat the command: it goes on where it was"),
            _ => None,
        };
    }
    if let Some(error) = error.downcast_ref::<storage_postgres::OpenError>() {
        return match error.code() {
            "postgres_schema_missing" | "postgres_schema_older" => {
                Some("run `issuer-service store migrate` once")
            }
            "postgres_schema_newer" => Some("a newer build migrated this database: use that one"),
            "postgres_unprotected" => Some("sslmode=verify-full checks the server's certificate"),
            "store_copy_unfinished" => Some("repeat `issuer-service store copy`"),
            _ => Some("check [store.postgres]: server, database, user and password"),
        };
    }
    if text.contains("no contract addresses") {
        return Some("run `issuer-service chain deploy --write` once");
    }
    if text.contains("has no key") || text.contains("no key store at this place") {
        return Some("run `issuer-service init` once");
    }
    None
}

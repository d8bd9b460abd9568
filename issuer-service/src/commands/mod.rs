//! The subcommands. Stdout carries results, stderr talk.

mod chain_deploy;
mod doctor;
mod init;
mod keys;
mod serve;

use crate::config::ConfigFault;
use web_kit::private_file::PrivateFileError;

pub use chain_deploy::chain_deploy;
pub use doctor::doctor;
pub use init::init;
pub use keys::{keys_compromised, keys_list, keys_rotate};
pub use serve::serve;

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
    if text.contains("no contract addresses") {
        return Some("run `issuer-service chain deploy --write` once");
    }
    if text.contains("has no key") || text.contains("no key store at this place") {
        return Some("run `issuer-service init` once");
    }
    None
}

//! `issuer-service officers …`: accounts of the office.
//!
//! They work on the store itself: with the embedded one the service must be stopped, with
//! PostgreSQL it may run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use clap::Subcommand;
use credential_issuance::audit::{AuditAction, AuditEvent};
use credential_issuance::store::IssuerStore;
use credential_model::ambient::Clock as _;
use officer_access::{Access, Account, Enrolment, NewOfficer, Role};
use serde_json::{Value, json};
use signing_keys::system::{SystemClock, SystemEntropy};
use web_kit::private_file;

use crate::config::Config;
use crate::storage;

/// Most accounts that are listed.
const MOST: usize = 10_000;

/// What can be done with officers' accounts.
#[derive(Debug, Subcommand)]
pub enum OfficersCommand {
    /// Makes an account; prints password, authenticator address and recovery codes, once.
    Add {
        /// The name to sign in with.
        login: String,
        /// For people, such as 김담당(가상인물).
        #[arg(long)]
        name: String,
        /// officer, approver, auditor; may be given several times.
        #[arg(long = "role", required = true)]
        roles: Vec<String>,
        /// The password the officer chose, in a file of mode 0600; a random one otherwise, which
        /// must be changed at the first sign-in.
        #[arg(long)]
        password_file: Option<PathBuf>,
    },
    /// Prints all accounts as JSON, without secrets.
    List,
    /// Ends an officer's access and sessions.
    Disable {
        /// The sign-in name, or the account's id.
        login: String,
    },
    /// New password, codes and recovery codes; lifts locks, ends sessions.
    Reset {
        /// The sign-in name.
        login: String,
        /// As for add.
        #[arg(long)]
        password_file: Option<PathBuf>,
    },
}

/// The office's access and the trail, opened for one command.
pub(super) struct Opened {
    pub(super) access: Access,
    store: Arc<dyn IssuerStore>,
}

impl Opened {
    pub(super) async fn open(path: &Path) -> anyhow::Result<Self> {
        let config = Config::load(path)?;
        let store = storage::open(&config.store, Arc::new(SystemEntropy)).await?;
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let access = crate::office::open(&config, store.access(), clock, entropy).await?;
        Ok(Self { access, store: store.issuer() })
    }

    /// Whoever works at the server's command line has no name here.
    pub(super) async fn tell(&self, what: &str, about: &str, id: &str) -> anyhow::Result<()> {
        let event = AuditEvent::new(SystemClock.now(), "command_line", AuditAction::AccessChanged)
            .about("what", what)
            .about(about, id);
        Ok(self.store.tell(event).await?)
    }
}

/// Does it.
///
/// # Errors
/// When the store is in use, the name is taken or unknown, or the password too weak.
pub async fn officers(path: &Path, command: OfficersCommand) -> anyhow::Result<()> {
    let opened = Opened::open(path).await?;
    match command {
        OfficersCommand::Add { login, name, roles, password_file } => {
            let roles = roles.iter().map(|role| {
                Role::parse(role)
                    .with_context(|| format!("{role:?} is no role: officer, approver, auditor"))
            });
            let new = NewOfficer {
                login,
                name,
                roles: roles.collect::<anyhow::Result<_>>()?,
                password: password(password_file.as_deref())?,
            };
            let enrolment = opened.access.add_officer(new).await?;
            opened.tell("officer_added", "officer", enrolment.account.id.as_str()).await?;
            tell(&enrolment);
        }
        OfficersCommand::List => {
            let officers = opened.access.officers(MOST).await?;
            let officers: Vec<Value> = officers.iter().map(view).collect();
            println!("{}", json!({ "officers": officers }));
        }
        OfficersCommand::Disable { login } => {
            // Accounts of an OpenID provider have no sign-in name of ours: `list` shows their ids.
            let listed = opened.access.officers(MOST).await?;
            let account = match listed.iter().find(|one| one.id.as_str() == login) {
                Some(account) => opened.access.disable_account(&account.id).await?,
                None => opened.access.disable_officer(&login).await?,
            };
            opened.tell("officer_disabled", "officer", account.id.as_str()).await?;
            println!("{}", view(&account));
        }
        OfficersCommand::Reset { login, password_file } => {
            let chosen = password(password_file.as_deref())?;
            let enrolment = opened.access.reset_officer(&login, chosen).await?;
            opened.tell("officer_reset", "officer", enrolment.account.id.as_str()).await?;
            tell(&enrolment);
        }
    }
    Ok(())
}

fn password(file: Option<&Path>) -> anyhow::Result<Option<String>> {
    Ok(file.map(|file| private_file::read(file, 1)).transpose()?)
}

fn view(account: &Account) -> Value {
    let roles: Vec<&str> = account.roles.iter().map(|role| role.as_str()).collect();
    json!({
        "id": account.id.as_str(),
        "login": account.login,
        "name": account.name,
        "roles": roles,
        "created_at": account.created_at,
        "disabled_at": account.disabled_at,
        "last_sign_in": account.last_sign_in,
        "recovery_codes_left": account.recovery_left(),
    })
}

fn tell(enrolment: &Enrolment) {
    let mut answer = view(&enrolment.account);
    answer["password"] = json!(enrolment.password);
    answer["totp_uri"] = json!(enrolment.totp_uri);
    answer["recovery_codes"] = json!(enrolment.recovery_codes);
    println!("{answer}");
    eprintln!("hand this to the officer alone: it is shown once and kept nowhere");
    if let Ok(code) = qr_code::encode_terminal(&enrolment.totp_uri) {
        eprintln!("for the authenticator app:\n{code}");
    }
}

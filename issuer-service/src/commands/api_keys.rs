//! `issuer-service api-keys …`: keys for programs.

use std::path::Path;

use anyhow::Context as _;
use clap::Subcommand;
use credential_model::moment::Moment;
use officer_access::{ApiKey, NewApiKey, Permission};
use serde_json::{Value, json};

use super::officers::Opened;

const MOST: usize = 10_000;

/// What can be done with API keys.
#[derive(Debug, Subcommand)]
pub enum ApiKeysCommand {
    /// Makes a key; prints it once.
    Add {
        /// What it is for.
        name: String,
        /// look, kinds, issue, status, decide, audit, anchor, vc_api, access; may be given several times.
        #[arg(long = "scope", required = true)]
        scopes: Vec<String>,
        /// Until when, such as 2027-11-01T00:00:00Z; without end otherwise.
        #[arg(long)]
        until: Option<String>,
    },
    /// Prints all keys as JSON, without secrets.
    List,
    /// Takes a key back, at once.
    Revoke {
        /// Its prefix, as `list` shows it.
        prefix: String,
    },
}

/// Does it.
///
/// # Errors
/// When the store is in use, a scope is none, or the prefix is unknown.
pub async fn api_keys(path: &Path, command: ApiKeysCommand) -> anyhow::Result<()> {
    let opened = Opened::open(path).await?;
    match command {
        ApiKeysCommand::Add { name, scopes, until } => {
            let scopes = scopes.iter().map(|scope| {
                Permission::parse(scope).with_context(|| format!("{scope:?} is no scope"))
            });
            let until = until.map(|until| {
                Moment::parse(&until)
                    .ok()
                    .with_context(|| format!("--until {until:?} is no moment"))
            });
            let new = NewApiKey {
                name,
                scopes: scopes.collect::<anyhow::Result<_>>()?,
                expires_at: until.transpose()?,
            };
            let (key, text) = opened.access.add_api_key(new).await?;
            opened.tell("api_key_added", "key", &key.prefix).await?;
            let mut answer = view(&key);
            answer["key"] = json!(text);
            println!("{answer}");
            eprintln!("keep the key now: it is shown once");
        }
        ApiKeysCommand::List => {
            let keys = opened.access.api_keys(MOST).await?;
            let keys: Vec<Value> = keys.iter().map(view).collect();
            println!("{}", json!({ "api_keys": keys }));
        }
        ApiKeysCommand::Revoke { prefix } => {
            let key = opened.access.revoke_api_key(&prefix).await?;
            opened.tell("api_key_revoked", "key", &key.prefix).await?;
            println!("{}", view(&key));
        }
    }
    Ok(())
}

fn view(key: &ApiKey) -> Value {
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    json!({
        "prefix": key.prefix,
        "name": key.name,
        "scopes": scopes,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
    })
}

//! From the configuration to the flow of officers' access.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use credential_issuance::ids::Digest;
use credential_model::ambient::{Clock, Entropy, random_token};
use officer_access::oidc::{Oidc, OidcSettings};
use officer_access::store::{AccessStore, Shelf};
use officer_access::{Access, AccessParts, AccessSettings, Role};
use web_fetch::{FetchPolicy, GuardedClient};
use web_kit::private_file;

use crate::config::Config;

/// Shortest secret and client secret, in characters.
const SECRET_LENGTH: usize = 32;

/// Officers' access over a store, as the configuration says.
pub async fn open(
    config: &Config,
    store: Arc<dyn AccessStore>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> anyhow::Result<Access> {
    let secret = secret(config, &*store, &*entropy).await?;
    let mut settings = AccessSettings::new(&config.issuer.name_en);
    settings.idle_seconds = config.office.idle_seconds;
    settings.session_seconds = config.office.session_seconds;
    settings.four_eyes = config.four_eyes.rules();
    let oidc = oidc(config)?;
    Ok(Access::new(AccessParts { settings, store, clock, entropy, secret, oidc }))
}

fn secret_path(config: &Config) -> PathBuf {
    config.office.secret_file.clone().unwrap_or_else(|| {
        let mut name = config.keys.path.as_os_str().to_owned();
        name.push(".office-secret");
        PathBuf::from(name)
    })
}

/// A lost secret would silently lock every officer out: it is made only where there is no officer.
async fn secret(
    config: &Config,
    store: &dyn AccessStore,
    entropy: &dyn Entropy,
) -> anyhow::Result<[u8; 32]> {
    let path = secret_path(config);
    if !path.exists() {
        let officers = store.list(Shelf::Accounts, None, 1).await?;
        anyhow::ensure!(
            officers.is_empty(),
            "there are officers, but the office's secret {} is missing",
            path.display()
        );
        private_file::create(&path, &random_token(entropy))?;
    }
    let line = private_file::read(&path, SECRET_LENGTH)?;
    Ok(Digest::of(line.as_bytes()).0)
}

fn oidc(config: &Config) -> anyhow::Result<Option<Oidc>> {
    let Some(section) = &config.office.oidc else { return Ok(None) };
    let client_secret = match &section.client_secret_file {
        Some(path) => Some(private_file::read(path, 1)?),
        None => None,
    };
    let roles = section.roles.iter();
    let roles =
        roles.filter_map(|(name, values)| Some((Role::parse(name)?, values.clone()))).collect();
    let settings = OidcSettings {
        issuer: section.issuer.clone(),
        client_id: section.client_id.clone(),
        client_secret,
        redirect_uri: format!(
            "{}/office/sign-in/oidc/done",
            config.server.public_url.trim_end_matches('/')
        ),
        scopes: section.scopes.clone(),
        role_claim: section.role_claim.clone(),
        roles,
        required_amr: section.required_amr.clone(),
    };
    let policy = FetchPolicy {
        plain_http_origins: config.network.danger_plain_http_origins.clone(),
        ..FetchPolicy::default()
    };
    let fetch = GuardedClient::new(policy).context("a client for the OpenID provider")?;
    Ok(Some(Oidc::new(settings, Arc::new(fetch))))
}

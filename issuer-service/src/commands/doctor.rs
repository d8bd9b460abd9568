//! `issuer-service doctor`

use std::path::Path;
use std::sync::Arc;

use credential_issuance::{ED25519_LABEL, P256_LABEL};
use evm_chain::{ChainReader, ReadChain as _};
use signing_keys::KeyStore;
use signing_keys::system::SystemEntropy;

use crate::config::Config;
use crate::{assemble, control};

/// Checks one thing after the other and says what it found; `false` when something is wrong.
pub async fn doctor(path: &Path) -> anyhow::Result<bool> {
    let config = Config::load(path)?;
    let mut healthy = true;
    let mut report = |what: &str, found: anyhow::Result<String>| match found {
        Ok(detail) => println!("ok    {what}: {detail}"),
        Err(error) => {
            healthy = false;
            println!("wrong {what}: {error:#}");
            if let Some(hint) = super::hint(&error) {
                println!("      hint: {hint}");
            }
        }
    };
    report("configuration", Ok(config.server.public_url.clone()));
    report("identity", assemble::did(&config).map(|did| did.to_string()));
    let keys = assemble::open_keys(&config, false, Arc::new(SystemEntropy));
    let address = keys.as_ref().map_or_else(
        |error| Err(anyhow::anyhow!("{error:#}")),
        |keys| assemble::chain_address(keys).map(|address| format!("chain account {address}")),
    );
    report("keys", address);
    report("signing", keys.as_ref().map_err(|_| anyhow::anyhow!("no keys")).and_then(signing));
    let token =
        web_kit::private_file::read(&config.admin.token_file, 20).map(|_| "in place".to_owned());
    report("admin token", token.map_err(Into::into));
    report("store", store(&config).await);
    for webhook in &config.webhooks {
        let secret = web_kit::private_file::read(&webhook.secret_file, 24);
        let found = secret.map(|_| webhook.url.to_string()).map_err(Into::into);
        report(&format!("webhook {}", webhook.id), found);
    }
    let figures = config.operations.listen.as_deref();
    report("operations", Ok(figures.map_or("no address of their own".to_owned(), str::to_owned)));
    match &config.chain {
        None => report("chain", Ok("none configured, nothing is anchored".to_owned())),
        Some(settings) => {
            let found = match ChainReader::new(settings.clone()) {
                Ok(reader) => match reader.check().await {
                    Ok(()) => Ok(format!("chain {} with our contracts", settings.chain_id)),
                    Err(error) => Err(error.into()),
                },
                Err(error) => Err(error.into()),
            };
            report("chain", found);
        }
    }
    Ok(healthy)
}

/// Signs with each key that every issuer has, as credentials and lists are.
fn signing(keys: &Arc<dyn KeyStore>) -> anyhow::Result<String> {
    let mut signed = Vec::new();
    for label in [ED25519_LABEL, P256_LABEL] {
        let handle = keys.find(label).ok_or_else(|| anyhow::anyhow!("no key {label}"))?;
        keys.sign_message(&handle, b"sinpyo doctor")?;
        signed.push(label);
    }
    Ok(signed.join(", "))
}

/// Opens the store; a running service has an embedded one to itself.
async fn store(config: &Config) -> anyhow::Result<String> {
    match assemble::open_store(config).await {
        Ok(store) if store.embedded().is_some() => Ok("opens".to_owned()),
        Ok(_) => Ok(format!("PostgreSQL, schema version {}", storage_postgres::SCHEMA_VERSION)),
        Err(error) => match control::is_served(config).await {
            true => Ok("in use by the running service".to_owned()),
            false => Err(error),
        },
    }
}

//! `issuer-service doctor`

use std::path::Path;
use std::sync::Arc;

use evm_chain::{ChainReader, ReadChain as _};
use signing_keys::system::SystemEntropy;

use crate::assemble;
use crate::config::Config;

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
    let token =
        web_kit::private_file::read(&config.admin.token_file, 20).map(|_| "in place".to_owned());
    report("admin token", token.map_err(Into::into));
    report("store", assemble::open_store(&config).map(|_| "opens".to_owned()));
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

//! `issuer-service chain deploy`

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use evm_chain::Contracts;
use serde_json::json;
use signing_keys::system::SystemEntropy;

use crate::assemble;
use crate::config::Config;

/// Deploys the contract set, governed by the chain key alone (for development: docs/runbook.md
/// tells of more operators); repeated with the same store it answers the same addresses.
pub async fn chain_deploy(path: &Path, write: bool) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    let settings = config.chain.as_ref().context("the configuration has no [chain] section")?;
    let keys = assemble::open_keys(&config, false, Arc::new(SystemEntropy))?;
    let store = assemble::open_store(&config)?;
    let writer = assemble::chain_writer(settings, &keys, Arc::new(store))?;
    let contracts = writer.deploy().await?;
    if write {
        let text = std::fs::read_to_string(path)?;
        replace_file(path, &with_addresses(&text, &contracts)?)?;
    }
    let named = named(&contracts).map(|(name, address)| (name.to_owned(), json!(address)));
    println!("{}", serde_json::Value::Object(named.into_iter().collect()));
    Ok(())
}

/// The contracts by their names in the `[chain]` section.
fn named(contracts: &Contracts) -> [(&'static str, String); 4] {
    [
        ("did_registry", contracts.did_registry.to_string()),
        ("status_registry", contracts.status_registry.to_string()),
        ("accreditation_registry", contracts.accreditation_registry.to_string()),
        ("directory", contracts.directory.to_string()),
    ]
}

/// The configuration with the addresses in its `[chain]` section; everything else, comments too,
/// stays as it was.
fn with_addresses(text: &str, contracts: &Contracts) -> anyhow::Result<String> {
    let mut lines = Vec::new();
    let mut in_chain = false;
    let mut found = false;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.starts_with('[') && !trimmed.starts_with("[\"") {
            let name = trimmed.split('#').next().unwrap_or_default().trim();
            in_chain = name == "[chain]";
        }
        let key = trimmed.split('=').next().unwrap_or_default().trim();
        if in_chain && named(contracts).iter().any(|(name, _)| *name == key) {
            continue;
        }
        lines.push(line.to_owned());
        if in_chain && !found {
            found = true;
            lines.extend(named(contracts).map(|(name, address)| format!("{name} = \"{address}\"")));
        }
    }
    if !found {
        anyhow::bail!("the configuration has no line [chain] to write the addresses below");
    }
    Ok(lines.join("\n") + "\n")
}

fn replace_file(path: &Path, text: &str) -> anyhow::Result<()> {
    let beside = path.with_extension("toml.new");
    let mut file = std::fs::File::create(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use evm_chain::Address;

    #[test]
    fn addresses_are_put_in_and_replaced() {
        let one = Contracts {
            did_registry: Address::from_bytes([1; 20]),
            status_registry: Address::from_bytes([2; 20]),
            ..Contracts::default()
        };
        let text = "# mine\n[chain] # here\nrpc_urls = [\n  \"http://a\"\n]\ndid_registry = \"0x0\"\n[anchor]\nevery_seconds = 1\n";
        let written = with_addresses(text, &one).unwrap();
        let again = with_addresses(&written, &one).unwrap();
        assert_eq!(written, again);
        let table: toml::Table = toml::from_str(&written).unwrap();
        assert_eq!(
            table["chain"]["did_registry"].as_str(),
            Some(one.did_registry.to_string().as_str())
        );
        assert_eq!(table["anchor"]["every_seconds"].as_integer(), Some(1));
        assert!(written.starts_with("# mine\n"));
        assert!(with_addresses("[server]\n", &one).is_err());
    }
}

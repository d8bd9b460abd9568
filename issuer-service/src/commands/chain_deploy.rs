//! `issuer-service chain deploy`

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use evm_chain::{Contracts, Governance};
use serde_json::json;
use signing_keys::system::SystemEntropy;

use crate::assemble;
use crate::config::Config;

/// Deploys the contract set; repeated with the same store it answers the same addresses. Without
/// operators it is governed by the chain key alone, for development; with them the chain key has
/// no right afterwards that they do not give it.
pub async fn chain_deploy(path: &Path, write: bool, governed: &Governed) -> anyhow::Result<()> {
    let governance = governed.governance()?;
    let config = Config::load(path)?;
    let settings = config.chain.as_ref().context("the configuration has no [chain] section")?;
    let keys = assemble::open_keys(&config, false, Arc::new(SystemEntropy))?;
    let store = assemble::open_store(&config).await?;
    let writer = assemble::chain_writer(settings, &keys, store.outbox())?;
    let contracts = match &governance {
        Some(governance) => writer.deploy_governed(governance).await?,
        None => writer.deploy().await?,
    };
    // The service that starts next need not wait for the lease to run out.
    let _ = writer.release();
    if write {
        let text = std::fs::read_to_string(path)?;
        replace_file(path, &with_addresses(&text, &contracts)?)?;
    }
    let named = named(&contracts).map(|(name, address)| (name.to_owned(), json!(address)));
    println!("{}", serde_json::Value::Object(named.into_iter().collect()));
    Ok(())
}

/// Who shall govern: flags of `chain deploy`.
#[derive(Debug, Default, clap::Args)]
pub struct Governed {
    /// An operator's account; repeated for each. Without any, the chain key alone governs.
    #[arg(long = "operator", requires_all = ["threshold", "delay_seconds"])]
    pub operators: Vec<String>,
    /// Approvals a proposal needs; more than half of the operators.
    #[arg(long, requires = "operators")]
    pub threshold: Option<u8>,
    /// Seconds between the last approval needed and execution, at most 7,776,000 (90 days).
    #[arg(long, requires = "operators")]
    pub delay_seconds: Option<u32>,
}

impl Governed {
    /// None: for development.
    fn governance(&self) -> anyhow::Result<Option<Governance>> {
        let (Some(threshold), Some(delay)) = (self.threshold, self.delay_seconds) else {
            return Ok(None);
        };
        let operators = self.operators.iter().map(|text| super::chain_access::address(text));
        let operators: Vec<_> = operators.collect::<anyhow::Result<_>>()?;
        // The contract takes any threshold; half or less lets two groups decide against each other.
        if usize::from(threshold) * 2 <= operators.len() || usize::from(threshold) > operators.len()
        {
            anyhow::bail!(
                "--threshold {threshold} is not more than half of {} operators, and at most all",
                operators.len()
            );
        }
        Ok(Some(Governance { operators, threshold, delay }))
    }
}

/// One round of anchoring without serving: the DID document comes onto the chain, states of keys,
/// and what waits. For institutions that accredit and issue nothing, such as a ministry.
pub async fn chain_anchor(path: &Path) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    let app = assemble::assemble(&config, assemble::Surroundings::system()).await?;
    let report = app.issuer.anchor(false).await?;
    println!("{}", serde_json::to_string(&report)?);
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
    fn a_minority_governs_nobody() {
        let account = |number: u8| Address::from_bytes([number; 20]).to_string();
        let flags = |threshold| Governed {
            operators: (1..=3).map(account).collect(),
            threshold: Some(threshold),
            delay_seconds: Some(86_400),
        };
        assert_eq!(flags(2).governance().unwrap().unwrap().operators.len(), 3);
        for threshold in [0, 1, 4] {
            assert!(flags(threshold).governance().is_err(), "{threshold}");
        }
        assert_eq!(Governed::default().governance().unwrap(), None);
        let nobody = Governed { operators: vec!["0x1".to_owned()], ..flags(1) };
        assert!(nobody.governance().is_err());
    }

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

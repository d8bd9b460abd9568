//! Who accredited the town's issuer, on the chain and by the commands that ship: a ministry and a
//! sports federation govern the contracts together with the issuer's agency; the ministry accredits
//! the agency, the agency a unit for one kind, the federation the sports council and that the agency.
//!
//! Everybody is fictitious.

use std::path::PathBuf;

use anyhow::{Context, Result};
use credential_model::ambient::Clock as _;
use credential_model::catalogue::CredentialType;
use serde_json::Value;
use signing_keys::system::SystemClock;

use crate::chain;
use crate::process::binary;
use crate::town::{Town, run_json, secret};

/// An institution that accredits and issues nothing.
pub struct Institution {
    /// Its folder below the town's.
    pub name: &'static str,
    pub name_ko: &'static str,
    pub name_en: &'static str,
    /// Whether verifiers take it as a root, or only know its name.
    pub root: bool,
}

/// Those of every town.
pub const INSTITUTIONS: [Institution; 3] = [
    Institution {
        name: "ministry",
        name_ko: "고용노동부(시연)",
        name_en: "Ministry of Employment and Labor (demo)",
        root: true,
    },
    Institution {
        name: "federation",
        name_ko: "대한육상연맹(시연)",
        name_en: "Korea athletics federation (demo)",
        root: true,
    },
    Institution {
        name: "council",
        name_ko: "대한체육회(시연)",
        name_en: "Korean Sport and Olympic Committee (demo)",
        root: false,
    },
];

/// The kind that the unit may issue.
const KIND: &str = "1320";
/// The unit's DID: an address of its own below the issuer's name.
const UNIT: &str = "did:web:unit.sinpyo.example";

/// The institutions with their DIDs, in the order of [`INSTITUTIONS`].
pub struct Authority {
    pub dids: Vec<String>,
    accounts: Vec<String>,
}

impl Institution {
    fn config(&self, town: &Town) -> PathBuf {
        town.folder.join(self.name).join("issuer.toml")
    }

    /// Runs a subcommand of issuer-service with this institution's keys.
    pub fn command(&self, town: &Town, arguments: &[&str]) -> Result<Value> {
        let program = binary("issuer-service")?;
        run_json(&program, arguments, &self.config(town)).context(self.name)
    }

    fn write(&self, town: &Town, port: u16, chain: &str) -> Result<()> {
        let folder = town.folder.join(self.name);
        std::fs::create_dir_all(&folder)?;
        secret(&folder.join("passphrase"), "an institution's passphrase of the demo only\n")?;
        let (ko, en, folder) = (self.name_ko, self.name_en, folder.display());
        let text = format!(
            r#"# Written by the demo. It accredits others and serves nothing.
[server]
listen = "127.0.0.1:{port}"
public_url = "http://localhost:{port}"

[issuer]
name_ko = "{ko}"
name_en = "{en}"

[store]
path = "{folder}/store"

[keys]
path = "{folder}/keys"
passphrase_file = "{folder}/passphrase"

[admin]
token_file = "{folder}/admin-token"

[network]
danger_plain_http_origins = ["localhost:{port}"]

{chain}
"#
        );
        Ok(std::fs::write(self.config(town), text)?)
    }
}

impl Authority {
    /// Keys and chain accounts of the institutions; before anything is deployed.
    pub async fn gather(town: &Town, ports: [u16; 3]) -> Result<Self> {
        let chain = town.deployed_chain_section()?;
        let (mut dids, mut accounts) = (Vec::new(), Vec::new());
        for (institution, port) in INSTITUTIONS.iter().zip(ports) {
            institution.write(town, port, &chain)?;
            let made = institution.command(town, &["init"])?;
            let text = |key: &str| {
                let text = made[key].as_str().map(str::to_owned);
                text.with_context(|| format!("init gives no {key}: {made}"))
            };
            dids.push(text("did")?);
            let account = text("chain_address")?;
            chain::fund(town.kind, &town.http, &town.rpc, &account).await?;
            accounts.push(account);
        }
        Ok(Self { dids, accounts })
    }

    /// Deploys the contracts under ministry, federation and agency, of whom two decide.
    pub fn deploy(&self, town: &Town) -> Result<()> {
        let [ministry, federation, _] = self.accounts.as_slice() else {
            anyhow::bail!("three institutions")
        };
        town.issuer_command(&[
            "chain",
            "deploy",
            "--write",
            "--operator",
            ministry,
            "--operator",
            federation,
            "--operator",
            &town.chain_account,
            "--threshold",
            "2",
            // A nation takes days; nobody would wait for them here.
            "--delay-seconds",
            "0",
        ])?;
        Ok(())
    }

    /// Roots by decision of two operators, then the accreditations below them.
    pub fn accredit(&self, town: &Town, ports: [u16; 3]) -> Result<()> {
        let chain = town.deployed_chain_section()?;
        for (institution, port) in INSTITUTIONS.iter().zip(ports) {
            institution.write(town, port, &chain)?;
            institution.command(town, &["chain", "anchor"])?;
        }
        town.issuer_command(&["chain", "anchor"])?;
        let [ministry, federation, council] = &INSTITUTIONS;
        let (sport, work) = types();
        let (sport, work): (Vec<_>, Vec<_>) =
            (sport.iter().map(String::as_str).collect(), work.iter().map(String::as_str).collect());
        self.root(town, (ministry, &self.dids[0]), federation, &work)?;
        self.root(town, (federation, &self.dids[1]), ministry, &sport)?;
        let grant = |by: &Institution, to: &str, types: &[&str], more: &[&str]| {
            let arguments = [&["accreditation", "grant", to], types, more].concat();
            by.command(town, &arguments)
        };
        grant(ministry, &town.issuer_did, &work, &["--may-accredit"])?;
        grant(federation, &self.dids[2], &sport, &["--may-accredit", "--not-issuing"])?;
        grant(council, &town.issuer_did, &sport, &[])?;
        let kind = format!("{}#{KIND}", CredentialType::QualificationBadge.type_name());
        town.issuer_command(&["accreditation", "grant", UNIT, "--type", &kind])?;
        Ok(())
    }

    /// One operator proposes, another approves, the first carries it out.
    fn root(
        &self,
        town: &Town,
        (by, did): (&Institution, &str),
        with: &Institution,
        types: &[&str],
    ) -> Result<()> {
        let file = town.folder.join(by.name).join("root.json").display().to_string();
        let until = SystemClock.now().plus_seconds(10 * 365 * 86_400).to_string();
        let head = ["directory", "propose", "--out", &file, "root", did, "--until", &until];
        by.command(town, &[&head[..], types].concat())?;
        with.command(town, &["directory", "approve", &file])?;
        by.command(town, &["directory", "execute", &file])?;
        Ok(())
    }

    /// The lines of a verifier's configuration that name roots and those in between.
    pub fn roots(&self) -> String {
        let named = INSTITUTIONS.iter().zip(&self.dids).map(|(one, did)| {
            format!(
                "[[trust.roots]]\ndid = \"{did}\"\nname_ko = \"{}\"\nname_en = \"{}\"\n\
                 named_only = {}\n",
                one.name_ko, one.name_en, !one.root
            )
        });
        named.collect()
    }
}

/// `--type NAME` of what the federation answers for, and of all the rest.
fn types() -> (Vec<String>, Vec<String>) {
    let flags = |names: Vec<String>| {
        names.into_iter().flat_map(|name| ["--type".to_owned(), name]).collect()
    };
    let (sport, mut work): (Vec<_>, Vec<_>) =
        CredentialType::ALL.into_iter().partition(|one| *one == CredentialType::CompetitionResult);
    let names = |of: Vec<CredentialType>| of.iter().map(|one| one.type_name().to_owned()).collect();
    let sport: Vec<String> = names(sport);
    let mut work: Vec<String> = names(std::mem::take(&mut work));
    // Passed on for one kind alone, so the whole chain has to cover it by name.
    work.push(format!("{}#{KIND}", CredentialType::QualificationBadge.type_name()));
    (flags(sport), flags(work))
}

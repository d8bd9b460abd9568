//! A town: one chain, one issuer, one verifier, each a process that can be killed and started again.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::authority::Authority;
use crate::chain;
use crate::http::Http;
use crate::pocket::{Pocket, restrict};
use crate::process::{Process, binary, free_port};
use crate::trust;

/// Which chain the town anchors on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChainKind {
    Dev,
    Anvil,
}

pub struct Town {
    pub folder: PathBuf,
    pub kind: ChainKind,
    pub http: Http,
    pub rpc: String,
    pub issuer_url: String,
    pub verifier_url: String,
    pub issuer_did: String,
    /// The account that the issuer anchors with; the trust list pins it.
    pub chain_account: String,
    pub admin_token: String,
    /// The citizens' language: `ko` or `en`.
    pub language: &'static str,
    pub chain: Option<Process>,
    pub issuer: Option<Process>,
    pub verifier: Option<Process>,
    /// Who accredited the issuer on the chain; none where the trust list alone says it.
    pub authority: Option<Authority>,
    ports: Ports,
}

#[derive(Clone, Copy)]
struct Ports {
    chain: u16,
    issuer: u16,
    verifier: u16,
}

impl Town {
    /// Founds a town in `folder`: chain started and contracts deployed, keys made, services up.
    /// With `usual_ports` it takes 8545, 7001 and 7002 where they are free. The trust list alone
    /// says who is accredited.
    pub async fn found(folder: &Path, kind: ChainKind, usual_ports: bool) -> Result<Self> {
        Self::raise(folder, kind, usual_ports, false).await
    }

    /// The same with institutions that govern the contracts together and accredit the issuer on
    /// the chain ([`crate::authority`]).
    pub async fn found_governed(folder: &Path, kind: ChainKind, usual_ports: bool) -> Result<Self> {
        Self::raise(folder, kind, usual_ports, true).await
    }

    async fn raise(
        folder: &Path,
        kind: ChainKind,
        usual_ports: bool,
        governed: bool,
    ) -> Result<Self> {
        let wanted = |port: u16| free_port(if usual_ports { port } else { 0 });
        let ports = Ports { chain: wanted(8545)?, issuer: wanted(7001)?, verifier: wanted(7002)? };
        for part in ["chain", "issuer", "verifier", "logs"] {
            std::fs::create_dir_all(folder.join(part))?;
        }
        let origins =
            [ports.chain, ports.issuer, ports.verifier].map(|port| format!("localhost:{port}"));
        let mut town = Self {
            folder: folder.to_owned(),
            kind,
            http: Http::new(&origins)?,
            rpc: format!("http://localhost:{}", ports.chain),
            issuer_url: format!("http://localhost:{}", ports.issuer),
            verifier_url: format!("http://localhost:{}", ports.verifier),
            issuer_did: String::new(),
            chain_account: String::new(),
            admin_token: "officer-token-of-the-demo-only-0123456789".to_owned(),
            language: "en",
            chain: None,
            issuer: None,
            verifier: None,
            authority: None,
            ports,
        };
        town.write_configurations()?;
        town.start_chain()?;
        let made = town.issuer_command(&["init"])?;
        let text = |value: &Value, key: &str| -> Result<String> {
            Ok(value[key]
                .as_str()
                .with_context(|| format!("init gives no {key}: {value}"))?
                .to_owned())
        };
        town.issuer_did = text(&made, "did")?;
        town.chain_account = text(&made, "chain_address")?;
        chain::fund(kind, &town.http, &town.rpc, &town.chain_account).await?;
        if governed {
            // Nothing listens there: the ports only make their DIDs differ.
            let ports = [free_port(0)?, free_port(0)?, free_port(0)?];
            let authority = Authority::gather(&town, ports).await?;
            authority.deploy(&town)?;
            authority.accredit(&town, ports)?;
            town.authority = Some(authority);
        } else {
            town.issuer_command(&["chain", "deploy", "--write"])?;
        }
        town.write_verifier_configuration()?;
        town.verifier_command(&["init"])?;
        town.start_issuer()?;
        town.start_verifier()?;
        Ok(town)
    }

    pub fn origins(&self) -> Vec<String> {
        [self.ports.issuer, self.ports.verifier].map(|port| format!("localhost:{port}")).to_vec()
    }

    /// A new wallet of a citizen of this town.
    pub fn citizen(&self, name: &str) -> Result<Pocket> {
        Pocket::open(&self.folder, name, &self.origins(), self.language)
    }

    pub fn start_chain(&mut self) -> Result<()> {
        let (folder, logs) = (self.folder.join("chain"), self.folder.join("logs"));
        self.chain = Some(chain::start(self.kind, self.ports.chain, &folder, &logs)?);
        self.forget_connections()?;
        Ok(())
    }

    pub fn start_issuer(&mut self) -> Result<()> {
        let mut command = Command::new(binary("issuer-service")?);
        command.arg("serve").arg("--config").arg(self.issuer_config());
        self.issuer = Some(self.start("issuer-service", command)?);
        self.forget_connections()?;
        Ok(())
    }

    pub fn start_verifier(&mut self) -> Result<()> {
        let mut command = Command::new(binary("verifier-service")?);
        command.arg("serve").arg("--config").arg(self.verifier_config());
        self.verifier = Some(self.start("verifier-service", command)?);
        self.forget_connections()?;
        Ok(())
    }

    /// Switches the issuer's host off.
    pub fn stop_issuer(&mut self) {
        self.issuer = None;
    }

    /// The chain's id and contracts, as deployed.
    pub fn chain_settings(&self) -> Result<Value> {
        let section = self.deployed_chain_section()?;
        let setting = |name: &str| {
            let line =
                section.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_prefix('='));
            let value = line.with_context(|| format!("the chain section has no {name}"))?;
            Ok::<_, anyhow::Error>(value.trim().trim_matches('"').to_owned())
        };
        Ok(json!({
            "chain_id": setting("chain_id")?.parse::<u64>()?,
            "did_registry": setting("did_registry")?,
            "status_registry": setting("status_registry")?,
        }))
    }

    /// A connection kept open to a killed process would fail the next POST, which nobody retries.
    fn forget_connections(&mut self) -> Result<()> {
        let Ports { chain, issuer, verifier } = self.ports;
        self.http = Http::new(&[chain, issuer, verifier].map(|port| format!("localhost:{port}")))?;
        Ok(())
    }

    fn start(&self, name: &str, command: Command) -> Result<Process> {
        Process::start(name, command, &self.folder.join("logs"), "ready")
    }

    pub fn issuer_config(&self) -> PathBuf {
        self.folder.join("issuer/issuer.toml")
    }

    pub fn verifier_config(&self) -> PathBuf {
        self.folder.join("verifier/verifier.toml")
    }

    /// Runs a subcommand of issuer-service and gives the JSON it prints.
    pub fn issuer_command(&self, arguments: &[&str]) -> Result<Value> {
        subcommand("issuer-service", arguments, &self.issuer_config())
    }

    /// Runs a subcommand of verifier-service and gives the JSON it prints.
    pub fn verifier_command(&self, arguments: &[&str]) -> Result<Value> {
        subcommand("verifier-service", arguments, &self.verifier_config())
    }

    fn write_configurations(&self) -> Result<()> {
        let folder = self.folder.join("issuer");
        secret(&folder.join("passphrase"), "the issuer's passphrase of the demo only\n")?;
        secret(&folder.join("admin-token"), &self.admin_token)?;
        let text = format!(
            r#"# Written by the demo. Loopback only: see danger_plain_http_origins.
[server]
listen = "127.0.0.1:{issuer}"
public_url = "{url}"

[issuer]
name_ko = "한국산업인력공단(시연)"
name_en = "HRD Korea (demo)"

[store]
path = "{folder}/store"

[keys]
path = "{folder}/keys"
passphrase_file = "{folder}/passphrase"

[admin]
token_file = "{folder}/admin-token"

[anchor]
every_seconds = 2
witnesses = ["{witness}/chain/witness"]

[network]
danger_plain_http_origins = ["localhost:{issuer}", "localhost:{verifier}"]

[chain]
rpc_urls = ["{rpc}"]
chain_id = {chain_id}
trusted_block = "latest"
"#,
            issuer = self.ports.issuer,
            verifier = self.ports.verifier,
            url = self.issuer_url,
            witness = self.verifier_url,
            folder = folder.display(),
            rpc = self.rpc,
            chain_id = chain::CHAIN_ID,
        );
        Ok(std::fs::write(self.issuer_config(), text)?)
    }

    fn write_verifier_configuration(&self) -> Result<()> {
        let folder = self.folder.join("verifier");
        secret(&folder.join("passphrase"), "the verifier's passphrase of the demo only\n")?;
        let operator = trust::write_list(
            &folder.join("trust-list.jwt"),
            &self.issuer_did,
            &self.chain_account,
        )?;
        let contracts = self.deployed_chain_section()?;
        let (asked, roots) = match &self.authority {
            Some(authority) => ("chain = true\nindex_every_seconds = 1", authority.roots()),
            None => ("", String::new()),
        };
        let text = format!(
            r#"# Written by the demo. Loopback only: see danger_plain_http_origins.
[server]
listen = "127.0.0.1:{verifier}"
public_url = "{url}"

[store]
path = "{folder}/store"

[keys]
path = "{folder}/keys"
passphrase_file = "{folder}/passphrase"

[client]
scheme = "decentralized_identifier"
name_ko = "가상전자 인사팀(시연)"
name_en = "Gasang Electronics HR (demo)"

[trust]
list_file = "{folder}/trust-list.jwt"
operator = "{operator}"
{asked}

{roots}
[witness]
enabled = true

[network]
danger_plain_http_origins = ["localhost:{issuer}", "localhost:{verifier}"]

{contracts}
"#,
            issuer = self.ports.issuer,
            verifier = self.ports.verifier,
            url = self.verifier_url,
            folder = folder.display(),
        );
        Ok(std::fs::write(self.verifier_config(), text)?)
    }

    /// The `[chain]` section that `chain deploy --write` left in the issuer's configuration.
    pub fn deployed_chain_section(&self) -> Result<String> {
        let text = std::fs::read_to_string(self.issuer_config())?;
        let at = text.find("[chain]").context("the issuer's configuration has no [chain]")?;
        let rest = &text[at..];
        let end = rest[1..].find("\n[").map_or(rest.len(), |end| end + 1);
        Ok(rest[..end].to_owned())
    }
}

pub(crate) fn secret(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text)?;
    restrict(path)
}

fn subcommand(name: &str, arguments: &[&str], config: &Path) -> Result<Value> {
    run_json(&binary(name)?, arguments, config)
}

/// Runs a command of ours and gives the JSON it prints.
pub(crate) fn run_json(program: &Path, arguments: &[&str], config: &Path) -> Result<Value> {
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    let mut command = Command::new(program);
    command.args(arguments).arg("--config").arg(config);
    let output = command.output()?;
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        bail!("{name} {arguments:?} ended with {}: {out}{err}", output.status);
    }
    serde_json::from_str(&out)
        .with_context(|| format!("{name} {arguments:?} printed no JSON: {out}"))
}

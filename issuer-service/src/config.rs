//! The configuration file, one struct a section. Unknown keys are refused; secrets are files.

use std::path::{Path, PathBuf};

use credential_issuance::Settings;
use credential_issuance::audit::AuditAction;
use credential_issuance::bulk::BulkSettings;
use evm_chain::ChainSettings;
use schemars::JsonSchema;
use serde::Deserialize;
use web_kit::sections::{Keys, Log, Operations, SectionFault, Server, Store};
use web_kit::{ConfigError, Limits, PublicUrlFault};

pub use crate::office::config::{FourEyesSection, Office};
pub use crate::vc_api::config::VcApi;

/// Prefix of the environment variables that overlay the file: `ISSUER__SERVER__LISTEN`.
pub const ENV_PREFIX: &str = "ISSUER";

/// The whole file. Paths are relative to the directory of the file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where it listens and how it is known.
    pub server: Server,
    /// The records.
    pub store: Store,
    /// The signing keys.
    pub keys: Keys,
    /// The chain; without this section nothing is anchored.
    #[serde(default)]
    #[schemars(schema_with = "crate::config_schema::chain")]
    pub chain: Option<ChainSettings>,
    /// The admin API.
    pub admin: Admin,
    /// Who issues.
    pub issuer: IssuerSection,
    /// Status lists.
    #[serde(default)]
    pub status: Status,
    /// Bulk jobs.
    #[serde(default)]
    pub jobs: Jobs,
    /// What is allowed on the network.
    #[serde(default)]
    pub network: Network,
    /// Anchoring.
    #[serde(default)]
    pub anchor: Anchor,
    /// How much one process takes on.
    #[serde(default)]
    pub limits: Limits,
    /// Issuer instances of VC-API.
    #[serde(default)]
    #[schemars(schema_with = "crate::config_schema::vc_api")]
    pub vc_api: VcApi,
    /// The log.
    #[serde(default)]
    pub log: Log,
    /// Figures and probes at an address of their own.
    #[serde(default)]
    pub operations: Operations,
    /// Who is told of what happened.
    #[serde(default)]
    pub webhooks: Vec<Webhook>,
    /// The officers' pages.
    #[serde(default)]
    pub office: Office,
    /// Which status changes need a second person.
    #[serde(default)]
    pub four_eyes: FourEyesSection,
}

/// `[[webhooks]]`: told of what the audit trail tells, by POST, signed as Standard Webhooks say.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Its name in notes and logs: letters, digits and hyphens.
    pub id: String,
    /// Where to.
    pub url: url::Url,
    /// The shared secret, in a file of mode 0600; one line.
    pub secret_file: PathBuf,
    /// Only these actions of the audit trail, such as `credentials_issued`; all when empty.
    #[serde(default)]
    pub actions: Vec<String>,
}

/// `[admin]`
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Admin {
    /// The bearer token of the admin API, in a file of mode 0600; one line.
    pub token_file: PathBuf,
}

/// `[issuer]`; times are in seconds.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IssuerSection {
    /// Name in Korean.
    pub name_ko: String,
    /// Name in English.
    pub name_en: String,
    /// How long an offer waits by default (300).
    #[serde(default)]
    pub offer_seconds: Option<i64>,
    /// How long an access token works (600).
    #[serde(default)]
    pub token_seconds: Option<i64>,
    /// How long a nonce works (300).
    #[serde(default)]
    pub nonce_seconds: Option<i64>,
    /// Most proofs in one request (10).
    #[serde(default)]
    pub batch_size: Option<u32>,
}

/// `[status]`
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// Entries of a list (131072, the least the standard allows).
    #[serde(default)]
    pub list_size: Option<u64>,
}

/// `[jobs]`
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Jobs {
    /// Seconds for which 1,024 rows belong to the replica that took them (60; at least 5). After a
    /// crash or a failed signature they are taken up again when this is over.
    #[serde(default)]
    pub lease_seconds: Option<i64>,
}

impl Jobs {
    /// The flow's settings.
    pub fn settings(&self) -> BulkSettings {
        let usual = BulkSettings::default();
        BulkSettings { lease_seconds: self.lease_seconds.unwrap_or(usual.lease_seconds), ..usual }
    }
}

/// `[network]`
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Hosts with port that may be known by plain http, for development: `["localhost:7001"]`.
    #[serde(default)]
    pub danger_plain_http_origins: Vec<String>,
}

/// `[anchor]`
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// Seconds between two rounds of anchoring.
    #[serde(default = "Anchor::usual_seconds")]
    pub every_seconds: u64,
    /// Seconds a head is vouched for; renewed at half of it.
    #[serde(default)]
    pub valid_seconds: Option<i64>,
    /// Addresses of chain witnesses (`…/chain/witness` of verifier services of other operators)
    /// that sign for the blocks of travelling proofs. Not needed on QBFT.
    #[serde(default)]
    pub witnesses: Vec<url::Url>,
}

impl Anchor {
    fn usual_seconds() -> u64 {
        60
    }
}

impl Default for Anchor {
    fn default() -> Self {
        Self { every_seconds: Self::usual_seconds(), valid_seconds: None, witnesses: Vec::new() }
    }
}

/// Why a configuration cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigFault {
    /// File or form.
    #[error(transparent)]
    File(#[from] ConfigError),
    /// `public_url` is no origin.
    #[error(
        "server.public_url must be an origin such as https://issuer.example, without path or query"
    )]
    PublicUrl,
    /// Plain http without the switch that names the danger.
    #[error(
        "server.public_url is plain http, and network.danger_plain_http_origins does not list {0:?}"
    )]
    PlainHttp(String),
    /// A rhythm of zero.
    #[error("anchor.every_seconds must be at least 1")]
    Rhythm,
    /// A lease in which nothing can be signed, or that holds a dead replica's rows for hours.
    #[error("jobs.lease_seconds must be 5 to 3600")]
    Lease,
    /// A section that does not go together.
    #[error(transparent)]
    Section(#[from] SectionFault),
    /// A webhook that cannot be.
    #[error("[[webhooks]]: {0}")]
    Webhook(String),
    /// An office that cannot be.
    #[error("[office]: {0}")]
    Office(String),
    /// An instance of VC-API that cannot be.
    #[error("[[vc_api.instances]]: {0}")]
    VcApi(String),
}

impl Config {
    /// Reads, overlays and checks a configuration.
    pub fn load(path: &Path) -> Result<Self, ConfigFault> {
        let mut config: Self = web_kit::load_config(path, ENV_PREFIX)?;
        // Before paths are completed: an empty one is then a directory.
        config.store.check()?;
        config.keys.check()?;
        config.anchor_paths(path.parent().unwrap_or(Path::new("")));
        config.check()?;
        Ok(config)
    }

    fn anchor_paths(&mut self, directory: &Path) {
        self.server.anchor_paths(directory);
        self.keys.anchor_paths(directory);
        self.store.anchor_paths(directory);
        self.office.anchor_paths(directory);
        let secrets = self.webhooks.iter_mut().map(|webhook| &mut webhook.secret_file);
        for path in secrets.chain([&mut self.admin.token_file]) {
            // An absolute path stays as it is.
            *path = directory.join(&*path);
        }
    }

    /// Checks what the types do not hold.
    pub fn check(&self) -> Result<(), ConfigFault> {
        self.server.check_public_url(&self.network.danger_plain_http_origins).map_err(|fault| {
            match fault {
                PublicUrlFault::NotAnOrigin => ConfigFault::PublicUrl,
                PublicUrlFault::PlainHttp(origin) => ConfigFault::PlainHttp(origin),
            }
        })?;
        self.vc_api.check().map_err(ConfigFault::VcApi)?;
        self.check_webhooks()?;
        self.office.check().map_err(ConfigFault::Office)?;
        if self.jobs.lease_seconds.is_some_and(|seconds| !(5..=3_600).contains(&seconds)) {
            return Err(ConfigFault::Lease);
        }
        if self.anchor.every_seconds == 0 { Err(ConfigFault::Rhythm) } else { Ok(()) }
    }

    fn check_webhooks(&self) -> Result<(), ConfigFault> {
        let mut seen = std::collections::BTreeSet::new();
        for Webhook { id, url, actions, .. } in &self.webhooks {
            let named = (1..=64).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            if !named || !seen.insert(id) {
                let text = format!("{id:?}: ids are letters, digits and hyphens, each once");
                return Err(ConfigFault::Webhook(text));
            }
            let origin = format!(
                "{}:{}",
                url.host_str().unwrap_or_default(),
                url.port_or_known_default().unwrap_or(0)
            );
            let danger = &self.network.danger_plain_http_origins;
            if url.scheme() != "https" && !(url.scheme() == "http" && danger.contains(&origin)) {
                return Err(ConfigFault::PlainHttp(origin));
            }
            let known = |action: &&String| {
                serde_json::from_value::<AuditAction>((**action).clone().into()).is_err()
            };
            if let Some(unknown) = actions.iter().find(known) {
                return Err(ConfigFault::Webhook(format!("there is no action {unknown:?}")));
            }
        }
        Ok(())
    }

    /// The flow's settings.
    pub fn settings(&self) -> Settings {
        let mut settings = Settings::new(&self.server.public_url);
        let issuer = &self.issuer;
        settings.offer_seconds = issuer.offer_seconds.unwrap_or(settings.offer_seconds);
        settings.token_seconds = issuer.token_seconds.unwrap_or(settings.token_seconds);
        settings.nonce_seconds = issuer.nonce_seconds.unwrap_or(settings.nonce_seconds);
        settings.batch_size = issuer.batch_size.unwrap_or(settings.batch_size);
        settings.list_size = self.status.list_size.unwrap_or(settings.list_size);
        settings.anchor_seconds = self.anchor.valid_seconds.unwrap_or(settings.anchor_seconds);
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        [server]
        listen = "127.0.0.1:7001"
        public_url = "http://localhost:7001"
        [store]
        path = "store"
        [keys]
        path = "keys"
        passphrase_file = "/run/passphrase"
        [admin]
        token_file = "token"
        [issuer]
        name_ko = "가상공단"
        name_en = "Fictitious Agency"
        [network]
        danger_plain_http_origins = ["localhost:7001"]
    "#;

    fn load(text: &str) -> Result<Config, ConfigFault> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("issuer.toml");
        std::fs::write(&path, text).unwrap();
        Config::load(&path)
    }

    #[test]
    fn the_least_configuration_is_enough() {
        let config = load(GOOD).unwrap();
        assert!(config.store.path.ends_with("store") && config.store.path.is_absolute());
        assert_eq!(config.keys.passphrase_file, Path::new("/run/passphrase"));
        assert!(config.chain.is_none());
        assert_eq!(config.settings().public_url, "http://localhost:7001");
        assert_eq!(config.anchor.every_seconds, 60);
    }

    #[test]
    fn the_example_file_is_a_configuration() {
        let config = load(include_str!("../issuer.example.toml")).unwrap();
        assert_eq!(config.settings().list_size, 131_072);
        let deployed = load(include_str!("../../deploy/issuer.toml")).unwrap();
        assert_eq!(deployed.chain.unwrap().rpc_urls.len(), 3);
    }

    #[test]
    fn the_chain_section_may_come_before_deployment() {
        let chain = "[chain]\nrpc_urls = [\"http://127.0.0.1:8545\"]\nchain_id = 1337\n";
        let chain = load(&format!("{GOOD}{chain}")).unwrap().chain.unwrap();
        assert!(chain.did_registry.is_zero());
    }

    #[test]
    fn mistakes_are_named() {
        let unknown = load(&format!("{GOOD}[issuer.extra]\n")).unwrap_err();
        assert!(matches!(unknown, ConfigFault::File(_)), "{unknown}");
        let unknown = load(&format!("{GOOD}[colour]\n")).unwrap_err();
        assert!(unknown.to_string().contains("colour"), "{unknown}");
        let plain = load(&GOOD.replace("[\"localhost:7001\"]", "[]")).unwrap_err();
        assert!(matches!(plain, ConfigFault::PlainHttp(ref origin) if origin == "localhost:7001"));
        for url in ["localhost", "ftp://x", "https://x/path", "https://x?q", "https://u@x"] {
            let fault = load(&GOOD.replace("http://localhost:7001", url)).unwrap_err();
            assert!(matches!(fault, ConfigFault::PublicUrl), "{url}: {fault}");
        }
        let fault = load(&format!("{GOOD}[anchor]\nevery_seconds = 0\n")).unwrap_err();
        assert!(matches!(fault, ConfigFault::Rhythm));
        for seconds in ["4", "-1", "3601"] {
            let jobs = format!("{GOOD}[jobs]\nlease_seconds = {seconds}\n");
            assert!(matches!(load(&jobs).unwrap_err(), ConfigFault::Lease), "{seconds}");
        }
    }
}

//! The configuration file, one struct a section. Unknown keys are refused; secrets are files.
use std::path::{Path, PathBuf};

use credential_verification::{PolicyOverrides, session::Scheme};
use did_resolution::ForeignDids;
use evm_chain::ChainSettings;
use serde::Deserialize;
use web_kit::sections::{Keys, Log, Operations, SectionFault, Server, Store};
use web_kit::{ConfigError, Limits, PublicUrlFault};

use crate::accreditations::Root;
pub use crate::grounds::{Evidence, Pins};
pub use crate::packs::Packs;
pub use crate::vc_api::config::VcApi;
pub use crate::witness::Witness;

/// Prefix of the environment variables that overlay the file: `VERIFIER__SERVER__LISTEN`.
pub const ENV_PREFIX: &str = "VERIFIER";

/// The whole file. Paths are relative to the directory of the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where it listens and how it is known.
    pub server: Server,
    /// Sessions and the newest lists seen.
    pub store: Store,
    /// The request-signing key.
    pub keys: Keys,
    /// The chain; with this section the chain is asked, and without its answer the status and
    /// the issuer's identity stay unknown.
    #[serde(default)]
    pub chain: Option<ChainSettings>,
    /// Who is accredited.
    #[serde(default)]
    pub trust: Trust,
    /// How the verifier names itself.
    pub client: Client,
    /// What is allowed on the network.
    #[serde(default)]
    pub network: Network,
    /// Who may use the JSON API.
    #[serde(default)]
    pub api: Api,
    /// How much one process takes on.
    #[serde(default)]
    pub limits: Limits,
    /// Verifier instances of VC-API.
    #[serde(default)]
    pub vc_api: VcApi,
    /// The chain that stapled proofs are checked against; without it they prove nothing.
    #[serde(default)]
    pub pins: Option<Pins>,
    /// Mirrors and what is known of keys.
    #[serde(default)]
    pub evidence: Evidence,
    /// DIDs of other makers: `[dids.ethr.mainnet]` names an ERC-1056 registry. `did:webvh` is
    /// always resolved.
    #[serde(default)]
    pub dids: ForeignDids,
    /// Status packs of issuers.
    #[serde(default)]
    pub packs: Packs,
    /// What open conclusions mean, per type, on top of the standard table:
    /// `[policies.DroneFlightPermit]` with lines such as `status-stale = "open"`.
    #[serde(default)]
    pub policies: PolicyOverrides,
    /// Whether this verifier is a witness of the chain.
    #[serde(default)]
    pub witness: Witness,
    /// The log.
    #[serde(default)]
    pub log: Log,
    /// Figures and probes at an address of their own.
    #[serde(default)]
    pub operations: Operations,
}

/// `[trust]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// The trust list: JSON, or a compact JWS over it. Read again whenever it changes.
    #[serde(default)]
    pub list_file: Option<PathBuf>,
    /// The DID that must have signed the list; needed for a JWS, and then plain JSON is refused.
    #[serde(default)]
    pub operator: Option<String>,
    /// Ask the chain's accreditation registry too; needs `[chain]` and at least one root. Where
    /// the chain knows an issuer it overrules the list.
    #[serde(default)]
    pub chain: bool,
    /// Whose accreditations count, with their names.
    #[serde(default)]
    pub roots: Vec<Root>,
    /// How long the chain's answer about an issuer is used, seconds; 300 when absent.
    #[serde(default)]
    pub chain_seconds: Option<i64>,
    /// Whether what the chain says about accreditations and keys is kept in the store, so that it
    /// answers at once and while no node does. On wherever `chain` is.
    #[serde(default)]
    pub index: Option<bool>,
    /// Seconds between two rounds of the index; 15 when absent.
    #[serde(default)]
    pub index_every_seconds: Option<u64>,
    /// How long the index may answer while no node can be asked, seconds; 86,400 when absent.
    #[serde(default)]
    pub index_max_age_seconds: Option<i64>,
}

/// `[client]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// `decentralized_identifier`, `x509_hash`, or (development) `redirect_uri`.
    #[serde(default = "Client::usual_scheme")]
    pub scheme: Scheme,
    /// Name that the wallet shows, Korean.
    #[serde(default = "Client::usual_name_ko")]
    pub name_ko: String,
    /// Name that the wallet shows, English.
    #[serde(default = "Client::usual_name_en")]
    pub name_en: String,
    /// The certificate of `x509_hash`, DER; beside the key store when not given.
    #[serde(default)]
    pub certificate: Option<PathBuf>,
}

impl Client {
    fn usual_scheme() -> Scheme {
        Scheme::DecentralizedIdentifier
    }

    fn usual_name_ko() -> String {
        "신표 검증기관(시험용)".to_owned()
    }

    fn usual_name_en() -> String {
        "Sinpyo verifier (test)".to_owned()
    }
}

/// `[network]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Hosts with port that may be known by plain http, for development: `["localhost:7001"]`.
    #[serde(default)]
    pub danger_plain_http_origins: Vec<String>,
    /// How old the chain's trusted block may be, seconds, before the chain counts as not
    /// asked. Off when absent: a development chain makes blocks only when something happens.
    /// For a public chain 600 is a good value.
    #[serde(default)]
    pub chain_tip_max_age_seconds: Option<i64>,
}

/// `[api]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// Bearer token of the JSON API and of the form on the front page, in a file of mode 0600;
    /// without it both are open.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
    /// Opens the form of the front page to everybody although the API wants a token: whoever
    /// reaches the page may then ask wallets in this verifier's name.
    #[serde(default)]
    pub public_desk: bool,
    /// How many requests may be made within the five minutes that one stands; more are
    /// refused with 503.
    #[serde(default = "Api::usual_open_requests")]
    pub max_open_requests: usize,
}

impl Default for Api {
    fn default() -> Self {
        Api { token_file: None, public_desk: false, max_open_requests: Self::usual_open_requests() }
    }
}

impl Api {
    fn usual_open_requests() -> usize {
        10_000
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
        "server.public_url must be an origin such as https://verifier.example, without path or query"
    )]
    PublicUrl,
    /// Plain http without the switch that names the danger.
    #[error(
        "server.public_url is plain http, and network.danger_plain_http_origins does not list {0:?}"
    )]
    PlainHttp(String),
    /// The chain section has no contract addresses.
    #[error("the [chain] section has no contract addresses yet")]
    NoContracts,
    /// A pinned chain that cannot be.
    #[error("[pins]: {0}")]
    Pins(String),
    /// A policy that cannot be.
    #[error("[policies]: {0}")]
    Policies(String),
    /// A witness needs a chain to watch.
    #[error("[witness] is enabled, and there is no [chain]")]
    WitnessWithoutChain,
    /// Accreditations from the chain need a chain and somebody whose word counts.
    #[error("trust.chain needs [chain] and at least one of [[trust.roots]]")]
    TrustWithoutRoots,
    /// A section that does not go together.
    #[error(transparent)]
    Section(#[from] SectionFault),
    /// An instance of VC-API that cannot be.
    #[error("[vc_api]: {0}")]
    VcApi(String),
}

impl Config {
    /// Reads, overlays and checks a configuration.
    ///
    /// # Errors
    /// [`ConfigFault`].
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
        let mut paths: Vec<&mut PathBuf> = Vec::new();
        paths.extend(&mut self.trust.list_file);
        paths.extend(&mut self.client.certificate);
        paths.extend(&mut self.api.token_file);
        paths.extend(&mut self.evidence.key_book);
        paths.extend(&mut self.packs.files);
        for path in paths {
            // An absolute path stays as it is.
            *path = directory.join(&*path);
        }
    }

    fn check(&self) -> Result<(), ConfigFault> {
        self.server.check_public_url(&self.network.danger_plain_http_origins).map_err(|fault| {
            match fault {
                PublicUrlFault::NotAnOrigin => ConfigFault::PublicUrl,
                PublicUrlFault::PlainHttp(origin) => ConfigFault::PlainHttp(origin),
            }
        })?;
        crate::grounds::pinned(self)?;
        if self.witness.enabled && self.chain.is_none() {
            return Err(ConfigFault::WitnessWithoutChain);
        }
        let rooted = self.trust.roots.iter().any(|root| !root.named_only);
        if self.trust.chain && (self.chain.is_none() || !rooted) {
            return Err(ConfigFault::TrustWithoutRoots);
        }
        self.vc_api.check().map_err(ConfigFault::VcApi)
    }

    /// Whether what the chain says is kept beside it.
    pub fn keeps_index(&self) -> bool {
        self.chain.is_some() && self.trust.index.unwrap_or(self.trust.chain)
    }

    /// Where the certificate lies.
    pub fn certificate_path(&self) -> PathBuf {
        self.client.certificate.clone().unwrap_or_else(|| {
            let mut name = self.keys.path.as_os_str().to_owned();
            name.push(".client.der");
            PathBuf::from(name)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        [server]
        listen = "127.0.0.1:7002"
        public_url = "http://localhost:7002"
        [store]
        path = "store"
        [keys]
        path = "keys"
        passphrase_file = "/run/passphrase"
        [client]
        scheme = "x509_hash"
        [network]
        danger_plain_http_origins = ["localhost:7002"]
    "#;

    fn load(text: &str) -> Result<Config, ConfigFault> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("verifier.toml");
        std::fs::write(&path, text).unwrap();
        Config::load(&path)
    }

    #[test]
    fn the_least_configuration_is_enough() {
        let config = load(GOOD).unwrap();
        assert_eq!(config.client.scheme, Scheme::X509Hash);
        assert!(config.store.path.is_absolute());
        assert!(config.certificate_path().ends_with("keys.client.der"));
        assert!(config.trust.list_file.is_none() && config.chain.is_none());
    }

    const CHAIN: &str = "[chain]\nrpc_urls = [\"http://localhost:1\"]\nchain_id = 7\n\
        did_registry = \"0x1111111111111111111111111111111111111111\"\n\
        status_registry = \"0x2222222222222222222222222222222222222222\"\nagreement = 1\n";
    const KEY: &str = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

    #[test]
    fn pins_take_from_the_chain_what_they_do_not_say() {
        let text = format!("{GOOD}{CHAIN}[pins]\nwitnesses = [\"{KEY}\"]\nthreshold = 1\n");
        let pinned = crate::grounds::pinned(&load(&text).unwrap()).unwrap().unwrap();
        assert_eq!(pinned.chain_id, 7);
        let alone = "[pins]\nchain_id = 9\n\
            did_registry = \"0x1111111111111111111111111111111111111111\"\n\
            status_registry = \"0x2222222222222222222222222222222222222222\"\n\
            [[pins.validators]]\nfrom_block = 0\n\
            validators = [\"0x3333333333333333333333333333333333333333\"]\n";
        let pinned = crate::grounds::pinned(&load(&format!("{GOOD}{alone}")).unwrap()).unwrap();
        assert_eq!(pinned.unwrap().chain_id, 9);
        assert!(load(GOOD).unwrap().pins.is_none());
    }

    #[test]
    fn grounds_that_cannot_be_are_named() {
        for (extra, part) in [
            (format!("[pins]\nwitnesses = [\"{KEY}\"]\n"), "chain_id"),
            (format!("{CHAIN}[pins]\n"), "neither witnesses nor validators"),
            (format!("{CHAIN}[pins]\nwitnesses = [\"{KEY}\"]\nthreshold = 2\n"), "quorum"),
            ("[witness]\nenabled = true\n".to_owned(), "[witness]"),
            ("[trust]\nchain = true\n".to_owned(), "trust.roots"),
        ] {
            let fault = load(&format!("{GOOD}{extra}")).unwrap_err();
            assert!(fault.to_string().contains(part), "{extra}: {fault}");
        }
        let text = format!("{GOOD}[policies.KrQualificationBadge]\nstatus-revoked = \"open\"\n");
        let fault = crate::grounds::read(&load(&text).unwrap()).unwrap_err();
        assert!(fault.to_string().contains("status-revoked"), "{fault}");
    }

    #[test]
    fn mistakes_are_named() {
        let unknown = load(&format!("{GOOD}[colour]\n")).unwrap_err();
        assert!(unknown.to_string().contains("colour"), "{unknown}");
        let plain = load(&GOOD.replace("[\"localhost:7002\"]", "[]")).unwrap_err();
        assert!(matches!(plain, ConfigFault::PlainHttp(ref origin) if origin == "localhost:7002"));
        let scheme = load(&GOOD.replace("x509_hash", "origin")).unwrap_err();
        assert!(matches!(scheme, ConfigFault::File(_)));
        for url in ["localhost", "ftp://x", "https://x/path", "https://x?q", "https://u@x"] {
            let fault = load(&GOOD.replace("http://localhost:7002", url)).unwrap_err();
            assert!(matches!(fault, ConfigFault::PublicUrl), "{url}: {fault}");
        }
    }
}

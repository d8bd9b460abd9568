//! The closed list of JSON-LD contexts, each pinned by digest.
//!
//! No context is ever fetched: a URL that is not here is unknown, and an unknown
//! context is refused (credentials.md A.6, A.7). `schemas/contexts/DIGESTS.json` says
//! where each file comes from and under which licence; a test compares every digest.

use std::sync::OnceLock;

use sha2::{Digest, Sha256};

/// One context of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PinnedContext {
    /// The URL that names it in `@context`.
    pub url: &'static str,
    /// The context document.
    pub json: &'static str,
    /// SHA-256 of [`Self::json`], lower-case hex.
    pub sha256: &'static str,
}

impl PinnedContext {
    /// Whether the embedded bytes still have the pinned digest.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        hex::encode(Sha256::digest(self.json.as_bytes())) == self.sha256
    }
}

/// The context of our own status list members (`statusListVersion`).
pub const STATUS_LIST_V1: &str = "https://sinpyo.example/contexts/status-list/v1";

macro_rules! pinned {
    ($($url:literal, $file:literal, $sha256:literal;)*) => {
        &[$(PinnedContext {
            url: $url,
            json: include_str!(concat!("../../../schemas/contexts/", $file)),
            sha256: $sha256,
        }),*]
    };
}

static ALL: &[PinnedContext] = pinned! {
    "https://www.w3.org/ns/credentials/v2", "credentials-v2.jsonld",
        "8a9f494a89ecc51db093e90e84713e07e84d6d9204364a9b3c7868b21751236f";
    "https://www.w3.org/2018/credentials/v1", "credentials-v1.jsonld",
        "00d7dd6d3ad8b920e3e550dd3a3d9090bffcac84cdbf943da6924b3e0a5c8bb8";
    "https://w3id.org/security/data-integrity/v2", "data-integrity-v2.jsonld",
        "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4";
    "https://w3id.org/security/multikey/v1", "multikey-v1.jsonld",
        "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597";
    "https://w3id.org/security/jwk/v1", "jwk-v1.jsonld",
        "0f14b62f6071aafe00df265770ea0c7508e118247d79b7d861a406d2aa00bece";
    "https://w3id.org/security/suites/ed25519-2020/v1", "ed25519-2020-v1.jsonld",
        "b9e1ab971fd8bf2c7553e0c4a9438e0b9450afde1ea1ca5b2492368b9f549588";
    "https://www.w3.org/ns/credentials/examples/v2", "credentials-examples-v2.jsonld",
        "57393fbc69d6efb9b9b5dc9cb6b9880b0944360abfe2eaf459c9e58cf2279d7c";
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json", "open-badges-3.0.3.jsonld",
        "ef2fa9c7846dce233cc166b43639027278be4ee44f00bb1d45c75de2dd0cd761";
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json", "open-badges-3.0.2.jsonld",
        "00666ad080ba407687ed1846b7f5e7495f5019042b202a727de47c48a1755c53";
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json", "open-badges-3.0.1.jsonld",
        "af095468326d3449160509b26ca71576e6321d13c85b0369cfe3b654c9a48fba";
    "https://sinpyo.example/contexts/status-list/v1", "status-list-v1.jsonld",
        "2bab398e347bd8eef85854562146cbae5c6bafc850716d0d64a23aafb69d2539";
    "https://sinpyo.example/contexts/qualification-badge/v1", "../qualification-badge/v1/context.jsonld",
        "56bfa0230cf896f5dc924c1a614424d0af28df600a60d3c88708165ff602dfb5";
    "https://sinpyo.example/contexts/training-history/v1", "../training-history/v1/context.jsonld",
        "98f265c464016c619500f36152ae240511e1de0c65007b5184cc5973ec39087f";
    "https://sinpyo.example/contexts/ev-battery-report/v1", "../ev-battery-report/v1/context.jsonld",
        "9fb5096db560307957545d2d6ccf790e6b99ec253c193ffc9c8b2979b2aa5371";
    "https://sinpyo.example/contexts/drone-pilot-licence/v1", "../drone-pilot-licence/v1/context.jsonld",
        "808b63ab410595f00d952be86a6a8553c2673f03c204bedbc65976d9f8aeb613";
    "https://sinpyo.example/contexts/drone-registration/v1", "../drone-registration/v1/context.jsonld",
        "cff821429c96ed1b904851f7d4715129eb2e6d4da23d71e92ddf040d11487f17";
    "https://sinpyo.example/contexts/drone-flight-permit/v1", "../drone-flight-permit/v1/context.jsonld",
        "f173ccafaab491b038fe6be6182f5dd983b1008ec6dbf6c5cbfbefcebbef745b";
    "https://sinpyo.example/contexts/competition-result/v1", "../competition-result/v1/context.jsonld",
        "2fdf21f8bd4aa11c4bc6481d942651fa7bc4e4216121021527f5320b09526003";
};

/// The context with this URL, if it is on the list and intact.
#[must_use]
pub fn lookup(url: &str) -> Option<&'static PinnedContext> {
    static INTACT: OnceLock<Vec<bool>> = OnceLock::new();
    let index = ALL.iter().position(|context| context.url == url)?;
    // Hashed once per process: a changed byte makes the context unknown, not different.
    let intact = INTACT.get_or_init(|| ALL.iter().map(PinnedContext::is_intact).collect());
    intact.get(index).copied().unwrap_or(false).then(|| &ALL[index])
}

/// The whole list.
#[must_use]
pub fn all() -> &'static [PinnedContext] {
    ALL
}

//! What the verifier holds before it asks anybody, from `[pins]`, `[evidence]` and `[policies]`.
use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use chain_proofs::{FormerPins, PinnedChain, PinsFile, ValidatorEpoch};
use credential_model::json::{Limits, parse_strict};
use credential_verification::{Grounds, KeyBook, Policies};
use evm_chain::Address;
use serde::Deserialize;
use url::Url;

use crate::config::{Config, ConfigFault};

const MAX_KEY_BOOK_BYTES: usize = 16 * 1024 * 1024;

/// `[pins]`: the chain that stapled proofs are checked against. What `[chain]` says as well need
/// not be repeated.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pins {
    /// EIP-155 chain id; that of `[chain]` when absent.
    #[serde(default)]
    pub chain_id: Option<u64>,
    /// DidDocumentRegistry; that of `[chain]` when absent.
    #[serde(default)]
    pub did_registry: Option<Address>,
    /// StatusRegistry; that of `[chain]` when absent.
    #[serde(default)]
    pub status_registry: Option<Address>,
    /// Keys of witnesses as multikeys (`z6Mk…`), of different operators.
    #[serde(default)]
    pub witnesses: Vec<String>,
    /// How many witnesses must stand for a block; all of them when absent.
    #[serde(default)]
    pub threshold: Option<usize>,
    /// Validators of a QBFT chain, by the block from which they seal; instead of witnesses.
    #[serde(default)]
    pub validators: Vec<ValidatorEpoch>,
    /// Chains in use before, each up to its closing block (`docs/runbook.md`, changing chains).
    #[serde(default)]
    pub former: Vec<FormerPins>,
}

/// `[evidence]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Content-addressed copies of status lists (`{base}/{sha256}`), asked where an issuer is
    /// silent or the past is in question.
    #[serde(default)]
    pub mirrors: Vec<Url>,
    /// States of issuers' keys learned earlier (JSON). It only makes the verifier stricter.
    #[serde(default)]
    pub key_book: Option<std::path::PathBuf>,
}

/// The pinned chain, where there is one.
///
/// # Errors
/// [`ConfigFault::Pins`].
pub fn pinned(config: &Config) -> Result<Option<PinnedChain>, ConfigFault> {
    let Some(pins) = &config.pins else { return Ok(None) };
    let missing = |what: &str| ConfigFault::Pins(format!("{what} is neither here nor in [chain]"));
    let chain = config.chain.as_ref();
    let file = PinsFile {
        chain_id: pins
            .chain_id
            .or(chain.map(|chain| chain.chain_id))
            .ok_or_else(|| missing("chain_id"))?,
        did_registry: pins
            .did_registry
            .or(chain.map(|chain| chain.did_registry))
            .ok_or_else(|| missing("did_registry"))?,
        status_registry: pins
            .status_registry
            .or(chain.map(|chain| chain.status_registry))
            .ok_or_else(|| missing("status_registry"))?,
        witnesses: pins.witnesses.clone(),
        threshold: pins.threshold,
        validators: pins.validators.clone(),
        former: pins.former.clone(),
    };
    let pinned = PinnedChain::try_from(file);
    pinned.map(Some).map_err(|error| ConfigFault::Pins(error.to_string()))
}

/// Everything together; the key book is read once, at start.
///
/// # Errors
/// When a part cannot be read or contradicts itself.
pub fn read(config: &Config) -> anyhow::Result<Grounds> {
    let policies = Policies::default()
        .with(&config.policies)
        .map_err(|error| ConfigFault::Policies(error.to_string()))?;
    let pinned = pinned(config)?.map(Arc::new);
    let packs = crate::packs::shelf(&config.packs, pinned.as_deref())?;
    Ok(Grounds {
        pinned,
        mirrors: config.evidence.mirrors.clone(),
        keys: config.evidence.key_book.as_deref().map(key_book).transpose()?.map(Arc::new),
        policies,
        chain_tip_max_age: config.network.chain_tip_max_age_seconds,
        packs: Arc::new(packs),
    })
}

fn key_book(path: &Path) -> anyhow::Result<KeyBook> {
    let place = || format!("the key book {}", path.display());
    let bytes = std::fs::read(path).with_context(place)?;
    let limits = Limits { max_bytes: MAX_KEY_BOOK_BYTES, max_depth: 16 };
    let json = parse_strict(&bytes, &limits).with_context(place)?;
    serde_json::from_value(json).with_context(place)
}

//! What a desk takes along, as one JSON document: `GET /offline/bundle` of the verifier service.
use std::collections::BTreeMap;

use chain_proofs::PinsFile;
use credential_model::{did::Did, moment::Moment};
use credential_verification::{KeyBook, PolicyOverrides};
use did_resolution::{AnchorCheck, AnchoredVersion, Source};
use evm_chain::AccreditationChain;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Version of the form.
pub const LUGGAGE_VERSION: u8 = 1;
/// Longer ones are not read: 64 documents and packs of a few large issuers fit.
pub const MAX_LUGGAGE_BYTES: usize = 48 * 1024 * 1024;

/// Everything a desk knows without asking, form v1. It is believed as the service is that gave it;
/// what issuers signed in it is checked again at every examination.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Luggage {
    /// Version of this form: 1.
    pub v: u8,
    /// When it was packed, by the service's clock.
    pub made: Moment,
    /// After this moment nothing in it is used any more.
    pub valid_until: Moment,
    /// Issuers' documents as the service resolved them.
    pub documents: Vec<PinnedDocument>,
    /// Issuers whose documents are void: the service found them deactivated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deactivated: Vec<Did>,
    /// Who is accredited.
    pub trust: TrustKnowledge,
    /// States of issuers' keys; its date is the floor of the present.
    pub keys: KeyBook,
    /// The chain that stapled proofs are checked against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pins: Option<PinsFile>,
    /// The service's policies on top of the standard table.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub policies: PolicyOverrides,
    /// Status packs, each the file that `wallet status-pack fetch` writes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packs: Vec<Value>,
}

/// A document with what the resolution said about it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedDocument {
    /// The document as published.
    pub document: Value,
    /// Where it came from.
    pub source: Source,
    /// The anchored version it was compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchored: Option<AnchoredVersion>,
    /// What the chain said.
    pub anchor_check: AnchorCheck,
}

/// Who is accredited, as the service knows it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustKnowledge {
    /// The trust list in force, its signature checked by the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<Value>,
    /// What the accreditation registry on the chain held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<ChainKnowledge>,
}

/// Accreditations read from a chain. An issuer that is not among them was not asked about.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainKnowledge {
    /// Whose word counts, and what authorities are called.
    pub roots: Vec<RootName>,
    /// What was read, by issuer.
    pub issuers: Vec<Accreditation>,
}

/// An authority and its names.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RootName {
    /// Its DID.
    pub did: Did,
    /// Korean name.
    pub name_ko: String,
    /// English name.
    pub name_en: String,
    /// Whether it is only named, and no root.
    #[serde(default)]
    pub named_only: bool,
}

/// What the chain held about one issuer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accreditation {
    /// The issuer.
    pub did: Did,
    /// Number of the block.
    pub block: u64,
    /// Its time.
    pub as_of: Moment,
    /// The issuer's records, each with those it was given under.
    pub chains: Vec<AccreditationChain>,
}

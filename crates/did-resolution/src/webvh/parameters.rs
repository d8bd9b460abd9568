//! The parameters that govern a log (did:webvh 1.0, "DID Method Parameters").

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::error::LogError;
use super::proof::{is_ed25519, is_sha256_multihash, witness_key};

const METHOD: &str = "did:webvh:1.0";
const MAX_KEYS: usize = 64;
const MAX_WITNESSES: usize = 64;
const MAX_WATCHERS: usize = 64;
/// Seconds; the default of the method.
const DEFAULT_TTL: u32 = 3600;

/// What is in force after an entry.
#[derive(Clone, Debug)]
pub(super) struct Parameters {
    pub(super) update_keys: Vec<String>,
    pub(super) next_key_hashes: Vec<String>,
    pub(super) witness: Option<WitnessRule>,
    pub(super) portable: bool,
    pub(super) deactivated: bool,
    pub(super) ttl: u32,
}

/// How many of which witnesses must stand by an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WitnessRule {
    pub(super) threshold: usize,
    /// Multikeys.
    pub(super) keys: BTreeSet<String>,
}

impl Parameters {
    /// The parameters of the first entry.
    pub(super) fn first(members: &Map<String, Value>, scid: &str) -> Result<Self, LogError> {
        if members.get("method").is_none() || members.get("updateKeys").is_none() {
            return Err(malformed(1, "no method or no updateKeys"));
        }
        match members.get("scid").and_then(Value::as_str) {
            Some(own) if own == scid => {}
            Some(_) => return Err(LogError::ScidMismatch),
            None => return Err(malformed(1, "no scid")),
        }
        let mut blank = Self {
            update_keys: Vec::new(),
            next_key_hashes: Vec::new(),
            witness: None,
            // Only the first entry may say true; what it does not say is false.
            portable: members.get("portable") == Some(&Value::Bool(true)),
            deactivated: false,
            ttl: DEFAULT_TTL,
        };
        blank.take(1, members)?;
        Ok(blank)
    }

    /// What is in force after a later entry.
    pub(super) fn followed_by(
        &self,
        entry: u64,
        members: &Map<String, Value>,
    ) -> Result<Self, LogError> {
        if members.contains_key("scid") {
            return Err(malformed(entry, "scid after the first entry"));
        }
        let mut next = self.clone();
        next.take(entry, members)?;
        if self.next_key_hashes.is_empty() {
            return Ok(next);
        }
        // Pre-rotation: keys that were committed to, and a word on what comes after them.
        let broken = |what| LogError::PreRotation { entry, what };
        if !members.contains_key("updateKeys") || !members.contains_key("nextKeyHashes") {
            return Err(broken("updateKeys or nextKeyHashes is missing"));
        }
        let committed =
            |key: &String| self.next_key_hashes.contains(&super::proof::multihash(key.as_bytes()));
        if !next.update_keys.iter().all(committed) {
            return Err(broken("a key that the entry before did not commit to"));
        }
        Ok(next)
    }

    fn take(&mut self, entry: u64, members: &Map<String, Value>) -> Result<(), LogError> {
        for (name, value) in members {
            // Early implementations wrote null for "the default"; the method asks to bear it.
            let given = Some(value).filter(|value| !value.is_null());
            match name.as_str() {
                "method" if given.and_then(Value::as_str) == Some(METHOD) => {}
                "method" => return Err(LogError::MethodVersion { entry }),
                "scid" => {}
                "updateKeys" => {
                    let keys = texts(entry, given, MAX_KEYS)?;
                    if !keys.iter().all(|key| is_ed25519(key)) {
                        return Err(malformed(entry, "an update key is no Ed25519 Multikey"));
                    }
                    self.update_keys = keys;
                }
                "nextKeyHashes" => {
                    let hashes = texts(entry, given, MAX_KEYS)?;
                    if !hashes.iter().all(|hash| is_sha256_multihash(hash)) {
                        return Err(malformed(entry, "a key hash is no SHA-256 multihash"));
                    }
                    self.next_key_hashes = hashes;
                }
                "witness" => self.witness = witness(entry, given)?,
                "watchers" => drop(texts(entry, given, MAX_WATCHERS)?),
                "portable" => {
                    let portable = flag(entry, given)?;
                    if portable && !self.portable {
                        return Err(malformed(entry, "portable after it was false"));
                    }
                    self.portable = portable;
                }
                "deactivated" => self.deactivated = flag(entry, given)?,
                "ttl" => self.ttl = ttl(entry, given)?,
                _ => return Err(malformed(entry, "an unknown parameter")),
            }
        }
        Ok(())
    }
}

fn texts(entry: u64, value: Option<&Value>, most: usize) -> Result<Vec<String>, LogError> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let items = value.as_array().filter(|items| items.len() <= most);
    let texts: Option<Vec<String>> =
        items.and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect());
    texts.ok_or_else(|| malformed(entry, "a parameter is no short list of texts"))
}

fn flag(entry: u64, value: Option<&Value>) -> Result<bool, LogError> {
    let Some(value) = value else { return Ok(false) };
    value.as_bool().ok_or_else(|| malformed(entry, "a parameter is neither true nor false"))
}

fn ttl(entry: u64, value: Option<&Value>) -> Result<u32, LogError> {
    let Some(value) = value else { return Ok(DEFAULT_TTL) };
    let seconds = value.as_u64().and_then(|seconds| u32::try_from(seconds).ok());
    seconds
        .filter(|seconds| *seconds <= 1 << 31)
        .ok_or_else(|| malformed(entry, "ttl is no number up to 2^31"))
}

fn witness(entry: u64, value: Option<&Value>) -> Result<Option<WitnessRule>, LogError> {
    let malformed = |what| malformed(entry, what);
    let Some(value) = value else { return Ok(None) };
    let rule = value.as_object().ok_or_else(|| malformed("witness is no object"))?;
    if rule.is_empty() {
        return Ok(None);
    }
    if rule.keys().any(|name| name != "threshold" && name != "witnesses") {
        return Err(malformed("witness has an unknown member"));
    }
    let listed = rule.get("witnesses").and_then(Value::as_array);
    let listed = listed.filter(|listed| (1..=MAX_WITNESSES).contains(&listed.len()));
    let listed = listed.ok_or_else(|| malformed("no witnesses, or more than 64"))?;
    let mut keys = BTreeSet::new();
    for one in listed {
        let id = one.get("id").and_then(Value::as_str);
        let key = id.and_then(witness_key).ok_or_else(|| malformed("a witness is no did:key"))?;
        // One voice counted twice would lower the threshold.
        if !keys.insert(key.to_owned()) {
            return Err(malformed("a witness occurs twice"));
        }
    }
    let threshold = rule.get("threshold").and_then(Value::as_u64);
    let threshold = threshold.and_then(|threshold| usize::try_from(threshold).ok());
    let threshold = threshold.filter(|threshold| (1..=keys.len()).contains(threshold));
    let threshold = threshold.ok_or_else(|| malformed("the threshold cannot be met, or is 0"))?;
    Ok(Some(WitnessRule { threshold, keys }))
}

fn malformed(entry: u64, what: &'static str) -> LogError {
    LogError::Malformed { entry, what }
}

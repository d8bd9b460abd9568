//! Checking a log from its first entry to its last.

use credential_model::did::Did;
use credential_model::jcs;
use credential_model::moment::Moment;
use serde_json::Value;

use super::address::did_webvh_address;
use super::error::LogError;
use super::fields::{Instant, RawEntry};
use super::parameters::{Parameters, WitnessRule};
use super::proof::{self, hash_of, multihash};
use super::witness::Witnesses;
use crate::error::ResolveError;
use crate::version::VersionQuery;

/// Longest log that is read.
pub const MAX_LOG_BYTES: usize = 4 * 1024 * 1024;
/// Most entries of a log: each costs a signature check.
pub const MAX_LOG_ENTRIES: usize = 2048;

/// Clocks may differ by this many seconds before an entry counts as from the future.
const SKEW_SECONDS: i64 = 60;
const PLACEHOLDER: &str = "{SCID}";

/// One version of the document, verified.
#[derive(Clone, Debug)]
pub struct WebvhVersion {
    /// The whole `versionId`: number, dash, entry hash.
    pub version_id: String,
    /// From 1.
    pub number: u64,
    /// Since when it is in force, as the controller says.
    pub time: Moment,
    /// The DID document.
    pub document: Value,
    /// Whether the DID ended with it.
    pub deactivated: bool,
    /// Whether the DID may move to another host after it.
    pub portable: bool,
    /// How long it may be kept, in seconds; 0 forbids keeping it.
    pub ttl: u32,
    rule: Option<WitnessRule>,
}

/// A log whose hashes, proofs and rules hold, up to the first entry that breaks one. Its
/// witnesses were not heard yet.
#[derive(Clone, Debug)]
pub struct SignedLog(WebvhLog);

/// A log that holds, witnesses included, up to the first entry that does not.
#[derive(Clone, Debug)]
pub struct WebvhLog {
    did: Did,
    versions: Vec<WebvhVersion>,
    broken: Option<LogError>,
}

impl SignedLog {
    /// Checks a `did.jsonl` against the DID it was fetched for.
    ///
    /// # Errors
    /// [`ResolveError::InvalidDid`], or [`ResolveError::InvalidLog`] when not even the first
    /// entry holds, or no entry names the DID.
    pub fn verify(did: &Did, bytes: &[u8], now: Moment) -> Result<Self, ResolveError> {
        let scid = did_webvh_address(did)?.scid;
        if bytes.len() > MAX_LOG_BYTES {
            return Err(LogError::TooLarge("more than 4 MiB").into());
        }
        let lines: Vec<&[u8]> = bytes.trim_ascii_end().split(|byte| *byte == b'\n').collect();
        if lines.len() > MAX_LOG_ENTRIES {
            return Err(LogError::TooLarge("more than 2,048 entries").into());
        }
        let mut walk = Walk { scid, now, last: None };
        let mut versions = Vec::new();
        let mut broken = None;
        for (line, number) in lines.into_iter().zip(1..) {
            match walk.step(number, line) {
                Ok(version) => versions.push(version),
                Err(error) => {
                    broken = Some(error);
                    break;
                }
            }
        }
        if let (true, Some(error)) = (versions.is_empty(), &broken) {
            return Err(error.clone().into());
        }
        let named = |version: &WebvhVersion| document_id(&version.document) == Some(did.as_str());
        if !versions.iter().any(named) {
            return Err(LogError::OtherDid { entry: 1, what: "no version is the DID's" }.into());
        }
        Ok(Self(WebvhLog { did: did.clone(), versions, broken }))
    }

    /// Whether the witness proofs must be fetched.
    pub fn needs_witnesses(&self) -> bool {
        self.0.versions.iter().any(|version| version.rule.is_some())
    }

    /// Hears the witnesses: `proofs` is the `did-witness.json`, `None` when the host has none.
    /// The log ends before the first entry for which too few stand.
    ///
    /// # Errors
    /// [`ResolveError::InvalidLog`] when that is the first one, or the file is malformed.
    pub fn witnessed(self, proofs: Option<&[u8]>) -> Result<WebvhLog, ResolveError> {
        let needed = self.needs_witnesses();
        let mut log = self.0;
        if !needed {
            return Ok(log);
        }
        let ids: Vec<&str> =
            log.versions.iter().map(|version| version.version_id.as_str()).collect();
        let allowed = |key: &str| {
            log.versions.iter().filter_map(|v| v.rule.as_ref()).any(|rule| rule.keys.contains(key))
        };
        let heard = Witnesses::read(proofs.unwrap_or(b"[]"), &ids, allowed)?;
        let missing = log.versions.iter().position(|version| {
            version
                .rule
                .as_ref()
                .is_some_and(|rule| heard.standing_by(version.number, rule) < rule.threshold)
        });
        if let Some(at) = missing {
            let error = LogError::NotWitnessed { entry: at as u64 + 1 };
            log.versions.truncate(at);
            if at == 0 {
                return Err(error.into());
            }
            log.broken = Some(error);
        }
        Ok(log)
    }
}

impl WebvhLog {
    /// All versions that hold, oldest first.
    pub fn versions(&self) -> &[WebvhVersion] {
        &self.versions
    }

    /// The version asked for. An entry that does not hold makes the newest version unknown, and
    /// leaves the earlier ones as they were.
    ///
    /// # Errors
    /// [`ResolveError::InvalidLog`], [`ResolveError::VersionNotFound`],
    /// [`ResolveError::Deactivated`], and [`ResolveError::Moved`] when that version belongs to
    /// another name of the DID.
    pub fn version(&self, query: &VersionQuery) -> Result<&WebvhVersion, ResolveError> {
        let unknown = || match &self.broken {
            Some(error) => ResolveError::InvalidLog(error.clone()),
            None => ResolveError::VersionNotFound,
        };
        let found = match query {
            VersionQuery::Latest if self.broken.is_some() => None,
            VersionQuery::Latest => self.versions.last(),
            VersionQuery::Id(id) => self.versions.iter().find(|v| v.version_id == *id),
            VersionQuery::Number(number) => self.versions.iter().find(|v| v.number == *number),
            VersionQuery::Time(moment) => {
                let at = self.versions.partition_point(|version| version.time <= *moment);
                // Behind the last good entry a broken one may have been in force.
                let open = at == self.versions.len() && self.broken.is_some();
                if open { None } else { at.checked_sub(1).map(|at| &self.versions[at]) }
            }
        };
        let version = found.ok_or_else(unknown)?;
        if version.deactivated {
            return Err(ResolveError::Deactivated);
        }
        match document_id(&version.document) {
            Some(id) if id == self.did.as_str() => Ok(version),
            id => Err(ResolveError::Moved { to: id.unwrap_or_default().to_owned() }),
        }
    }
}

/// What is known after the entries so far.
struct Walk {
    scid: String,
    now: Moment,
    last: Option<Last>,
}

struct Last {
    version_id: String,
    time: Instant,
    parameters: Parameters,
    did: Did,
}

impl Walk {
    fn step(&mut self, number: u64, line: &[u8]) -> Result<WebvhVersion, LogError> {
        let entry = RawEntry::read(number, line)?;
        let last = self.last.as_ref();
        if last.is_some_and(|last| last.parameters.deactivated) {
            return Err(LogError::AfterDeactivation { entry: number });
        }
        let parameters = match last {
            None => Parameters::first(&entry.parameters, &self.scid)?,
            Some(last) => last.parameters.followed_by(number, &entry.parameters)?,
        };
        if last.is_some_and(|last| entry.time <= last.time) {
            return Err(LogError::TimeNotRising { entry: number });
        }
        if entry.time.second > self.now.plus_seconds(SKEW_SECONDS) {
            return Err(LogError::TimeInFuture { entry: number });
        }
        if last.is_none() {
            check_scid(&entry, &self.scid)?;
        }
        check_hash(number, &entry, last.map_or(&self.scid, |last| &last.version_id))?;
        check_proofs(number, &entry, signers(last, &parameters))?;
        let did = check_name(number, &entry.state, &self.scid, last, parameters.portable)?;
        let before = last.and_then(|last| last.parameters.witness.clone());
        let version = WebvhVersion {
            version_id: entry.version_id.clone(),
            number,
            time: entry.time.second,
            document: entry.state,
            deactivated: parameters.deactivated,
            portable: parameters.portable,
            ttl: parameters.ttl,
            // A change of witnesses is witnessed by those before it; the first ones begin at once.
            rule: before.or_else(|| parameters.witness.clone()),
        };
        let (version_id, time) = (entry.version_id, entry.time);
        self.last = Some(Last { version_id, time, parameters, did });
        Ok(version)
    }
}

/// The first entry, and every entry under pre-rotation, is signed by its own keys; any other by
/// the keys of the entry before.
fn signers<'a>(last: Option<&'a Last>, current: &'a Parameters) -> &'a [String] {
    match last {
        Some(last) if last.parameters.next_key_hashes.is_empty() => &last.parameters.update_keys,
        _ => &current.update_keys,
    }
}

/// The first entry with the placeholder for every SCID hashes to the SCID.
fn check_scid(entry: &RawEntry, scid: &str) -> Result<(), LogError> {
    let canonical = jcs::canonicalize(&entry.hashed_with(PLACEHOLDER));
    let text = canonical.map_err(|_| LogError::ScidMismatch)?.replace(scid, PLACEHOLDER);
    // Replacing may have changed the order of member names.
    let value: Value = serde_json::from_str(&text).map_err(|_| LogError::ScidMismatch)?;
    let canonical = jcs::canonicalize(&value).map_err(|_| LogError::ScidMismatch)?;
    if multihash(canonical.as_bytes()) == scid { Ok(()) } else { Err(LogError::ScidMismatch) }
}

fn check_hash(number: u64, entry: &RawEntry, before: &str) -> Result<(), LogError> {
    let (count, hash) =
        entry.version_id.split_once('-').ok_or(LogError::VersionNumber { entry: number })?;
    if count != number.to_string() {
        return Err(LogError::VersionNumber { entry: number });
    }
    let found = hash_of(&entry.hashed_with(before));
    if found.as_deref() == Some(hash) { Ok(()) } else { Err(LogError::EntryHash { entry: number }) }
}

/// Every proof holds and is by an authorised key.
fn check_proofs(number: u64, entry: &RawEntry, keys: &[String]) -> Result<(), LogError> {
    for one in &entry.proofs {
        let key = proof::check(&entry.unsigned, one)
            .map_err(|what| LogError::Proof { entry: number, what })?;
        if !keys.contains(&key) {
            return Err(LogError::KeyNotAuthorised { entry: number });
        }
    }
    Ok(())
}

/// The document is this DID's; a new name keeps the SCID, needs leave, and names the old one.
fn check_name(
    number: u64,
    state: &Value,
    scid: &str,
    last: Option<&Last>,
    portable: bool,
) -> Result<Did, LogError> {
    let other = |what| LogError::OtherDid { entry: number, what };
    let did = document_id(state).and_then(|id| Did::parse(id).ok());
    let did = did.ok_or_else(|| other("the document has no DID"))?;
    let address = did_webvh_address(&did).map_err(|_| other("it is no did:webvh"))?;
    if address.scid != scid {
        return Err(other("its SCID is another one"));
    }
    let Some(before) = last.map(|last| &last.did).filter(|before| **before != did) else {
        return Ok(did);
    };
    if !portable {
        return Err(other("the DID is not portable"));
    }
    let known = state.get("alsoKnownAs").and_then(Value::as_array);
    let names_it = |known: &Vec<Value>| known.iter().any(|name| name == before.as_str());
    if known.is_some_and(names_it) { Ok(did) } else { Err(other("the former name is not kept")) }
}

fn document_id(document: &Value) -> Option<&str> {
    document.get("id")?.as_str()
}

//! Reading an entry's members.

use credential_model::json::{Limits, parse_strict};
use credential_model::moment::Moment;
use serde_json::{Map, Value};

use super::error::LogError;

/// Deepest nesting of an entry.
const MAX_DEPTH: usize = 24;
/// Most proofs of one entry.
const MAX_PROOFS: usize = 16;

/// A moment with its fraction: two entries may share a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Instant {
    pub(super) second: Moment,
    nanosecond: u32,
}

/// A line of the log, its members checked for their form only.
pub(super) struct RawEntry {
    pub(super) version_id: String,
    pub(super) time: Instant,
    pub(super) parameters: Map<String, Value>,
    pub(super) state: Value,
    pub(super) proofs: Vec<Value>,
    /// The entry without its proof.
    pub(super) unsigned: Map<String, Value>,
}

impl RawEntry {
    pub(super) fn read(entry: u64, line: &[u8]) -> Result<Self, LogError> {
        let malformed = |what| LogError::Malformed { entry, what };
        let limits = Limits { max_bytes: super::log::MAX_LOG_BYTES, max_depth: MAX_DEPTH };
        let Ok(Value::Object(mut members)) = parse_strict(line, &limits) else {
            return Err(malformed("not a strict JSON object"));
        };
        let proofs = match members.remove("proof") {
            Some(Value::Array(proofs)) => proofs,
            Some(proof @ Value::Object(_)) => vec![proof],
            _ => return Err(LogError::Proof { entry, what: "there is none" }),
        };
        if proofs.is_empty() || proofs.len() > MAX_PROOFS {
            return Err(LogError::Proof { entry, what: "none, or more than 16" });
        }
        let known = ["versionId", "versionTime", "parameters", "state"];
        if members.keys().any(|name| !known.contains(&name.as_str())) {
            return Err(malformed("an unknown member"));
        }
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let version_id = text("versionId").ok_or_else(|| malformed("no versionId"))?.to_owned();
        let time = text("versionTime").and_then(Instant::parse);
        let object = |name: &str| members.get(name).and_then(Value::as_object);
        Ok(Self {
            version_id,
            time: time.ok_or_else(|| malformed("versionTime is no UTC date-time"))?,
            parameters: object("parameters").ok_or_else(|| malformed("no parameters"))?.clone(),
            state: object("state")
                .map(|state| Value::Object(state.clone()))
                .ok_or_else(|| malformed("no state"))?,
            proofs,
            unsigned: members,
        })
    }

    /// The entry as it is hashed: without proof, with another `versionId`.
    pub(super) fn hashed_with(&self, version_id: &str) -> Value {
        let mut members = self.unsigned.clone();
        members.insert("versionId".to_owned(), Value::String(version_id.to_owned()));
        Value::Object(members)
    }
}

impl Instant {
    fn parse(text: &str) -> Option<Self> {
        let bare = text.strip_suffix('Z').or_else(|| text.strip_suffix("+00:00"))?;
        let second = Moment::parse(text).ok()?;
        let fraction = bare.split_once('.').map_or("", |(_, digits)| digits);
        let digits = fraction.get(..9).unwrap_or(fraction);
        let nanosecond = format!("{digits:0<9}").parse().ok()?;
        Some(Self { second, nanosecond })
    }
}

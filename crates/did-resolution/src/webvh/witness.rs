//! Witness proofs: `did-witness.json`, beside the log.

use std::collections::BTreeMap;

use credential_model::json::{Limits, parse_strict};
use serde_json::{Map, Value};

use super::error::LogError;
use super::parameters::WitnessRule;
use super::proof;

/// Longest `did-witness.json` that is read.
pub const MAX_WITNESS_BYTES: usize = 1024 * 1024;
/// Most witness proofs that are checked.
const MAX_CHECKS: usize = 2048;

/// For each witness the newest published entry it stands by; by that it stands by all before.
pub(super) struct Witnesses(BTreeMap<String, u64>);

impl Witnesses {
    /// Reads the file for a log with these version ids. Proofs for entries that are not (yet)
    /// in the log, by strangers, or wrong, count for nothing.
    pub(super) fn read(
        bytes: &[u8],
        version_ids: &[&str],
        allowed: impl Fn(&str) -> bool,
    ) -> Result<Self, LogError> {
        let malformed = |what| LogError::Malformed { entry: 0, what };
        let limits = Limits { max_bytes: MAX_WITNESS_BYTES, max_depth: 8 };
        let file = parse_strict(bytes, &limits);
        let Ok(Value::Array(records)) = file else {
            return Err(malformed("the witness file is no strict JSON array"));
        };
        let mut heard = BTreeMap::new();
        let mut checks = 0;
        for record in &records {
            let id = record.get("versionId").and_then(Value::as_str);
            let place = id.and_then(|id| version_ids.iter().position(|known| *known == id));
            let (Some(id), Some(place)) = (id, place) else { continue };
            let proofs =
                record.get("proof").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let document: Map<String, Value> =
                [("versionId".to_owned(), Value::from(id))].into_iter().collect();
            for one in proofs {
                // The claimed key is looked at first: strangers cost no signature check.
                let claimed = one.get("verificationMethod").and_then(Value::as_str);
                let claimed = claimed.and_then(|method| method.split('#').nth(1));
                if !claimed.is_some_and(&allowed) {
                    continue;
                }
                checks += 1;
                if checks > MAX_CHECKS {
                    return Err(LogError::TooLarge("more than 2,048 witness proofs"));
                }
                if let Ok(key) = proof::check(&document, one) {
                    let newest: &mut u64 = heard.entry(key).or_default();
                    *newest = (*newest).max(place as u64 + 1);
                }
            }
        }
        Ok(Self(heard))
    }

    /// How many of a rule's witnesses stand by an entry.
    pub(super) fn standing_by(&self, entry: u64, rule: &WitnessRule) -> usize {
        let stands = |key: &&String| self.0.get(*key).is_some_and(|newest| *newest >= entry);
        rule.keys.iter().filter(stands).count()
    }
}

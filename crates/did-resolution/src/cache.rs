//! A bounded memory of good resolutions.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use credential_model::ambient::Clock;
use credential_model::did::{Did, DidDocument};
use credential_model::moment::Moment;

use crate::error::ResolveError;
use crate::resolution::Resolution;

/// Documents kept at most.
const MOST_COMPUTED: usize = 512;

/// Documents that follow from their DID alone (`did:key`, `did:jwk`): whoever issues many is not
/// worked out each time. They never become stale.
#[derive(Default)]
pub(crate) struct Computed(Mutex<HashMap<Did, DidDocument>>);

impl Computed {
    /// The document of a DID, worked out by `expand` when it is not known.
    pub(crate) fn get(
        &self,
        did: &Did,
        expand: impl FnOnce(&Did) -> Result<DidDocument, ResolveError>,
    ) -> Result<DidDocument, ResolveError> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(did) {
            return Ok(known.clone());
        }
        let document = expand(did)?;
        let mut known = lock();
        // Beginning anew is bounded and cheap; those who are asked for often are soon back.
        if known.len() >= MOST_COMPUTED {
            known.clear();
        }
        known.insert(did.clone(), document.clone());
        Ok(document)
    }
}

/// Keeps resolutions for a while. Failures are never kept: the next look may succeed.
pub(crate) struct Cache {
    clock: Arc<dyn Clock>,
    ttl_seconds: i64,
    capacity: usize,
    entries: Mutex<BTreeMap<Did, Entry>>,
}

struct Entry {
    resolution: Resolution,
    stored: Moment,
    ttl_seconds: i64,
}

impl Cache {
    pub(crate) fn new(clock: Arc<dyn Clock>, ttl_seconds: i64, capacity: usize) -> Self {
        Self { clock, ttl_seconds, capacity, entries: Mutex::default() }
    }

    pub(crate) fn get(&self, did: &Did) -> Option<Resolution> {
        let now = self.clock.now();
        let mut entries = self.lock();
        let entry = entries.get(did)?;
        if self.is_fresh(entry, now) {
            return Some(entry.resolution.clone());
        }
        entries.remove(did);
        None
    }

    /// Keeps a resolution for the configured time, or for `at_most` seconds if that is shorter.
    pub(crate) fn put(&self, did: &Did, resolution: &Resolution, at_most: i64) {
        let ttl_seconds = self.ttl_seconds.min(at_most);
        if self.capacity == 0 || ttl_seconds <= 0 {
            return;
        }
        let now = self.clock.now();
        let mut entries = self.lock();
        if entries.len() >= self.capacity && !entries.contains_key(did) {
            entries.retain(|_, entry| self.is_fresh(entry, now));
        }
        if entries.len() >= self.capacity && !entries.contains_key(did) {
            let oldest =
                entries.iter().min_by_key(|(_, entry)| entry.stored).map(|(did, _)| did.clone());
            if let Some(oldest) = oldest {
                entries.remove(&oldest);
            }
        }
        entries.insert(
            did.clone(),
            Entry { resolution: resolution.clone(), stored: now, ttl_seconds },
        );
    }

    pub(crate) fn forget(&self, did: &Did) {
        self.lock().remove(did);
    }

    /// A clock that went back makes an entry stale too.
    fn is_fresh(&self, entry: &Entry, now: Moment) -> bool {
        now >= entry.stored && now < entry.stored.plus_seconds(entry.ttl_seconds)
    }

    // Every change to the map is a single call: a panic elsewhere leaves it whole.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Did, Entry>> {
        self.entries.lock().unwrap_or_else(|error| error.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key_methods::expand_did_key;

    const KEY: &str = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

    #[test]
    fn what_follows_from_the_did_is_worked_out_once_and_a_refusal_each_time() {
        let (computed, did) = (Computed::default(), Did::parse(KEY).unwrap());
        let first = computed.get(&did, expand_did_key).unwrap();
        let again = computed.get(&did, |_| Err(ResolveError::Deactivated)).unwrap();
        assert_eq!(first.id, again.id);
        let odd = Did::parse("did:key:z6Mk").unwrap();
        for _ in 0..2 {
            assert!(computed.get(&odd, expand_did_key).is_err());
        }
        assert_eq!(computed.0.lock().unwrap().len(), 1);
    }

    #[test]
    fn however_many_come_few_are_kept() {
        let (computed, key) = (Computed::default(), Did::parse(KEY).unwrap());
        let document = expand_did_key(&key).unwrap();
        for number in 0..2 * MOST_COMPUTED {
            let did = Did::parse(&format!("did:example:{number}")).unwrap();
            computed.get(&did, |_| Ok(document.clone())).unwrap();
        }
        assert!(computed.0.lock().unwrap().len() <= MOST_COMPUTED);
    }
}

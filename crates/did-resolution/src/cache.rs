//! A bounded memory of good resolutions.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use credential_model::ambient::Clock;
use credential_model::did::Did;
use credential_model::moment::Moment;

use crate::resolution::Resolution;

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

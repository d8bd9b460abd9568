//! Keys that were read before. Whoever issued one credential issued many: their key need not be
//! decompressed again for each, and what is remembered of it (see [`Ed25519PublicKey`]) is kept.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use super::KeyError;
use super::ed25519::Ed25519PublicKey;

/// Keys of a generation; two are kept, so that passers-by do not drive out who is asked for often.
/// With all their tables these are 4 MiB.
const GENERATION: usize = 64;

type Keys = HashMap<[u8; 32], Ed25519PublicKey>;

#[derive(Default)]
pub(super) struct Known(RwLock<Option<[Keys; 2]>>);

impl Known {
    pub(super) const fn new() -> Self {
        Self(RwLock::new(None))
    }

    /// The key of these bytes, read when it is not known. Only good keys are remembered.
    pub(super) fn key(
        &self,
        bytes: &[u8; 32],
        read: impl FnOnce() -> Result<Ed25519PublicKey, KeyError>,
    ) -> Result<Ed25519PublicKey, KeyError> {
        if let Some(known) = self.get(bytes) {
            return Ok(known);
        }
        let key = read()?;
        self.put(bytes, &key);
        Ok(key)
    }

    fn get(&self, bytes: &[u8; 32]) -> Option<Ed25519PublicKey> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let [young, old] = known.as_ref()?;
        if let Some(key) = young.get(bytes) {
            return Some(key.clone());
        }
        let key = old.get(bytes)?.clone();
        drop(known);
        self.put(bytes, &key);
        Some(key)
    }

    fn put(&self, bytes: &[u8; 32], key: &Ed25519PublicKey) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let [young, old] = known.get_or_insert_default();
        if young.len() >= GENERATION && !young.contains_key(bytes) {
            *old = std::mem::take(young);
        }
        young.insert(*bytes, key.clone());
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.0.read().unwrap().as_ref().map_or(0, |[young, old]| young.len() + old.len())
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;

    fn key(number: u64) -> ([u8; 32], Ed25519PublicKey) {
        let mut seed = [3; 32];
        seed[..8].copy_from_slice(&number.to_le_bytes());
        let key = SigningKey::from_bytes(&seed).verifying_key();
        (key.to_bytes(), Ed25519PublicKey::from_valid(key))
    }

    #[test]
    fn passers_by_do_not_drive_out_who_is_asked_for_often_and_few_are_kept() {
        let known = Known::new();
        let (bytes, often) = key(0);
        assert!(known.get(&bytes).is_none());
        known.put(&bytes, &often);
        for number in 1..1_000 {
            let (passing, once) = key(number);
            known.put(&passing, &once);
            assert!(known.get(&bytes).is_some_and(|found| found == often), "{number}");
            assert!(known.len() <= 2 * GENERATION);
        }
        assert!(known.get(&key(1).0).is_none(), "asked for once, long ago");
    }
}

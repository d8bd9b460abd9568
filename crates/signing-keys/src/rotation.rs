//! Key rotation with overlap: the versions of one key, each with its times.
//!
//! A version is *published* (listed in the issuer's documents) from before it signs, so that
//! verifiers know it when its first signature comes, and stays published after its successor
//! took over, so that what it signed goes on verifying. Which version signs follows from the
//! moment alone; nothing has to be switched over at the right second.

use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};

use crate::algorithm::KeyAlgorithm;
use crate::store::{KeyHandle, KeyStore, KeyStoreError};

/// Why a rotation was not planned, or a plan not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RotationError {
    /// The successor would sign before verifiers could know it, or a plan is out of order.
    #[error("the versions of {0} do not follow each other with overlap")]
    NoOverlap(String),
    /// A successor is planned already.
    #[error("version {0} is planned already and does not sign yet")]
    AlreadyPlanned(u32),
    /// The key could not be made.
    #[error(transparent)]
    Store(#[from] KeyStoreError),
}

impl RotationError {
    /// A stable code for logs and messages.
    pub fn code(&self) -> &'static str {
        match self {
            RotationError::NoOverlap(_) => "rotation_without_overlap",
            RotationError::AlreadyPlanned(_) => "rotation_already_planned",
            RotationError::Store(error) => error.code(),
        }
    }
}

/// One version of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyVersion {
    /// Counts from 1.
    pub number: u32,
    /// Its label in the key store.
    pub label: String,
    /// From when documents list it.
    pub published_from: Moment,
    /// From when it signs.
    pub signs_from: Moment,
    /// From when documents no longer list it; none while its successor is not planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_until: Option<Moment>,
}

/// All versions of one key, oldest first. Kept by whoever keeps the configuration, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct KeySeries {
    name: String,
    versions: Vec<KeyVersion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    versions: Vec<KeyVersion>,
}

impl TryFrom<Written> for KeySeries {
    type Error = RotationError;

    fn try_from(written: Written) -> Result<Self, RotationError> {
        let Written { name, versions } = written;
        let follows = |pair: &[KeyVersion]| {
            pair[1].published_from < pair[1].signs_from
                && pair[0].signs_from < pair[1].signs_from
                && pair[0].published_until.is_some_and(|until| until > pair[1].signs_from)
        };
        let counted = (1..).zip(&versions).all(|(number, version)| version.number == number);
        let labels: std::collections::BTreeSet<&str> =
            versions.iter().map(|version| version.label.as_str()).collect();
        let last_open = versions.last().is_some_and(|last| last.published_until.is_none());
        if counted
            && last_open
            && labels.len() == versions.len()
            && versions.windows(2).all(follows)
        {
            Ok(Self { name, versions })
        } else {
            Err(RotationError::NoOverlap(name))
        }
    }
}

impl KeySeries {
    /// The series of a key that has one version, labelled as the series is called, and signs
    /// since `since`.
    pub fn first(name: &str, since: Moment) -> Self {
        let version = KeyVersion {
            number: 1,
            label: name.to_owned(),
            published_from: since,
            signs_from: since,
            published_until: None,
        };
        Self { name: name.to_owned(), versions: vec![version] }
    }

    /// What the series is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All versions, oldest first.
    pub fn versions(&self) -> &[KeyVersion] {
        &self.versions
    }

    /// Makes the next version in `store`: published from `now`, signing after `lead` seconds (at
    /// least as long as verifiers keep documents), its predecessor published `tail` seconds longer
    /// than that (at least as long as anything it signed is valid). Keep the series before
    /// publishing; a key made for a plan that was lost is taken up by the next call.
    ///
    /// # Errors
    /// [`RotationError::AlreadyPlanned`] while the last version does not sign yet,
    /// [`RotationError::NoOverlap`] for a lead or tail that is none, and as
    /// [`KeyStore::generate`].
    pub fn plan_next(
        &mut self,
        store: &dyn KeyStore,
        algorithm: KeyAlgorithm,
        now: Moment,
        lead: i64,
        tail: i64,
    ) -> Result<KeyHandle, RotationError> {
        let last = self.versions.last_mut();
        let last = last.ok_or_else(|| RotationError::NoOverlap(self.name.clone()))?;
        if last.signs_from > now {
            return Err(RotationError::AlreadyPlanned(last.number));
        }
        if lead <= 0 || tail <= 0 {
            return Err(RotationError::NoOverlap(self.name.clone()));
        }
        let number = last.number + 1;
        let label = format!("{}.v{number}", self.name);
        let handle = match store.find(&label) {
            Some(handle) => handle,
            None => store.generate(algorithm, &label)?,
        };
        let signs_from = now.plus_seconds(lead);
        last.published_until = Some(signs_from.plus_seconds(tail));
        self.versions.push(KeyVersion {
            number,
            label,
            published_from: now,
            signs_from,
            published_until: None,
        });
        Ok(handle)
    }

    /// The version that signs at a moment; none before the first.
    pub fn signing_at(&self, moment: Moment) -> Option<&KeyVersion> {
        self.versions.iter().rev().find(|version| version.signs_from <= moment)
    }

    /// The versions that documents list at a moment, oldest first.
    pub fn published_at(&self, moment: Moment) -> impl Iterator<Item = &KeyVersion> {
        self.versions.iter().filter(move |version| {
            version.published_from <= moment
                && version.published_until.is_none_or(|until| moment < until)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use credential_model::ambient::PredictableEntropy;

    use super::*;
    use crate::MemoryKeyStore;

    fn at(second: i64) -> Moment {
        Moment::from_unix(1_800_000_000 + second)
    }

    fn store() -> MemoryKeyStore {
        let store = MemoryKeyStore::new(Arc::new(PredictableEntropy::new(1)));
        store.generate(KeyAlgorithm::EdDsa, "assertion").unwrap();
        store
    }

    fn numbers<'a>(versions: impl Iterator<Item = &'a KeyVersion>) -> Vec<u32> {
        versions.map(|version| version.number).collect()
    }

    #[test]
    fn a_successor_is_known_before_it_signs_and_its_predecessor_after() {
        let store = store();
        let mut series = KeySeries::first("assertion", at(0));
        series.plan_next(&store, KeyAlgorithm::EdDsa, at(100), 50, 1_000).unwrap();
        let signs = |second| series.signing_at(at(second)).map(|version| version.label.as_str());
        assert_eq!(signs(-1), None);
        assert_eq!(signs(149), Some("assertion"));
        assert_eq!(signs(150), Some("assertion.v2"));
        assert_eq!(numbers(series.published_at(at(99))), [1]);
        assert_eq!(numbers(series.published_at(at(100))), [1, 2]);
        assert_eq!(numbers(series.published_at(at(1_149))), [1, 2]);
        assert_eq!(numbers(series.published_at(at(1_150))), [2]);
        assert!(store.find("assertion.v2").is_some());
    }

    #[test]
    fn two_successors_at_once_and_no_overlap_are_refused() {
        let store = store();
        let mut series = KeySeries::first("assertion", at(0));
        for (lead, tail) in [(0, 5), (5, 0), (-1, 5)] {
            let refused = series.plan_next(&store, KeyAlgorithm::EdDsa, at(1), lead, tail);
            assert_eq!(refused.unwrap_err().code(), "rotation_without_overlap");
        }
        assert_eq!(store.find("assertion.v2"), None, "nothing was made");
        series.plan_next(&store, KeyAlgorithm::EdDsa, at(1), 10, 10).unwrap();
        let early = series.plan_next(&store, KeyAlgorithm::EdDsa, at(10), 10, 10).unwrap_err();
        assert_eq!(early.code(), "rotation_already_planned");
        series.plan_next(&store, KeyAlgorithm::EdDsa, at(11), 10, 10).unwrap();
        assert_eq!(series.versions().len(), 3);
    }

    #[test]
    fn a_plan_that_was_lost_takes_up_the_key_it_made() {
        let store = store();
        let mut lost = KeySeries::first("assertion", at(0));
        let made = lost.plan_next(&store, KeyAlgorithm::EdDsa, at(1), 10, 10).unwrap();
        let mut again = KeySeries::first("assertion", at(0));
        let found = again.plan_next(&store, KeyAlgorithm::EdDsa, at(2), 10, 10).unwrap();
        assert_eq!(found, made);
    }

    #[test]
    fn a_series_survives_its_written_form_and_a_bad_one_is_refused() {
        let store = store();
        let mut series = KeySeries::first("assertion", at(0));
        series.plan_next(&store, KeyAlgorithm::EdDsa, at(1), 10, 10).unwrap();
        let text = serde_json::to_string(&series).unwrap();
        assert_eq!(serde_json::from_str::<KeySeries>(&text).unwrap(), series);
        for (good, bad) in [
            ("\"number\":2", "\"number\":3"),
            ("assertion.v2", "assertion"),
            ("\"versions\":[", "\"more\":1,\"versions\":["),
        ] {
            assert!(text.contains(good), "{text}");
            assert!(serde_json::from_str::<KeySeries>(&text.replace(good, bad)).is_err(), "{bad}");
        }
        assert!(serde_json::from_str::<KeySeries>(r#"{"name":"a","versions":[]}"#).is_err());
    }
}

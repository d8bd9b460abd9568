//! What a desk without a net holds: a verified index and the snapshot it names.

use std::collections::BTreeMap;

use credential_model::moment::Moment;
use sha2::{Digest, Sha256};

use super::content::PackContent;
use super::delta::PackDelta;
use super::error::PackError;
use super::index::{DeltaLink, SnapshotLink, StatusPackIndex};
use crate::entry::{EntryForm, StatusEntry};
use crate::list::interpret;
use crate::value::StatusValue;

/// An issuer's pack: every badge of the issuer can be looked up, and how old the answer is.
#[derive(Debug, Clone)]
pub struct StatusPack {
    index: StatusPackIndex,
    content: PackContent,
    places: BTreeMap<String, usize>,
}

/// What a pack says about one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackReading {
    /// The raw code; 0 means valid.
    pub code: u8,
    /// The state, where code, purpose and messages say it; see
    /// [`crate::StatusReading::value`].
    pub value: Option<StatusValue>,
    /// Version of the list.
    pub version: u64,
    /// SHA-256 of the signed list credential, which an inclusion proof is checked with.
    pub list_sha256: [u8; 32],
    /// Epoch of the pack.
    pub epoch: u64,
}

/// How old a pack is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackAge {
    /// When the issuer made it.
    pub issued: Moment,
    /// When a newer one was due.
    pub valid_until: Moment,
    /// Seconds since it was made; 0 when the clock stands before that.
    pub seconds: i64,
    /// Whether a newer one was due before now.
    pub stale: bool,
}

/// What must be fetched to follow a newer index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackUpdate {
    /// Nothing: the content is the same.
    Nothing,
    /// These deltas, in this order.
    Deltas(Vec<DeltaLink>),
    /// The snapshot: no deltas lead there, or they are longer.
    Snapshot(SnapshotLink),
}

impl StatusPack {
    /// Joins an index and its snapshot.
    ///
    /// # Errors
    /// [`PackError::DigestMismatch`] when the snapshot is not the index's,
    /// [`PackError::Malformed`] when the two count different lists.
    pub fn open(index: StatusPackIndex, snapshot: Vec<u8>) -> Result<Self, PackError> {
        // Before anything is decoded: only what the issuer signed is worth the work.
        if <[u8; 32]>::from(Sha256::digest(&snapshot)) != index.snapshot.sha256 {
            return Err(PackError::DigestMismatch);
        }
        Self::join(index, PackContent::decode(snapshot)?)
    }

    fn join(index: StatusPackIndex, content: PackContent) -> Result<Self, PackError> {
        if content.digest() != index.snapshot.sha256 {
            return Err(PackError::DigestMismatch);
        }
        if content.lists() != index.lists.len() {
            return Err(PackError::Malformed("index and snapshot count different lists"));
        }
        let names = index.lists.iter().map(|list| list.id.clone());
        let places = names.zip(0..).collect();
        Ok(Self { index, content, places })
    }

    /// The index, to be stored.
    #[must_use]
    pub const fn index(&self) -> &StatusPackIndex {
        &self.index
    }

    /// The content, to be stored.
    #[must_use]
    pub const fn content(&self) -> &PackContent {
        &self.content
    }

    /// The raw code at an index of a list.
    ///
    /// # Errors
    /// [`PackError::UnknownList`], [`PackError::OutOfRange`].
    pub fn lookup(&self, list: &str, index: usize) -> Result<u8, PackError> {
        self.content.code(*self.places.get(list).ok_or(PackError::UnknownList)?, index)
    }

    /// What the pack says about a credential's entry. Says nothing of age: see
    /// [`StatusPack::age`].
    ///
    /// # Errors
    /// [`PackError::UnknownList`], [`PackError::OutOfRange`], [`PackError::UnsupportedSize`] when
    /// the list has other bits per entry than the entry says, [`PackError::Malformed`] when it has
    /// another purpose.
    pub fn read(&self, entry: &StatusEntry) -> Result<PackReading, PackError> {
        let place = *self.places.get(&entry.list).ok_or(PackError::UnknownList)?;
        let listing = self.index.lists.get(place).ok_or(PackError::UnknownList)?;
        let (_, size) = self.content.geometry(place).ok_or(PackError::UnknownList)?;
        if entry.form == EntryForm::Bitstring {
            if size != entry.size {
                return Err(PackError::UnsupportedSize(entry.size));
            }
            if listing.purpose != entry.purpose {
                return Err(PackError::Malformed("the list's purpose is not the entry's"));
            }
        }
        let code = self.content.code(place, entry.index)?;
        let message = entry.messages.get(usize::from(code)).map(String::as_str);
        let value = match entry.form {
            EntryForm::Bitstring => interpret(entry, code, message),
            // A token entry of one bit: the standard fixes 1 as invalid.
            EntryForm::Token if size == 1 && code == 1 => Some(StatusValue::Revoked),
            // Packs hold the codes of the Bitstring lists, also for token entries.
            EntryForm::Token => StatusValue::from_code(code),
        };
        Ok(PackReading {
            code,
            value,
            version: listing.version,
            list_sha256: listing.sha256,
            epoch: self.index.epoch,
        })
    }

    /// How old the pack is.
    #[must_use]
    pub fn age(&self, now: Moment) -> PackAge {
        let StatusPackIndex { issued, valid_until, .. } = self.index;
        let seconds = now.seconds_since(issued).max(0);
        PackAge { issued, valid_until, seconds, stale: now > valid_until }
    }

    /// What must be fetched to follow `newer`, an index of the same issuer.
    ///
    /// # Errors
    /// [`PackError::OtherIssuer`], [`PackError::RolledBack`], [`PackError::ListRolledBack`],
    /// [`PackError::Equivocated`].
    pub fn plan(&self, newer: &StatusPackIndex) -> Result<PackUpdate, PackError> {
        self.check_successor(newer)?;
        let held = self.content.digest();
        if newer.snapshot.sha256 == held {
            return Ok(PackUpdate::Nothing);
        }
        let Some(first) = newer.deltas.iter().position(|delta| delta.from == held) else {
            return Ok(PackUpdate::Snapshot(newer.snapshot.clone()));
        };
        let steps = &newer.deltas[first..];
        if steps.iter().map(|delta| delta.bytes).sum::<u64>() >= newer.snapshot.bytes {
            return Ok(PackUpdate::Snapshot(newer.snapshot.clone()));
        }
        Ok(PackUpdate::Deltas(steps.to_vec()))
    }

    /// Follows `newer` by the deltas that [`StatusPack::plan`] asked for, in that order.
    ///
    /// # Errors
    /// As [`StatusPack::plan`] and [`PackContent::apply`]; [`PackError::DigestMismatch`] when a
    /// delta is not the one the index names, or they do not lead to its snapshot.
    pub fn advance(&self, newer: StatusPackIndex, deltas: Vec<Vec<u8>>) -> Result<Self, PackError> {
        self.check_successor(&newer)?;
        let held = self.content.digest();
        let first = newer.deltas.iter().position(|delta| delta.from == held);
        let named = first.map_or(&[][..], |first| &newer.deltas[first..]);
        if named.len() != deltas.len() {
            return Err(PackError::DigestMismatch);
        }
        let mut content = self.content.clone();
        for (link, bytes) in named.iter().zip(deltas) {
            if <[u8; 32]>::from(Sha256::digest(&bytes)) != link.sha256 {
                return Err(PackError::DigestMismatch);
            }
            content = content.apply(&PackDelta::decode(bytes)?)?;
        }
        Self::join(newer, content)
    }

    /// Follows `newer` by a whole snapshot.
    ///
    /// # Errors
    /// As [`StatusPack::plan`] and [`StatusPack::open`].
    pub fn replace(&self, newer: StatusPackIndex, snapshot: Vec<u8>) -> Result<Self, PackError> {
        self.check_successor(&newer)?;
        Self::open(newer, snapshot)
    }

    /// A newer index never goes back, and one epoch has one index.
    fn check_successor(&self, newer: &StatusPackIndex) -> Result<(), PackError> {
        let held = &self.index;
        if newer.issuer != held.issuer {
            return Err(PackError::OtherIssuer);
        }
        if newer.epoch < held.epoch {
            return Err(PackError::RolledBack { found: newer.epoch, held: held.epoch });
        }
        // Addresses and deltas may be arranged anew; what the lists say may not.
        let same = newer.lists == held.lists && newer.snapshot.sha256 == held.snapshot.sha256;
        if newer.epoch == held.epoch && !same {
            return Err(PackError::Equivocated(held.epoch));
        }
        let older = |list: &super::PackListing| {
            let known = self.places.get(&list.id).and_then(|place| held.lists.get(*place));
            known.is_some_and(|known| list.version < known.version)
        };
        if newer.lists.iter().any(older) { Err(PackError::ListRolledBack) } else { Ok(()) }
    }
}

//! The discovery document: which lists, which snapshot, which deltas, until when.

use std::collections::BTreeSet;

use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::content::{MAX_PACK_BYTES, MAX_PACK_LISTS, PackContent};
use super::delta::{MAX_DELTA_BYTES, PackDelta};
use super::error::PackError;

/// `typ` of the index as a JWS.
pub const STATUS_PACK_TYP: &str = "statuspack+jwt";

/// Most deltas an index names.
const MAX_DELTAS: usize = 64;
const MAX_TEXT: usize = 2048;
/// Clocks may differ by this many seconds before an index counts as from the future.
const SKEW_SECONDS: i64 = 60;

/// What an issuer says about its pack. The flows sign [`index_payload`] and verify before
/// [`read_index`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusPackIndex {
    /// DID of the issuer; becomes `iss`.
    pub issuer: String,
    /// When it was made; becomes `iat`.
    pub issued: Moment,
    /// When a newer one must be fetched; becomes `exp`.
    pub valid_until: Moment,
    /// The anchored epoch whose lists these are; rises.
    pub epoch: u64,
    /// The lists in pack order.
    pub lists: Vec<PackListing>,
    /// The pack.
    pub snapshot: SnapshotLink,
    /// Steps that lead to `snapshot`, oldest first: each starts where the one before ends.
    pub deltas: Vec<DeltaLink>,
}

/// One list of a pack. Its digest ties the pack to the signed (and anchored) list credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackListing {
    /// URL of the list, as credentials name it.
    pub id: String,
    /// `statusPurpose` of the list.
    pub purpose: String,
    /// The list's version, in decimal.
    #[serde(with = "decimal")]
    pub version: u64,
    /// SHA-256 of the signed list credential.
    #[serde(with = "digest")]
    pub sha256: [u8; 32],
}

/// Where the snapshot is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotLink {
    /// Its address.
    pub url: String,
    /// Its SHA-256: also the name by which deltas know it.
    #[serde(with = "digest")]
    pub sha256: [u8; 32],
    /// Its length.
    pub bytes: u64,
}

/// Where a delta is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeltaLink {
    /// Its address.
    pub url: String,
    /// SHA-256 of the delta.
    #[serde(with = "digest")]
    pub sha256: [u8; 32],
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of the snapshot it starts from.
    #[serde(with = "digest")]
    pub from: [u8; 32],
    /// SHA-256 of the snapshot it leads to.
    #[serde(with = "digest")]
    pub to: [u8; 32],
}

impl SnapshotLink {
    /// The link to a snapshot published at this address.
    #[must_use]
    pub fn new(url: impl Into<String>, content: &PackContent) -> Self {
        let bytes = content.bytes().len() as u64;
        Self { url: url.into(), sha256: content.digest(), bytes }
    }
}

impl DeltaLink {
    /// The link to a delta published at this address.
    #[must_use]
    pub fn new(url: impl Into<String>, delta: &PackDelta) -> Self {
        Self {
            url: url.into(),
            sha256: Sha256::digest(delta.bytes()).into(),
            bytes: delta.bytes().len() as u64,
            from: delta.base(),
            to: delta.result(),
        }
    }
}

impl StatusPackIndex {
    /// What an epoch commits to: lists and snapshot, not their addresses, dates or deltas.
    ///
    /// `SHA-256("sinpyo-status-pack-v1" || 0x00 || snapshot digest || number of lists as u32 BE ||
    /// for each list: len(id) as u32 BE || id || len(purpose) as u32 BE || purpose || version as
    /// u64 BE || sha256)`.
    #[must_use]
    pub fn commitment(&self) -> [u8; 32] {
        let length = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
        let mut hash = Sha256::new();
        hash.update(b"sinpyo-status-pack-v1\0");
        hash.update(self.snapshot.sha256);
        hash.update(length(self.lists.len()));
        for list in &self.lists {
            for text in [&list.id, &list.purpose] {
                hash.update(length(text.len()));
                hash.update(text);
            }
            hash.update(list.version.to_be_bytes());
            hash.update(list.sha256);
        }
        hash.finalize().into()
    }

    /// A number that rises whenever any list does: the version of the pack's anchored leaf.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.lists.iter().fold(0, |sum, list| sum.saturating_add(list.version))
    }
}

/// The members of the payload, in the words of a JWT.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    iss: String,
    iat: i64,
    exp: i64,
    #[serde(with = "decimal")]
    epoch: u64,
    lists: Vec<PackListing>,
    snapshot: SnapshotLink,
    deltas: Vec<DeltaLink>,
}

/// The index as a payload to be signed.
#[must_use]
pub fn index_payload(index: &StatusPackIndex) -> Value {
    let payload = Payload {
        iss: index.issuer.clone(),
        iat: index.issued.unix(),
        exp: index.valid_until.unix(),
        epoch: index.epoch,
        lists: index.lists.clone(),
        snapshot: index.snapshot.clone(),
        deltas: index.deltas.clone(),
    };
    // Strings, integers and arrays of them always have a JSON form.
    serde_json::to_value(payload).unwrap_or_default()
}

/// Reads an index whose signature and `typ` the caller has verified. A stale one is read too:
/// how old it is, is for the desk to say ([`super::StatusPack::age`]).
///
/// # Errors
/// [`PackError::OtherIssuer`], [`PackError::NotYetValid`], [`PackError::TooLarge`],
/// [`PackError::Malformed`] for unknown members, repeated lists, or deltas that do not lead to
/// the snapshot.
pub fn read_index(
    payload: &Value,
    issuer: &str,
    now: Moment,
) -> Result<StatusPackIndex, PackError> {
    let payload = Payload::deserialize(payload)
        .map_err(|_| PackError::Malformed("the index has missing, unknown or wrong members"))?;
    if payload.iss != issuer {
        return Err(PackError::OtherIssuer);
    }
    let issued = Moment::from_unix(payload.iat);
    if now.plus_seconds(SKEW_SECONDS) < issued {
        return Err(PackError::NotYetValid(issued));
    }
    if payload.exp <= payload.iat {
        return Err(PackError::Malformed("the index ends before it begins"));
    }
    check_lists(&payload.lists)?;
    check_links(&payload.snapshot, &payload.deltas)?;
    Ok(StatusPackIndex {
        issuer: payload.iss,
        issued,
        valid_until: Moment::from_unix(payload.exp),
        epoch: payload.epoch,
        lists: payload.lists,
        snapshot: payload.snapshot,
        deltas: payload.deltas,
    })
}

fn check_lists(lists: &[PackListing]) -> Result<(), PackError> {
    if lists.len() > MAX_PACK_LISTS {
        return Err(PackError::TooLarge("more than 4,096 lists"));
    }
    let mut seen = BTreeSet::new();
    for list in lists {
        check_text(&list.id)?;
        check_text(&list.purpose)?;
        if !seen.insert(&list.id) {
            return Err(PackError::Malformed("a list occurs twice"));
        }
    }
    Ok(())
}

fn check_links(snapshot: &SnapshotLink, deltas: &[DeltaLink]) -> Result<(), PackError> {
    check_text(&snapshot.url)?;
    if snapshot.bytes > MAX_PACK_BYTES as u64 {
        return Err(PackError::TooLarge("more than 16 MiB"));
    }
    if deltas.len() > MAX_DELTAS {
        return Err(PackError::TooLarge("more than 64 deltas"));
    }
    let ends = deltas.iter().skip(1).map(|delta| delta.from).chain([snapshot.sha256]);
    for (delta, end) in deltas.iter().zip(ends) {
        check_text(&delta.url)?;
        if delta.bytes > MAX_DELTA_BYTES as u64 {
            return Err(PackError::TooLarge("more than 4 MiB"));
        }
        if delta.to != end || delta.from == delta.to {
            return Err(PackError::Malformed("the deltas do not lead to the snapshot"));
        }
    }
    Ok(())
}

fn check_text(text: &str) -> Result<(), PackError> {
    if text.is_empty() || text.len() > MAX_TEXT || text.chars().any(char::is_control) {
        return Err(PackError::Malformed("an address or a purpose is empty, long or no text"));
    }
    Ok(())
}

/// Numbers that may pass 2^53 are written as text.
mod decimal {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let text = String::deserialize(deserializer)?;
        let value: u64 = text.parse().map_err(D::Error::custom)?;
        // No sign, no leading zero: one number, one spelling.
        if value.to_string() == text { Ok(value) } else { Err(D::Error::custom("not plain")) }
    }
}

/// SHA-256 as 64 lower-case hexadecimal digits.
mod digest {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(
        value: &[u8; 32],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let digits: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
        serializer.serialize_str(&digits)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || D::Error::custom("not 64 lower-case hexadecimal digits");
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != 32 || !rest.is_empty() {
            return Err(wrong());
        }
        let mut value = [0; 32];
        for (byte, [high, low]) in value.iter_mut().zip(pairs) {
            *byte = digit(*high).ok_or_else(wrong)? << 4 | digit(*low).ok_or_else(wrong)?;
        }
        Ok(value)
    }

    const fn digit(byte: u8) -> Option<u8> {
        match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        }
    }
}

//! The audit trail: append-only, each entry carrying the digest of the one before it.
//!
//! Entries name ids, never persons or claims. The store seals an event into an
//! entry inside the same transaction that does the thing the event tells of, so
//! nothing happens untold and nothing is told that did not happen.

use std::collections::BTreeMap;

use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};

use crate::ids::Digest;

/// What can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AuditAction {
    /// The service started with this store.
    Started,
    /// Kinds of qualification were created or imported.
    KindsImported,
    /// An entitled person was registered.
    PersonRegistered,
    /// Somebody signed in at the office.
    SignedIn,
    /// Somebody was not let in.
    SignInRefused,
    /// An officer, an API key or a password was made, changed or ended.
    AccessChanged,
    /// A status change waits for a second officer.
    ApprovalAsked,
    /// A second officer approved or refused, or whoever asked took it back.
    ApprovalDecided,
    /// The trail was exported.
    TrailExported,
    /// Personal data of a person or an offer were erased.
    PersonErased,
    /// An offer was made.
    OfferCreated,
    /// A wallet exchanged the offer's code for a token.
    OfferRedeemed,
    /// A wrong transaction code was entered.
    TxCodeWrong,
    /// The offer died of too many wrong transaction codes.
    OfferDied,
    /// The offer's time ran out before anybody came.
    OfferExpired,
    /// A credential request waits for an officer.
    DeferredRequested,
    /// An officer released a deferred offer.
    DeferredReleased,
    /// An officer denied a deferred offer.
    DeferredDenied,
    /// A wallet collected deferred credentials.
    DeferredDelivered,
    /// Status indices were allocated and what is to be signed was recorded.
    CredentialsPrepared,
    /// Credentials were signed and recorded.
    CredentialsIssued,
    /// A wallet told what became of a credential.
    NotificationReceived,
    /// A credential's status changed.
    StatusChanged,
    /// A status list was signed and published.
    ListPublished,
    /// An epoch was prepared for the chain.
    EpochPrepared,
    /// An epoch is on the chain.
    EpochAnchored,
    /// The issuer's DID document was sent to the chain.
    DidPublished,
    /// The chain was told that a key is retired or compromised.
    KeyStated,
    /// An officer announced the file of a bulk job.
    JobAnnounced,
    /// An officer took a step with a bulk job.
    JobStepped,
    /// Every row of a bulk job was checked, or its file was refused.
    JobChecked,
    /// A chunk of a bulk job was issued.
    ChunkIssued,
    /// A bulk job is over and adds up.
    JobClosed,
    /// An officer ordered a status change of everything a bulk job issued.
    JobStatusOrdered,
}

/// What happened, before it has its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// When.
    pub at: Moment,
    /// Who: `officer`, `wallet`, `service`.
    pub actor: String,
    /// What.
    pub action: AuditAction,
    /// Which things: role to id, and counts as text. Never personal data.
    pub subjects: BTreeMap<String, String>,
    /// The reason an officer gave, checked for forbidden numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl AuditEvent {
    /// An event without subjects.
    pub fn new(at: Moment, actor: &str, action: AuditAction) -> Self {
        Self { at, actor: actor.to_owned(), action, subjects: BTreeMap::new(), reason: None }
    }

    /// Adds a subject.
    #[must_use]
    pub fn about(mut self, role: &str, id: impl ToString) -> Self {
        self.subjects.insert(role.to_owned(), id.to_string());
        self
    }

    /// Adds the officer's reason.
    #[must_use]
    pub fn because(mut self, reason: Option<String>) -> Self {
        self.reason = reason;
        self
    }
}

/// An event in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Counts from 1.
    pub seq: u64,
    /// The event.
    pub event: AuditEvent,
    /// The `hash` of the entry before; zeros for the first.
    pub prev: Digest,
    /// Over sequence number, predecessor and event, see [`seal`].
    pub hash: Digest,
}

/// The end of the trail, which the next entry builds on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditHead {
    /// Of the last entry; 0 when there is none.
    pub seq: u64,
    /// Of the last entry; zeros when there is none.
    pub hash: Digest,
}

impl AuditHead {
    /// Before the first entry.
    pub const EMPTY: Self = Self { seq: 0, hash: Digest::ZERO };
}

/// Puts an event behind the head. Stores call this inside their transaction.
pub fn seal(head: AuditHead, event: AuditEvent) -> AuditEntry {
    let seq = head.seq + 1;
    let hash = entry_hash(seq, &head.hash, &event);
    AuditEntry { seq, event, prev: head.hash, hash }
}

/// Whether consecutive entries hold together, beginning behind `head`: the first that does not, if any.
pub fn first_break(head: AuditHead, entries: &[AuditEntry]) -> Option<u64> {
    let mut head = head;
    for entry in entries {
        let fits = entry.seq == head.seq + 1
            && entry.prev == head.hash
            && entry.hash == entry_hash(entry.seq, &entry.prev, &entry.event);
        if !fits {
            return Some(entry.seq);
        }
        head = AuditHead { seq: entry.seq, hash: entry.hash };
    }
    None
}

// Field by field with lengths instead of a JSON text: it does not depend on how a
// serializer orders or escapes, so it can be recomputed from any backend's columns.
fn entry_hash(seq: u64, prev: &Digest, event: &AuditEvent) -> Digest {
    let action = serde_json::to_string(&event.action).unwrap_or_default();
    let seq = seq.to_be_bytes();
    let at = event.at.unix().to_be_bytes();
    let reason = event.reason.as_deref().unwrap_or_default();
    let mut parts: Vec<&[u8]> = vec![
        b"sinpyo-audit-v1",
        &seq,
        &prev.0,
        &at,
        event.actor.as_bytes(),
        action.as_bytes(),
        reason.as_bytes(),
    ];
    for (role, id) in &event.subjects {
        parts.push(role.as_bytes());
        parts.push(id.as_bytes());
    }
    Digest::of_parts(&parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trail() -> Vec<AuditEntry> {
        let mut head = AuditHead::EMPTY;
        (0..4)
            .map(|n| {
                let event = AuditEvent::new(
                    Moment::from_unix(1_700_000_000 + n),
                    "officer",
                    AuditAction::StatusChanged,
                )
                .about("credential", n)
                .because(Some("시험".to_owned()));
                let entry = seal(head, event);
                head = AuditHead { seq: entry.seq, hash: entry.hash };
                entry
            })
            .collect()
    }

    #[test]
    fn an_untouched_trail_holds() {
        let trail = trail();
        assert_eq!(first_break(AuditHead::EMPTY, &trail), None);
        let middle = AuditHead { seq: 2, hash: trail[1].hash };
        assert_eq!(first_break(middle, &trail[2..]), None);
    }

    #[test]
    fn every_kind_of_tampering_is_found() {
        let mut edited = trail();
        edited[1].event.reason = Some("다른 사유".to_owned());
        assert_eq!(first_break(AuditHead::EMPTY, &edited), Some(2));

        let mut removed = trail();
        removed.remove(2);
        assert_eq!(first_break(AuditHead::EMPTY, &removed), Some(4));

        let mut swapped = trail();
        swapped.swap(1, 2);
        assert_eq!(first_break(AuditHead::EMPTY, &swapped), Some(3));

        let mut resealed = trail();
        resealed[0] = seal(
            AuditHead::EMPTY,
            AuditEvent::new(Moment::from_unix(1), "officer", AuditAction::Started),
        );
        assert_eq!(first_break(AuditHead::EMPTY, &resealed), Some(2));
    }

    #[test]
    fn entries_survive_their_stored_form() {
        let entry = trail().remove(0);
        let text = serde_json::to_string(&entry).unwrap();
        assert_eq!(serde_json::from_str::<AuditEntry>(&text).unwrap(), entry);
    }
}

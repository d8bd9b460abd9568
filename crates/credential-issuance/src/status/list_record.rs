//! Status lists as the store keeps them.

use credential_model::catalogue::CredentialType;
use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};

use crate::ids::{Digest, ListId};

/// Lists are kept apart by how fresh they must be: a flight permit's status may be 15 minutes old,
/// everything else a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListClass {
    /// Valid for at most a day.
    General,
    /// Valid for at most 15 minutes.
    Permit,
}

impl ListClass {
    /// Every class.
    pub const ALL: [Self; 2] = [Self::General, Self::Permit];

    /// The class of a type, by the type's own rule.
    pub fn of(credential_type: CredentialType) -> Self {
        if credential_type.status_max_age() <= 900 { Self::Permit } else { Self::General }
    }

    /// How long a signed list is valid, in seconds.
    pub fn lifetime(self) -> i64 {
        match self {
            Self::General => 86_400,
            Self::Permit => 900,
        }
    }

    /// First letter of the list ids.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::General => "g",
            Self::Permit => "p",
        }
    }
}

/// A status list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRecord {
    /// Path segment of its URL.
    pub id: ListId,
    /// How fresh it must be.
    pub class: ListClass,
    /// How many entries it has.
    pub capacity: u64,
    /// The counter: how many entries are given out. Index = allocator of the list's seed at the counter.
    pub next: u64,
    /// Counts the status changes of its entries.
    pub changes: u64,
    /// When it was opened.
    pub created_at: Moment,
    /// What is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<PublishedList>,
}

/// What the last publication said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedList {
    /// Monotone, from 1.
    pub version: u64,
    /// [`ListRecord::changes`] it contains.
    pub changes: u64,
    /// `validFrom` of the signed list.
    pub valid_from: Moment,
    /// `validUntil` of the signed list.
    pub valid_until: Moment,
    /// SHA-256 of the Bitstring Status List credential as served.
    pub document: Digest,
    /// SHA-256 of the Token Status List as served.
    pub token: Digest,
}

impl ListRecord {
    /// A new, empty list: the `number`-th of its class, from 1.
    pub fn open(class: ListClass, number: u64, capacity: u64, now: Moment) -> Self {
        let id = format!("{}{number}", class.prefix());
        Self {
            // Letters and digits only, so it parses; the expression keeps the invariant checked.
            id: ListId::parse(&id).unwrap_or_else(|_| unreachable_list_id()),
            class,
            capacity,
            next: 0,
            changes: 0,
            created_at: now,
            published: None,
        }
    }

    /// How many entries are left.
    pub fn room(&self) -> u64 {
        self.capacity.saturating_sub(self.next)
    }

    /// Whether what is published is older than what is true, or has used up two thirds of its life.
    pub fn wants_publishing(&self, now: Moment) -> bool {
        match &self.published {
            None => true,
            Some(published) => {
                published.changes != self.changes
                    || now >= published.valid_from.plus_seconds(self.class.lifetime() * 2 / 3)
            }
        }
    }
}

fn unreachable_list_id() -> ListId {
    #[allow(clippy::expect_used)]
    ListId::parse("g0").expect("a letter and a digit are an identifier")
}

/// A signed list on its way into the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Which list.
    pub list: ListId,
    /// What the record says afterwards; `version` is the one before plus 1.
    pub published: PublishedList,
    /// The signed Bitstring Status List credential, exactly as served.
    pub document: Vec<u8>,
    /// The signed Token Status List, exactly as served.
    pub token: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_published_when_new_changed_or_ageing() {
        let now = Moment::from_unix(1_800_000_000);
        let mut list = ListRecord::open(ListClass::Permit, 1, 131_072, now);
        assert_eq!(list.id.as_str(), "p1");
        assert!(list.wants_publishing(now));
        list.published = Some(PublishedList {
            version: 1,
            changes: 0,
            valid_from: now,
            valid_until: now.plus_seconds(900),
            document: Digest::ZERO,
            token: Digest::ZERO,
        });
        assert!(!list.wants_publishing(now.plus_seconds(599)));
        assert!(list.wants_publishing(now.plus_seconds(600)));
        list.changes = 1;
        assert!(list.wants_publishing(now));
    }
}

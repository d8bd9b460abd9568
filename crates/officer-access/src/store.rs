//! What officers' access asks of a backend: rows on shelves.
//!
//! A row has a shelf, a key, a revision and a text that only this crate reads. Conditions are
//! stated with the change ("this key is free", "this is still revision 3"); [`AccessStore::apply`]
//! does all of a list of changes or none. So a backend is small, and what must happen once
//! happens once: a code is spent together with the session it opens.

use async_trait::async_trait;
use credential_model::moment::Moment;

/// Why the store did not do what was asked. Nothing of a refused operation was applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A row was not in the stated revision, or not there: somebody else was faster.
    #[error("another request changed the same record at the same moment")]
    Conflict,
    /// A key that must be free is taken.
    #[error("the record is there already")]
    Taken,
    /// The backend failed; nothing was acknowledged.
    #[error("the store failed: {0}")]
    Backend(String),
    /// A row is there but this build cannot read it.
    #[error("a record cannot be read: {0}")]
    Unreadable(String),
}

impl StoreError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Conflict => "store_conflict",
            Self::Taken => "already_exists",
            Self::Backend(_) => "store_failed",
            Self::Unreadable(_) => "store_record_unreadable",
        }
    }
}

/// Where rows of a kind lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shelf {
    /// Accounts by id.
    Accounts,
    /// Sign-in name, or digest of an OpenID subject, to account id.
    Logins,
    /// Sessions by digest of their token.
    Sessions,
    /// API keys by prefix.
    ApiKeys,
    /// Actions that wait, or waited, for a second person; by id, so in time order.
    Actions,
    /// Subject of an action that still waits, to its id.
    OpenActions,
    /// Sign-ins under way at an OpenID provider, by digest of their `state`.
    Attempts,
    /// Records there is one of.
    Singles,
}

impl Shelf {
    /// All shelves.
    pub const ALL: [Self; 8] = [
        Self::Accounts,
        Self::Logins,
        Self::Sessions,
        Self::ApiKeys,
        Self::Actions,
        Self::OpenActions,
        Self::Attempts,
        Self::Singles,
    ];

    /// Its name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Logins => "logins",
            Self::Sessions => "sessions",
            Self::ApiKeys => "api_keys",
            Self::Actions => "actions",
            Self::OpenActions => "open_actions",
            Self::Attempts => "attempts",
            Self::Singles => "singles",
        }
    }
}

/// A row as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its key.
    pub key: String,
    /// Counts its writes from 1.
    pub revision: u64,
    /// After this it may be forgotten.
    pub expires: Option<Moment>,
    /// The record.
    pub text: String,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// A new row at revision 1; [`StoreError::Taken`] when the key is there.
    Insert {
        /// Where.
        shelf: Shelf,
        /// Under which key.
        key: String,
        /// The record.
        text: String,
        /// After this it may be forgotten.
        expires: Option<Moment>,
    },
    /// The next revision; [`StoreError::Conflict`] when the row has another revision or is gone.
    Replace {
        /// Where.
        shelf: Shelf,
        /// Under which key.
        key: String,
        /// The revision it must have; it gets the next one.
        revision: u64,
        /// The record.
        text: String,
        /// After this it may be forgotten.
        expires: Option<Moment>,
    },
    /// Removes the row of this revision; [`StoreError::Conflict`] as above.
    Delete {
        /// Where.
        shelf: Shelf,
        /// Under which key.
        key: String,
        /// The revision it must have.
        revision: u64,
    },
}

/// The backend. Keys have 1 to 128 characters of printable ASCII.
#[async_trait]
pub trait AccessStore: Send + Sync {
    /// The row under a key.
    async fn get(&self, shelf: Shelf, key: &str) -> Result<Option<Row>, StoreError>;

    /// Rows in key order (by bytes) after a key, at most `limit`.
    async fn list(
        &self,
        shelf: Shelf,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError>;

    /// Applies all changes durably, or none. A key stands in a list once.
    async fn apply(&self, writes: &[Write]) -> Result<(), StoreError>;

    /// Removes rows of any shelf that expired before `now`, at most `limit`; answers how many.
    async fn forget(&self, now: Moment, limit: usize) -> Result<usize, StoreError>;
}

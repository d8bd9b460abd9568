//! What can be wrong with a log.

/// Why a `did:webvh` log does not hold. Numbers count entries from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// More bytes, entries or proofs than are read.
    #[error("the log is larger than is read: {0}")]
    TooLarge(&'static str),
    /// Not a log entry of did:webvh 1.0.
    #[error("entry {entry} is malformed: {what}")]
    Malformed {
        /// The entry.
        entry: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// Another version of the method.
    #[error("entry {entry} follows another version of did:webvh than 1.0")]
    MethodVersion {
        /// The entry.
        entry: u64,
    },
    /// The first entry does not hash to the identifier in the DID.
    #[error("the first entry is not the one the DID was made from")]
    ScidMismatch,
    /// The number is not one more than the number before.
    #[error("entry {entry} does not carry its number")]
    VersionNumber {
        /// The entry.
        entry: u64,
    },
    /// The entry was changed, or does not follow the one before.
    #[error("entry {entry} does not have the hash it says")]
    EntryHash {
        /// The entry.
        entry: u64,
    },
    /// Not later than the entry before.
    #[error("entry {entry} is not later than the one before")]
    TimeNotRising {
        /// The entry.
        entry: u64,
    },
    /// Later than now.
    #[error("entry {entry} is from the future")]
    TimeInFuture {
        /// The entry.
        entry: u64,
    },
    /// A proof is missing or does not hold.
    #[error("the proof of entry {entry} does not hold: {what}")]
    Proof {
        /// The entry.
        entry: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// Signed by a key that may not change this DID.
    #[error("entry {entry} is signed by a key that is not authorised")]
    KeyNotAuthorised {
        /// The entry.
        entry: u64,
    },
    /// A key that was not committed to, or no new commitment.
    #[error("entry {entry} breaks the pre-rotation: {what}")]
    PreRotation {
        /// The entry.
        entry: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// Fewer witnesses than the threshold stand by the entry.
    #[error("entry {entry} is not witnessed")]
    NotWitnessed {
        /// The entry.
        entry: u64,
    },
    /// The document is another DID's, or the DID moved without leave.
    #[error("entry {entry} names another DID: {what}")]
    OtherDid {
        /// The entry.
        entry: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// An entry after the one that deactivated the DID.
    #[error("entry {entry} follows the deactivation")]
    AfterDeactivation {
        /// The entry.
        entry: u64,
    },
}

impl LogError {
    /// A stable code for logs and reports.
    pub fn code(&self) -> &'static str {
        match self {
            LogError::TooLarge(_) => "did_log_too_large",
            LogError::Malformed { .. } => "did_log_malformed",
            LogError::MethodVersion { .. } => "did_log_method_version",
            LogError::ScidMismatch => "did_log_scid_mismatch",
            LogError::VersionNumber { .. } => "did_log_version_number",
            LogError::EntryHash { .. } => "did_log_entry_hash",
            LogError::TimeNotRising { .. } => "did_log_time_not_rising",
            LogError::TimeInFuture { .. } => "did_log_time_in_future",
            LogError::Proof { .. } => "did_log_proof",
            LogError::KeyNotAuthorised { .. } => "did_log_key_not_authorised",
            LogError::PreRotation { .. } => "did_log_pre_rotation",
            LogError::NotWitnessed { .. } => "did_log_not_witnessed",
            LogError::OtherDid { .. } => "did_log_other_did",
            LogError::AfterDeactivation { .. } => "did_log_after_deactivation",
        }
    }
}

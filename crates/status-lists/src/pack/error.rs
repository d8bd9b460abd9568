//! Why a pack cannot be made, read or brought up to date.

use credential_model::moment::Moment;

/// What is wrong with a pack, a delta or an index. None of these says anything of a credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// Bytes or members that no honest writer makes.
    #[error("the status pack is malformed: {0}")]
    Malformed(&'static str),
    /// More than is read or written at all.
    #[error("the status pack is too large: {0}")]
    TooLarge(&'static str),
    /// Lists of other than 1 or 2 bits do not go into a pack.
    #[error("a list of {0} bits per entry does not fit into a pack")]
    UnsupportedSize(u8),
    /// The bytes are not the ones the signed index names.
    #[error("the bytes are not the ones the index names")]
    DigestMismatch,
    /// The delta starts from another snapshot than the one at hand.
    #[error("the delta starts from another snapshot")]
    OtherBase,
    /// Between these two snapshots there is no delta: a list shrank or changed its size.
    #[error("no delta leads there; the snapshot must be fetched")]
    NoDelta,
    /// The index's validity has not begun.
    #[error("the index is not valid before {0}")]
    NotYetValid(Moment),
    /// Another issuer's index than the one asked for.
    #[error("the index is another issuer's")]
    OtherIssuer,
    /// An index older than the one already held: somebody serves the past.
    #[error("the index is of epoch {found}, epoch {held} was already seen")]
    RolledBack {
        /// Epoch of the index offered.
        found: u64,
        /// Epoch already held.
        held: u64,
    },
    /// A newer index names an older version of a list.
    #[error("the index names an older version of a list than the one held")]
    ListRolledBack,
    /// Two different indexes of one epoch: the issuer says two things.
    #[error("two different indexes of epoch {0}")]
    Equivocated(u64),
    /// The pack has no such list.
    #[error("the pack has no such list")]
    UnknownList,
    /// The index lies outside the list.
    #[error("index {index} is outside the list of {entries} entries")]
    OutOfRange {
        /// Index asked for.
        index: usize,
        /// Entries of the list.
        entries: usize,
    },
}

impl PackError {
    /// A stable code for logs and reports.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "status_pack_malformed",
            Self::TooLarge(_) => "status_pack_too_large",
            Self::UnsupportedSize(_) => "status_pack_unsupported_size",
            Self::DigestMismatch => "status_pack_digest_mismatch",
            Self::OtherBase => "status_pack_other_base",
            Self::NoDelta => "status_pack_no_delta",
            Self::NotYetValid(_) => "status_pack_not_yet_valid",
            Self::OtherIssuer => "status_pack_other_issuer",
            Self::RolledBack { .. } => "status_pack_rolled_back",
            Self::ListRolledBack => "status_pack_list_rolled_back",
            Self::Equivocated(_) => "status_pack_equivocated",
            Self::UnknownList => "status_pack_unknown_list",
            Self::OutOfRange { .. } => "status_index_out_of_range",
        }
    }
}

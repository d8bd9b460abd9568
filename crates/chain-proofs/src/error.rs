//! Why a proof proves nothing.

/// Why a stapled chain proof was not believed. Never a statement about the credential: what is
/// not proven is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainProofError {
    /// The header is no RLP list of a block header's members.
    #[error("the block header cannot be read: {0}")]
    Header(&'static str),
    /// The header is larger than any honest one.
    #[error("the block header is too large")]
    HeaderTooLarge,
    /// The extra data are not QBFT's.
    #[error("the extra data are not those of a QBFT block: {0}")]
    ExtraData(&'static str),
    /// More trie nodes, or larger ones, than any honest proof has.
    #[error("the proof is too large")]
    TooLarge,
    /// The account proof does not lead to the header's state root.
    #[error("the account proof does not fit the state root")]
    Account,
    /// There is no such account in the proven state.
    #[error("the contract does not exist in the proven state")]
    NoAccount,
    /// The proof is of another chain or contract than the pinned ones.
    #[error("the proof is of another chain or contract")]
    OtherContract,
    /// The block is later than the one with which its chain was closed.
    #[error("the block is later than the last of a chain that was closed")]
    AfterClosing,
    /// A storage proof does not lead to the account's storage root.
    #[error("a storage proof does not fit the storage root")]
    Storage,
    /// A storage slot that is needed was not proven.
    #[error("a storage slot that is needed is missing from the proof")]
    SlotMissing,
    /// The proven words are no head of our contracts.
    #[error("the proven storage holds no head of this contract")]
    Layout,
    /// Fewer pinned witnesses than demanded stand for this block.
    #[error("{found} of {wanted} pinned witnesses stand for this block")]
    TooFewWitnesses {
        /// Distinct pinned witnesses with a good signature.
        found: usize,
        /// The pinned threshold.
        wanted: usize,
    },
    /// Fewer pinned validators than the quorum sealed this block.
    #[error("{found} of {wanted} validators sealed this block")]
    TooFewSeals {
        /// Distinct pinned validators with a good seal.
        found: usize,
        /// The quorum.
        wanted: usize,
    },
    /// A seal by somebody who is no pinned validator.
    #[error("a committed seal is not by a pinned validator")]
    ForeignSeal,
    /// The block's validators are others than those pinned for its height.
    #[error("the validator set of this block is not the pinned one")]
    OtherValidators,
    /// Nothing is pinned for blocks of this height.
    #[error("no validator set is pinned for this height")]
    NotPinned,
    /// The pinned configuration itself cannot work.
    #[error("the pinned chain is misconfigured: {0}")]
    Configuration(&'static str),
}

impl ChainProofError {
    /// Stable code for reports.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Header(_) => "chain_proof_header",
            Self::HeaderTooLarge => "chain_proof_header_too_large",
            Self::ExtraData(_) => "chain_proof_extra_data",
            Self::TooLarge => "chain_proof_too_large",
            Self::Account => "chain_proof_account",
            Self::NoAccount => "chain_proof_no_account",
            Self::OtherContract => "chain_proof_other_contract",
            Self::AfterClosing => "chain_proof_after_closing",
            Self::Storage => "chain_proof_storage",
            Self::SlotMissing => "chain_proof_slot_missing",
            Self::Layout => "chain_proof_layout",
            Self::TooFewWitnesses { .. } => "chain_proof_too_few_witnesses",
            Self::TooFewSeals { .. } => "chain_proof_too_few_seals",
            Self::ForeignSeal => "chain_proof_foreign_seal",
            Self::OtherValidators => "chain_proof_other_validators",
            Self::NotPinned => "chain_proof_not_pinned",
            Self::Configuration(_) => "chain_proof_configuration",
        }
    }
}

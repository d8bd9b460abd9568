//! What can go wrong at the chain, "could not look" kept apart from "is not there".

use crate::Address;

/// Why reading the chain gave no answer, or an answer nobody should trust.
///
/// Absence of a DID or an issuer is no error: the readers answer `Ok(None)`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// The settings cannot work (no endpoint, no contract address).
    #[error("chain settings: {0}")]
    Settings(String),
    /// No connection, a broken one, or a server error.
    #[error("the chain node cannot be reached: {0}")]
    Unreachable(String),
    /// The node did not answer in time.
    #[error("the chain node did not answer in time")]
    TimedOut,
    /// The node answered 429.
    #[error("the chain node asks to slow down (429)")]
    RateLimited,
    /// The answer is larger than any honest one.
    #[error("the chain node's answer is larger than {limit} bytes")]
    AnswerTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The answer is not what the method promises.
    #[error("the chain node's answer cannot be understood: {0}")]
    BadAnswer(String),
    /// A JSON-RPC error object.
    #[error("the chain node answered error {code}: {message}")]
    Rpc {
        /// JSON-RPC code.
        code: i64,
        /// The node's text, shortened.
        message: String,
    },
    /// The node follows another chain.
    #[error("the node follows chain {found}, expected {expected}")]
    WrongChain {
        /// From the settings.
        expected: u64,
        /// What the node says.
        found: u64,
    },
    /// No code at a configured contract address.
    #[error("no contract at {0}")]
    ContractMissing(Address),
    /// Code other than ours at a configured contract address.
    #[error("the code at {0} is not the published contract")]
    ContractCodeMismatch(Address),
    /// Two nodes gave different answers to the same question.
    #[error("the chain nodes disagree about {0}")]
    Disagreement(String),
    /// The DID has no such version: a definite answer.
    #[error("version {version} of this DID was never anchored")]
    VersionNotFound {
        /// The version asked for.
        version: u64,
    },
    /// This version was anchored by digest only: a definite answer.
    #[error("version {version} was anchored without its document")]
    DocumentNotPublished {
        /// The version asked for.
        version: u64,
    },
    /// The state says the version exists, yet the node shows no event for it.
    #[error("the node withholds the event of version {version}")]
    EventWithheld {
        /// The version asked for.
        version: u64,
    },
    /// The event's document does not have the anchored digest.
    #[error("the document in the event does not match the anchored digest")]
    DigestMismatch,
    /// Events contradict each other or the state they lead to: a link of the chain of events is
    /// false.
    #[error("the node's history does not fit together: {0}")]
    HistoryBroken(String),
    /// This reader does not know how to answer the question (a reader of another kind does).
    #[error("this chain reader cannot tell {0}")]
    NotSupported(&'static str),
    /// More blocks were replaced than this product takes for a reorganisation.
    #[error("the chain was replaced from block {from}, more than {limit} blocks deep")]
    ReorgTooDeep {
        /// The newest block that was indexed.
        from: u64,
        /// The deepest reorganisation that is followed.
        limit: u64,
    },
}

impl ChainError {
    /// Stable code for reports and answers.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Settings(_) => "chain_settings",
            Self::Unreachable(_) => "chain_unreachable",
            Self::TimedOut => "chain_timeout",
            Self::RateLimited => "chain_rate_limited",
            Self::AnswerTooLarge { .. } => "chain_answer_too_large",
            Self::BadAnswer(_) => "chain_bad_answer",
            Self::Rpc { .. } => "chain_rpc_error",
            Self::WrongChain { .. } => "chain_wrong_network",
            Self::ContractMissing(_) => "chain_contract_missing",
            Self::ContractCodeMismatch(_) => "chain_contract_code_mismatch",
            Self::Disagreement(_) => "chain_disagreement",
            Self::VersionNotFound { .. } => "chain_version_not_found",
            Self::DocumentNotPublished { .. } => "chain_document_not_published",
            Self::EventWithheld { .. } => "chain_event_withheld",
            Self::DigestMismatch => "chain_document_digest_mismatch",
            Self::HistoryBroken(_) => "chain_history_broken",
            Self::NotSupported(_) => "chain_not_supported",
            Self::ReorgTooDeep { .. } => "chain_reorg_too_deep",
        }
    }

    /// Whether we could not look (true) or looked and got a definite "not there" (false).
    pub fn is_inconclusive(&self) -> bool {
        !matches!(self, Self::VersionNotFound { .. } | Self::DocumentNotPublished { .. })
    }
}

//! Evidence instead of screenshots.
//!
//! * [`Recorder`] stands between the checks and everything they ask (network, chain, trust
//!   registry, memory), hands the question on once and keeps the answer: a hundred documents of
//!   one issuer ask for its status list once, and all are judged by the same knowledge.
//! * [`Receipt`] is a signed statement: digests of what was shown, codes, verdict, moments, the
//!   lists and anchors used, who verified with which build. Claims are in it only when chosen.
//! * [`replay()`] runs the same checks on the archived answers alone. It has no network to ask: what
//!   is not in the archive is "could not look".

mod answers;
mod receipt;
mod recorder;
mod replay;

pub use answers::Answers;
pub use receipt::{
    FORMAT, MAX_RECEIPT_BYTES, Made, Receipt, ReceiptError, Signed, Statement, VerifierName,
};
pub use recorder::Recorder;
pub use replay::{ReplayError, Replayed, replay};

//! From what a wallet or a person shows to a verdict anyone can read.
//!
//! * [`examine`](examine::examine) runs the checks on one credential; each says passed, failed,
//!   inconclusive or skipped under a stable [`Code`].
//! * [`verdict::decide`] answers three questions with yes, no or unknown: authentic? in force?
//!   entitled? "Could not look" is never shown as invalid, nor as valid.
//! * [`session`] makes OID4VP requests and follows them to their single answer;
//!   [`presentation`] takes the answer apart.
//! * [`domain`] holds the trades' own checks: drone, battery, athlete, badge.
//! * [`Report`] writes it all down; [`Report::to_text`] puts it into Korean or English.
//!
//! Only this room makes a [`verified::Verified`]. It does no I/O by itself: network, chain,
//! clock and store are arguments, so it also runs in a browser.

pub mod bundle;
pub mod checks;
pub mod codes;
pub mod content;
pub mod domain;
pub mod evidence;
pub mod examine;
pub mod grounds;
pub mod outcome;
pub mod packs;
pub mod policy;
pub mod presentation;
pub mod query_guard;
pub mod report;
pub mod session;
pub mod store;
pub mod store_contract;
pub mod templates;
pub mod verdict;
pub mod verified;

pub use codes::Code;
pub use examine::{Examination, Exhibit, Toolbox, Tools};
pub use grounds::{Grounds, KeyBook, Standing};
pub use outcome::{CheckId, CheckOutcome, Evidence, Finding, OutcomeKind, Reason};
pub use policy::{Effect, Policies, PolicyOverrides};
pub use report::Report;
pub use verdict::{Answer, Overall, Verdict};
pub use verified::{Credential, Verified};

//! A credential as the issuer keeps it: what was prepared, what was signed, what became of it.
//!
//! `Draft → PreparedCredential → IssuedCredential`: [`Draft::prepare`] checks the content and
//! fixes every byte that will be signed; the store records it together with the status index
//! and the spent nonce in one commit; only then [`PreparedCredential::issue`], which consumes
//! the prepared value, signs exactly that.

mod configuration;
mod draft;
mod listing;
mod prepared;
mod record;

pub use configuration::{Configuration, ConfigurationId};
pub use draft::{Draft, DraftError, StatusPlace, complete_subject, trial_check};
pub use listing::CredentialSummary;
pub use prepared::{IssueError, IssuedCredential, PreparedCredential, PreparedForm};
pub use record::{CredentialRecord, CredentialStage, HolderBinding, Issued, StatusChange};

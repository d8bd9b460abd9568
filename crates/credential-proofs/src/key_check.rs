//! The checks on a key that signature libraries leave out.

use credential_model::did::{Did, DidUrl, ProofPurpose};
use credential_model::moment::Moment;
use signing_keys::{KeyRing, VerificationKey};

/// Why a key may not make this proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyRefusal {
    /// The key ring does not hold the verification method that the proof names.
    #[error("the verification method is not among the resolved keys")]
    NotFound,
    /// The key belongs to somebody else than the expected controller.
    #[error("the key is controlled by another party than the one expected")]
    WrongController,
    /// The controller document does not list the key for the purpose.
    #[error("the controller does not list the key for this purpose")]
    NotListed,
    /// The controller has revoked the key.
    #[error("the key was revoked")]
    Revoked,
    /// The key has passed its expiry.
    #[error("the key has expired")]
    Expired,
}

impl KeyRefusal {
    /// Stable code for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "key_not_found",
            Self::WrongController => "key_wrong_controller",
            Self::NotListed => "key_not_listed",
            Self::Revoked => "key_revoked",
            Self::Expired => "key_expired",
        }
    }
}

/// Finds the key and checks owner, listing and life time. `controller: None` leaves the owner open: callers must then
/// compare the controller with the document themselves.
pub(crate) fn usable_key<'k>(
    keys: &'k KeyRing,
    method: &DidUrl,
    controller: Option<&Did>,
    purpose: ProofPurpose,
    now: Moment,
) -> Result<&'k VerificationKey, KeyRefusal> {
    let key = keys.get(method).ok_or(KeyRefusal::NotFound)?;
    if &key.id != method {
        return Err(KeyRefusal::NotFound);
    }
    if controller.is_some_and(|expected| expected != &key.controller) {
        return Err(KeyRefusal::WrongController);
    }
    if !key.purposes.contains(&purpose) {
        return Err(KeyRefusal::NotListed);
    }
    if key.revoked.is_some_and(|revoked| revoked <= now) {
        return Err(KeyRefusal::Revoked);
    }
    if key.expires.is_some_and(|expires| expires <= now) {
        return Err(KeyRefusal::Expired);
    }
    Ok(key)
}

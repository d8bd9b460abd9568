//! A newer list replaces an older one; never the other way round.

use credential_model::did::Did;
use serde::{Deserialize, Serialize};

use crate::list::{TrustList, TrustListError};

/// What a verifier remembers of the newest list it has accepted. The same shape serves an
/// on-chain registry, with the epoch as version and the root as digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenList {
    /// Whose list.
    pub operator: Did,
    /// Its version.
    pub version: u64,
    /// SHA-256 of its canonical form.
    pub digest: [u8; 32],
}

impl SeenList {
    /// What to remember of a list.
    ///
    /// # Errors
    /// [`TrustListError::Malformed`] when the list has no canonical form.
    pub fn of(list: &TrustList) -> Result<Self, TrustListError> {
        Ok(Self { operator: list.operator.clone(), version: list.version, digest: list.digest()? })
    }
}

/// Why a list must not replace the one seen before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SuccessionError {
    /// An older edition is served again.
    #[error("the list is version {offered}, but version {seen} was already seen")]
    RolledBack {
        /// Version seen before.
        seen: u64,
        /// Version offered now.
        offered: u64,
    },
    /// Two different documents carry one version: the operator, or someone with its key,
    /// says different things to different people.
    #[error("two different lists carry version {0}")]
    Equivocated(u64),
    /// A list of another operator cannot continue this one.
    #[error("the list is by another operator")]
    OtherOperator,
}

impl SuccessionError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::RolledBack { .. } => "trust_list_rolled_back",
            Self::Equivocated(_) => "trust_list_equivocated",
            Self::OtherOperator => "trust_list_other_operator",
        }
    }
}

/// Checks that `offered` may replace `seen`. The same list again is fine.
///
/// # Errors
/// [`SuccessionError`].
pub fn check_successor(seen: Option<&SeenList>, offered: &SeenList) -> Result<(), SuccessionError> {
    let Some(seen) = seen else { return Ok(()) };
    if seen.operator != offered.operator {
        return Err(SuccessionError::OtherOperator);
    }
    if offered.version < seen.version {
        return Err(SuccessionError::RolledBack { seen: seen.version, offered: offered.version });
    }
    if offered.version == seen.version && offered.digest != seen.digest {
        return Err(SuccessionError::Equivocated(seen.version));
    }
    Ok(())
}

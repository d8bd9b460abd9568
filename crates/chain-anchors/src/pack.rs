//! What an issuer hands out beside a status pack, for desks without a net.

use serde::{Deserialize, Serialize};

use crate::{ListInclusion, StapleError, StapledProof, staple};

/// Version of the form of [`PackEvidence`].
pub const PACK_EVIDENCE_VERSION: u8 = 1;

/// The place of a pack in an epoch and what proves the issuer's keys, form v1. As with a staple,
/// everything in it is checked against pinned configuration and what it leaves out proves nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackEvidence {
    /// Version of this form: [`PACK_EVIDENCE_VERSION`].
    pub v: u8,
    /// The leaf of the pack (see [`crate::pack_list_id`]) in the status tree of its epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inclusion: Option<ListInclusion>,
    /// Versions of the issuer's DID document (JCS text), newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub did: Vec<String>,
    /// Proofs of what the chain held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<StapledProof>,
}

impl PackEvidence {
    /// Checks form and bounds.
    ///
    /// # Errors
    /// [`StapleError::UnknownVersion`], [`StapleError::TooLarge`].
    pub fn check(&self) -> Result<(), StapleError> {
        if self.v != PACK_EVIDENCE_VERSION {
            return Err(StapleError::UnknownVersion(self.v));
        }
        staple::check_bounds(&[self.did.len(), self.chain.len()], self.did.iter().map(String::len))
    }
}

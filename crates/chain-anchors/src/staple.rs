//! What a holder carries next to a credential for verifiers without a net.
//!
//! A staple lies beside the signed document, never inside it: it may be fetched later, renewed or
//! left out without touching the credential. Everything in it is checked against pinned
//! configuration; a staple can add evidence, it cannot talk a verifier into anything. It names the
//! credential by digest only and holds nothing that the issuer's public records do not hold, except
//! the salt, which lets those who see the staple recognise the credential's leaf.

use evm_chain::StorageProofBundle;
use serde::{Deserialize, Serialize};

use crate::{Hash, IssuanceInclusion, ListInclusion};

/// Version of the staple's form.
pub const STAPLE_VERSION: u8 = 1;
/// Larger staples are not read: two list forms of 1 MB each and a handful of proofs fit.
pub const MAX_STAPLE_BYTES: usize = 4 * 1024 * 1024;
/// Most entries of any list in a staple.
const MAX_PARTS: usize = 16;

/// Evidence that travels with a credential, form v1.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Staple {
    /// Version of this form: [`STAPLE_VERSION`].
    pub v: u8,
    /// SHA-256 of the credential as issued, hexadecimal: which leaf the issuance proof is about.
    pub credential: String,
    /// Proof that it was in an anchored issuance batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuance: Option<IssuanceInclusion>,
    /// Status lists with their places in an epoch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<StapledList>,
    /// Versions of the issuer's DID document (JCS text), newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub did: Vec<String>,
    /// Proofs of what the chain held, of any age.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<StapledProof>,
}

/// A status list as served, and its place in an epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StapledList {
    /// The list exactly as served: JSON text of a list credential, or a status list token.
    pub list: String,
    /// Its place in the status tree of an epoch.
    pub inclusion: ListInclusion,
}

/// A storage proof, and who stands for its block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StapledProof {
    /// Header, account and storage proofs.
    pub proof: StorageProofBundle,
    /// Signatures of witnesses over the block; none on a chain whose validators seal blocks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub witnesses: Vec<WitnessSignature>,
}

/// A witness's signature; what it is over is defined by the chain-proofs room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessSignature {
    /// The witness's key as a multikey (`z…`).
    pub key: String,
    /// The signature, hexadecimal.
    pub signature: String,
}

/// Why a staple was not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StapleError {
    /// Larger than [`MAX_STAPLE_BYTES`], or with more parts than any honest one.
    #[error("the staple is too large")]
    TooLarge,
    /// A form that this program does not know.
    #[error("the staple has version {0}, which is not known here")]
    UnknownVersion(u8),
    /// It is about another credential.
    #[error("the staple belongs to another credential")]
    OtherCredential,
}

impl StapleError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "staple_too_large",
            Self::UnknownVersion(_) => "staple_unknown_version",
            Self::OtherCredential => "staple_other_credential",
        }
    }
}

impl Staple {
    /// An empty staple for the credential with this SHA-256.
    pub fn of(digest: &Hash) -> Self {
        Self { v: STAPLE_VERSION, credential: hex::encode(digest), ..Self::default() }
    }

    /// Checks form and bounds, and that it is about the credential with this digest.
    ///
    /// # Errors
    /// [`StapleError`].
    pub fn check(&self, digest: &Hash) -> Result<(), StapleError> {
        if self.v != STAPLE_VERSION {
            return Err(StapleError::UnknownVersion(self.v));
        }
        let lists = self.status.iter().map(|part| part.list.len());
        check_bounds(
            &[self.status.len(), self.did.len(), self.chain.len()],
            lists.chain(self.did.iter().map(String::len)),
        )?;
        if self.credential != hex::encode(digest) {
            return Err(StapleError::OtherCredential);
        }
        Ok(())
    }
}

/// No part has too many entries, and their texts are not too long together.
pub(crate) fn check_bounds(
    parts: &[usize],
    texts: impl Iterator<Item = usize>,
) -> Result<(), StapleError> {
    if parts.iter().any(|count| *count > MAX_PARTS) || texts.sum::<usize>() > MAX_STAPLE_BYTES {
        return Err(StapleError::TooLarge);
    }
    Ok(())
}

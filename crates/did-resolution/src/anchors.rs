//! The chain as a witness of DID documents.

use std::sync::Arc;

use async_trait::async_trait;
use credential_model::did::Did;
use credential_model::jcs;
use evm_chain::{Address, ChainError, DidHead, ReadChain};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Why the chain did not answer, or answered that there is no such thing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the chain gave no usable answer: {code}")]
pub struct AnchorSourceError {
    /// The chain client's code.
    pub code: String,
    /// Whether the chain could not be asked (true) or has a definite "not there" (false).
    pub inconclusive: bool,
}

impl From<ChainError> for AnchorSourceError {
    fn from(error: ChainError) -> Self {
        Self { code: error.code().to_owned(), inconclusive: error.is_inconclusive() }
    }
}

/// Where DID documents are anchored.
#[async_trait]
pub trait DidAnchors: Send + Sync {
    /// The newest anchored version; `None` when the DID was never anchored.
    ///
    /// # Errors
    /// [`AnchorSourceError`] when the chain could not be asked.
    async fn head(&self, did: &Did) -> Result<Option<DidHead>, AnchorSourceError>;

    /// The bytes of one version as they were anchored.
    ///
    /// # Errors
    /// [`AnchorSourceError`] when the chain could not be asked or keeps no such bytes.
    async fn document(&self, did: &Did, version: u64) -> Result<Vec<u8>, AnchorSourceError>;
}

#[async_trait]
impl DidAnchors for Arc<dyn ReadChain> {
    async fn head(&self, did: &Did) -> Result<Option<DidHead>, AnchorSourceError> {
        Ok(self.did_head(did.as_str()).await?)
    }

    async fn document(&self, did: &Did, version: u64) -> Result<Vec<u8>, AnchorSourceError> {
        Ok(self.did_document(did.as_str(), version).await?)
    }
}

/// Which chain account speaks for a DID. On chain a DID belongs to whoever publishes it
/// first, so a head counts only where its controller is known from elsewhere (a trust list).
pub trait ControllerPins: Send + Sync {
    /// The account; `None` when nobody vouches for one.
    fn pinned(&self, did: &Did) -> Option<Address>;
}

impl<F: Fn(&Did) -> Option<Address> + Send + Sync> ControllerPins for F {
    fn pinned(&self, did: &Did) -> Option<Address> {
        self(did)
    }
}

/// The digest that is anchored for a document: SHA-256 of its RFC 8785 form. `None` for a
/// value that has no such form (no document read by our strict parser is one).
pub fn document_digest(document: &Value) -> Option<[u8; 32]> {
    let canonical = jcs::canonicalize(document).ok()?;
    Some(Sha256::digest(canonical.as_bytes()).into())
}

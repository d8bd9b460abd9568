//! The issuer's DID document on the chain.

use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};

use super::{AnchorChain, AnchorError};
use crate::Issuer;
use crate::audit::AuditAction;
use crate::ids::Digest;

/// What is known about the DID document on the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DidAnchor {
    /// Version on the chain.
    pub version: u64,
    /// SHA-256 of the document's bytes.
    pub digest: Digest,
    /// When this was seen.
    pub seen_at: Moment,
}

impl Issuer {
    /// Sees to it that the chain holds the DID document as it is served.
    pub(super) async fn anchor_did(
        &self,
        chain: &dyn AnchorChain,
    ) -> Result<DidAnchor, AnchorError> {
        let did = self.identity.did().to_string();
        let document = self.identity.did_document_bytes();
        let digest = Digest::of(&document);
        let version = match chain.did_head(&did).await? {
            Some(head) if Digest(head.digest) == digest => head.version,
            other => {
                let expected = other.map_or(0, |head| head.version);
                let transaction = chain.publish_did(&did, &document, expected).await?;
                let event = self
                    .event("service", AuditAction::DidPublished)
                    .about("version", expected + 1)
                    .about("sha256", digest)
                    .about("transaction", transaction);
                self.store.tell(event).await?;
                expected + 1
            }
        };
        let anchor = DidAnchor { version, digest, seen_at: self.now() };
        let known = self.store.did_anchor().await?;
        if known.as_ref().is_none_or(|known| (known.version, known.digest) != (version, digest)) {
            self.store.put_did_anchor(&anchor, None).await?;
        }
        Ok(anchor)
    }
}

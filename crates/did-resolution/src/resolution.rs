//! What a resolution gives.

use async_trait::async_trait;
use credential_model::did::{Did, DidDocument};
use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};

use crate::error::ResolveError;
use crate::version::VersionQuery;

/// A document and where it comes from.
#[derive(Clone, Debug)]
pub struct Resolution {
    /// The document, its id equal to the DID asked for.
    pub document: DidDocument,
    /// Where it comes from.
    pub source: Source,
    /// The anchored version it was compared with; `None` when it was not (see
    /// [`Resolution::anchor_check`] for the reason).
    pub anchored: Option<AnchoredVersion>,
    /// What the chain said.
    pub anchor_check: AnchorCheck,
}

/// Where a document comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Computed from the DID itself.
    Computed,
    /// Served by the DID's host.
    Web,
    /// From the chain's event log, because the host could not be reached, says that the document
    /// is gone (404, 410), or serves another one than the anchored one.
    Chain,
    /// Computed from the log of the DID's own signed versions (`did:webvh`), served by its host.
    Log,
    /// Computed from the events of an ERC-1056 registry (`did:ethr`).
    Registry,
}

/// The version on the chain that a document equals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnchoredVersion {
    /// Version number, from 1.
    pub version: u64,
    /// SHA-256 of the document's RFC 8785 form, hexadecimal.
    pub digest: String,
    /// Time of the block that anchored it.
    pub anchored_at: Moment,
}

/// What became of comparing a document with the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnchorCheck {
    /// The DID carries its key, or its method has a history of its own: there is nothing to
    /// anchor.
    NotNeeded,
    /// No chain was given to the resolver.
    NotConfigured,
    /// The chain was asked and knows no such DID.
    NotAnchored,
    /// No account is pinned for the DID, or its head belongs to another account: what the
    /// chain says of it counts for nothing.
    NotPinned,
    /// The document is the anchored one.
    Confirmed,
    /// The chain could not be asked: the document is unconfirmed, the check inconclusive.
    Unreachable {
        /// Why, as a code.
        code: String,
    },
}

impl AnchorCheck {
    /// Whether the chain was configured but could not be asked.
    pub fn is_inconclusive(&self) -> bool {
        matches!(self, AnchorCheck::Unreachable { .. })
    }

    /// A stable code for reports.
    pub fn code(&self) -> &'static str {
        match self {
            AnchorCheck::NotNeeded => "did_anchor_not_needed",
            AnchorCheck::NotConfigured => "did_anchor_not_configured",
            AnchorCheck::NotAnchored => "did_not_anchored",
            AnchorCheck::NotPinned => "did_anchor_not_pinned",
            AnchorCheck::Confirmed => "did_anchor_confirmed",
            AnchorCheck::Unreachable { .. } => "did_anchor_unreachable",
        }
    }
}

/// Resolves DIDs.
#[async_trait]
pub trait Resolve: Send + Sync {
    /// The current document of the DID.
    ///
    /// # Errors
    /// [`ResolveError`], a finding or an inability to look.
    async fn resolve(&self, did: &Did) -> Result<Resolution, ResolveError>;

    /// A version of the document, for methods that keep a history.
    ///
    /// # Errors
    /// As [`Resolve::resolve`]; [`ResolveError::VersionNotFound`], and
    /// [`ResolveError::VersionNotSupported`] for methods and resolvers without a history.
    async fn resolve_version(
        &self,
        did: &Did,
        query: &VersionQuery,
    ) -> Result<Resolution, ResolveError> {
        match query {
            VersionQuery::Latest => self.resolve(did).await,
            _ => Err(ResolveError::VersionNotSupported),
        }
    }
}

#[async_trait]
impl<R: Resolve + ?Sized> Resolve for std::sync::Arc<R> {
    async fn resolve(&self, did: &Did) -> Result<Resolution, ResolveError> {
        (**self).resolve(did).await
    }

    async fn resolve_version(
        &self,
        did: &Did,
        query: &VersionQuery,
    ) -> Result<Resolution, ResolveError> {
        (**self).resolve_version(did, query).await
    }
}

//! Documents the desk has along, and the network it has not.
use async_trait::async_trait;
use credential_model::did::{Did, DidDocument};
use did_resolution::{Resolution, Resolve, ResolveError, expand_did_jwk, expand_did_key};
use web_fetch::{Fetch, FetchError, FetchRequest, FetchResponse};

use crate::{desk::DeskError, luggage::PinnedDocument};

/// Resolves what was taken along, and DIDs that carry their key.
pub(crate) struct KnownDocuments {
    known: Vec<Resolution>,
    deactivated: Vec<Did>,
}

impl KnownDocuments {
    /// Only DIDs that carry their key.
    pub(crate) const fn nothing() -> Self {
        KnownDocuments { known: Vec::new(), deactivated: Vec::new() }
    }

    pub(crate) fn new(
        pinned: Vec<PinnedDocument>,
        deactivated: Vec<Did>,
    ) -> Result<Self, DeskError> {
        let mut known = Vec::with_capacity(pinned.len());
        for one in pinned {
            let document = DidDocument::parse(&one.document)
                .map_err(|error| DeskError::Luggage(error.to_string()))?;
            known.push(Resolution {
                document,
                source: one.source,
                anchored: one.anchored,
                anchor_check: one.anchor_check,
            });
        }
        Ok(KnownDocuments { known, deactivated })
    }
}

#[async_trait]
impl Resolve for KnownDocuments {
    async fn resolve(&self, did: &Did) -> Result<Resolution, ResolveError> {
        if self.deactivated.contains(did) {
            return Err(ResolveError::Deactivated);
        }
        if let Some(found) = self.known.iter().find(|one| one.document.id == *did) {
            return Ok(found.clone());
        }
        let document = match did.method() {
            "key" => expand_did_key(did)?,
            "jwk" => expand_did_jwk(did)?,
            _ => return Err(ResolveError::Unreachable { detail: "offline".to_owned() }),
        };
        Ok(Resolution {
            document,
            source: did_resolution::Source::Computed,
            anchored: None,
            anchor_check: did_resolution::AnchorCheck::NotNeeded,
        })
    }
}

/// Nothing is reachable.
pub(crate) struct NoNetwork;

#[async_trait]
impl Fetch for NoNetwork {
    async fn fetch(&self, _request: FetchRequest) -> Result<FetchResponse, FetchError> {
        Err(FetchError::ConnectFailed("offline".to_owned()))
    }
}

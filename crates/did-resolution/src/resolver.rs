//! The resolver for all supported methods.

use std::sync::Arc;

use async_trait::async_trait;
use credential_model::ambient::Clock;
use credential_model::did::{Did, DidDocument};
use credential_model::json::{Limits, parse_strict};
use credential_model::moment::Moment;
use evm_chain::{Address, DidHead, DidStatus};
use sha2::{Digest, Sha256};
use url::Url;
use web_fetch::{Fetch, FetchError, FetchRequest, FetchResponse};

use crate::anchors::{ControllerPins, DidAnchors, document_digest};
use crate::cache::{Cache, Computed};
use crate::did_web::did_web_url;
use crate::error::ResolveError;
use crate::key_methods::{expand_did_jwk, expand_did_key};
use crate::resolution::{AnchorCheck, AnchoredVersion, Resolution, Resolve, Source};
use crate::version::VersionQuery;

mod history;

/// Longest DID document that is read, bytes.
pub const MAX_DOCUMENT_BYTES: usize = 128 * 1024;

/// Resolves `did:key`, `did:jwk` and `did:web`; with a clock also `did:webvh`, and with networks
/// `did:ethr`.
pub struct UniversalResolver {
    fetch: Arc<dyn Fetch>,
    anchors: Option<Arc<dyn DidAnchors>>,
    pins: Option<Arc<dyn ControllerPins>>,
    cache: Option<Cache>,
    computed: Computed,
    clock: Option<Arc<dyn Clock>>,
    #[cfg(feature = "native")]
    ethr: crate::ethr::EthrNetworks,
}

impl UniversalResolver {
    /// A resolver without cache; with `anchors` and [`Self::with_pins`], `did:web` documents
    /// are compared with the chain.
    pub fn new(fetch: Arc<dyn Fetch>, anchors: Option<Arc<dyn DidAnchors>>) -> Self {
        Self {
            fetch,
            anchors,
            pins: None,
            cache: None,
            computed: Computed::default(),
            clock: None,
            #[cfg(feature = "native")]
            ethr: crate::ethr::EthrNetworks::new(),
        }
    }

    /// Resolves `did:webvh` too: what is in force, and what comes from the future, is a question
    /// of time.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Resolves `did:ethr` on these networks too; needs [`Self::with_clock`].
    #[cfg(feature = "native")]
    #[must_use]
    pub fn with_ethr(mut self, networks: crate::ethr::EthrNetworks) -> Self {
        self.ethr = networks;
        self
    }

    /// Lets the chain witness for the DIDs whose controller is pinned, and for no others.
    #[must_use]
    pub fn with_pins(mut self, pins: Arc<dyn ControllerPins>) -> Self {
        self.pins = Some(pins);
        self
    }

    /// Remembers at most `capacity` good resolutions that took a look for `ttl_seconds`. The time
    /// to live is how long a rotated or deactivated key may still be taken as good.
    #[must_use]
    pub fn with_cache(mut self, clock: Arc<dyn Clock>, ttl_seconds: i64, capacity: usize) -> Self {
        self.cache = Some(Cache::new(clock, ttl_seconds, capacity));
        self
    }

    /// Drops what is remembered of a DID.
    pub fn forget(&self, did: &Did) {
        if let Some(cache) = &self.cache {
            cache.forget(did);
        }
    }

    async fn resolve_web(&self, did: &Did) -> Result<Resolution, ResolveError> {
        let url = did_web_url(did)?;
        let pinned = self.pins.as_ref().and_then(|pins| pins.pinned(did));
        let known = self.cache.as_ref().and_then(|cache| cache.get(did));
        // A pin that came since asks for another look.
        if let Some(known) =
            known.filter(|known| pinned.is_none() || known.anchor_check != AnchorCheck::NotPinned)
        {
            return Ok(known);
        }
        let (head, without_head) = self.anchored_head(did, pinned).await;
        if head.as_ref().is_some_and(|head| head.status == DidStatus::Deactivated) {
            return Err(ResolveError::Deactivated);
        }
        let resolution = match (self.fetch_document(did, url).await, head) {
            (Ok(document), Some(head)) => match compare(document, &head) {
                Some(same) => same,
                // The pinned account speaks for the DID; its host may be in other hands.
                None => self
                    .chain_document(did, &head)
                    .await
                    .ok_or(ResolveError::AnchorMismatch { version: head.version })?,
            },
            (Ok(document), None) => Resolution {
                document,
                source: Source::Web,
                anchored: None,
                anchor_check: without_head,
            },
            // The host is down, or gone with its documents: the pinned account still speaks.
            (
                Err(error @ (ResolveError::Unreachable { .. } | ResolveError::NotFound { .. })),
                Some(head),
            ) => self.chain_document(did, &head).await.ok_or(error)?,
            (Err(error), _) => return Err(error),
        };
        // What was only half looked at is not remembered: the next look may be whole.
        let whole = resolution.source == Source::Web && !resolution.anchor_check.is_inconclusive();
        if let Some(cache) = self.cache.as_ref().filter(|_| whole) {
            cache.put(did, &resolution, i64::MAX);
        }
        Ok(resolution)
    }

    /// The head, and what to say of the check when there is none.
    async fn anchored_head(
        &self,
        did: &Did,
        pinned: Option<Address>,
    ) -> (Option<DidHead>, AnchorCheck) {
        let Some(anchors) = &self.anchors else {
            return (None, AnchorCheck::NotConfigured);
        };
        let Some(pinned) = pinned else {
            return (None, AnchorCheck::NotPinned);
        };
        match anchors.head(did).await {
            Ok(Some(head)) if head.controller != pinned => {
                tracing::warn!(%did, controller = %head.controller, "anchored by another account");
                (None, AnchorCheck::NotPinned)
            }
            Ok(head) => (head, AnchorCheck::NotAnchored),
            Err(error) => {
                tracing::warn!(%did, code = error.code, "the chain could not be asked about a DID");
                (None, AnchorCheck::Unreachable { code: error.code })
            }
        }
    }

    async fn fetch_document(&self, did: &Did, url: Url) -> Result<DidDocument, ResolveError> {
        let request = FetchRequest::get(url)
            .accept("application/did+json, application/did, application/json;q=0.9")
            .max_bytes(MAX_DOCUMENT_BYTES);
        let response = self.fetch_found(request).await?;
        if !is_json(&response) {
            return Err(ResolveError::InvalidDocument("not served as JSON".into()));
        }
        read_document(did, &response.body)
    }

    /// Fetches what must be there.
    async fn fetch_found(&self, request: FetchRequest) -> Result<FetchResponse, ResolveError> {
        let response = self.fetch.fetch(request).await.map_err(fetch_failed)?;
        match response.status {
            200 => Ok(response),
            status @ (404 | 410) => Err(ResolveError::NotFound { status }),
            status => Err(ResolveError::Unreachable { detail: format!("http_{status}") }),
        }
    }

    /// The anchored document itself; `None` when the chain cannot give it, or gives another
    /// one than its own digest says.
    async fn chain_document(&self, did: &Did, head: &DidHead) -> Option<Resolution> {
        let anchors = self.anchors.as_ref()?;
        let bytes = anchors.document(did, head.version).await.ok()?;
        if <[u8; 32]>::from(Sha256::digest(&bytes)) != head.digest {
            return None;
        }
        let document = read_document(did, &bytes).ok()?;
        Some(Resolution {
            document,
            source: Source::Chain,
            anchored: Some(anchored_version(head)),
            anchor_check: AnchorCheck::Confirmed,
        })
    }
}

#[async_trait]
impl Resolve for UniversalResolver {
    async fn resolve(&self, did: &Did) -> Result<Resolution, ResolveError> {
        let document = match did.method() {
            "key" => self.computed.get(did, expand_did_key)?,
            "jwk" => self.computed.get(did, expand_did_jwk)?,
            "web" => return self.resolve_web(did).await,
            "webvh" | "ethr" => return self.resolve_latest(did).await,
            other => return Err(ResolveError::MethodNotSupported(other.to_owned())),
        };
        Ok(unanchored(document, Source::Computed))
    }

    async fn resolve_version(
        &self,
        did: &Did,
        query: &VersionQuery,
    ) -> Result<Resolution, ResolveError> {
        match (did.method(), query) {
            (_, VersionQuery::Latest) => self.resolve(did).await,
            ("webvh" | "ethr", _) => Ok(self.resolve_history(did, query).await?.0),
            _ => Err(ResolveError::VersionNotSupported),
        }
    }
}

fn unanchored(document: DidDocument, source: Source) -> Resolution {
    Resolution { document, source, anchored: None, anchor_check: AnchorCheck::NotNeeded }
}

/// `None` when the host's document is not the anchored one.
fn compare(document: DidDocument, head: &DidHead) -> Option<Resolution> {
    (document_digest(&document.json) == Some(head.digest)).then(|| Resolution {
        document,
        source: Source::Web,
        anchored: Some(anchored_version(head)),
        anchor_check: AnchorCheck::Confirmed,
    })
}

fn anchored_version(head: &DidHead) -> AnchoredVersion {
    AnchoredVersion {
        version: head.version,
        digest: hex::encode(head.digest),
        anchored_at: Moment::from_unix(head.block_time),
    }
}

fn read_document(did: &Did, bytes: &[u8]) -> Result<DidDocument, ResolveError> {
    let limits = Limits { max_bytes: MAX_DOCUMENT_BYTES, max_depth: 16 };
    let json = parse_strict(bytes, &limits)
        .map_err(|error| ResolveError::InvalidDocument(error.to_string()))?;
    let document = DidDocument::parse(&json)
        .map_err(|error| ResolveError::InvalidDocument(error.to_string()))?;
    if document.id != *did {
        return Err(ResolveError::InvalidDocument(
            "its id is not the DID that was asked for".into(),
        ));
    }
    Ok(document)
}

/// `application/json` and everything `+json` or named `did`.
fn is_json(response: &FetchResponse) -> bool {
    response.media_type().is_some_and(|media_type| {
        media_type == "application/json"
            || media_type == "application/did"
            || (media_type.starts_with("application/") && media_type.ends_with("+json"))
    })
}

fn fetch_failed(error: FetchError) -> ResolveError {
    let detail = error.code().to_owned();
    match error {
        FetchError::TooLarge { .. } | FetchError::UnexpectedEncoding(_) => {
            ResolveError::InvalidDocument(detail)
        }
        error if error.is_refusal() => ResolveError::Forbidden { detail },
        _ => ResolveError::Unreachable { detail },
    }
}

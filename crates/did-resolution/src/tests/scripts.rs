//! A network and a chain that say what the test wants.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use credential_model::did::Did;
use credential_model::jcs;
use evm_chain::{Address, ChainError, DidHead, DidStatus, ReadChain, StatusHead, Tip};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use web_fetch::{Fetch, FetchError, FetchRequest, FetchResponse};

use crate::DidAnchors;

pub(super) const DID: &str = "did:web:issuer.example";

/// The account behind every head of [`Chain`].
pub(super) const CONTROLLER: Address = Address::from_bytes([0x11; 20]);

pub(super) fn did(text: &str) -> Did {
    Did::parse(text).unwrap()
}

/// A document of [`DID`] with one Ed25519 key (the key of W3C's vc-di-eddsa vectors).
pub(super) fn document() -> Value {
    let key = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";
    json!({
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": DID,
        "verificationMethod": [{
            "id": format!("{DID}#key-1"),
            "type": "Multikey",
            "controller": DID,
            "publicKeyMultibase": key,
        }],
        "assertionMethod": [format!("{DID}#key-1")],
    })
}

type Answer = Result<FetchResponse, FetchError>;

/// Gives one answer to everything, until it is changed; notes the URLs.
pub(super) struct Network {
    answer: Mutex<Answer>,
    pub(super) asked: Mutex<Vec<String>>,
}

impl Network {
    pub(super) fn new(answer: Answer) -> Arc<Self> {
        Arc::new(Self { answer: Mutex::new(answer), asked: Mutex::default() })
    }

    pub(super) fn serving(document: &Value) -> Arc<Self> {
        Self::new(json_response(document))
    }

    pub(super) fn change(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    pub(super) fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

#[async_trait]
impl Fetch for Network {
    async fn fetch(&self, request: FetchRequest) -> Answer {
        self.asked.lock().unwrap().push(request.url.to_string());
        self.answer.lock().unwrap().clone()
    }
}

pub(super) fn response(status: u16, content_type: &str, body: &[u8]) -> Answer {
    Ok(FetchResponse {
        status,
        content_type: (!content_type.is_empty()).then(|| content_type.to_owned()),
        headers: Vec::new(),
        body: body.to_vec(),
        url: "https://issuer.example/.well-known/did.json".parse().unwrap(),
    })
}

pub(super) fn json_response(document: &Value) -> Answer {
    response(200, "application/json", document.to_string().as_bytes())
}

/// A chain with at most one document a DID.
#[derive(Default)]
pub(super) struct Chain {
    pub(super) documents: BTreeMap<String, (DidHead, Vec<u8>)>,
    /// What every question is answered with instead.
    pub(super) broken: Option<ChainError>,
    /// What questions for documents are answered with instead.
    pub(super) without_documents: Option<ChainError>,
}

impl Chain {
    pub(super) fn anchoring(document: &Value) -> Self {
        let bytes = jcs::canonicalize(document).unwrap().into_bytes();
        Self::default().with(DidStatus::Active, Sha256::digest(&bytes).into(), bytes)
    }

    pub(super) fn with(mut self, status: DidStatus, digest: [u8; 32], bytes: Vec<u8>) -> Self {
        let head = DidHead {
            version: 3,
            status,
            digest,
            controller: CONTROLLER,
            block_time: 1_790_000_000,
        };
        self.documents.insert(DID.into(), (head, bytes));
        self
    }

    /// As the services hold it: behind the chain crate's own trait.
    pub(super) fn anchors(self) -> Arc<dyn DidAnchors> {
        let chain: Arc<dyn ReadChain> = Arc::new(self);
        Arc::new(chain)
    }
}

#[async_trait]
impl ReadChain for Chain {
    async fn did_head(&self, did: &str) -> Result<Option<DidHead>, ChainError> {
        match &self.broken {
            Some(error) => Err(error.clone()),
            None => Ok(self.documents.get(did).map(|(head, _)| head.clone())),
        }
    }

    async fn did_document(&self, did: &str, version: u64) -> Result<Vec<u8>, ChainError> {
        if let Some(error) = self.broken.as_ref().or(self.without_documents.as_ref()) {
            return Err(error.clone());
        }
        match self.documents.get(did) {
            Some((head, bytes)) if head.version == version => Ok(bytes.clone()),
            _ => Err(ChainError::VersionNotFound { version }),
        }
    }

    async fn status_head(&self, _issuer: &str) -> Result<Option<StatusHead>, ChainError> {
        Ok(None)
    }

    async fn tip(&self) -> Result<Tip, ChainError> {
        Err(ChainError::TimedOut)
    }

    async fn check(&self) -> Result<(), ChainError> {
        Ok(())
    }
}

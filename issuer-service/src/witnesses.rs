//! Asking other operators to stand for a block.

use std::sync::Arc;

use async_trait::async_trait;
use chain_anchors::WitnessSignature;
use chain_proofs::WitnessStatement;
use credential_issuance::anchor::BlockWitnesses;
use serde_json::json;
use url::Url;
use web_fetch::{Fetch, FetchRequest};

/// An answer holds a key and a signature.
const MOST_BYTES: usize = 4096;

/// Witnesses behind addresses of the configuration.
pub(crate) struct WebWitnesses {
    addresses: Vec<Url>,
    fetch: Arc<dyn Fetch>,
}

impl WebWitnesses {
    /// Witnesses at these addresses.
    pub(crate) fn new(addresses: Vec<Url>, fetch: Arc<dyn Fetch>) -> Self {
        Self { addresses, fetch }
    }

    async fn ask(&self, address: &Url, body: &[u8]) -> Result<WitnessSignature, String> {
        let mut request = FetchRequest::post_json(address.clone(), body);
        request.max_bytes = Some(MOST_BYTES);
        let answer = self.fetch.fetch(request).await.map_err(|error| error.code().to_owned())?;
        if answer.status != 200 {
            return Err(format!("status {}", answer.status));
        }
        serde_json::from_slice(&answer.body).map_err(|_| "not a witness's answer".to_owned())
    }
}

#[async_trait]
impl BlockWitnesses for WebWitnesses {
    /// A signature that is worth nothing does no harm here: verifiers count pinned keys only.
    async fn sign(&self, statement: WitnessStatement) -> Vec<WitnessSignature> {
        let body = json!({
            "chain_id": statement.chain_id.to_string(),
            "number": statement.number.to_string(),
            "hash": format!("0x{}", hex::encode(statement.hash)),
        })
        .to_string();
        let mut signatures = Vec::new();
        for address in &self.addresses {
            match self.ask(address, body.as_bytes()).await {
                Ok(signature) => signatures.push(signature),
                Err(reason) => tracing::warn!(%address, reason, "a chain witness did not sign"),
            }
        }
        signatures
    }
}

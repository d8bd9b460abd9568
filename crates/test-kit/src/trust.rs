//! A trust list for the town: which issuer may issue what, signed by an operator of its own.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use credential_model::ambient::{Clock, Entropy};
use credential_model::catalogue::CredentialType;
use credential_proofs::jose;
use serde_json::json;
use signing_keys::system::{SystemClock, SystemEntropy};
use signing_keys::{KeyAlgorithm, KeyStore, MemoryKeyStore, Signer, StoreSigner};

/// Writes the signed list to `path` and gives the operator's DID, for verifiers to pin.
pub fn write_list(path: &Path, issuer_did: &str, chain_account: &str) -> Result<String> {
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let store: Arc<dyn KeyStore> = Arc::new(MemoryKeyStore::new(entropy));
    let handle = store.generate(KeyAlgorithm::EdDsa, "trust-list")?;
    let signer = StoreSigner::new(store, handle)?;
    let now = SystemClock.now();
    let year = 365 * 86_400;
    let types: Vec<&str> = CredentialType::ALL.iter().map(|kind| kind.type_name()).collect();
    let operator = signer.public_key().to_did_key();
    let list = json!({
        "version": 1,
        "issued": now,
        "expires": now.plus_seconds(year),
        "operator": operator.as_str(),
        "entries": [{
            "issuer": issuer_did,
            "name_ko": "한국산업인력공단(시연)",
            "name_en": "HRD Korea (demo)",
            "types": types,
            "chain_controller": chain_account,
            "from": now.minus_seconds(year),
            "until": now.plus_seconds(year),
            "authority": ["고용노동부(가상) / Ministry of Employment and Labor (fictitious)"],
        }],
    });
    let header =
        json!({"typ": "trust-list+jwt", "kid": signer.public_key().did_key_url().as_str()});
    let signed = jose::sign(header, list.to_string().as_bytes(), &signer)?;
    std::fs::write(path, signed)?;
    Ok(operator.as_str().to_owned())
}

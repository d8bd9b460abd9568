//! The keys that both sides sign with.

use std::sync::Arc;

use credential_model::ambient::PredictableEntropy;
use credential_model::did::{Did, DidUrl, ProofPurpose};
use serde_json::Value;
use signing_keys::{
    KeyAlgorithm, KeyRing, KeyStore as _, MemoryKeyStore, Signer, StoreSigner, VerificationKey,
    danger,
};

/// A key under one of its names.
pub struct Named {
    /// Signs for us.
    pub signer: StoreSigner,
    /// The private JWK, for ssi.
    pub jwk: Value,
    /// Its DID: `did:key` or `did:jwk`.
    pub did: Did,
    /// Its verification method.
    pub method: DidUrl,
}

impl Named {
    /// Whether it is an Ed25519 key.
    #[must_use]
    pub fn signer_is_eddsa(&self) -> bool {
        self.signer.algorithm() == signing_keys::Algorithm::EdDsa
    }
}

/// Ed25519, P-256 and P-384, each as `did:key` and as `did:jwk`.
///
/// # Errors
/// When a store does not work.
pub fn keys() -> anyhow::Result<(Vec<Named>, KeyRing)> {
    let mut named = Vec::new();
    for (seed, algorithm) in
        [KeyAlgorithm::EdDsa, KeyAlgorithm::Es256, KeyAlgorithm::Es384].into_iter().enumerate()
    {
        let store = MemoryKeyStore::new(Arc::new(PredictableEntropy::new(seed as u64)));
        let handle = store.generate(algorithm, "oracle")?;
        let jwk = danger::export_private_jwk(&store, &handle)?;
        let store = Arc::new(store);
        for as_jwk in [false, true] {
            let signer = StoreSigner::new(store.clone(), handle.clone())?;
            let key = signer.public_key();
            let (did, method) = if as_jwk {
                (key.to_did_jwk(), key.did_jwk_url())
            } else {
                (key.to_did_key(), key.did_key_url())
            };
            named.push(Named { signer, jwk: jwk.clone(), did, method });
        }
    }
    let ring = named
        .iter()
        .map(|named| VerificationKey {
            id: named.method.clone(),
            controller: named.did.clone(),
            key: named.signer.public_key(),
            purposes: ProofPurpose::ALL.to_vec(),
            revoked: None,
            expires: None,
        })
        .collect();
    Ok((named, ring))
}

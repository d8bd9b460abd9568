//! Keys and key rings for tests. Used by the unit tests of the crate and by the files in `tests/`.

#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used)]

use std::sync::Arc;

use credential_model::ambient::PredictableEntropy;
use credential_model::did::{Did, DidUrl, ProofPurpose};
use credential_model::moment::Moment;
use signing_keys::{
    KeyAlgorithm, KeyRing, KeyStore, MemoryKeyStore, PublicKey, Signer, StoreSigner,
    VerificationKey,
};

fn signer(algorithm: KeyAlgorithm, seed: u64) -> StoreSigner {
    let store: Arc<dyn KeyStore> =
        Arc::new(MemoryKeyStore::new(Arc::new(PredictableEntropy::new(seed))));
    let handle = store.generate(algorithm, "test").unwrap();
    StoreSigner::new(store, handle).unwrap()
}

pub fn ed25519(seed: u64) -> StoreSigner {
    signer(KeyAlgorithm::EdDsa, seed)
}

pub fn p256(seed: u64) -> StoreSigner {
    signer(KeyAlgorithm::Es256, seed)
}

pub fn p384(seed: u64) -> StoreSigner {
    signer(KeyAlgorithm::Es384, seed)
}

pub fn p521(seed: u64) -> StoreSigner {
    signer(KeyAlgorithm::Es512, seed)
}

/// The `did:key` of a signer.
pub fn did(signer: &dyn Signer) -> Did {
    signer.public_key().to_did_key()
}

/// The verification method of that `did:key`.
pub fn method(signer: &dyn Signer) -> DidUrl {
    signer.public_key().did_key_url()
}

/// A key as its `did:key` document lists it.
pub fn listed(key: &PublicKey) -> VerificationKey {
    VerificationKey {
        id: key.did_key_url(),
        controller: key.to_did_key(),
        key: key.clone(),
        purposes: vec![ProofPurpose::AssertionMethod, ProofPurpose::Authentication],
        revoked: None,
        expires: None,
    }
}

/// A ring of such keys.
pub fn ring(signers: &[&dyn Signer]) -> KeyRing {
    signers.iter().map(|signer| listed(&signer.public_key())).collect()
}

/// A ring with one key, changed.
pub fn ring_with(signer: &dyn Signer, change: impl FnOnce(&mut VerificationKey)) -> KeyRing {
    let mut key = listed(&signer.public_key());
    change(&mut key);
    KeyRing::from_iter([key])
}

pub fn moment(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

/// The moment at which all tests play.
pub fn now() -> Moment {
    moment("2026-11-23T12:00:00Z")
}

/// Where the published vectors lie, if they are there.
pub fn vectors(folder: &str) -> Option<std::path::PathBuf> {
    let root = std::env::var_os("SINPYO_VECTORS").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        std::path::PathBuf::from,
    );
    let path = root.join(folder);
    if path.is_dir() {
        Some(path)
    } else {
        println!("skipped: no published vectors in {}", path.display());
        None
    }
}

//! What every store of this crate does alike, run against both.

use std::sync::Arc;

use credential_model::ambient::PredictableEntropy;
use sha2::{Digest, Sha256};

use crate::danger::{export_private_bytes, export_private_jwk, import_private_bytes};
use crate::sealed::KdfParameters;
use crate::{
    Algorithm, EncryptedFileStore, KeyAlgorithm, KeyHandle, KeyStore, MemoryKeyStore, Signer,
    StoreSigner,
};

const ALL: [KeyAlgorithm; 5] = [
    KeyAlgorithm::EdDsa,
    KeyAlgorithm::Es256,
    KeyAlgorithm::Es384,
    KeyAlgorithm::Es512,
    KeyAlgorithm::Secp256k1,
];

fn memory() -> MemoryKeyStore {
    MemoryKeyStore::new(Arc::new(PredictableEntropy::new(1)))
}

fn in_file(directory: &tempfile::TempDir) -> EncryptedFileStore {
    EncryptedFileStore::create_with(
        directory.path().join("keys"),
        b"correct horse",
        KdfParameters::CHEAPEST_FOR_TESTS,
        Arc::new(PredictableEntropy::new(2)),
    )
    .unwrap()
}

fn contract(store: Arc<dyn KeyStore>) {
    assert!(store.list().is_empty());
    assert_eq!(store.find("a"), None);
    let handles: Vec<KeyHandle> = ALL
        .iter()
        .map(|algorithm| store.generate(*algorithm, algorithm.as_str()).unwrap())
        .collect();
    let listed = store.list();
    assert_eq!(listed.len(), 5);
    for ((info, handle), algorithm) in listed.iter().zip(&handles).zip(ALL) {
        assert_eq!((&info.handle, info.algorithm), (handle, algorithm));
        assert_eq!(info.label, algorithm.as_str());
        assert_eq!(store.find(&info.label).as_ref(), Some(handle));
        assert_eq!(info.public_key, store.public_key(handle).ok());
        assert_eq!(info.public_key.is_none(), algorithm == KeyAlgorithm::Secp256k1);
    }

    for handle in &handles[..4] {
        let key = store.public_key(handle).unwrap();
        let signature = store.sign_message(handle, b"message").unwrap();
        assert_eq!(key.verify(b"message", &signature), Ok(()));
        let signer = StoreSigner::new(Arc::clone(&store), handle.clone()).unwrap();
        assert_eq!((signer.public_key(), signer.algorithm()), (key.clone(), key.algorithm()));
        assert_eq!(key.verify(b"x", &signer.sign(b"x").unwrap()), Ok(()));
        assert_eq!(store.secp256k1_public(handle).unwrap_err().code(), "key_unsupported");
    }

    // Who signs digests and who does not.
    let digest = [7u8; 32];
    let [ed, p256, p384, p521, chain] = &handles[..] else { unreachable!() };
    assert_eq!(store.sign_digest(ed, &digest).unwrap_err().code(), "key_cannot_sign_this");
    for whole in [p384, p521] {
        assert_eq!(store.sign_digest(whole, &digest).unwrap_err().code(), "key_cannot_sign_this");
    }
    let message_digest: [u8; 32] = Sha256::digest(b"message").into();
    let over_digest = store.sign_digest(p256, &message_digest).unwrap();
    let p256_key = store.public_key(p256).unwrap();
    assert_eq!(p256_key.verify(b"message", &over_digest), Ok(()), "the same as over the message");
    assert!(p256_key.verify(&message_digest, &over_digest).is_err());
    assert_eq!(store.sign_message(chain, b"").unwrap_err().code(), "key_cannot_sign_this");
    assert_eq!(store.public_key(chain).unwrap_err().code(), "key_unsupported");
    assert!(StoreSigner::new(Arc::clone(&store), chain.clone()).is_err());
    check_chain_signature(&*store, chain);

    // Bad questions.
    let unknown = KeyHandle::new("nobody");
    assert_eq!(store.public_key(&unknown).unwrap_err().code(), "unknown_key");
    assert_eq!(store.secp256k1_public(&unknown).unwrap_err().code(), "unknown_key");
    assert_eq!(store.sign_message(&unknown, b"").unwrap_err().code(), "unknown_key");
    assert_eq!(store.sign_digest(&unknown, &digest).unwrap_err().code(), "unknown_key");
    assert!(StoreSigner::by_label(Arc::clone(&store), "nobody").is_err());
    assert!(StoreSigner::by_label(Arc::clone(&store), "ES256").is_ok());
    for algorithm in ALL {
        let taken = store.generate(algorithm, "EdDSA").unwrap_err();
        assert_eq!(taken.code(), "key_label_taken");
    }
    for label in ["", "a\nb", "\u{1b}[2J", &"가".repeat(129)] {
        let bad = store.generate(KeyAlgorithm::EdDsa, label).unwrap_err();
        assert_eq!(bad.code(), "key_label_invalid", "{label:?}");
    }
    assert_eq!(store.list().len(), 5, "nothing was half made");
    store.generate(KeyAlgorithm::EdDsa, &"가".repeat(128)).unwrap();
}

/// `r||s||v` with low `s`, and `v` leads back to the public key.
fn check_chain_signature(store: &dyn KeyStore, chain: &KeyHandle) {
    let public = store.secp256k1_public(chain).unwrap();
    assert_eq!(public[0], 4);
    for byte in 0..8u8 {
        let digest = [byte; 32];
        let bytes = store.sign_digest(chain, &digest).unwrap();
        assert_eq!(bytes.len(), 65);
        let signature = k256::ecdsa::Signature::from_slice(&bytes[..64]).unwrap();
        assert!(signature.normalize_s().is_none(), "s is low");
        assert!(bytes[64] <= 1);
        let recovery = k256::ecdsa::RecoveryId::from_byte(bytes[64]).unwrap();
        let key =
            k256::ecdsa::VerifyingKey::recover_from_prehash(&digest, &signature, recovery).unwrap();
        assert_eq!(key.to_encoded_point(false).as_bytes(), public);
    }
}

#[test]
fn memory_keeps_the_contract() {
    contract(Arc::new(memory()));
}

#[test]
fn the_file_keeps_the_contract() {
    let directory = tempfile::tempdir().unwrap();
    contract(Arc::new(in_file(&directory)));
}

/// Source: SEC 2 section 2.4.1, the base point: the public key of the private key 1.
#[test]
fn the_chain_key_one_is_the_base_point() {
    let store = memory();
    let mut one = [0u8; 32];
    one[31] = 1;
    let chain = import_private_bytes(&store, KeyAlgorithm::Secp256k1, &one, "one").unwrap();
    let public = store.secp256k1_public(&chain).unwrap();
    let text: String = public.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        text,
        "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798\
         483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"
    );
    assert!(import_private_bytes(&store, KeyAlgorithm::Secp256k1, &[0; 32], "zero").is_err());
    assert!(import_private_bytes(&store, KeyAlgorithm::Secp256k1, &[0xff; 32], "big").is_err());
    assert!(import_private_bytes(&store, KeyAlgorithm::Secp256k1, &one[1..], "short").is_err());
}

#[test]
fn exported_keys_sign_alike() {
    let directory = tempfile::tempdir().unwrap();
    let file = in_file(&directory);
    for algorithm in
        [KeyAlgorithm::EdDsa, KeyAlgorithm::Es256, KeyAlgorithm::Es384, KeyAlgorithm::Es512]
    {
        let handle = file.generate(algorithm, algorithm.as_str()).unwrap();
        let jwk = export_private_jwk(&file, &handle).unwrap();
        let signer = crate::danger::BareSigner::from_private_jwk(&jwk).unwrap();
        assert_eq!(signer.public_key(), file.public_key(&handle).unwrap());
        let bytes = export_private_bytes(&file, &handle).unwrap();
        let copy = memory();
        let copied = import_private_bytes(&copy, algorithm, &bytes, "copy").unwrap();
        assert_eq!(copy.public_key(&copied).unwrap(), signer.public_key());
    }
    let chain = file.generate(KeyAlgorithm::Secp256k1, "chain").unwrap();
    assert_eq!(export_private_jwk(&file, &chain).unwrap_err().code(), "key_unsupported");
    assert_eq!(export_private_bytes(&file, &chain).unwrap().len(), 32);
    let unknown = export_private_jwk(&memory(), &KeyHandle::new("x")).unwrap_err();
    assert_eq!(unknown.code(), "unknown_key");
}

/// What prints of things that hold secrets. Under snapshot, so that a derive cannot slip in.
#[test]
fn debug_is_redacted() {
    let directory = tempfile::tempdir().unwrap();
    let file = in_file(&directory);
    let handle = file.generate(KeyAlgorithm::EdDsa, "assertion").unwrap();
    let memory = memory();
    let secret = [0xab; 32];
    import_private_bytes(&memory, KeyAlgorithm::Es256, &secret, "p256").unwrap();
    let bare = crate::danger::BareSigner::from_bytes(Algorithm::EdDsa, &secret).unwrap();
    let vault = crate::sealed::Vault::create(
        "test",
        b"correct horse",
        KdfParameters::CHEAPEST_FOR_TESTS,
        Arc::new(PredictableEntropy::new(4)),
    )
    .unwrap();
    let shown = format!("{file:?}\n{memory:?}\n{bare:?}\n{vault:?}");
    insta::assert_snapshot!(shown, @r#"
    EncryptedFileStore(revision 2, 1 keys, redacted)
    MemoryKeyStore(1 keys, redacted)
    BareSigner { secret: SecretKey(EdDSA, redacted), public_key: PublicKey(EdDSA, z6MkguuUVNj72BEqpY3qHikwFtSCiUWgDGbwiX8pqu5uh3gK) }
    Vault("test", redacted)
    "#);
    let signer = StoreSigner::new(Arc::new(file), handle).unwrap();
    let shown = format!("{signer:?}");
    assert!(shown.starts_with("StoreSigner(") && shown.contains("PublicKey(EdDSA, z6Mk"));
}

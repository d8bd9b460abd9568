//! The published vectors of vc-di-eddsa and vc-di-ecdsa (W3C), at every intermediate step.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use credential_model::did::{DidUrl, ProofPurpose};
use credential_proofs::data_integrity::{Cryptosuite, Engine, Expected, ProofError, danger};
use credential_proofs::json_ld::Library;
use serde_json::Value;
use sha2::{Digest, Sha256, Sha384};
use signing_keys::{Algorithm, KeyRing, PublicKey};
use support::{listed, moment, vectors};

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn hash(algorithm: Algorithm, text: &str) -> String {
    match algorithm {
        Algorithm::Es384 => hex::encode(Sha384::digest(text)),
        _ => hex::encode(Sha256::digest(text)),
    }
}

/// The ring of the `did:key`s that the proofs of a document name.
fn ring_of(document: &Value) -> KeyRing {
    credential_proofs::data_integrity::verification_methods(document)
        .unwrap()
        .iter()
        .map(|method: &DidUrl| listed(&PublicKey::from_did(&method.did()).unwrap()))
        .collect()
}

fn expected() -> Expected<'static> {
    Expected {
        purpose: ProofPurpose::AssertionMethod,
        controller: None,
        challenge: None,
        domain: None,
        now: moment("2026-11-23T00:00:00Z"),
    }
}

struct Case {
    folder: PathBuf,
    /// The end of the file names: `DataInt`, `JCS`, `ECDSAP256`, …
    tag: &'static str,
    suite: Cryptosuite,
    algorithm: Algorithm,
}

/// Contexts that the vectors use and the product does not pin.
fn has_contexts(document: &Value) -> bool {
    let known = |url: &Value| {
        credential_model::contexts::lookup(url.as_str().unwrap_or_default()).is_some()
    };
    document["@context"].as_array().unwrap().iter().all(known)
}

fn check(case: &Case) -> bool {
    let file = |name: &str, end: &str| case.folder.join(format!("{name}{}.{end}", case.tag));
    let signed = json(&file("signed", "json"));
    let mut unsigned = signed.clone();
    unsigned.as_object_mut().unwrap().remove("proof");
    let label = case.folder.display();
    let known = has_contexts(&signed);
    if !known && matches!(case.suite, Cryptosuite::EddsaRdfc2022 | Cryptosuite::EcdsaRdfc2019) {
        // The closed list holds: the document is refused, not half understood.
        let refused =
            Engine::pinned().canonical_form(&unsigned, case.suite, case.algorithm).unwrap_err();
        assert_eq!(refused.code(), "json_ld_unknown_context", "{label}");
        println!("{label}: contexts outside the closed list; checked from the canonical form on");
        check_hashes_and_signature(case, &signed);
        return false;
    }
    let library = Library::with_extra([]);
    let engine = Engine { library: &library, ..Engine::pinned() };

    let document = engine.canonical_form(&unsigned, case.suite, case.algorithm).unwrap();
    assert_eq!(document, text(&file("canonDoc", "txt")), "{label}: document");
    let configuration = json(&file("proofConfig", "json"));
    let configuration = engine.canonical_form(&configuration, case.suite, case.algorithm).unwrap();
    assert_eq!(configuration, text(&file("proofCanon", "txt")), "{label}: proof configuration");
    check_hashes_and_signature(case, &signed);

    let keys = ring_of(&signed);
    let verified = danger::verify_proof_only_with(&engine, &signed, &expected(), &keys).unwrap();
    assert_eq!(verified[0].cryptosuite, case.suite, "{label}");
    // Every vector's issuer differs from its key's controller: with the binding on, it is refused.
    let issuer = signed["issuer"].as_str().or(signed["issuer"]["id"].as_str()).unwrap();
    if issuer != verified[0].controller.as_str() {
        assert_eq!(
            engine.verify(&signed, &expected(), &keys).unwrap_err(),
            ProofError::WrongIssuer
        );
    }
    true
}

fn check_hashes_and_signature(case: &Case, signed: &Value) {
    let file = |name: &str| text(&case.folder.join(format!("{name}{}.txt", case.tag)));
    let label = case.folder.display();
    let proof_hash = hash(case.algorithm, &file("proofCanon"));
    let document_hash = hash(case.algorithm, &file("canonDoc"));
    assert_eq!(proof_hash, file("proofHash").trim(), "{label}");
    assert_eq!(document_hash, file("docHash").trim(), "{label}");
    assert_eq!(proof_hash + &document_hash, file("combinedHash").trim(), "{label}");
    let signature = hex::decode(file("sigHex").trim()).unwrap();
    let method: DidUrl =
        DidUrl::parse(signed["proof"]["verificationMethod"].as_str().unwrap()).unwrap();
    let key = PublicKey::from_did(&method.did()).unwrap();
    key.verify(&hex::decode(file("combinedHash").trim()).unwrap(), &signature).unwrap();
    assert_eq!(
        signed["proof"]["proofValue"],
        format!("z{}", bs58::encode(signature).into_string()),
        "{label}"
    );
}

#[test]
fn eddsa_vectors() {
    let Some(root) = vectors("vc-di-eddsa") else { return };
    let case = |folder: &str, tag, suite| Case {
        folder: root.join(folder),
        tag,
        suite,
        algorithm: Algorithm::EdDsa,
    };
    assert!(check(&case("eddsa-rdfc-2022", "DataInt", Cryptosuite::EddsaRdfc2022)));
    assert!(check(&case("eddsa-jcs-2022", "JCS", Cryptosuite::EddsaJcs2022)));
    check(&case("eddsa-rdfc-2022/employ", "DataInt", Cryptosuite::EddsaRdfc2022));
}

#[test]
fn ecdsa_vectors() {
    let Some(root) = vectors("vc-di-ecdsa") else { return };
    for (curve, algorithm) in [("p256", Algorithm::Es256), ("p384", Algorithm::Es384)] {
        let case = |kind: &str, inner: &str, tag, suite| Case {
            folder: root.join(format!("ecdsa-{kind}-2019-{curve}{inner}")),
            tag,
            suite,
            algorithm,
        };
        let (rdfc, jcs) = if curve == "p256" {
            ("ECDSAP256", "JCSECDSAP256")
        } else {
            ("ECDSAP384", "JCSECDSAP384")
        };
        assert!(check(&case("rdfc", "", rdfc, Cryptosuite::EcdsaRdfc2019)));
        assert!(check(&case("jcs", "", jcs, Cryptosuite::EcdsaJcs2019)));
        check(&case("rdfc", "/employ", rdfc, Cryptosuite::EcdsaRdfc2019));
    }
}

#[test]
fn proof_sets_and_chains() {
    let Some(root) = vectors("vc-di-eddsa") else { return };
    for (name, count) in [
        ("signedProofSet1", 1),
        ("signedProofSet2", 2),
        ("signedProofChain1", 3),
        ("signedProofChain2", 4),
    ] {
        let signed = json(&root.join(format!("proof-set-chain/{name}.json")));
        let keys = ring_of(&signed);
        let verified = danger::verify_proof_only(&signed, &expected(), &keys)
            .unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(verified.len(), count, "{name}");
        // One bad proof spoils the set; a proof removed from under a chain breaks it.
        let proofs = signed["proof"].as_array().map(Vec::len).unwrap_or(1);
        for index in 0..proofs {
            let mut changed = signed.clone();
            let proof =
                if proofs == 1 { &mut changed["proof"] } else { &mut changed["proof"][index] };
            proof["created"] = Value::from("2023-02-24T23:36:39Z");
            assert!(
                danger::verify_proof_only(&changed, &expected(), &keys).is_err(),
                "{name} {index}"
            );
        }
        if name.contains("Chain") {
            let mut cut = signed.clone();
            cut["proof"].as_array_mut().unwrap().remove(0);
            let refused = danger::verify_proof_only(&cut, &expected(), &keys).unwrap_err();
            assert_eq!(refused, ProofError::BrokenChain, "{name}");
        }
    }
}

#[test]
fn the_legacy_suite_is_read() {
    let Some(root) = vectors("vc-di-eddsa") else {
        return;
    };
    let folder = root.join("Ed25519Signature2020");
    assert!(check(&Case {
        folder: folder.clone(),
        tag: "EdSig",
        suite: Cryptosuite::Ed25519Signature2020,
        algorithm: Algorithm::EdDsa,
    }));
    // Neither type may dress up as the other.
    let signed = json(&folder.join("signedEdSig.json"));
    let keys = ring_of(&signed);
    let mut dressed = signed.clone();
    dressed["proof"]["cryptosuite"] = Value::from("eddsa-rdfc-2022");
    let refused = danger::verify_proof_only(&dressed, &expected(), &keys).unwrap_err();
    assert_eq!(refused, ProofError::UnknownType);
    dressed["proof"]["type"] = Value::from("DataIntegrityProof");
    let refused = danger::verify_proof_only(&dressed, &expected(), &keys).unwrap_err();
    assert_eq!(refused, ProofError::BadSignature);
}

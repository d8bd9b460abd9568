//! `bbs-2023`, baseline: source w3c/vc-di-bbs, TestVectors. The folders HolderBinding, Pseudonym and PseudonymHB are of
//! the optional features, which are refused.

use serde_json::Value;

use super::ecdsa_vectors::{check_base_steps, check_groups, check_verdicts, label_map, options_of};
use super::*;
use crate::data_integrity::{ProofError, danger, proofs};
use crate::selective::bbs::{self, BbsSecretKey, BbsSigner};
use crate::selective::create::{BaseInput, bbs_header};
use crate::selective::derive::Part;
use crate::selective::group::relabelled;
use crate::selective::proof_value::{BbsDerived, ProofValue};
use crate::test_keys::vectors;

fn check(folder: &Path, root: &Path, selective: &[String]) {
    let label = folder.display();
    let library = vector_library();
    let engine = vector_engine(&library);
    let keys = read(root, "BBSKeyMaterial.json");
    let key = hex_of(&keys["privateKeyHex"]).try_into().unwrap();
    let key = BbsSecretKey::from_bytes(&key).unwrap();
    assert_eq!(key.public_key().to_multikey_bytes()[2..], hex_of(&keys["publicKeyHex"]));
    let label_key: [u8; 32] = hex_of(&keys["hmacKeyString"]).try_into().unwrap();
    let material = read(root, "BBSDeriveMaterial.json");

    // The base proof.
    let signed = read(folder, "addSignedSDBase.json");
    let document = without_proof(&signed);
    let raw = read(folder, "addRawBaseSignatureInfo.json");
    let mandatory = texts(&raw["mandatoryPointers"]);
    let options = options_of(&signed["proof"]);
    let input = BaseInput::new(&engine, &document, &options, &mandatory, label_key).unwrap();
    check_base_steps(folder, &input, &signed, &engine);
    let made = input.sign_bbs(&key).unwrap();
    let ProofValue::BbsBase(base) = &made else { unreachable!() };
    assert_eq!(hex::encode(base.signature), raw["bbsSignature"].as_str().unwrap(), "{label}");
    assert_eq!(base.header, bbs_header(&input.proof_hash, &input.mandatory_hash));
    assert_eq!(input.seal(&document, &made).unwrap(), signed, "{label}");

    // Its recovery.
    let value = ProofValue::parse(signed["proof"]["proofValue"].as_str().unwrap()).unwrap();
    assert_eq!(value, made, "{label}");
    let ProofValue::BbsBase(base) = value else { unreachable!() };
    let recovered = read(folder, "derivedRecoveredBaseData.json");
    assert_eq!(hex::encode(base.signature), recovered["bbsSignature"].as_str().unwrap());
    assert_eq!(base.label_key.to_vec(), hex_of(&recovered["hmacKey"]));
    assert_eq!(base.mandatory_pointers, texts(&recovered["mandatoryPointers"]));

    // The derived proof, with the published randomness.
    let proof = proofs(signed.as_object().unwrap()).unwrap().remove(0);
    let part = Part::new(&engine, &document, &proof, &mandatory, selective, &label_key).unwrap();
    check_groups(folder, &part);
    let adjusted = read(folder, "derivedAdjIndexes.json");
    assert_eq!(part.relative_mandatory(), numbers(&adjusted["adjMandatoryIndexes"]), "{label}");
    assert_eq!(part.relative_selective(), numbers(&adjusted["adjSelectiveIndexes"]), "{label}");
    assert_eq!(part.reveal, read(folder, "derivedUnsignedReveal.json"), "{label}");
    let header = hex_of(&material["presentationHeaderHex"]);
    let seed = hex_of(&material["pseudoRandSeedHex"]);
    let scalars = bbs::seeded_scalars(bbs::PROOF_SCALARS + part.undisclosed(), &seed);
    let derived = part.bbs(&base, &header, &scalars).unwrap();
    check_disclosed(&derived, &read(folder, "derivedDisclosureData.json"), &header);
    let reveal = read(folder, "derivedRevealDocument.json");
    let text = reveal["proof"]["proofValue"].as_str().unwrap();
    assert_eq!(ProofValue::BbsDerived(derived.clone()).to_text().unwrap(), text, "{label}");
    assert_eq!(without_proof(&reveal), part.reveal, "{label}");

    // Its verification.
    assert_eq!(ProofValue::parse(text).unwrap(), ProofValue::BbsDerived(derived.clone()));
    let statements =
        relabelled(&engine, &without_proof(&reveal), &derived.labels).unwrap().unwrap();
    if folder.join("verifyNQuads.json").exists() {
        check_disclosed(&derived, &read(folder, "verifyDerivedProofValue.json"), &header);
        assert_eq!(statements, texts(&read(folder, "verifyNQuads.json")), "{label}");
    }
    check_verdicts(&engine, &signed, &reveal);
    let verified =
        danger::verify_proof_only_with(&engine, &reveal, &any_time(), &ring_of(&reveal)).unwrap();
    assert_eq!(verified[0].presentation_header, header);
}

fn check_disclosed(derived: &BbsDerived, data: &Value, header: &[u8]) {
    assert_eq!(hex::encode(&derived.proof), data["bbsProof"].as_str().unwrap());
    assert_eq!(derived.labels, label_map(&data["labelMap"]));
    assert_eq!(derived.mandatory, numbers(&data["mandatoryIndexes"]));
    let selective = data.get("adjSelectiveIndexes").or(data.get("adjSelectedIndexes")).unwrap();
    assert_eq!(derived.selective, numbers(selective));
    assert_eq!(derived.presentation_header, header);
    if let Some(published) = data.get("presentationHeader").and_then(Value::as_object) {
        for (at, byte) in header.iter().enumerate() {
            assert_eq!(published[&at.to_string()], u64::from(*byte));
        }
    }
}

#[test]
fn published_vectors() {
    let Some(root) = vectors("vc-di-bbs") else { return };
    check(&root, &root, &texts(&read(&root, "windSelective.json")));
    check(&root.join("prc"), &root, &texts(&read(&root, "prCredSelective.json")));
}

#[test]
fn optional_features_are_refused_by_name() {
    let Some(root) = vectors("vc-di-bbs") else { return };
    for folder in ["HolderBinding", "Pseudonym", "PseudonymHB"] {
        for file in ["addSignedSDBase.json", "derivedRevealDocument.json"] {
            let document = read(&root.join(folder), file);
            let text = document["proof"]["proofValue"].as_str().unwrap();
            assert_eq!(ProofValue::parse(text).unwrap_err(), ProofError::UnsupportedFeature);
        }
    }
}

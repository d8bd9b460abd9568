//! `ecdsa-sd-2023`: source w3c/vc-di-ecdsa, TestVectors, every published file.

use serde_json::{Value, json};
use signing_keys::Signer;

use super::*;
use crate::data_integrity::{
    Cryptosuite, ProofError, ProofOptions, Shown, configuration, danger, proofs, unsecured,
};
use crate::rdf_canon::{Dataset, HashAlgorithm, canonicalize};
use crate::selective::create::{BaseInput, hash_of_statements};
use crate::selective::derive::Part;
use crate::selective::group::relabelled;
use crate::selective::proof_value::{EcdsaBase, EcdsaDerived, ProofValue};
use crate::test_keys::vectors;

/// The options that a published proof was made with.
pub(super) fn options_of(proof: &Value) -> ProofOptions {
    let text = |name: &str| proof[name].as_str().unwrap();
    ProofOptions {
        cryptosuite: Cryptosuite::parse(text("cryptosuite")).unwrap(),
        created: Some(moment(text("created"))),
        ..ProofOptions::credential(
            credential_model::did::DidUrl::parse(text("verificationMethod")).unwrap(),
            moment(text("created")),
        )
    }
}

fn hexes(values: &[impl AsRef<[u8]>]) -> Vec<String> {
    values.iter().map(hex::encode).collect()
}

/// Everything up to the base proof that both suites publish.
pub(super) fn check_base_steps(
    folder: &Path,
    input: &BaseInput<'_>,
    signed: &Value,
    engine: &Engine<'_>,
) {
    let label = folder.display();
    let statements = &input.grouping.statements;
    let canonical = texts(&read(folder, "addBaseDocCanon.json"));
    assert_eq!(input.grouping.canonical.nquads, canonical.concat(), "{label}");
    assert_eq!(*statements, texts(&read(folder, "addBaseDocHMACCanon.json")), "{label}");

    let transform = read(folder, "addBaseTransform.json");
    assert_eq!(texts(&transform["mandatoryPointers"]), input.mandatory, "{label}");
    let mandatory = input.grouping.select(&input.mandatory).unwrap().indexes;
    let others = (0..statements.len()).filter(|index| !mandatory.contains(index));
    assert_eq!(pairs(&transform["mandatory"]), picked(statements, mandatory.clone()), "{label}");
    assert_eq!(pairs(&transform["nonMandatory"]), picked(statements, others), "{label}");

    // Some of these files count pointers from the document, some from the subject.
    for entry in read(folder, "addPointerValues.json").as_array().unwrap() {
        let pointer = entry["pointer"].as_str().unwrap();
        let places = [signed, &signed["credentialSubject"]];
        let found = places.iter().find_map(|place| place.pointer(pointer)).unwrap();
        assert_eq!(*found, entry["value"], "{label} {pointer}");
    }

    let published = read(folder, "addProofConfig.json");
    let members = unsecured(signed).unwrap();
    let suite = options_of(&signed["proof"]).cryptosuite;
    let made = configuration(&input.proof, &members, suite).to_value();
    assert_eq!(made, published, "{label}");
    let canonical = engine.canonical_form(&made, suite, Algorithm::Es256).unwrap();
    let text = fs::read_to_string(folder.join("addProofConfigCanon.txt")).unwrap();
    assert_eq!(canonical, text, "{label}");
    let hashes = read(folder, "addHashData.json");
    assert_eq!(hex_of(&hashes["proofHash"]), input.proof_hash, "{label}");
    assert_eq!(hex_of(&hashes["mandatoryHash"]), input.mandatory_hash, "{label}");
}

/// Everything about groups that both suites publish.
pub(super) fn check_groups(folder: &Path, part: &Part<'_>) {
    let label = folder.display();
    let all = 0..part.grouping.statements.len();
    let groups = [
        ("mandatory", &part.mandatory),
        ("selective", &part.selective),
        ("combined", &part.combined.indexes),
    ];
    let published = read(folder, "derivedGroupIndexes.json");
    for (name, indexes) in groups {
        let list: Vec<usize> = indexes.iter().copied().collect();
        assert_eq!(numbers(&published[format!("{name}Indexes")]), list, "{label} {name}");
    }
    let others: Vec<usize> = all.clone().filter(|index| !part.mandatory.contains(index)).collect();
    assert_eq!(numbers(&published["nonMandatoryIndexes"]), others, "{label}");
    if !folder.join("derivedAllGroupData.json").exists() {
        return;
    }
    let data = read(folder, "derivedAllGroupData.json");
    assert_eq!(texts(&data["nquads"]), part.grouping.statements, "{label}");
    for (name, indexes) in groups {
        let group = &data["groups"][name];
        let rest = all.clone().filter(|index| !indexes.contains(index));
        let statements = &part.grouping.statements;
        assert_eq!(pairs(&group["matching"]), picked(statements, indexes.clone()), "{label}");
        assert_eq!(pairs(&group["nonMatching"]), picked(statements, rest), "{label}");
    }
    // The labels of these two are random: compared by their canonical forms.
    let canonical = |nquads: &Value| {
        let dataset = Dataset::from_nquads(&texts(nquads).concat()).unwrap();
        canonicalize(&dataset, HashAlgorithm::Sha256, &Engine::pinned().limits).unwrap().nquads
    };
    assert_eq!(canonical(&data["deskolemizedNQuads"]), part.grouping.canonical.nquads, "{label}");
    let combined = canonical(&data["groups"]["combined"]["deskolemizedNQuads"]);
    assert_eq!(combined, part.combined.canonical, "{label}");
    let mut labels: Vec<String> = data["labelMap"]["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| pair[1].as_str().unwrap().to_owned())
        .collect();
    labels.sort();
    let mut own: Vec<String> = part.grouping.labels().map(str::to_owned).collect();
    own.sort();
    assert_eq!(labels, own, "{label}");
}

/// A published label map, `c14n0` first.
pub(super) fn label_map(map: &Value) -> Vec<String> {
    let entries = map.get("value").unwrap_or(map).as_array().unwrap();
    let mut labels = vec![String::new(); entries.len()];
    for entry in entries {
        let number: usize =
            entry[0].as_str().unwrap().strip_prefix("c14n").unwrap().parse().unwrap();
        labels[number] = entry[1].as_str().unwrap().to_owned();
    }
    labels
}

fn check(folder: &Path, keys: &Value, selective: &[String]) {
    let label = folder.display();
    let library = vector_library();
    let engine = vector_engine(&library);
    let base_key =
        Deterministic::from_multikey(keys["baseKeyPair"]["secretKeyMultibase"].as_str().unwrap());
    let proof_key =
        Deterministic::from_multikey(keys["proofKeyPair"]["secretKeyMultibase"].as_str().unwrap());
    for (signer, pair) in [(&base_key, "baseKeyPair"), (&proof_key, "proofKeyPair")] {
        assert_eq!(keys[pair]["publicKeyMultibase"], json!(signer.public_key().to_multikey()));
    }
    let label_key: [u8; 32] = hex_of(&keys["hmacKeyString"]).try_into().unwrap();

    // The base proof.
    let signed = read(folder, "addSignedSDBase.json");
    let document = without_proof(&signed);
    let raw = read(folder, "addRawBaseSignatureInfo.json");
    let mandatory = texts(&raw["mandatoryPointers"]);
    let options = options_of(&signed["proof"]);
    let input = BaseInput::new(&engine, &document, &options, &mandatory, label_key).unwrap();
    check_base_steps(folder, &input, &signed, &engine);
    let made = input.sign_ecdsa(&base_key, &proof_key).unwrap();
    let ProofValue::EcdsaBase(base) = &made else { unreachable!() };
    assert_eq!(hex::encode(base.base_signature), raw["baseSignature"].as_str().unwrap(), "{label}");
    assert_eq!(hexes(&base.signatures), texts(&raw["signatures"]), "{label}");
    assert_eq!(raw["publicKey"], json!(proof_key.public_key().to_multikey()), "{label}");
    assert_eq!(input.seal(&document, &made).unwrap(), signed, "{label}");

    // Its recovery.
    let value = ProofValue::parse(signed["proof"]["proofValue"].as_str().unwrap()).unwrap();
    assert_eq!(value, made);
    let recovered = read(folder, "derivedRecoveredBaseData.json");
    let ProofValue::EcdsaBase(base) = value else { unreachable!() };
    check_recovered(&base, &recovered);

    // The derived proof.
    let secured = signed.as_object().unwrap();
    let proof = proofs(secured).unwrap().remove(0);
    let part = Part::new(&engine, &document, &proof, &mandatory, selective, &label_key).unwrap();
    check_groups(folder, &part);
    assert_eq!(
        part.relative_mandatory(),
        numbers(&read(folder, "derivedAdjMandatoryIndexes.json")["adjMandatoryIndexes"]),
    );
    let adjusted = read(folder, "derivedAdjSignatures.json");
    assert_eq!(part.relative_selective(), numbers(&adjusted["adjSignatureIndexes"]), "{label}");
    assert_eq!(part.reveal, read(folder, "derivedUnsignedReveal.json"), "{label}");
    let derived = part.ecdsa(&base).unwrap();
    assert_eq!(hexes(&derived.signatures), texts(&adjusted["filteredSignatures"]), "{label}");
    check_disclosed(&derived, &read(folder, "derivedDisclosureData.json"));
    let reveal = read(folder, "derivedRevealDocument.json");
    let entropy = credential_model::ambient::PredictableEntropy::new(1);
    let disclosure = crate::selective::Disclosure::of(selective);
    assert_eq!(engine.derive(&signed, &disclosure, &entropy).unwrap(), reveal, "{label}");

    // Its verification.
    let parsed = ProofValue::parse(reveal["proof"]["proofValue"].as_str().unwrap()).unwrap();
    assert_eq!(parsed, ProofValue::EcdsaDerived(derived.clone()));
    check_disclosed(&derived, &read(folder, "verifyDerivedProofValue.json"));
    let statements =
        relabelled(&engine, &without_proof(&reveal), &derived.labels).unwrap().unwrap();
    assert_eq!(statements, texts(&read(folder, "verifyNQuads.json")), "{label}");
    let data = read(folder, "verifyCreateVerifyData.json");
    let is_mandatory = |index: &usize| derived.mandatory.contains(index);
    let (kept, others): (Vec<usize>, Vec<usize>) = (0..statements.len()).partition(is_mandatory);
    let others: Vec<String> = others.iter().map(|index| statements[*index].clone()).collect();
    assert_eq!(others, texts(&data["nonMandatory"]), "{label}");
    let hash = hash_of_statements(kept.iter().map(|index| &statements[*index]));
    assert_eq!(hash.to_vec(), hex_of(&data["mandatoryHash"]), "{label}");
    let hashes = read(folder, "addHashData.json");
    assert_eq!(data["proofHash"], hashes["proofHash"], "{label}");

    check_verdicts(&engine, &signed, &reveal);
}

fn check_recovered(base: &EcdsaBase, recovered: &Value) {
    assert_eq!(hex::encode(base.base_signature), recovered["baseSignature"].as_str().unwrap());
    let key = PublicKey::from_multikey_bytes(&base.public_key).unwrap();
    assert_eq!(key.to_multikey(), recovered["proofPublicKey"].as_str().unwrap());
    assert_eq!(base.label_key.to_vec(), hex_of(&recovered["hmacKey"]));
    assert_eq!(hexes(&base.signatures), texts(&recovered["signatures"]));
    assert_eq!(base.mandatory_pointers, texts(&recovered["mandatoryPointers"]));
}

fn check_disclosed(derived: &EcdsaDerived, data: &Value) {
    assert_eq!(hex::encode(derived.base_signature), data["baseSignature"].as_str().unwrap());
    let key = PublicKey::from_multikey_bytes(&derived.public_key).unwrap();
    assert_eq!(key.to_multikey(), data["publicKey"].as_str().unwrap());
    assert_eq!(hexes(&derived.signatures), texts(&data["signatures"]));
    assert_eq!(derived.labels, label_map(&data["labelMap"]));
    assert_eq!(derived.mandatory, numbers(&data["mandatoryIndexes"]));
}

/// The published documents, each before the one who may see it and the one who may not.
pub(super) fn check_verdicts(engine: &Engine<'_>, base: &Value, derived: &Value) {
    let verdict = |document: &Value, shown| {
        engine.verify_inner(
            document,
            &any_time(),
            &ring_of(document),
            false,
            shown,
            &mut crate::data_integrity::Shapes::none(),
        )
    };
    assert_eq!(verdict(base, Shown::ToHolder).unwrap().len(), 1);
    assert_eq!(verdict(derived, Shown::ToVerifier).unwrap().len(), 1);
    assert_eq!(verdict(base, Shown::ToVerifier).unwrap_err(), ProofError::BaseProof);
    assert_eq!(verdict(derived, Shown::ToHolder).unwrap_err(), ProofError::DerivedProof);
    let keys = ring_of(derived);
    assert!(danger::verify_proof_only_with(engine, derived, &any_time(), &keys).is_ok());
    // The issuer of the vectors is not the controller of the key.
    let bound = engine.verify(derived, &any_time(), &keys).unwrap_err();
    assert_eq!(bound, ProofError::WrongIssuer);
}

#[test]
fn published_vectors() {
    let Some(root) = vectors("vc-di-ecdsa") else { return };
    let keys = read(&root, "ecdsa-sd-2023/SDKeyMaterial.json");
    for (folder, mandatory, selective) in [
        ("employ", "employMandatory.json", "employSelective.json"),
        ("prc", "prCredMandatory.json", "prCredSelective.json"),
    ] {
        let folder = root.join("ecdsa-sd-2023").join(folder);
        assert_eq!(
            read(&root, mandatory),
            read(&folder, "addRawBaseSignatureInfo.json")["mandatoryPointers"]
        );
        check(&folder, &keys, &texts(&read(&root, selective)));
    }
}

//! Proof sets and `previousProof` chains.

use credential_model::jcs;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use signing_keys::Algorithm;
use tempfile::tempdir;
use vc_api::Instance;

use super::{PROOF, credential, kit, signer, started, verify};

/// A JCS proof made here by the letter of Data Integrity EdDSA Cryptosuites section 3.3, over the document with the
/// proofs it follows.
fn chained(issuer: &Instance, credential: &Value, id: &str, previous: &[&Value]) -> Value {
    let mut proof = json!({
        "@context": credential["@context"], "id": id, "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022", "created": "2024-01-01T00:00:00Z",
        "verificationMethod": issuer.verification_method.as_str(), "proofPurpose": "assertionMethod"
    });
    let mut document = credential.clone();
    if let [one] = previous {
        proof["previousProof"] = one["id"].clone();
        document["proof"] = json!([one]);
    }
    let hash = |value: &Value| Sha256::digest(jcs::canonicalize(value).unwrap());
    let input = [hash(&proof), hash(&document)].concat();
    let signature = signer(issuer).sign(&input).unwrap();
    proof["proofValue"] = json!(multibase(&signature));
    proof
}

/// Base58btc with its letter.
fn multibase(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut digits: Vec<u32> = Vec::new();
    for &byte in bytes {
        let mut carry = u32::from(byte);
        for digit in &mut digits {
            carry += *digit * 256;
            *digit = carry % 58;
            carry /= 58;
        }
        while carry > 0 {
            digits.push(carry % 58);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let letters = digits.iter().rev().map(|digit| char::from(LETTERS[*digit as usize]));
    std::iter::once('z').chain(std::iter::repeat_n('1', zeros)).chain(letters).collect()
}

#[test]
fn sets_and_chains_of_proofs() {
    let directory = tempdir().unwrap();
    let service = started(&directory);
    let issuer = kit::instance("eddsa-jcs-2022", Algorithm::EdDsa);
    let credential = credential(&issuer);
    let first = chained(&issuer, &credential, "urn:uuid:1", &[]);
    let second = chained(&issuer, &credential, "urn:uuid:2", &[&first]);
    let under = |proofs: Value| {
        let mut secured = credential.clone();
        secured["proof"] = proofs;
        verify(&service, &secured)
    };
    under(json!([first, second])).ok(200);
    under(json!([second, first])).ok(200);
    under(json!(second)).refused(400, PROOF, "proof_broken_chain");
    under(json!([first, first, second])).refused(400, PROOF, "proof_broken_chain");
    let mut replaced = chained(&issuer, &credential, "urn:uuid:1", &[]);
    replaced["created"] = json!("2024-01-02T00:00:00Z");
    under(json!([replaced, second])).refused(400, PROOF, "proof_bad_signature");
    let set = chained(&issuer, &credential, "urn:uuid:3", &[]);
    under(json!([first, set])).ok(200);
    let mut broken = set;
    broken["proofPurpose"] = json!("authentication");
    under(json!([first, broken])).refused(400, PROOF, "proof_wrong_purpose");
}

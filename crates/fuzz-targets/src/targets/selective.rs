//! Selective disclosure: base and derived proofs, deriving; chains of proofs.

use std::sync::OnceLock;

use credential_model::ambient::PredictableEntropy;
use credential_proofs::Expected;
use credential_proofs::data_integrity::{self, Cryptosuite, ProofOptions, verification_methods};
use credential_proofs::selective::{self, BaseKey, BbsSecretKey, Disclosure};
use serde_json::{Value, json};
use signing_keys::KeyRing;

use super::{lines, strict};
use crate::Seen;
use crate::samples::{badge, listed_key, names, now, samples};
use crate::seen::magnitude;

pub(super) const WORDS: &[&str] = &[
    "proofValue",
    "u2V0A",
    "u2V0B",
    "u2V0C",
    "u2V0D",
    "ecdsa-sd-2023",
    "bbs-2023",
    "previousProof",
    "urn:proof:1",
    "/issuer",
    "/credentialSubject",
];

const MANDATORY: [&str; 2] = ["/issuer", "/validFrom"];
const DISCLOSED: [&str; 2] = ["/credentialSubject/person/name", "/name"];

struct Made {
    keys: KeyRing,
    documents: Vec<Value>,
}

/// A base and a derived proof of both suites.
fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let entropy = PredictableEntropy::new(21);
        let bbs = BbsSecretKey::generate(&entropy);
        let bases = [
            (Cryptosuite::EcdsaSd2023, BaseKey::Ecdsa(&samples().signers[1])),
            (Cryptosuite::Bbs2023, BaseKey::Bbs(&bbs)),
        ];
        let mut keys = samples().keys.clone();
        let mut documents = Vec::new();
        for (suite, key) in bases {
            let public = key.public_key();
            keys.insert(listed_key(&public));
            let options = ProofOptions {
                cryptosuite: suite,
                ..ProofOptions::credential(public.did_key_url(), now())
            };
            let document = badge(&public.to_did_key());
            let base = selective::create_base(&document, &options, &MANDATORY, key, &entropy)
                .expect("an example can be signed");
            let derived = selective::derive(&base, &Disclosure::of(&DISCLOSED), &entropy)
                .expect("an example can be derived");
            documents.extend([base, derived]);
        }
        Made { keys, documents }
    })
}

pub(super) fn documents() -> Vec<Vec<u8>> {
    lines(made().documents.iter().map(ToString::to_string))
}

pub(super) fn disclose(input: &[u8]) -> Seen {
    let document = match strict(input) {
        Ok(document) => document,
        Err(seen) => return seen,
    };
    let (keys, entropy) = (&made().keys, PredictableEntropy::new(3));
    let expected = Expected::credential(None, now());
    let held = data_integrity::verify(&document, &expected, keys);
    let base = selective::verify_base(&document, &expected, keys);
    let pointers = selective::mandatory_pointers(&document);
    let derived = selective::derive(&document, &Disclosure::of(&DISCLOSED), &entropy);
    if let (Ok(_), Ok(derived)) = (&base, &derived) {
        let derived = data_integrity::verify(derived, &expected, keys);
        assert!(derived.is_ok(), "a good base proof gives a derived proof that does not hold");
    }
    Seen::of(held.err().map(|error| error.code()))
        .and(base.err().map(|error| error.code()))
        .and(pointers.map(|all| magnitude(all.len())).map_err(|error| error.code()))
        .and(derived.err().map(|error| error.code()))
}

/// Proofs that name one another, rightly and wrongly.
pub(super) fn chains() -> Vec<Vec<u8>> {
    let signer = &samples().signers[0];
    let (method, did) = names(signer);
    let first = data_integrity::secure(
        &badge(&did),
        &ProofOptions::credential(method.clone(), now()),
        signer,
    )
    .expect("an example can be signed");
    let second = data_integrity::secure(&first, &ProofOptions::credential(method, now()), signer)
        .expect("a second proof can be added");
    let link = |from: usize, to: &str| {
        let mut document = second.clone();
        document["proof"][0]["id"] = json!("urn:proof:1");
        document["proof"][1]["id"] = json!("urn:proof:2");
        document["proof"][from]["previousProof"] = json!(to);
        document.to_string()
    };
    lines([
        second.to_string(),
        link(1, "urn:proof:1"),
        link(0, "urn:proof:1"),
        link(0, "urn:proof:2"),
        link(1, "urn:proof:3"),
    ])
}

pub(super) fn chain(input: &[u8]) -> Seen {
    let document = match strict(input) {
        Ok(document) => document,
        Err(seen) => return seen,
    };
    let methods = verification_methods(&document).map(|methods| methods.len());
    let expected = Expected::credential(None, now());
    let held = data_integrity::verify(&document, &expected, &samples().keys);
    Seen::of(methods.map_err(|error| error.code()))
        .and(held.map(|proofs| proofs.len()).map_err(|error| error.code()))
}

//! Issue and verify beside the bare signature, on the sample qualification badge.

use std::sync::Arc;

use anyhow::Result;
use credential_model::ambient::{Entropy, PredictableEntropy};
use credential_model::catalogue::{CredentialType, sd_jwt_claims};
use credential_model::did::{DidUrl, ProofPurpose};
use credential_model::moment::Moment;
use credential_proofs::data_integrity::{self, Cryptosuite, ProofOptions};
use credential_proofs::{Expected, jwt_vc, sd_jwt};
use serde_json::{Value, json};
use signing_keys::{
    KeyAlgorithm, KeyRing, KeyStore, MemoryKeyStore, Signer, StoreSigner, VerificationKey,
};

use crate::runner::{Case, Measured, measure};

/// A signer whose key ring knows it as the issuer of what it signs.
struct Issuer {
    signer: StoreSigner,
    method: DidUrl,
    keys: KeyRing,
}

impl Issuer {
    fn new(algorithm: KeyAlgorithm, entropy: &Arc<dyn Entropy>) -> Result<Self> {
        let store: Arc<dyn KeyStore> = Arc::new(MemoryKeyStore::new(Arc::clone(entropy)));
        let handle = store.generate(algorithm, "bench")?;
        let signer = StoreSigner::new(store, handle)?;
        let key = signer.public_key();
        let method = key.did_key_url();
        let mut keys = KeyRing::new();
        keys.insert(VerificationKey {
            id: method.clone(),
            controller: key.to_did_key(),
            key,
            purposes: vec![ProofPurpose::AssertionMethod],
            revoked: None,
            expires: None,
        });
        Ok(Self { signer, method, keys })
    }
}

pub(crate) fn run() -> Result<Vec<Measured>> {
    let entropy: Arc<dyn Entropy> = Arc::new(PredictableEntropy::new(7));
    let now = Moment::from_unix(1_795_000_000);
    let ed = Issuer::new(KeyAlgorithm::EdDsa, &entropy)?;
    let p256 = Issuer::new(KeyAlgorithm::Es256, &entropy)?;

    let badge = badge_of(&ed);
    let options = ProofOptions {
        cryptosuite: Cryptosuite::EddsaRdfc2022,
        verification_method: ed.method.clone(),
        proof_purpose: ProofPurpose::AssertionMethod,
        created: Some(now),
        expires: None,
        challenge: None,
        domain: None,
    };
    let secured = data_integrity::secure(&badge, &options, &ed.signer)?;
    let token = jwt_vc::issue(&badge, &ed.method, &ed.signer)?;
    let mut payload = sd_jwt_claims(CredentialType::QualificationBadge, &badge);
    payload["iss"] = json!(p256.method.did().as_str());
    payload["vct"] = json!(CredentialType::QualificationBadge.vct());
    let issue = sd_jwt::Issue {
        payload,
        disclosable: CredentialType::QualificationBadge.disclosable(),
        kid: Some(&p256.method),
        holder: None,
        decoys: 0,
    };
    let disclosable = sd_jwt::issue(&issue, &p256.signer, &*entropy)?;

    let message = [7_u8; 64];
    let ed_signature = ed.signer.sign(&message)?;
    let p256_signature = p256.signer.sign(&message)?;
    let (ed_key, p256_key) = (ed.signer.public_key(), p256.signer.public_key());
    // What the goals are measured against: the textbook library, not our own wrapper.
    let dalek = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let dalek_signature = ed25519_dalek::Signer::sign(&dalek, &message);
    let dalek_key = dalek.verifying_key();
    let expected = Expected::credential(None, now);

    let cases = vec![
        case("bare Ed25519 sign (dalek)", None, || {
            std::hint::black_box(ed25519_dalek::Signer::sign(&dalek, &message));
        }),
        case("our Ed25519 sign", Some(("bare Ed25519 sign (dalek)", None)), || {
            std::hint::black_box(ed.signer.sign(&message).is_ok());
        }),
        case("issue ldp_vc badge", Some(("bare Ed25519 sign (dalek)", Some(0.20))), || {
            assert!(data_integrity::secure(&badge, &options, &ed.signer).is_ok());
        }),
        case("issue vc+jwt badge", Some(("bare Ed25519 sign (dalek)", None)), || {
            assert!(jwt_vc::issue(&badge, &ed.method, &ed.signer).is_ok());
        }),
        case("bare Ed25519 verify (dalek strict)", None, || {
            assert!(dalek_key.verify_strict(&message, &dalek_signature).is_ok());
        }),
        case("our Ed25519 verify", Some(("bare Ed25519 verify (dalek strict)", None)), || {
            assert!(ed_key.verify(&message, &ed_signature).is_ok());
        }),
        case(
            "verify ldp_vc badge",
            Some(("bare Ed25519 verify (dalek strict)", Some(0.4))),
            || {
                assert!(data_integrity::verify(&secured, &expected, &ed.keys).is_ok());
            },
        ),
        case(
            "verify vc+jwt badge",
            Some(("bare Ed25519 verify (dalek strict)", Some(0.8))),
            || {
                assert!(jwt_vc::verify(&token, &ed.keys, &expected).is_ok());
            },
        ),
        case("bare P-256 verify", None, || {
            assert!(p256_key.verify(&message, &p256_signature).is_ok());
        }),
        case("verify dc+sd-jwt badge", Some(("bare P-256 verify", Some(0.8))), || {
            let parsed = sd_jwt::SdJwt::parse(&disclosable);
            assert!(parsed.is_ok_and(|token| token.verify(&p256.keys, &expected).is_ok()));
        }),
    ];
    Ok(measure(cases))
}

fn badge_of(issuer: &Issuer) -> Value {
    let mut badge = CredentialType::QualificationBadge.example();
    if let Some(members) = badge.as_object_mut() {
        members.remove("proof");
    }
    badge["issuer"]["id"] = json!(issuer.method.did().as_str());
    badge
}

fn case<'a>(
    name: &'static str,
    against: Option<(&'static str, Option<f64>)>,
    mut once: impl FnMut() + 'a,
) -> Case<'a> {
    Case {
        name,
        work: Box::new(move || {
            once();
            1
        }),
        against,
    }
}

//! Issue and verify beside the bare signature, on the sample qualification badge.

use std::sync::Arc;

use anyhow::Result;
use credential_model::ambient::{Entropy, PredictableEntropy};
use credential_model::catalogue::{CredentialType, sd_jwt_claims};
use credential_model::did::{DidUrl, ProofPurpose};
use credential_model::moment::Moment;
use credential_proofs::data_integrity::{self, BulkIssuer, Cryptosuite, ProofOptions};
use credential_proofs::{Expected, jwt_vc, sd_jwt};
use serde_json::{Value, json};
use signing_keys::{
    Algorithm, KeyAlgorithm, KeyRing, KeyStore, MemoryKeyStore, PublicKey, Signer, StoreSigner,
    VerificationKey,
};

use crate::Options;
use crate::peers::{self, Peer};
use crate::runner::{Case, Measured, measure, of_other_threads};
use crate::selective::Suite;

const SIGN: &str = "bare Ed25519 sign (dalek)";
const VERIFY: &str = "bare Ed25519 verify (dalek strict)";
const P256: &str = "bare P-256 verify (aws-lc-rs)";

/// The moment at which all proofs are made and judged.
pub(crate) const NOW: i64 = 1_795_000_000;

/// A signer whose key ring knows it as the issuer of what it signs.
pub(crate) struct Issuer {
    pub(crate) signer: StoreSigner,
    pub(crate) method: DidUrl,
    pub(crate) keys: KeyRing,
}

impl Issuer {
    pub(crate) fn new(algorithm: KeyAlgorithm, entropy: &Arc<dyn Entropy>) -> Result<Self> {
        let store: Arc<dyn KeyStore> = Arc::new(MemoryKeyStore::new(Arc::clone(entropy)));
        let handle = store.generate(algorithm, "bench")?;
        let signer = StoreSigner::new(store, handle)?;
        let (method, keys) = ring_of(&signer.public_key());
        Ok(Self { signer, method, keys })
    }

    pub(crate) fn options(&self, cryptosuite: Cryptosuite) -> ProofOptions {
        options_of(&self.method, cryptosuite)
    }
}

/// The method of a key and a ring that lists it.
pub(crate) fn ring_of(key: &PublicKey) -> (DidUrl, KeyRing) {
    let method = key.did_key_url();
    let listed = VerificationKey {
        id: method.clone(),
        controller: key.to_did_key(),
        key: key.clone(),
        purposes: vec![ProofPurpose::AssertionMethod],
        revoked: None,
        expires: None,
    };
    (method, KeyRing::from_iter([listed]))
}

pub(crate) fn options_of(method: &DidUrl, cryptosuite: Cryptosuite) -> ProofOptions {
    ProofOptions {
        cryptosuite,
        created: Some(Moment::from_unix(NOW)),
        ..ProofOptions::credential(method.clone(), Moment::from_unix(NOW))
    }
}

/// The sample badge of an issuer, unsecured.
pub(crate) fn badge_of(method: &DidUrl) -> Value {
    let mut badge = CredentialType::QualificationBadge.example();
    if let Some(members) = badge.as_object_mut() {
        members.remove("proof");
    }
    badge["issuer"]["id"] = json!(method.did().as_str());
    badge
}

/// The same badge for many people.
pub(crate) fn rows_of(badge: &Value, count: usize) -> Vec<Value> {
    let row = |number: usize| {
        let mut row = badge.clone();
        row["id"] = json!(format!("urn:uuid:0b6c1f0e-5d0a-4c66-9d3c-{number:012x}"));
        let subject = &mut row["credentialSubject"];
        subject["id"] = json!(format!("did:example:fictitious-{number}"));
        subject["person"]["name"] = json!(format!("홍길동 {number}(가상인물)"));
        subject["licenseNumber"] = json!(format!("{number:011}Z"));
        row["credentialStatus"]["statusListIndex"] = json!(number.to_string());
        row
    };
    (0..count).map(row).collect()
}

/// Everything, beside the peers where there are some.
pub(crate) fn run(options: &Options) -> Result<Vec<Measured>> {
    let entropy: Arc<dyn Entropy> = Arc::new(PredictableEntropy::new(7));
    let now = Moment::from_unix(NOW);
    let ed = Issuer::new(KeyAlgorithm::EdDsa, &entropy)?;
    let p256 = Issuer::new(KeyAlgorithm::Es256, &entropy)?;
    let expected = Expected::credential(None, now);

    let badge = badge_of(&ed.method);
    let peers = options.peers.start(&badge)?;
    let (ecdsa_sd, bbs) = (Suite::ecdsa(&entropy)?, Suite::bbs(&entropy)?);
    let options = ed.options(Cryptosuite::EddsaRdfc2022);
    let secured = data_integrity::secure(&badge, &options, &ed.signer)?;
    let jcs = data_integrity::secure(&badge, &ed.options(Cryptosuite::EddsaJcs2022), &ed.signer)?;
    let ecdsa_badge = badge_of(&p256.method);
    let ecdsa_options = p256.options(Cryptosuite::EcdsaRdfc2019);
    let ecdsa = data_integrity::secure(&ecdsa_badge, &ecdsa_options, &p256.signer)?;
    let rows = rows_of(&badge, 256);
    let batch: Vec<Value> = rows
        .iter()
        .map(|row| data_integrity::secure(row, &options, &ed.signer))
        .collect::<Result<_, _>>()?;
    let mut bulk = BulkIssuer::new(options.clone(), Algorithm::EdDsa)?;
    anyhow::ensure!(bulk.learn(&badge)?, "the badge is learned");
    let token = jwt_vc::issue(&badge, &ed.method, &ed.signer)?;
    let disclosable = sd_jwt_of(&ecdsa_badge, &p256, &*entropy)?;

    let message = [7_u8; 64];
    let long = token.as_bytes();
    let ed_signature = ed.signer.sign(&message)?;
    let p256_signature = p256.signer.sign(&message)?;
    let (ed_key, p256_key) = (ed.signer.public_key(), p256.signer.public_key());
    // What the goals are measured against: the textbook library, not our own wrapper.
    let dalek = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let dalek_signature = ed25519_dalek::Signer::sign(&dalek, &message);
    let dalek_long = ed25519_dalek::Signer::sign(&dalek, long);
    let dalek_key = dalek.verifying_key();
    let verify_batch = |count: usize| {
        let results = data_integrity::verify_batch(&batch[..count], &expected, &ed.keys);
        assert!(results.iter().all(Result::is_ok));
        count as u64
    };
    let mut row = rows.iter().cycle();

    let mut cases = vec![
        case(SIGN, None, || {
            std::hint::black_box(ed25519_dalek::Signer::sign(&dalek, &message));
        }),
        case("our Ed25519 sign (aws-lc-rs)", Some((SIGN, None)), || {
            std::hint::black_box(ed.signer.sign(&message).is_ok());
        }),
        case("issue ldp_vc badge", Some((SIGN, Some(0.20))), || {
            assert!(data_integrity::secure(&badge, &options, &ed.signer).is_ok());
        }),
        case("issue ldp_vc badge in bulk", Some((SIGN, Some(0.6))), || {
            let row = row.next();
            assert!(row.is_some_and(|row| bulk.secure(row, &ed.signer).is_ok()));
        }),
        case("issue vc+jwt badge", Some((SIGN, None)), || {
            assert!(jwt_vc::issue(&badge, &ed.method, &ed.signer).is_ok());
        }),
        case(VERIFY, None, || {
            assert!(dalek_key.verify_strict(&message, &dalek_signature).is_ok());
        }),
        case("bare Ed25519 verify of a vc+jwt's bytes", Some((VERIFY, None)), || {
            assert!(dalek_key.verify_strict(long, &dalek_long).is_ok());
        }),
        case("our Ed25519 verify, a key asked often", Some((VERIFY, None)), || {
            assert!(ed_key.verify(&message, &ed_signature).is_ok());
        }),
        case("verify ldp_vc badge", Some((VERIFY, Some(0.5))), || {
            assert!(data_integrity::verify(&secured, &expected, &ed.keys).is_ok());
        }),
        case("verify ldp_vc badge, eddsa-jcs-2022", Some((VERIFY, None)), || {
            assert!(data_integrity::verify(&jcs, &expected, &ed.keys).is_ok());
        }),
        Case {
            name: "verify ldp_vc badge, batch of 16",
            work: Box::new(|| verify_batch(16)),
            against: Some((VERIFY, None)),
        },
        Case {
            name: "verify ldp_vc badge, batch of 64",
            work: Box::new(|| verify_batch(64)),
            against: Some((VERIFY, None)),
        },
        Case {
            name: "verify ldp_vc badge, batch of 256",
            work: Box::new(|| verify_batch(256)),
            against: Some((VERIFY, Some(0.85))),
        },
        Case {
            name: "verify ldp_vc badge, two threads",
            work: Box::new(|| {
                of_other_threads(2, 256, || {
                    assert!(data_integrity::verify(&secured, &expected, &ed.keys).is_ok());
                })
            }),
            against: Some(("verify ldp_vc badge", Some(0.9))),
        },
        case("verify vc+jwt badge", Some((VERIFY, Some(0.8))), || {
            assert!(jwt_vc::verify(&token, &ed.keys, &expected).is_ok());
        }),
        case(P256, None, || {
            assert!(p256_key.verify(&message, &p256_signature).is_ok());
        }),
        case("verify ldp_vc badge, ecdsa-rdfc-2019", Some((P256, None)), || {
            assert!(data_integrity::verify(&ecdsa, &expected, &p256.keys).is_ok());
        }),
        case("verify dc+sd-jwt badge", Some((P256, Some(0.8))), || {
            let parsed = sd_jwt::SdJwt::parse(&disclosable);
            assert!(parsed.is_ok_and(|token| token.verify_into(&p256.keys, &expected).is_ok()));
        }),
    ];
    cases.extend(ecdsa_sd.cases());
    cases.extend(bbs.cases());
    cases.extend(peers.iter().flat_map(Peer::cases));
    let mut measured = measure(cases);
    peers::compare(&mut measured);
    Ok(measured)
}

fn sd_jwt_of(badge: &Value, issuer: &Issuer, entropy: &dyn Entropy) -> Result<String> {
    let mut payload = sd_jwt_claims(CredentialType::QualificationBadge, badge);
    payload["iss"] = json!(issuer.method.did().as_str());
    payload["vct"] = json!(CredentialType::QualificationBadge.vct());
    let issue = sd_jwt::Issue {
        payload,
        disclosable: CredentialType::QualificationBadge.disclosable(),
        kid: Some(&issuer.method),
        holder: None,
        decoys: 0,
    };
    Ok(sd_jwt::issue(&issue, &issuer.signer, entropy)?)
}

pub(crate) fn case<'a>(
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

//! Credentials: round trips, confused algorithms, keys that may not, tampering.

use credential_model::ambient::PredictableEntropy;
use credential_model::catalogue::CredentialType;
use credential_model::did::ProofPurpose;
use credential_proofs::envelope::{Enveloped, MediaType};
use credential_proofs::sd_jwt::{ExpectedBinding, SdJwt};
use credential_proofs::{Expected, vc_sd_jwt};
use proptest::prelude::*;
use serde_json::json;
use signing_keys::danger::BareSigner;
use signing_keys::{Algorithm, KeyRing, PublicKey, Signer, SigningError, VerificationKey};

use crate::support::{did, listed, method, now, ring, ring_with};
use crate::{ENVELOPES, check, example, expected, secure, signer};

#[test]
fn seven_types_through_every_envelope_and_algorithm() {
    for kind in CredentialType::ALL {
        for &algorithm in Algorithm::ALL {
            let signer = signer(algorithm, 7);
            let (document, keys) = (example(kind, &signer), ring(&[&signer]));
            for envelope in ENVELOPES {
                let secured = secure(envelope, &document, &method(&signer), &signer).unwrap();
                let read = check(envelope, &secured, &keys, &expected()).unwrap();
                assert_eq!(read, document, "{kind:?} {algorithm} {envelope:?}");
                let enveloped = Enveloped::new(envelope, secured).unwrap();
                assert_eq!(Enveloped::read(&enveloped.to_value()).unwrap(), enveloped);
                for other in ENVELOPES.into_iter().filter(|other| *other != envelope) {
                    assert!(check(other, enveloped.bytes(), &keys, &expected()).is_err());
                }
            }
        }
    }
}

#[test]
fn hidden_members_of_our_types_come_back_or_stay_hidden() {
    for kind in CredentialType::ALL {
        let (issuer, holder) = (signer(Algorithm::Es256, 1), signer(Algorithm::EdDsa, 2));
        let (document, keys) = (example(kind, &issuer), ring(&[&issuer]));
        let paths: Vec<String> =
            kind.disclosable().iter().map(|path| format!("credentialSubject.{path}")).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let (key, kid) = (holder.public_key(), method(&issuer));
        let credential = vc_sd_jwt::Credential {
            document: &document,
            disclosable: &paths,
            kid: &kid,
            holder: Some(&key),
            decoys: 2,
        };
        let text = vc_sd_jwt::issue(&credential, &issuer, &PredictableEntropy::new(4)).unwrap();
        let sd_jwt = SdJwt::parse(&text).unwrap();
        assert_eq!(vc_sd_jwt::verification_method(&sd_jwt).unwrap(), kid);
        let whole = vc_sd_jwt::verify(&sd_jwt, &keys, &expected()).unwrap();
        assert_eq!(whole.document, document);
        assert_eq!(whole.holder_key, Some(key));
        let none = sd_jwt.select(&[]).unwrap();
        let shown = vc_sd_jwt::verify(&none, &keys, &expected()).unwrap();
        assert_eq!(shown.document["credentialStatus"], document["credentialStatus"]);
        assert!(shown.disclosed_paths.is_empty());
        assert_ne!(shown.document, document, "{kind:?} hides something");
        // Key binding is that of SD-JWT.
        let bound = none.bind("x509_hash:abc", "n-1", now(), &[], &holder).unwrap();
        let binding = ExpectedBinding {
            audience: "x509_hash:abc",
            nonce: "n-1",
            now: now(),
            max_age_seconds: 300,
            transaction_data_hashes: &[],
        };
        let bound = SdJwt::parse(&bound).unwrap();
        assert!(bound.verify_key_binding(&binding).is_ok());
        assert!(vc_sd_jwt::verify(&bound, &keys, &expected()).is_ok());
        let replayed = ExpectedBinding { nonce: "n-2", ..binding };
        assert!(bound.verify_key_binding(&replayed).is_err());
    }
}

/// A signer whose key says one algorithm and whose tokens say another.
struct Confused<'s> {
    says: Algorithm,
    signs: &'s BareSigner,
}

impl Signer for Confused<'_> {
    fn algorithm(&self) -> Algorithm {
        self.says
    }

    fn public_key(&self) -> PublicKey {
        self.signs.public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let mut signature = self.signs.sign(message)?;
        signature.resize(self.says.signature_length(), 0);
        Ok(signature)
    }
}

/// Every algorithm in the header against every key: only the diagonal holds.
#[test]
fn algorithm_confusion() {
    for &says in Algorithm::ALL {
        for &has in Algorithm::ALL {
            let key = signer(has, 3);
            let document = example(CredentialType::QualificationBadge, &key);
            let confused = Confused { says, signs: &key };
            for envelope in ENVELOPES {
                let secured = secure(envelope, &document, &method(&key), &confused).unwrap();
                let verdict = check(envelope, &secured, &ring(&[&key]), &expected()).map(drop);
                let wanted = match envelope {
                    _ if says == has => Ok(()),
                    MediaType::VcCose => Err("cose_algorithm_mismatch"),
                    _ => Err("jws_algorithm_mismatch"),
                };
                assert_eq!(verdict, wanted, "{envelope:?}: header {says}, key {has}");
            }
        }
    }
}

#[test]
fn keys_that_may_not() {
    let (issuer, other) = (signer(Algorithm::Es256, 1), signer(Algorithm::Es256, 2));
    let stranger = did(&other);
    let document = example(CredentialType::DronePilotLicence, &issuer);
    for envelope in ENVELOPES {
        let secured = secure(envelope, &document, &method(&issuer), &issuer).unwrap();
        let code = |keys: &KeyRing, expected: &Expected<'_>| {
            check(envelope, &secured, keys, expected).map(drop).unwrap_err()
        };
        let changed = |change: &dyn Fn(&mut VerificationKey)| {
            code(&ring_with(&issuer, |key| change(key)), &expected())
        };
        assert_eq!(code(&ring(&[&other]), &expected()), "key_not_found");
        let listing = vec![ProofPurpose::Authentication, ProofPurpose::KeyAgreement];
        assert_eq!(changed(&|key| key.purposes = listing.clone()), "key_not_listed");
        assert_eq!(changed(&|key| key.purposes.clear()), "key_not_listed");
        assert_eq!(changed(&|key| key.revoked = Some(now())), "key_revoked");
        assert_eq!(changed(&|key| key.expires = Some(now())), "key_expired");
        assert!(changed(&|key| key.controller = stranger.clone()).ends_with("wrong_issuer"));
        let not_them = Expected::credential(Some(&stranger), now());
        assert!(code(&ring(&[&issuer]), &not_them).ends_with("wrong_issuer"));
        // The right name over another's key.
        let mut swapped = listed(&other.public_key());
        (swapped.id, swapped.controller) = (method(&issuer), did(&issuer));
        assert!(code(&KeyRing::from_iter([swapped]), &expected()).ends_with("bad_signature"));
        // Another's credential under one's own kid is not even made; nor is a document that is none.
        let refused = secure(envelope, &document, &method(&other), &other).unwrap_err();
        assert!(refused.ends_with("wrong_issuer"));
        let mut nameless = document.clone();
        nameless.as_object_mut().unwrap().remove("issuer");
        assert!(secure(envelope, &nameless, &method(&issuer), &issuer).is_err());
        for name in ["proof", "vc", "vp", "iss", "aud", "cnf"] {
            let mut more = document.clone();
            more[name] = json!({});
            let made = secure(envelope, &more, &method(&issuer), &issuer);
            assert!(made.is_err(), "{envelope:?} {name}");
        }
        if envelope != MediaType::VcJwt {
            let mut old = document.clone();
            old["@context"][0] = json!("https://www.w3.org/2018/credentials/v1");
            let made = secure(envelope, &old, &method(&issuer), &issuer);
            assert_eq!(made, Err("vc_bad_document"));
        }
    }
}

/// Every byte of a COSE structure and every letter of a token matters.
#[test]
fn one_changed_byte_is_noticed() {
    let issuer = signer(Algorithm::EdDsa, 1);
    let document = example(CredentialType::DroneFlightPermit, &issuer);
    let keys = ring(&[&issuer]);
    for envelope in ENVELOPES {
        let secured = secure(envelope, &document, &method(&issuer), &issuer).unwrap();
        let step = if envelope == MediaType::VcCose { 1 } else { 3 };
        for at in (0..secured.len()).step_by(step) {
            for bit in [0x01, 0x10, 0x80] {
                let mut changed = secured.clone();
                changed[at] ^= bit;
                let verdict = check(envelope, &changed, &keys, &expected());
                assert!(verdict.is_err(), "{envelope:?} byte {at} bit {bit}");
            }
        }
        for length in [0, 1, secured.len() / 2, secured.len() - 1] {
            assert!(check(envelope, &secured[..length], &keys, &expected()).is_err());
        }
        let longer = [&secured[..], b"A"].concat();
        assert!(check(envelope, &longer, &keys, &expected()).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any subject with any text leads back through every envelope; one changed byte anywhere never does.
    #[test]
    fn any_document_leads_back(
        text in "\\PC{0,40}",
        number in -1_000_000i64..1_000_000,
        algorithm in prop::sample::select(Algorithm::ALL),
        at in any::<prop::sample::Index>(),
        bit in 0u32..8,
    ) {
        let issuer = signer(algorithm, 9);
        let keys = ring(&[&issuer]);
        let document = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiableCredential"],
            "issuer": did(&issuer).as_str(),
            "credentialSubject": {"id": text, "person": {"name": text, "list": [number, text]}},
        });
        for envelope in ENVELOPES {
            let secured = secure(envelope, &document, &method(&issuer), &issuer).unwrap();
            prop_assert_eq!(&check(envelope, &secured, &keys, &expected()).unwrap(), &document);
            let mut changed = secured.clone();
            changed[at.index(secured.len())] ^= 1 << bit;
            prop_assert!(check(envelope, &changed, &keys, &expected()).is_err());
        }
    }
}

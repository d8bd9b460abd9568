//! Presentations: what they carry, and to whom they are bound.

use credential_model::catalogue::CredentialType;
use credential_model::did::ProofPurpose;
use credential_proofs::envelope::{Enveloped, MediaType};
use credential_proofs::jwt_vc::{ExpectedPresentation, Presentation, VerifiedPresentation};
use credential_proofs::{cose, jwt_vc, vc_sd_jwt};
use serde_json::{Value, json};
use signing_keys::{Algorithm, KeyRing, Signer};

use crate::support::{did, method, now, ring, ring_with};
use crate::{ENVELOPES, check, example, expected, secure, signer};

const AUDIENCE: &str = "decentralized_identifier:did:web:verifier.example";
const NONCE: &str = "0123456789abcdef0123456789abcdef";

fn presented(
    envelope: MediaType,
    credentials: &[Value],
    holder: &dyn Signer,
) -> Result<Vec<u8>, &'static str> {
    let kid = method(holder);
    let presentation = Presentation {
        credentials,
        kid: &kid,
        audience: AUDIENCE,
        nonce: NONCE,
        issued_at: now(),
        lifetime_seconds: 300,
    };
    match envelope {
        MediaType::VpJwt => jwt_vc::present(&presentation, holder)
            .map(String::into_bytes)
            .map_err(|error| error.code()),
        MediaType::VpCose => cose::present(&presentation, holder).map_err(|error| error.code()),
        _ => vc_sd_jwt::present(&presentation, holder)
            .map(String::into_bytes)
            .map_err(|error| error.code()),
    }
}

fn check_presented(
    envelope: MediaType,
    bytes: &[u8],
    keys: &KeyRing,
    expected: &ExpectedPresentation<'_>,
) -> Result<VerifiedPresentation, &'static str> {
    let text = || std::str::from_utf8(bytes).map_err(|_| "not text");
    match envelope {
        MediaType::VpJwt => {
            jwt_vc::verify_presentation(text()?, keys, expected).map_err(|error| error.code())
        }
        MediaType::VpCose => {
            cose::verify_presentation(bytes, keys, expected).map_err(|error| error.code())
        }
        _ => vc_sd_jwt::verify_presentation(text()?, keys, expected).map_err(|error| error.code()),
    }
}

fn for_us() -> ExpectedPresentation<'static> {
    ExpectedPresentation {
        audience: AUDIENCE,
        nonce: NONCE,
        holder: None,
        now: now(),
        max_age_seconds: 300,
    }
}

#[test]
fn presentations_carry_every_envelope() {
    let issuer = signer(Algorithm::Es384, 1);
    let document = example(CredentialType::TrainingHistory, &issuer);
    let wire: Vec<Value> = ENVELOPES
        .into_iter()
        .map(|envelope| {
            let secured = secure(envelope, &document, &method(&issuer), &issuer).unwrap();
            match String::from_utf8(secured) {
                Ok(token) => Value::from(token),
                Err(error) => Enveloped::new(envelope, error.into_bytes()).unwrap().to_value(),
            }
        })
        .collect();
    for &algorithm in Algorithm::ALL {
        let holder = signer(algorithm, 5);
        let keys = ring(&[&holder]);
        for envelope in [MediaType::VpSdJwt, MediaType::VpCose] {
            let bytes = presented(envelope, &wire, &holder).unwrap();
            let verified = check_presented(envelope, &bytes, &keys, &for_us()).unwrap();
            assert_eq!(verified.holder, did(&holder));
            assert_eq!(verified.verification_method, method(&holder));
            assert_eq!(verified.credentials, wire);
            for (credential, kind) in verified.credentials.iter().zip(ENVELOPES) {
                let inner = match credential {
                    Value::String(token) => Enveloped::credential_token(token).unwrap(),
                    object => Enveloped::read(object).unwrap(),
                };
                assert_eq!(inner.media_type, kind);
                let read = check(kind, inner.bytes(), &ring(&[&issuer]), &expected()).unwrap();
                assert_eq!(read, document);
            }
            let whole = Enveloped::new(envelope, bytes).unwrap().to_value();
            assert_eq!(whole["type"], json!(["EnvelopedVerifiablePresentation"]));
            assert_eq!(Enveloped::read(&whole).unwrap().media_type, envelope);
        }
    }
    let holder = signer(Algorithm::EdDsa, 5);
    for bad in [
        document.clone(),
        json!("text"),
        json!(1),
        json!({"type": "EnvelopedVerifiableCredential"}),
    ] {
        for envelope in [MediaType::VpSdJwt, MediaType::VpCose] {
            let made = presented(envelope, std::slice::from_ref(&bad), &holder);
            assert_eq!(made, Err("vp_unsecured_credential"));
        }
    }
}

#[test]
fn presentations_are_bound() {
    let (holder, other) = (signer(Algorithm::Es512, 5), signer(Algorithm::Es512, 6));
    let (keys, somebody) = (ring(&[&holder]), did(&other));
    for (envelope, credential) in [
        (MediaType::VpJwt, MediaType::VcJwt),
        (MediaType::VpSdJwt, MediaType::VcSdJwt),
        (MediaType::VpCose, MediaType::VcCose),
    ] {
        let bytes = presented(envelope, &[], &holder).unwrap();
        let code = |keys: &KeyRing, expected: ExpectedPresentation<'_>| {
            check_presented(envelope, &bytes, keys, &expected).map_or_else(|code| code, |_| "holds")
        };
        assert_eq!(code(&keys, for_us()), "holds");
        let late = now().plus_seconds(361);
        for (expected, ending) in [
            (ExpectedPresentation { audience: "x509_hash:other", ..for_us() }, "wrong_audience"),
            (ExpectedPresentation { audience: "", ..for_us() }, "wrong_audience"),
            (ExpectedPresentation { nonce: "another nonce", ..for_us() }, "wrong_nonce"),
            (ExpectedPresentation { nonce: "", ..for_us() }, "wrong_nonce"),
            (ExpectedPresentation { now: late, ..for_us() }, "expired"),
            (
                ExpectedPresentation {
                    now: now().plus_seconds(200),
                    max_age_seconds: 100,
                    ..for_us()
                },
                "too_old",
            ),
            (ExpectedPresentation { now: now().minus_seconds(61), ..for_us() }, "not_yet_valid"),
            (ExpectedPresentation { holder: Some(&somebody), ..for_us() }, "wrong_issuer"),
        ] {
            let code = code(&keys, expected);
            assert!(code.ends_with(ending), "{envelope:?} {ending}: {code}");
        }
        let assertion_only =
            ring_with(&holder, |key| key.purposes = vec![ProofPurpose::AssertionMethod]);
        assert_eq!(code(&assertion_only, for_us()), "key_not_listed");
        assert_eq!(code(&ring(&[&other]), for_us()), "key_not_found");
        // A credential is no presentation, and the other way round.
        assert!(check(credential, &bytes, &keys, &expected()).is_err());
        let document = example(CredentialType::QualificationBadge, &holder);
        let secured = secure(credential, &document, &method(&holder), &holder).unwrap();
        assert!(check_presented(envelope, &secured, &keys, &for_us()).is_err());
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let verdict = check_presented(envelope, &changed, &keys, &for_us());
            assert!(verdict.is_err(), "{envelope:?} byte {at}");
        }
    }
}

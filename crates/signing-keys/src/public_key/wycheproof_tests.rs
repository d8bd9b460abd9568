//! Wycheproof (C2SP/wycheproof, testvectors_v1), read from the shared vectors and skipped
//! aloud where they are absent. Each verdict is asked of the build's own path and of the
//! portable one, so that native and portable builds cannot drift apart.

use std::path::PathBuf;

use super::*;
use crate::encoding::from_base64url;

fn vectors(name: &str) -> Option<Value> {
    let folder = std::env::var_os("SINPYO_VECTORS").map(PathBuf::from).unwrap_or_else(|| {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors")
    });
    let path = folder.join("wycheproof").join(name);
    match std::fs::read(&path) {
        Ok(text) => Some(serde_json::from_slice(&text).unwrap()),
        Err(_) => {
            eprintln!("SKIPPED: no vectors at {}", path.display());
            None
        }
    }
}

fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn portable_verdict(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    match key {
        PublicKey::Ed25519(key) => key.verify(message, signature),
        PublicKey::P256(key) => key.verify_portable(message, signature),
        PublicKey::P384(key) => key.verify_portable(message, signature),
        PublicKey::P521(key) => key.verify_portable(message, signature),
        other => panic!("no vectors for {other:?}"),
    }
}

/// Left-pads or strips the vectors' signed integers to a field element.
fn field(value: &Value, length: usize) -> Vec<u8> {
    let bytes = hex(value);
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let digits = &bytes[start..];
    let mut padded = vec![0u8; length - digits.len()];
    padded.extend_from_slice(digits);
    padded
}

fn run(name: &str, read_key: impl Fn(&Value) -> PublicKey) {
    let Some(file) = vectors(name) else { return };
    let mut count = 0;
    for group in file["testGroups"].as_array().unwrap() {
        let key = read_key(&group["publicKey"]);
        if group["publicKeyJwk"].is_object() {
            let mut jwk = group["publicKeyJwk"].clone();
            jwk.as_object_mut().unwrap().remove("kid");
            assert_eq!(PublicKey::from_jwk(&jwk).unwrap(), key, "the group's JWK is its key");
        }
        for test in group["tests"].as_array().unwrap() {
            let (message, signature) = (hex(&test["msg"]), hex(&test["sig"]));
            let expected = test["result"] == "valid";
            let id = &test["tcId"];
            assert_eq!(key.verify(&message, &signature).is_ok(), expected, "{name} {id}");
            if signature.len() == key.algorithm().signature_length() {
                let portable = portable_verdict(&key, &message, &signature);
                assert_eq!(portable, expected, "{name} {id}, portable");
            }
            count += 1;
        }
    }
    assert!(count > 100, "{name}: only {count} cases");
}

#[test]
fn ed25519() {
    run("ed25519_test.json", |key| {
        PublicKey::Ed25519(Ed25519PublicKey::from_bytes(&hex(&key["pk"])).unwrap())
    });
}

#[test]
fn ecdsa_p256() {
    run("ecdsa_secp256r1_sha256_p1363_test.json", |key| {
        let (x, y) = (field(&key["wx"], 32), field(&key["wy"], 32));
        PublicKey::P256(P256PublicKey::from_coordinates(&x, &y).unwrap())
    });
}

#[test]
fn ecdsa_p384() {
    run("ecdsa_secp384r1_sha384_p1363_test.json", |key| {
        let (x, y) = (field(&key["wx"], 48), field(&key["wy"], 48));
        PublicKey::P384(P384PublicKey::from_coordinates(&x, &y).unwrap())
    });
}

/// Not among the shared vectors of every session: skipped aloud where the file is absent. The
/// cases of that family are written out in `p521_tests`.
#[test]
fn ecdsa_p521() {
    run("ecdsa_secp521r1_sha512_p1363_test.json", |key| {
        let (x, y) = (field(&key["wx"], 66), field(&key["wy"], 66));
        PublicKey::P521(P521PublicKey::from_coordinates(&x, &y).unwrap())
    });
}

/// The JWK groups: symmetric and RSA keys are none of ours, the broken EC keys are refused
/// also without their `d`.
#[test]
fn json_web_keys() {
    let Some(file) = vectors("json_web_key_test.json") else { return };
    for group in file["testGroups"].as_array().unwrap() {
        let comment = group["comment"].as_str().unwrap();
        for key in group["private"]["keys"].as_array().unwrap() {
            let mut public = key.clone();
            let had_d = public.as_object_mut().unwrap().remove("d").is_some();
            if had_d {
                let error = PublicKey::from_jwk(key).unwrap_err();
                assert_eq!(error.code(), "private_key_exposed", "{comment}");
            }
            let whole_ec = comment.starts_with("jws_mixed") && key["kty"] == "EC";
            assert_eq!(PublicKey::from_jwk(&public).is_ok(), whole_ec, "{comment}: {public}");
        }
    }
}

/// The ES256 groups of the JWS vectors, at the level of a signature: a compact JWS with
/// three parts, `alg` ES256, and bytes that the key signed.
#[test]
fn es256_signatures_of_json_web_signatures() {
    let Some(file) = vectors("json_web_signature_test.json") else { return };
    let mut held = 0;
    for group in file["testGroups"].as_array().unwrap() {
        let key = &group["public"];
        if key["alg"] != "ES256" {
            continue;
        }
        let key = PublicKey::from_jwk(key).unwrap();
        for test in group["tests"].as_array().unwrap() {
            let Some(text) = test["jws"].as_str() else { continue };
            let parts: Vec<&str> = text.split('.').collect();
            let [header, payload, signature] = parts[..] else { continue };
            let Some(signature) = from_base64url(signature) else { continue };
            let holds = key.verify(format!("{header}.{payload}").as_bytes(), &signature).is_ok();
            if test["result"] == "valid" {
                assert!(holds, "{}", test["tcId"]);
                held += 1;
            }
        }
    }
    assert!(held > 0);
}

/// What the build's own signer makes holds in the portable check too.
#[test]
fn own_signatures_hold_in_both_builds() {
    use crate::Signer as _;
    for algorithm in crate::Algorithm::ALL {
        let secret = super::tests::private(*algorithm, 5);
        let signer = crate::danger::BareSigner::from_bytes(*algorithm, &secret).unwrap();
        for message in [&b""[..], b"a", &[0; 1000]] {
            let signature = signer.sign(message).unwrap();
            assert!(portable_verdict(&signer.public_key(), message, &signature), "{algorithm}");
        }
    }
}

use credential_model::did::{DidUrl, ProofPurpose};
use serde_json::json;

use super::scripts::did;
use crate::{expand_did_jwk, expand_did_key, verification_key};

/// Source: did:key specification, first example, expanded as its section on Multikey has it.
#[test]
fn did_key_document() {
    let multikey = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
    let text = format!("did:key:{multikey}");
    let document = expand_did_key(&did(&text)).unwrap();
    let method = format!("{text}#{multikey}");
    assert_eq!(
        document.json,
        json!({
            "@context": [
                "https://www.w3.org/ns/did/v1",
                "https://w3id.org/security/multikey/v1",
            ],
            "id": text,
            "verificationMethod": [{
                "id": method, "type": "Multikey", "controller": text,
                "publicKeyMultibase": multikey,
            }],
            "authentication": [method], "assertionMethod": [method],
            "capabilityDelegation": [method], "capabilityInvocation": [method],
        })
    );
    let id = DidUrl::parse(&method).unwrap();
    let key = verification_key(&document, &id).unwrap();
    assert_eq!(key.key.to_multikey(), multikey);
    assert_eq!(key.controller, document.id);
    assert!(key.is_listed_for(ProofPurpose::AssertionMethod));
    assert!(key.is_listed_for(ProofPurpose::Authentication));
    assert!(!key.is_listed_for(ProofPurpose::KeyAgreement));
}

/// Source: did:jwk specification, P-256 example (its document, key agreement aside).
#[test]
fn did_jwk_document() {
    let text = "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAiLCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9";
    let document = expand_did_jwk(&did(text)).unwrap();
    let method = format!("{text}#0");
    assert_eq!(
        document.json,
        json!({
            "@context": [
                "https://www.w3.org/ns/did/v1",
                "https://w3id.org/security/suites/jws-2020/v1",
            ],
            "id": text,
            "verificationMethod": [{
                "id": method, "type": "JsonWebKey2020", "controller": text,
                "publicKeyJwk": {
                    "crv": "P-256", "kty": "EC",
                    "x": "acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0",
                    "y": "_KcyLj9vWMptnmKtm46GqDz8wf74I5LKgrl2GzH3nSE",
                },
            }],
            "authentication": [method], "assertionMethod": [method],
            "capabilityDelegation": [method], "capabilityInvocation": [method],
        })
    );
    let id = DidUrl::parse(&method).unwrap();
    let key = verification_key(&document, &id).unwrap();
    assert_eq!(key.key.to_did_jwk().as_str(), text);
}

#[test]
fn bad_key_dids_are_invalid_not_unreachable() {
    for text in [
        "did:key:z6Mk",
        "did:key:u7QEHZ",
        "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK:a",
        "did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc", // x25519
        "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme", // secp256k1
    ] {
        let error = expand_did_key(&did(text)).unwrap_err();
        assert_eq!((error.code(), error.is_inconclusive()), ("did_invalid", false), "{text}");
    }
    for text in ["did:jwk:e30", "did:jwk:abc", "did:jwk:W10", "did:jwk:bnVsbA"] {
        assert_eq!(expand_did_jwk(&did(text)).unwrap_err().code(), "did_invalid", "{text}");
    }
    let swapped = expand_did_key(&did("did:jwk:e30")).unwrap_err();
    assert_eq!(swapped.code(), "did_method_not_supported");
    let swapped = expand_did_jwk(&did("did:key:z6Mk")).unwrap_err();
    assert_eq!(swapped.code(), "did_method_not_supported");
}

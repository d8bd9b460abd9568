//! `vc+jwt` and the VCDM 1.1 `vc` claim.

#![allow(clippy::unwrap_used)]

mod support;

use credential_model::catalogue::CredentialType;
use credential_model::did::ProofPurpose;
use credential_proofs::jwt_vc::{document_unverified, issue, prepare, verification_method, verify};
use credential_proofs::{Expected, jose};
use serde_json::{Value, json};
use signing_keys::{Signer, StoreSigner};
use support::{did, ed25519, method, now, p256, p384, ring, ring_with};

fn document(issuer: &dyn Signer) -> Value {
    let mut document = CredentialType::QualificationBadge.example();
    document.as_object_mut().unwrap().remove("proof");
    document["issuer"]["id"] = json!(did(issuer).as_str());
    document
}

fn expected() -> Expected<'static> {
    Expected::credential(None, now())
}

fn judge(issuer: &StoreSigner, typ: &str, payload: &Value) -> Result<Value, &'static str> {
    let header = json!({"typ": typ, "kid": method(issuer).as_str()});
    let token = jose::sign(header, payload.to_string().as_bytes(), issuer).unwrap();
    verify(&token, &ring(&[issuer]), &expected()).map_err(|error| error.code())
}

#[test]
fn the_document_comes_back_as_it_was() {
    let signers: [Box<dyn Signer>; 3] =
        [Box::new(ed25519(1)), Box::new(p256(1)), Box::new(p384(1))];
    for issuer in &signers {
        let issuer = issuer.as_ref();
        let token = issue(&document(issuer), &method(issuer), issuer).unwrap();
        assert_eq!(verification_method(&token).unwrap(), method(issuer));
        assert_eq!(document_unverified(&token).unwrap(), document(issuer));
        assert_eq!(verify(&token, &ring(&[issuer]), &expected()).unwrap(), document(issuer));
        let prepared = prepare(&document(issuer), &method(issuer), issuer.algorithm()).unwrap();
        assert!(token.as_bytes().starts_with(prepared.signing_input()));
    }
}

#[test]
fn what_cannot_be_issued() {
    let issuer = p256(1);
    let code = |document: &Value| issue(document, &method(&issuer), &issuer).unwrap_err().code();
    for name in ["proof", "vc", "vp", "iss", "exp", "cnf", "nonce"] {
        let mut bad = document(&issuer);
        bad[name] = json!("x");
        assert_eq!(code(&bad), "jwt_vc_bad_document", "{name}");
    }
    assert_eq!(code(&document(&p256(2))), "jwt_vc_wrong_issuer");
    assert_eq!(code(&json!([])), "jwt_vc_bad_document");
    let mut undated = document(&issuer);
    undated["validUntil"] = json!("soon");
    assert_eq!(code(&undated), "jwt_vc_bad_document");
}

#[test]
fn keys_are_checked() {
    let issuer = p256(1);
    let token = issue(&document(&issuer), &method(&issuer), &issuer).unwrap();
    let code = |keys, expected: &Expected<'_>| verify(&token, &keys, expected).unwrap_err().code();
    assert_eq!(code(ring(&[]), &expected()), "key_not_found");
    let authentication =
        |key: &mut signing_keys::VerificationKey| key.purposes = vec![ProofPurpose::Authentication];
    assert_eq!(code(ring_with(&issuer, authentication), &expected()), "key_not_listed");
    assert_eq!(
        code(ring_with(&issuer, |key| key.revoked = Some(now())), &expected()),
        "key_revoked"
    );
    let other = did(&p256(9));
    assert_eq!(
        code(ring_with(&issuer, |key| key.controller = other.clone()), &expected()),
        "jwt_vc_wrong_issuer"
    );
    assert_eq!(
        code(ring(&[&issuer]), &Expected::credential(Some(&other), now())),
        "jwt_vc_wrong_issuer"
    );
    // Signed by A with A's key, in the name of B.
    assert_eq!(judge(&issuer, "vc+jwt", &document(&p256(9))), Err("jwt_vc_wrong_issuer"));
}

#[test]
fn registered_claims_may_repeat_but_not_differ() {
    let issuer = p256(1);
    let with = |name: &str, value: Value| {
        let mut payload = document(&issuer);
        payload[name] = value;
        judge(&issuer, "vc+jwt", &payload)
    };
    assert_eq!(with("iss", json!(did(&issuer).as_str())), Ok(document(&issuer)));
    assert_eq!(with("cnf", json!({"jwk": {}})), Ok(document(&issuer)));
    assert_eq!(with("iss", json!("did:example:b")), Err("jwt_vc_claim"));
    assert_eq!(with("iss", json!(7)), Err("jwt_vc_claim"));
    assert_eq!(with("sub", json!("did:example:b")), Err("jwt_vc_claim"));
    assert_eq!(with("jti", json!("urn:uuid:2")), Err("jwt_vc_claim"));
    assert_eq!(with("exp", json!("soon")), Err("jwt_vc_claim"));
    assert_eq!(with("exp", json!(now().unix() - 61)), Err("jwt_vc_expired"));
    assert_eq!(with("nbf", json!(now().unix() + 61)), Err("jwt_vc_not_yet_valid"));
    assert_eq!(with("iat", json!(now().unix() + 61)), Err("jwt_vc_not_yet_valid"));
    assert_eq!(with("proof", json!({})), Err("jwt_vc_bad_document"));
    assert_eq!(with("type", json!(["Profile"])), Err("jwt_vc_bad_document"));
    assert_eq!(
        with("@context", json!(["https://www.w3.org/2018/credentials/v1"])),
        Err("jwt_vc_bad_document")
    );
    assert_eq!(with("issuer", json!({"name": "x"})), Err("jwt_vc_wrong_issuer"));
    // An expired document is authentic all the same: in force is another question.
    let mut past = document(&issuer);
    past["validUntil"] = json!("2026-01-06T00:00:00Z");
    let token = issue(&past, &method(&issuer), &issuer).unwrap();
    assert_eq!(verify(&token, &ring(&[&issuer]), &expected()).unwrap(), past);
    for typ in ["JWT", "vp+jwt", "vc+sd-jwt", "vc+ld+jwt", "dc+sd-jwt"] {
        assert_eq!(judge(&issuer, typ, &document(&issuer)), Err("jws_wrong_type"), "{typ}");
    }
}

#[test]
fn the_form_of_1_1_is_read() {
    let issuer = p256(1);
    let claims = || {
        json!({
            "iss": did(&issuer).as_str(), "sub": "did:example:h", "jti": "urn:uuid:1",
            "nbf": 1_767_571_200, "exp": 1_893_456_000,
            "vc": {
                "@context": ["https://www.w3.org/2018/credentials/v1"],
                "type": ["VerifiableCredential"],
                "credentialSubject": {"degree": "x"},
            },
        })
    };
    let expected_document = json!({
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential"],
        "id": "urn:uuid:1",
        "issuer": did(&issuer).as_str(),
        "issuanceDate": "2026-01-05T00:00:00Z",
        "expirationDate": "2030-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:h", "degree": "x"},
    });
    assert_eq!(judge(&issuer, "JWT", &claims()), Ok(expected_document));
    assert_eq!(judge(&issuer, "vc+jwt", &claims()), Err("jws_wrong_type"));
    let with = |pointer: &str, name: &str, value: Value| {
        let mut changed = claims();
        changed.pointer_mut(pointer).unwrap()[name] = value;
        judge(&issuer, "JWT", &changed).err()
    };
    assert_eq!(with("/vc", "issuer", json!({"id": did(&issuer).as_str(), "name": "n"})), None);
    assert_eq!(with("/vc", "issuer", json!("did:example:b")), Some("jwt_vc_claim"));
    assert_eq!(with("/vc", "id", json!("urn:uuid:2")), Some("jwt_vc_claim"));
    assert_eq!(with("/vc", "issuanceDate", json!("2026-01-06T00:00:00Z")), Some("jwt_vc_claim"));
    assert_eq!(with("/vc", "expirationDate", json!(7)), Some("jwt_vc_claim"));
    assert_eq!(with("/vc/credentialSubject", "id", json!("did:example:z")), Some("jwt_vc_claim"));
    assert_eq!(with("/vc", "credentialSubject", json!([{}])), Some("jwt_vc_claim"));
    assert_eq!(
        with("/vc", "@context", json!(["https://www.w3.org/ns/credentials/v2"])),
        Some("jwt_vc_bad_document")
    );
    assert_eq!(with("", "vc", json!("x")), Some("jwt_vc_bad_document"));
    assert_eq!(with("", "iss", json!("https://issuer.example")), Some("jwt_vc_wrong_issuer"));
}

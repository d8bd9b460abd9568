//! OID4VP request objects.

#![allow(clippy::unwrap_used)]

mod support;

use credential_model::ambient::PredictableEntropy;
use credential_proofs::jose;
use credential_proofs::leaf_certificate::{LeafCertificate, SelfSigned, self_signed};
use credential_proofs::request_object::{
    ExpectedRequest, RequestKey, RequestObject, RequestObjectError, TYP, sign,
};
use serde_json::{Value, json};
use signing_keys::{Signer, StoreSigner};
use support::{did, ed25519, method, now, p256};

fn claims(client_id: &str) -> Value {
    json!({"client_id": client_id, "response_type": "vp_token", "nonce": "n-1", "exp": now().unix() + 300})
}

fn by_did(signer: &StoreSigner) -> String {
    format!("decentralized_identifier:{}", did(signer).as_str())
}

fn leaf(signer: &StoreSigner) -> Vec<u8> {
    let content = SelfSigned {
        dns_name: "verifier.example",
        not_before: now().minus_seconds(60),
        not_after: now().plus_seconds(3600),
    };
    self_signed(&content, signer, &PredictableEntropy::new(3)).unwrap()
}

fn check(token: &str, signer: &dyn Signer, client_id: &str) -> Result<(), RequestObjectError> {
    let expected = ExpectedRequest { client_id, wallet_nonce: None, now: now() };
    RequestObject::parse(token)?.verify(&signer.public_key(), &expected)
}

fn code(result: Result<(), RequestObjectError>) -> &'static str {
    result.map_or_else(|error| error.detail_code(), |()| "accepted")
}

#[test]
fn by_decentralized_identifier() {
    for signer in [ed25519(1), p256(1)] {
        let client = by_did(&signer);
        let kid = method(&signer);
        let token = sign(&claims(&client), RequestKey::Kid(&kid), &signer).unwrap();
        let parsed = RequestObject::parse(&token).unwrap();
        assert_eq!((parsed.client_id(), parsed.kid()), (Some(client.as_str()), Some(kid)));
        check(&token, &signer, &client).unwrap();
        assert_eq!(
            code(check(&token, &signer, "decentralized_identifier:did:example:b")),
            "request_wrong_client"
        );
        // The kid of another DID: a good signature by a stranger.
        let stranger = p256(8);
        let token = sign(&claims(&client), RequestKey::Kid(&method(&stranger)), &stranger).unwrap();
        let refused = check(&token, &stranger, &client);
        assert_eq!(code(refused), "request_wrong_key");
    }
}

#[test]
fn by_certificate() {
    let signer = p256(1);
    let der = leaf(&signer);
    let hash = LeafCertificate::parse(&der).unwrap().hash;
    let client = format!("x509_hash:{hash}");
    let token =
        sign(&claims(&client), RequestKey::X5c(std::slice::from_ref(&der)), &signer).unwrap();
    let parsed = RequestObject::parse(&token).unwrap();
    assert_eq!(parsed.leaf_key(), Some(&signer.public_key()));
    check(&token, &signer, &client).unwrap();
    assert_eq!(code(check(&token, &p256(2), &client)), "request_wrong_key");

    let named = "x509_san_dns:verifier.example";
    let token = sign(&claims(named), RequestKey::X5c(std::slice::from_ref(&der)), &signer).unwrap();
    check(&token, &signer, named).unwrap();
    let other = "x509_san_dns:attacker.example";
    let token = sign(&claims(other), RequestKey::X5c(std::slice::from_ref(&der)), &signer).unwrap();
    assert_eq!(code(check(&token, &signer, other)), "request_wrong_key");
    let wrong = "x509_hash:AAAA";
    let token = sign(&claims(wrong), RequestKey::X5c(std::slice::from_ref(&der)), &signer).unwrap();
    assert_eq!(code(check(&token, &signer, wrong)), "request_wrong_key");

    // Outside the dates of the certificate.
    let token =
        sign(&claims(&client), RequestKey::X5c(std::slice::from_ref(&der)), &signer).unwrap();
    let late =
        ExpectedRequest { client_id: &client, wallet_nonce: None, now: now().plus_seconds(3601) };
    let refused =
        RequestObject::parse(&token).unwrap().verify(&signer.public_key(), &late).unwrap_err();
    assert_eq!(refused.detail_code(), "request_certificate_dates");

    // Somebody else's certificate cannot even be put in, nor is one without key accepted.
    assert!(matches!(
        sign(&claims(&client), RequestKey::X5c(&[der]), &p256(2)),
        Err(RequestObjectError::WrongKey)
    ));
    assert!(sign(&claims(&client), RequestKey::X5c(&[]), &signer).is_err());
    for chain in [json!([]), json!("MAAA"), json!(["MAAA"]), json!([7]), json!(["not base64!"])] {
        let header = json!({"typ": TYP, "x5c": chain});
        let token = jose::sign(header, claims(&client).to_string().as_bytes(), &signer).unwrap();
        assert!(matches!(RequestObject::parse(&token), Err(RequestObjectError::Certificate(_))));
    }
}

#[test]
fn prefixes_that_cannot_be_signed() {
    let signer = p256(1);
    let kid = method(&signer);
    for client in [
        "redirect_uri:https://v.example/cb",
        "origin:https://v.example",
        "openid_federation:https://v.example",
        "verifier_attestation:v",
        "unheard_of:x",
    ] {
        let token = sign(&claims(client), RequestKey::Kid(&kid), &signer).unwrap();
        let refused = check(&token, &signer, client).unwrap_err();
        assert_eq!(
            (refused.code(), refused.detail_code()),
            ("invalid_client", "request_unsupported_prefix"),
            "{client}"
        );
    }
    // Pre-registered: no prefix; the caller knows the key.
    let token = sign(&claims("known-verifier"), RequestKey::Kid(&kid), &signer).unwrap();
    check(&token, &signer, "known-verifier").unwrap();
    assert!(check(&token, &p256(2), "known-verifier").is_err());
}

#[test]
fn claims_are_checked() {
    let signer = p256(1);
    let (client, kid) = (by_did(&signer), method(&signer));
    let with = |name: &str, value: Value| {
        let mut changed = claims(&client);
        changed[name] = value;
        let token = sign(&changed, RequestKey::Kid(&kid), &signer).unwrap();
        code(check(&token, &signer, &client))
    };
    assert_eq!(with("aud", json!("https://self-issued.me/v2")), "accepted");
    for audience in
        [json!("https://wallet.example"), json!(["https://self-issued.me/v2", "x"]), json!(7)]
    {
        assert_eq!(with("aud", audience), "request_wrong_audience");
    }
    assert_eq!(with("exp", json!(now().unix() - 61)), "request_dates");
    assert_eq!(with("nbf", json!(now().unix() + 61)), "request_dates");
    assert_eq!(with("iat", json!(now().unix() + 61)), "request_dates");
    assert_eq!(with("exp", json!("soon")), "request_claim");
    assert!(sign(&json!({}), RequestKey::Kid(&kid), &signer).is_err());
    assert!(sign(&json!({"client_id": 7}), RequestKey::Kid(&kid), &signer).is_err());

    let nonce = |stated: Option<&str>| {
        let mut changed = claims(&client);
        if let Some(stated) = stated {
            changed["wallet_nonce"] = json!(stated);
        }
        let token = sign(&changed, RequestKey::Kid(&kid), &signer).unwrap();
        let expected =
            ExpectedRequest { client_id: &client, wallet_nonce: Some("w-1"), now: now() };
        code(RequestObject::parse(&token).unwrap().verify(&signer.public_key(), &expected))
    };
    assert_eq!(
        (nonce(Some("w-1")), nonce(Some("w-2")), nonce(None)),
        ("accepted", "request_wrong_nonce", "request_wrong_nonce")
    );
}

#[test]
fn other_tokens_are_no_request_objects() {
    let signer = p256(1);
    let client = by_did(&signer);
    for typ in ["JWT", "vp+jwt", "kb+jwt", "openid4vci-proof+jwt", ""] {
        let header = json!({"typ": typ, "kid": method(&signer).as_str()});
        let token = jose::sign(header, claims(&client).to_string().as_bytes(), &signer).unwrap();
        assert_eq!(code(check(&token, &signer, &client)), "jws_wrong_type", "{typ}");
    }
}

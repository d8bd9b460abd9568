//! DIDs, DID URLs and DID documents.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use credential_model::did::{Did, DidDocument, DidUrl, ProofPurpose, PublicKeyMaterial};
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn reads_dids() {
    for (text, method, id) in [
        ("did:web:issuer.test", "web", "issuer.test"),
        ("did:web:localhost%3A7001", "web", "localhost%3A7001"),
        ("did:web:issuer.test:a:b", "web", "issuer.test:a:b"),
        ("did:example:a::b", "example", "a::b"),
        (
            "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
            "key",
            "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
        ),
    ] {
        let did = Did::parse(text).unwrap();
        assert_eq!((did.as_str(), did.method(), did.method_specific_id()), (text, method, id));
    }
}

#[test]
fn refuses_what_is_no_did() {
    for text in [
        "",
        "did",
        "did:",
        "did:web",
        "did:web:",
        "DID:web:a",
        "did:Web:a",
        "did:w-b:a",
        "did::a",
        "did:web:a:",
        "did:web:a b",
        "did:web:a%",
        "did:web:a%4",
        "did:web:a%zz",
        "did:web:a/b",
        "did:web:a#k",
        "did:web:a?q",
        "did:web:ä",
        "did:web:가",
        "urn:did:web:a",
        " did:web:a",
        "did:web:a\n",
    ] {
        assert_eq!(Did::parse(text).expect_err(text).code(), "invalidDid", "{text:?}");
    }
    assert!(Did::parse(&format!("did:jwk:{}", "a".repeat(3000))).is_err());
}

#[test]
fn splits_did_urls() {
    let url = DidUrl::parse("did:web:issuer.test:x/path/y?service=files&a=b#key-1").unwrap();
    assert_eq!(url.did().as_str(), "did:web:issuer.test:x");
    assert_eq!(url.path(), "/path/y");
    assert_eq!(url.query(), Some("service=files&a=b"));
    assert_eq!(url.fragment(), Some("key-1"));
    let bare = DidUrl::parse("did:web:issuer.test").unwrap();
    assert_eq!((bare.fragment(), bare.query(), bare.path()), (None, None, ""));
    let did = Did::parse("did:jwk:abc").unwrap();
    assert_eq!(DidUrl::parse_relative("#0", &did).unwrap().as_str(), "did:jwk:abc#0");
    assert_eq!(did.with_fragment("0").unwrap().as_str(), "did:jwk:abc#0");
    assert!(did.with_fragment("a b").is_err());
    for text in [
        "#k",
        "did:web:a#k#l",
        "did:web:a# k",
        "did:web:a#k\u{e9}",
        "did:web:#k",
        "https://a.test/#k",
    ] {
        assert!(DidUrl::parse(text).is_err(), "{text}");
    }
}

#[test]
fn serde_checks_too() {
    assert!(serde_json::from_value::<Did>(json!("did:web:a.test")).is_ok());
    assert!(serde_json::from_value::<Did>(json!("did:web:a.test#k")).is_err());
    assert!(serde_json::from_value::<DidUrl>(json!("nonsense")).is_err());
}

fn document() -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/cid/v1"],
        "id": "did:web:issuer.test",
        "controller": "did:web:parent.test",
        "alsoKnownAs": ["https://issuer.test/"],
        "verificationMethod": [
            { "id": "did:web:issuer.test#ed", "type": "Multikey", "controller": "did:web:issuer.test",
              "publicKeyMultibase": "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", "revoked": "2026-01-01T00:00:00Z" },
            { "id": "#p256", "type": "JsonWebKey", "controller": "did:web:issuer.test",
              "publicKeyJwk": { "kty": "EC", "crv": "P-256", "x": "x", "y": "y" } },
            { "id": "#exotic", "type": "Exotic2030", "controller": "did:web:issuer.test", "blockchainAccountId": "eip155:1:0x0" }
        ],
        "assertionMethod": ["#ed", "did:web:issuer.test#p256"],
        "authentication": [
            { "id": "#embedded", "type": "Multikey", "controller": "did:web:issuer.test", "publicKeyMultibase": "zEmbedded" }
        ],
        "keyAgreement": "did:web:issuer.test#p256",
        "service": { "id": "#s", "type": "LinkedDomains", "serviceEndpoint": "https://issuer.test" }
    })
}

fn url(fragment: &str) -> DidUrl {
    DidUrl::parse(&format!("did:web:issuer.test#{fragment}")).unwrap()
}

#[test]
fn reads_documents_tolerantly() {
    let parsed = DidDocument::parse(&document()).unwrap();
    assert_eq!(parsed.json, document());
    assert_eq!(parsed.controllers.len(), 1);
    assert_eq!(parsed.methods().len(), 3, "the exotic key is left out, the embedded one is in");
    let ed = parsed.method(&url("ed")).unwrap();
    assert!(ed.revoked.is_some() && ed.expires.is_none());
    assert!(matches!(parsed.method(&url("p256")).unwrap().key, PublicKeyMaterial::Jwk(_)));
    assert!(parsed.lists(ProofPurpose::AssertionMethod, &url("ed")));
    assert!(parsed.lists(ProofPurpose::AssertionMethod, &url("p256")));
    assert!(parsed.lists(ProofPurpose::Authentication, &url("embedded")));
    assert!(parsed.lists(ProofPurpose::KeyAgreement, &url("p256")));
    assert!(
        !parsed.lists(ProofPurpose::AssertionMethod, &url("embedded")),
        "embedded serves one purpose only"
    );
    assert!(!parsed.lists(ProofPurpose::CapabilityInvocation, &url("ed")));
    assert!(parsed.method(&url("exotic")).is_none());
    assert_eq!(parsed.service_endpoint("LinkedDomains"), Some("https://issuer.test"));
    assert_eq!(parsed.services()[0].id, "did:web:issuer.test#s");
    assert_eq!(parsed.listed(ProofPurpose::AssertionMethod).count(), 2);
}

#[test]
fn reads_assertion_methods_given_as_objects_with_only_an_id() {
    let mut value = document();
    value["assertionMethod"] = json!([{ "id": "#ed" }]);
    let parsed = DidDocument::parse(&value).unwrap();
    assert!(parsed.lists(ProofPurpose::AssertionMethod, &url("ed")));
    assert_eq!(parsed.methods().len(), 3);
}

#[test]
fn refuses_documents_that_cannot_be_relied_on() {
    let broken = |change: &dyn Fn(&mut Value)| {
        let mut value = document();
        change(&mut value);
        DidDocument::parse(&value).expect_err("must be refused").code()
    };
    assert_eq!(DidDocument::parse(&json!([])).unwrap_err().code(), "invalidDidDocument");
    assert_eq!(broken(&|v| v["id"] = json!("did:web:issuer.test#x")), "invalidDidDocument");
    assert_eq!(broken(&|v| v["id"] = json!(1)), "invalidDidDocument");
    assert_eq!(broken(&|v| v["controller"] = json!("nobody")), "invalidDidDocument");
    assert_eq!(broken(&|v| v["verificationMethod"] = json!("x")), "invalidDidDocument");
    assert_eq!(broken(&|v| v["verificationMethod"][0]["id"] = json!("x")), "invalidDidDocument");
    assert_eq!(
        broken(&|v| v["verificationMethod"][0]["controller"] = json!("x")),
        "invalidDidDocument"
    );
    assert_eq!(
        broken(&|v| {
            v["verificationMethod"][0].as_object_mut().unwrap().remove("type");
        }),
        "invalidDidDocument"
    );
    assert_eq!(
        broken(&|v| v["verificationMethod"][0]["revoked"] = json!("yesterday")),
        "invalidDidDocument"
    );
    assert_eq!(
        broken(&|v| v["verificationMethod"][0]["publicKeyJwk"] = json!({})),
        "invalidDidDocument"
    );
    assert_eq!(broken(&|v| v["assertionMethod"] = json!([7])), "invalidDidDocument");
    assert_eq!(broken(&|v| v["assertionMethod"] = json!(["not a url"])), "invalidDidDocument");
    assert_eq!(
        broken(&|v| v["verificationMethod"][1]["publicKeyJwk"]["d"] = json!("s")),
        "did_document_private_key"
    );
    assert_eq!(
        broken(&|v| v["verificationMethod"][1]["publicKeyJwk"]["k"] = json!("s")),
        "did_document_private_key"
    );
    assert_eq!(
        broken(&|v| v["verificationMethod"][0]["secretKeyMultibase"] = json!("z")),
        "did_document_private_key"
    );
    assert_eq!(
        broken(&|v| v["verificationMethod"][1]["id"] = json!("#ed")),
        "did_document_duplicate_method"
    );
    assert_eq!(
        broken(&|v| v["assertionMethod"] = json!(vec!["#ed"; 300])),
        "did_document_too_large"
    );
}

proptest! {
    #[test]
    fn parsing_never_panics(text in "\\PC{0,60}", tail in "[a-z:%#?/.0-9-]{0,40}") {
        let _ = DidUrl::parse(&text);
        let _ = Did::parse(&format!("did:{tail}"));
    }

    #[test]
    fn what_parses_is_kept(method in "[a-z0-9]{1,8}", id in "[A-Za-z0-9._-]{1,20}(:[A-Za-z0-9]{1,5}){0,3}", fragment in "[A-Za-z0-9._~-]{0,12}") {
        let did = Did::parse(&format!("did:{method}:{id}")).unwrap();
        prop_assert_eq!(did.method(), &method);
        prop_assert_eq!(did.method_specific_id(), &id);
        let url = did.with_fragment(&fragment).unwrap();
        prop_assert_eq!(url.did(), did);
        prop_assert_eq!(url.fragment(), Some(fragment.as_str()));
    }
}

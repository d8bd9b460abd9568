use credential_model::did::{DidDocument, DidUrl, ProofPurpose};
use credential_model::moment::Moment;
use serde_json::{Value, json};

use super::scripts::{DID, Network, document};
use crate::{UniversalResolver, VerificationKeyError, resolve_verification_key, verification_key};

fn key_1() -> DidUrl {
    DidUrl::parse(&format!("{DID}#key-1")).unwrap()
}

fn with(change: impl FnOnce(&mut Value)) -> DidDocument {
    let mut json = document();
    change(&mut json);
    DidDocument::parse(&json).unwrap()
}

#[test]
fn a_key_comes_with_what_its_document_says() {
    let document = with(|json| {
        json["verificationMethod"][0]["expires"] = json!("2027-01-01T00:00:00Z");
        json["verificationMethod"][0]["revoked"] = json!("2026-12-01T00:00:00Z");
        json["verificationMethod"][0]["controller"] = json!("did:web:other.example");
        json["authentication"] = json!(["#key-1"]);
    });
    let key = verification_key(&document, &key_1()).unwrap();
    assert_eq!(key.id, key_1());
    assert_eq!(key.controller.as_str(), "did:web:other.example");
    assert_eq!(key.purposes, [ProofPurpose::AssertionMethod, ProofPurpose::Authentication]);
    let moment = |text: &str| Moment::parse(text).unwrap();
    assert_eq!(key.expires, Some(moment("2027-01-01T00:00:00Z")));
    assert!(key.is_usable_at(moment("2026-11-30T23:59:59Z")));
    assert!(!key.is_usable_at(moment("2026-12-01T00:00:00Z")), "revoked at this very second");
    assert!(!key.is_usable_at(moment("2027-06-01T00:00:00Z")));
}

#[test]
fn an_unlisted_key_has_no_purpose() {
    let document = with(|json| {
        json.as_object_mut().unwrap().remove("assertionMethod");
    });
    assert!(verification_key(&document, &key_1()).unwrap().purposes.is_empty());
}

/// A document may list another's method; it cannot say what that method's key is.
#[test]
fn a_document_speaks_for_its_own_subject_only() {
    let victim = DidUrl::parse("did:web:victim.example#key-1").unwrap();
    let document = with(|json| {
        json["verificationMethod"][0]["id"] = json!(victim);
        json["assertionMethod"] = json!([victim]);
    });
    let refused = verification_key(&document, &victim).unwrap_err();
    assert_eq!(refused, VerificationKeyError::OtherSubject);
}

#[test]
fn missing_and_unknown_methods_have_their_reasons() {
    let code = |document: &DidDocument| verification_key(document, &key_1()).unwrap_err().code();
    let other = DidUrl::parse(&format!("{DID}#key-2")).unwrap();
    let error = verification_key(&with(|_| {}), &other).unwrap_err();
    assert_eq!(error.code(), "verification_method_not_found");
    let bare = DidUrl::parse(DID).unwrap();
    let error = verification_key(&with(|_| {}), &bare).unwrap_err();
    assert_eq!(error.code(), "verification_method_not_found");

    let kind =
        |kind: &'static str| with(move |json| json["verificationMethod"][0]["type"] = json!(kind));
    for unknown in ["JsonWebKey2020", "JsonWebKey", "X25519KeyAgreementKey2020", "multikey", ""] {
        assert_eq!(code(&kind(unknown)), "verification_method_unsupported", "{unknown}");
    }
    assert!(verification_key(&kind("Ed25519VerificationKey2020"), &key_1()).is_ok());
    let p256 = "zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP";
    let wrong_curve = with(|json| {
        json["verificationMethod"][0]["type"] = json!("Ed25519VerificationKey2020");
        json["verificationMethod"][0]["publicKeyMultibase"] = json!(p256);
    });
    assert_eq!(code(&wrong_curve), "verification_method_unsupported");
    let broken = with(|json| json["verificationMethod"][0]["publicKeyMultibase"] = json!("z0"));
    assert_eq!(code(&broken), "malformed_multikey");
}

#[tokio::test]
async fn a_did_url_resolves_to_its_key() {
    let resolver = UniversalResolver::new(Network::serving(&document()), None);
    let key = resolve_verification_key(&resolver, &key_1()).await.unwrap();
    assert_eq!(key.key.to_multikey(), "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2");
    let missing = DidUrl::parse(&format!("{DID}#nobody")).unwrap();
    let error = resolve_verification_key(&resolver, &missing).await.unwrap_err();
    assert_eq!(error.code(), "verification_method_not_found");
    assert!(!error.is_inconclusive());
}

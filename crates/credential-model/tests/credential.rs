//! Recognising credentials nobody has verified.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use credential_model::catalogue::CredentialType;
use credential_model::credential::{Encoded, ParseError, UnverifiedCredential};
use credential_model::format::CredentialFormat;
use serde_json::{Value, json};

fn jws(payload: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2ln", part(&json!({"alg":"EdDSA"})), part(payload))
}

fn document() -> Value {
    let mut document = CredentialType::QualificationBadge.example();
    document["proof"] = json!({ "type": "DataIntegrityProof" });
    document
}

#[test]
fn recognises_ldp_vc() {
    let parsed = UnverifiedCredential::parse_str(&document().to_string()).unwrap();
    assert_eq!(parsed.format, CredentialFormat::LdpVc);
    assert_eq!(parsed.issuer_unverified().as_deref(), Some("did:web:issuer.test"));
    assert_eq!(parsed.credential_type_unverified(), Some(CredentialType::QualificationBadge));
    assert_eq!(parsed.claims_unverified(), document());
    assert_eq!(parsed.to_wire(), document());
    assert_eq!(UnverifiedCredential::from_value(&document()).unwrap(), parsed);
}

#[test]
fn recognises_both_jwt_forms() {
    let example = CredentialType::DroneRegistration.example();
    let two = UnverifiedCredential::parse_str(&jws(&example)).unwrap();
    assert_eq!(two.format, CredentialFormat::JwtVcJson);
    assert_eq!(two.credential_type_unverified(), Some(CredentialType::DroneRegistration));
    assert!(matches!(two.encoded, Encoded::Compact(_)));

    let one = jws(&json!({
        "iss": "did:web:issuer.test", "sub": "did:example:h", "jti": "urn:uuid:1", "nbf": 0, "exp": 1_700_000_000,
        "vc": { "type": ["VerifiableCredential", "KrTrainingHistory"], "credentialSubject": { "x": 1 } }
    }));
    let one = UnverifiedCredential::parse_str(&format!("  {one}\n")).unwrap();
    let claims = one.claims_unverified();
    assert_eq!(claims["issuer"], "did:web:issuer.test");
    assert_eq!(claims["id"], "urn:uuid:1");
    assert_eq!(claims["credentialSubject"]["id"], "did:example:h");
    assert_eq!(claims["issuanceDate"], "1970-01-01T00:00:00Z");
    assert_eq!(claims["expirationDate"], "2023-11-14T22:13:20Z");
    assert_eq!(one.credential_type_unverified(), Some(CredentialType::TrainingHistory));
}

#[test]
fn recognises_sd_jwt_and_names_it_apart_from_its_disclosures() {
    let issued = jws(
        &json!({ "iss": "did:web:issuer.test", "vct": CredentialType::CompetitionResult.vct(), "_sd": [] }),
    );
    let all = UnverifiedCredential::parse_str(&format!("{issued}~WyJzIiwiYSIsMV0~")).unwrap();
    let none = UnverifiedCredential::parse_str(&format!("{issued}~")).unwrap();
    assert_eq!(all.format, CredentialFormat::SdJwtVc);
    assert_eq!(all.credential_type_unverified(), Some(CredentialType::CompetitionResult));
    assert_eq!(all.issuer_unverified().as_deref(), Some("did:web:issuer.test"));
    assert_eq!(all.digest(), none.digest());
    assert_ne!(all, none);
}

#[test]
fn unwraps_quotes_and_envelopes() {
    let compact = jws(&CredentialType::QualificationBadge.example());
    let quoted = UnverifiedCredential::parse_str(&json!(compact).to_string()).unwrap();
    let envelope = json!({ "@context": "https://www.w3.org/ns/credentials/v2", "type": "EnvelopedVerifiableCredential", "id": format!("data:application/vc+jwt,{compact}") });
    assert_eq!(UnverifiedCredential::from_value(&envelope).unwrap(), quoted);
    assert_eq!(quoted.to_wire(), json!(compact));
}

#[test]
fn digest_does_not_depend_on_spelling() {
    let tight = UnverifiedCredential::parse_str(&document().to_string()).unwrap();
    let airy =
        UnverifiedCredential::parse(serde_json::to_string_pretty(&document()).unwrap().as_bytes())
            .unwrap();
    assert_eq!(tight.digest(), airy.digest());
}

#[test]
fn debug_shows_no_claims() {
    let parsed = UnverifiedCredential::parse_str(&document().to_string()).unwrap();
    let shown = format!("{parsed:?} {:?}", parsed.encoded);
    assert!(!shown.contains("홍길동") && !shown.contains("99999999999Z"), "{shown}");
}

#[test]
fn two_catalogue_types_are_no_type() {
    let types = |names: &[&str]| {
        CredentialType::from_types(&names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(
        types(&["VerifiableCredential", "KrDroneRegistration", "KrDronePilotLicence"]),
        None
    );
    assert_eq!(types(&["VerifiableCredential"]), None);
    assert_eq!(
        types(&["KrDroneRegistration", "KrDroneRegistration"]),
        Some(CredentialType::DroneRegistration)
    );
}

#[test]
fn refuses_with_a_code_of_its_own() {
    let code = |text: &str| UnverifiedCredential::parse_str(text).expect_err(text).code();
    assert_eq!(code(""), "credential_empty");
    assert_eq!(code("   \n"), "credential_empty");
    assert_eq!(code("hello"), "credential_unknown_format");
    assert_eq!(code("a.b"), "credential_unknown_format");
    assert_eq!(code("a.b.c.d.e"), "credential_unknown_format");
    assert_eq!(code("[1]"), "credential_unknown_format");
    assert_eq!(code("{}"), "credential_unknown_format");
    assert_eq!(code("{\"a\":1,\"a\":2}"), "json_duplicate_key");
    assert_eq!(code("\u{feff}{}"), "json_byte_order_mark");
    assert_eq!(
        code(&CredentialType::QualificationBadge.example().to_string()),
        "credential_unsecured"
    );
    assert_eq!(code(&jws(&json!({ "hello": 1 }))), "credential_unknown_format");
    assert_eq!(code("e30.e30."), "credential_malformed_compact");
    assert_eq!(code("e30.!!!.c2ln"), "credential_malformed_compact");
    assert_eq!(code("W10.e30.c2ln"), "credential_malformed_compact");
    assert_eq!(code(&"x".repeat(300_000)), "credential_too_large");
    let duplicate = URL_SAFE_NO_PAD.encode(r#"{"vct":"a","vct":"b"}"#);
    assert_eq!(code(&format!("e30.{duplicate}.c2ln~")), "json_duplicate_key");
    assert!(matches!(UnverifiedCredential::from_value(&json!(1)), Err(ParseError::UnknownFormat)));
}

#[test]
fn formats_have_their_wire_names() {
    for format in CredentialFormat::ALL {
        assert_eq!(CredentialFormat::parse(format.as_str()), Some(format));
        assert_eq!(serde_json::to_value(format).unwrap(), json!(format.as_str()));
    }
    assert_eq!(CredentialFormat::parse("vc+sd-jwt"), Some(CredentialFormat::SdJwtVc));
    assert_eq!(CredentialFormat::parse("mso_mdoc"), None);
}

use serde_json::{Value, json};

use super::with;
use crate::*;

fn metadata() -> Value {
    json!({
        "credential_issuer": "https://issuer.test/hrd",
        "credential_endpoint": "https://issuer.test/hrd/credential",
        "nonce_endpoint": "https://issuer.test/hrd/nonce",
        "batch_credential_issuance": {"batch_size": 10},
        "display": [{"name": "가상발급기관", "locale": "ko-KR"}, {"name": "Fictitious Issuer", "locale": "en"}],
        "credential_configurations_supported": {
            "KrQualificationBadge.dc+sd-jwt": {
                "format": "dc+sd-jwt",
                "vct": "https://sinpyo.example/credentials/KrQualificationBadge/v1",
                "credential_signing_alg_values_supported": ["ES256", -7],
                "cryptographic_binding_methods_supported": ["jwk", "did:key"],
                "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256", "EdDSA"]}},
                "credential_metadata": {
                    "display": [{"name": "국가기술자격", "locale": "ko"}, {"name": "Qualification", "locale": "en-US"}],
                    "claims": [{"path": ["records", null, "courseName"], "display": [{"name": "과정", "locale": "ko"}]}]
                }
            }
        }
    })
}

#[test]
fn issuer_metadata_is_read_and_written_back() {
    let parsed = IssuerMetadata::parse(&metadata(), "https://issuer.test/hrd").unwrap();
    assert_eq!(serde_json::to_value(&parsed).unwrap(), metadata());
    assert_eq!(parsed.display_for("en").unwrap().name.as_deref(), Some("Fictitious Issuer"));
    assert_eq!(parsed.display_for("fr").unwrap().name.as_deref(), Some("가상발급기관"));
    let configuration =
        &parsed.credential_configurations_supported["KrQualificationBadge.dc+sd-jwt"];
    configuration.validate().unwrap();
    assert!(configuration.requires_proof());
    assert_eq!(configuration.display_for("en").unwrap().name.as_deref(), Some("Qualification"));
    assert_eq!(parsed.authorization_server(None).unwrap(), "https://issuer.test/hrd");
    assert!(parsed.authorization_server(Some("https://evil.test")).is_err());
}

#[test]
fn issuer_metadata_of_somebody_else_or_broken_is_refused() {
    assert!(IssuerMetadata::parse(&metadata(), "https://issuer.test").is_err());
    for (pointer, value) in [
        ("/credential_endpoint", json!("not a url")),
        ("/nonce_endpoint", json!("javascript:alert(1)")),
        ("/batch_credential_issuance", json!({"batch_size": 1})),
        ("/authorization_servers", json!([])),
        (
            "/credential_request_encryption",
            json!({"jwks": {"keys": [{"kty": "EC"}]}, "enc_values_supported": ["A128GCM"], "encryption_required": false}),
        ),
        ("/credential_configurations_supported", json!([])),
    ] {
        let changed = with(&metadata(), pointer, value);
        assert!(IssuerMetadata::parse(&changed, "https://issuer.test/hrd").is_err(), "{pointer}");
    }
}

#[test]
fn configurations_are_checked_by_format() {
    let read = |json: Value| serde_json::from_value::<CredentialConfiguration>(json).unwrap();
    let proofs = json!({"jwt": {"proof_signing_alg_values_supported": ["ES256"]}});
    for good in [
        json!({"format": "ldp_vc", "credential_definition": {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"]}}),
        json!({"format": "jwt_vc_json", "credential_definition": {"type": ["VerifiableCredential"]}}),
        json!({"format": "mso_mdoc", "doctype": "org.iso.18013.5.1.mDL"}),
    ] {
        read(good).validate().unwrap();
    }
    for bad in [
        json!({"format": "dc+sd-jwt"}),
        json!({"format": "vc+sd-jwt", "vct": "x"}),
        json!({"format": "ldp_vc", "credential_definition": {"type": ["VerifiableCredential"]}}),
        json!({"format": "jwt_vc_json", "credential_definition": {"type": []}}),
        json!({"format": ""}),
        json!({"format": "dc+sd-jwt", "vct": "x", "proof_types_supported": proofs}),
        json!({"format": "dc+sd-jwt", "vct": "x", "cryptographic_binding_methods_supported": ["jwk"]}),
        json!({"format": "dc+sd-jwt", "vct": "x", "cryptographic_binding_methods_supported": ["jwk"], "proof_types_supported": {}}),
        json!({"format": "dc+sd-jwt", "vct": "x", "cryptographic_binding_methods_supported": ["jwk"], "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": []}}}),
    ] {
        assert!(read(bad.clone()).validate().is_err(), "{bad}");
    }
}

#[test]
fn well_known_locations_stand_between_host_and_path() {
    let at = |issuer: &str| issuer_metadata_url(issuer).unwrap().to_string();
    assert_eq!(
        at("https://issuer.test"),
        "https://issuer.test/.well-known/openid-credential-issuer"
    );
    assert_eq!(
        at("https://issuer.test/"),
        "https://issuer.test/.well-known/openid-credential-issuer"
    );
    assert_eq!(
        at("https://issuer.test/tenant/1"),
        "https://issuer.test/.well-known/openid-credential-issuer/tenant/1"
    );
    assert_eq!(
        authorization_server_metadata_url("http://localhost:7001/a").unwrap().as_str(),
        "http://localhost:7001/.well-known/oauth-authorization-server/a"
    );
    for bad in [
        "issuer.test",
        "https://issuer.test?x",
        "https://issuer.test#x",
        "data:text/plain,x",
        "https://",
    ] {
        assert!(issuer_metadata_url(bad).is_err(), "{bad}");
    }
}

#[test]
fn authorization_server_metadata_must_be_its_own() {
    let json = json!({
        "issuer": "https://issuer.test", "token_endpoint": "https://issuer.test/token",
        "grant_types_supported": [PRE_AUTHORIZED_CODE_GRANT],
        "pre-authorized_grant_anonymous_access_supported": true,
    });
    let metadata: AuthorizationServerMetadata = serde_json::from_value(json.clone()).unwrap();
    metadata.validate("https://issuer.test").unwrap();
    assert!(metadata.supports_pre_authorized_code());
    assert_eq!(serde_json::to_value(&metadata).unwrap(), json);
    assert!(metadata.validate("https://issuer.test/").is_err());
    let broken =
        AuthorizationServerMetadata { token_endpoint: Some("/token".into()), ..metadata.clone() };
    assert!(broken.validate("https://issuer.test").is_err());
    let other = AuthorizationServerMetadata {
        grant_types_supported: Some(vec!["authorization_code".into()]),
        ..metadata
    };
    assert!(!other.supports_pre_authorized_code());
}

#[test]
fn key_proof_headers_are_checked() {
    let read = |json: Value| serde_json::from_value::<KeyProofHeader>(json).unwrap().validate();
    read(json!({"typ": KEY_PROOF_TYP, "alg": "ES256", "kid": "did:key:z6Mk#z6Mk"})).unwrap();
    read(json!({"typ": KEY_PROOF_TYP, "alg": "EdDSA", "jwk": {"kty": "OKP"}})).unwrap();
    for bad in [
        json!({"typ": "JWT", "alg": "ES256", "kid": "a"}),
        json!({"typ": KEY_PROOF_TYP, "alg": "none", "kid": "a"}),
        json!({"typ": KEY_PROOF_TYP, "alg": "nOnE", "kid": "a"}),
        json!({"typ": KEY_PROOF_TYP, "alg": "HS256", "kid": "a"}),
        json!({"typ": KEY_PROOF_TYP, "alg": "ES256"}),
        json!({"typ": KEY_PROOF_TYP, "alg": "ES256", "kid": "a", "jwk": {}}),
        json!({"typ": KEY_PROOF_TYP, "alg": "ES256", "jwk": {"kty": "EC", "d": "x"}}),
        json!({"typ": KEY_PROOF_TYP, "alg": "ES256", "jwk": "x"}),
        json!({"typ": KEY_PROOF_TYP, "alg": "ES256", "x5c": []}),
    ] {
        assert_eq!(read(bad).unwrap_err().code(), "invalid_proof");
    }
}

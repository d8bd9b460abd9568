use serde_json::{Value, json};

use crate::*;

fn offer() -> Value {
    // Shape of the example in OID4VCI 1.0 §4.1.1.
    json!({
        "credential_issuer": "https://credential-issuer.example.com",
        "credential_configuration_ids": ["KrQualificationBadge.dc+sd-jwt"],
        "grants": {
            PRE_AUTHORIZED_CODE_GRANT: {
                "pre-authorized_code": "oaKazRN8I0IbtZ0C7JuMn5",
                "tx_code": {"length": 4, "input_mode": "numeric", "description": "One-time code from e-mail"}
            }
        }
    })
}

fn with(base: &Value, pointer: &str, value: Value) -> Value {
    let mut changed = base.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/");
    changed.pointer_mut(parent).unwrap()[name.as_str()] = value;
    changed
}

fn grant_pointer(member: &str) -> String {
    format!("/grants/{PRE_AUTHORIZED_CODE_GRANT}/{member}")
}

#[test]
fn an_offer_is_read_and_travels_in_both_links() {
    let parsed = CredentialOffer::parse(&offer()).unwrap();
    assert!(parsed.tx_code_required());
    let grant = parsed.pre_authorized_code().unwrap();
    assert_eq!(grant.tx_code.as_ref().unwrap().input_mode, Some(InputMode::Numeric));
    assert_eq!(serde_json::to_value(&parsed).unwrap(), offer());

    let by_value = parsed.to_uri();
    assert!(by_value.starts_with("openid-credential-offer://?credential_offer=%7B"));
    assert!(!by_value.contains('+'));
    assert_eq!(
        CredentialOfferUri::parse(&by_value).unwrap(),
        CredentialOfferUri::ByValue(Box::new(parsed))
    );

    let link =
        "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fissuer.test%2Foffers%2Fab12";
    let reference = CredentialOfferUri::parse(link).unwrap();
    assert_eq!(reference.to_uri(), link);
    assert!(
        matches!(reference, CredentialOfferUri::ByReference(url) if url.path() == "/offers/ab12")
    );
    // Some wallets' systems hand the scheme over in capitals, some write a host.
    assert!(
        CredentialOfferUri::parse(
            "OPENID-CREDENTIAL-OFFER://host/?credential_offer_uri=https://issuer.test/o"
        )
        .is_ok()
    );
}

#[test]
fn an_empty_tx_code_object_still_means_required() {
    let parsed =
        CredentialOffer::parse(&with(&offer(), &grant_pointer("tx_code"), json!({}))).unwrap();
    assert!(parsed.tx_code_required());
}

#[test]
fn unknown_members_and_grants_of_an_offer_are_ignored() {
    let mut changed = with(&offer(), "/grants/urn:example:new-grant", json!({"x": 1}));
    changed["extension"] = json!({"n": 1.5});
    assert!(CredentialOffer::parse(&changed).is_ok());
    let mut without_grants = offer();
    without_grants.as_object_mut().unwrap().remove("grants");
    assert!(!CredentialOffer::parse(&without_grants).unwrap().tx_code_required());
}

#[test]
fn malformed_offers_are_refused() {
    let bad = [
        with(&offer(), "/credential_configuration_ids", json!([])),
        with(&offer(), "/credential_configuration_ids", json!(["a", "a"])),
        with(&offer(), "/credential_configuration_ids", json!([""])),
        with(&offer(), "/credential_configuration_ids", json!("a")),
        with(&offer(), "/credential_issuer", json!("ftp://issuer.test")),
        with(&offer(), "/credential_issuer", json!("https://issuer.test?x=1")),
        with(&offer(), "/credential_issuer", json!("https://issuer.test#f")),
        with(&offer(), "/credential_issuer", json!("https://user@issuer.test")),
        with(&offer(), "/credential_issuer", json!("https://issuer.test/\n")),
        with(&offer(), &grant_pointer("pre-authorized_code"), json!("")),
        with(&offer(), &grant_pointer("tx_code"), json!({"input_mode": "emoji"})),
        with(&offer(), &grant_pointer("tx_code"), json!({"length": 0})),
        with(&offer(), &grant_pointer("tx_code"), json!([])),
        with(&offer(), "/grants", json!([])),
        with(&offer(), &grant_pointer("tx_code"), json!({"length": -1})),
        with(&offer(), &grant_pointer("tx_code"), json!({"description": "x".repeat(301)})),
        json!([]),
        json!({"credential_issuer": "https://issuer.test"}),
    ];
    for offer in bad {
        let error = CredentialOffer::parse(&offer).unwrap_err();
        assert_eq!(error.code(), "invalid_document", "{offer}");
    }
}

#[test]
fn malformed_offer_links_are_refused() {
    let both = "openid-credential-offer://?credential_offer=%7B%7D&credential_offer_uri=https%3A%2F%2Fa.test";
    let long = format!(
        "openid-credential-offer://?credential_offer_uri=https://a.test/{}",
        "x".repeat(MAX_DEEP_LINK_BYTES)
    );
    for link in [
        both,
        "openid-credential-offer://?other=1",
        "openid-credential-offer://",
        "openid-credential-offer:credential_offer_uri=https://a.test",
        "https://a.test/?credential_offer_uri=https://b.test",
        "openid-credential-offer://?credential_offer_uri=https://a.test&credential_offer_uri=https://b.test",
        "openid-credential-offer://?credential_offer_uri=https://a.test\u{a}",
        "openid-credential-offer://?credential_offer_uri=%FF%FE",
        &long,
    ] {
        assert_eq!(
            CredentialOfferUri::parse(link).unwrap_err().code(),
            "invalid_request",
            "{link}"
        );
    }
    for link in [
        "openid-credential-offer://?credential_offer=not-json",
        "openid-credential-offer://?credential_offer_uri=javascript:alert(1)",
        "openid-credential-offer://?credential_offer_uri=file:///etc/passwd",
        "openid-credential-offer://?credential_offer_uri=https:a.test",
        "openid-credential-offer://?credential_offer_uri=https:%5C%5Ca.test",
        "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fa.test%2F%0A",
    ] {
        assert_eq!(
            CredentialOfferUri::parse(link).unwrap_err().code(),
            "invalid_document",
            "{link}"
        );
    }
}

#[test]
fn codes_stay_out_of_debug_output() {
    let parsed = CredentialOffer::parse(&offer()).unwrap();
    assert!(!format!("{parsed:?}").contains("oaKazRN8"));
    let request = TokenRequest::pre_authorized("SECRET", Some("493536"));
    assert!(
        !format!("{request:?}").contains("SECRET") && !format!("{request:?}").contains("493536")
    );
    let response: TokenResponse =
        serde_json::from_value(json!({"access_token": "SECRET", "token_type": "Bearer"})).unwrap();
    assert!(!format!("{response:?}").contains("SECRET"));
}

#[test]
fn token_requests_survive_their_form() {
    for request in [
        TokenRequest::pre_authorized("a b&c", Some("493536")),
        TokenRequest::pre_authorized("code", None),
        TokenRequest {
            grant: Grant::AuthorizationCode {
                code: "x".into(),
                redirect_uri: Some("https://wallet.test/cb".into()),
                code_verifier: Some("v".repeat(43)),
            },
            client_id: Some("wallet".into()),
            authorization_details: None,
        },
    ] {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(request.to_form())
            .finish();
        assert_eq!(TokenRequest::from_form(body.as_bytes()).unwrap(), request);
    }
}

#[test]
fn bad_token_requests_get_the_standards_codes() {
    let pre = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Apre-authorized_code";
    for (body, code) in [
        (String::new(), "invalid_request"),
        (pre.to_owned(), "invalid_request"),
        (format!("{pre}&pre-authorized_code="), "invalid_request"),
        (format!("{pre}&pre-authorized_code=a&pre-authorized_code=b"), "invalid_request"),
        (format!("{pre}&pre-authorized_code=a&user_pin=1"), "invalid_request"),
        (format!("{pre}&pre-authorized_code=a&tx_code={}", "1".repeat(257)), "invalid_request"),
        ("grant_type=authorization_code&code=a&tx_code=1".to_owned(), "invalid_request"),
        ("grant_type=authorization_code".to_owned(), "invalid_request"),
        ("grant_type=password&username=a".to_owned(), "unsupported_grant_type"),
        ((0..100).map(|i| format!("p{i}=1&")).collect(), "invalid_request"),
    ] {
        assert_eq!(TokenRequest::from_form(body.as_bytes()).unwrap_err().code(), code, "{body}");
    }
}

#[test]
fn token_responses_are_checked() {
    let read = |json: Value| serde_json::from_value::<TokenResponse>(json).unwrap();
    let good = read(json!({
        "access_token": "t", "token_type": "bearer", "expires_in": 300, "c_nonce": "a draft's, ignored",
        "authorization_details": [{"type": "openid_credential", "credential_configuration_id": "A", "credential_identifiers": ["A-1", "A-2"]}]
    }));
    good.validate().unwrap();
    assert_eq!(good.credential_identifiers("A"), ["A-1", "A-2"]);
    assert!(good.credential_identifiers("B").is_empty());
    for bad in [
        json!({"access_token": "", "token_type": "Bearer"}),
        json!({"access_token": "t", "token_type": "mac"}),
        json!({"access_token": "t", "token_type": "Bearer", "authorization_details": [{"type": "openid_credential"}]}),
        json!({"access_token": "t", "token_type": "Bearer", "authorization_details": [{"type": "openid_credential", "credential_identifiers": []}]}),
    ] {
        assert!(read(bad).validate().is_err());
    }
}

#[test]
fn credential_requests_are_read() {
    let request = json!({
        "credential_configuration_id": "KrQualificationBadge.ldp_vc",
        "proofs": {"jwt": ["a.b.c", "d.e.f"]},
        "credential_response_encryption": {"jwk": {"kty": "EC", "crv": "P-256", "x": "", "y": "", "alg": "ECDH-ES", "kid": "1"}, "enc": "A256GCM"},
        "extension": 1.0,
    });
    let parsed = CredentialRequest::parse(&request).unwrap();
    assert_eq!(parsed.proofs.as_ref().unwrap().len(), 2);
    assert_eq!(parsed.credential_response_encryption.as_ref().unwrap().alg(), Some("ECDH-ES"));
    let again = CredentialRequest::parse(&serde_json::to_value(&parsed).unwrap()).unwrap();
    assert_eq!(again, parsed);
    let by_identifier = json!({"credential_identifier": "A-1", "proofs": {"di_vp": [{"type": "VerifiablePresentation", "n": 1}]}});
    assert!(matches!(
        CredentialRequest::parse(&by_identifier).unwrap().proofs,
        Some(Proofs::DiVp(_))
    ));
    let attested = json!({"credential_identifier": "A-1", "proofs": {"attestation": ["a.b.c"]}});
    assert!(matches!(
        CredentialRequest::parse(&attested).unwrap().proofs,
        Some(Proofs::Attestation(_))
    ));
    assert!(
        CredentialRequest::parse(&json!({"credential_identifier": "A-1"}))
            .unwrap()
            .proofs
            .is_none()
    );
}

#[test]
fn bad_credential_requests_get_the_standards_codes() {
    let jwk = json!({"kty": "EC", "alg": "ECDH-ES"});
    for (request, code) in [
        (json!([]), "invalid_credential_request"),
        (json!({}), "invalid_credential_request"),
        (
            json!({"credential_identifier": "a", "credential_configuration_id": "b"}),
            "invalid_credential_request",
        ),
        (json!({"credential_configuration_id": ""}), "invalid_credential_request"),
        (json!({"credential_configuration_id": 7}), "invalid_credential_request"),
        (json!({"credential_configuration_id": "a".repeat(3000)}), "invalid_credential_request"),
        (
            json!({"credential_configuration_id": "a", "proof": {"proof_type": "jwt", "jwt": "a.b.c"}}),
            "invalid_credential_request",
        ),
        (
            json!({"credential_configuration_id": "a", "format": "ldp_vc"}),
            "invalid_credential_request",
        ),
        (json!({"credential_configuration_id": "a", "proofs": {}}), "invalid_proof"),
        (json!({"credential_configuration_id": "a", "proofs": []}), "invalid_proof"),
        (
            json!({"credential_configuration_id": "a", "proofs": {"jwt": ["a"], "di_vp": [{}]}}),
            "invalid_proof",
        ),
        (json!({"credential_configuration_id": "a", "proofs": {"jwt": []}}), "invalid_proof"),
        (json!({"credential_configuration_id": "a", "proofs": {"jwt": "a.b.c"}}), "invalid_proof"),
        (json!({"credential_configuration_id": "a", "proofs": {"jwt": [1]}}), "invalid_proof"),
        (
            json!({"credential_configuration_id": "a", "proofs": {"jwt": vec!["a"; 101]}}),
            "invalid_proof",
        ),
        (json!({"credential_configuration_id": "a", "proofs": {"di_vp": ["a"]}}), "invalid_proof"),
        (
            json!({"credential_configuration_id": "a", "proofs": {"attestation": ["a", "b"]}}),
            "invalid_proof",
        ),
        (json!({"credential_configuration_id": "a", "proofs": {"cwt": ["a"]}}), "invalid_proof"),
        (
            json!({"credential_configuration_id": "a", "credential_response_encryption": {"jwk": {"kty": "EC"}, "enc": "A256GCM"}}),
            "invalid_encryption_parameters",
        ),
        (
            json!({"credential_configuration_id": "a", "credential_response_encryption": {"jwk": jwk, "alg": "ECDH-ES", "enc": "A256GCM"}}),
            "invalid_encryption_parameters",
        ),
        (
            json!({"credential_configuration_id": "a", "credential_response_encryption": {"jwk": jwk}}),
            "invalid_encryption_parameters",
        ),
        (
            json!({"credential_configuration_id": "a", "credential_response_encryption": {"jwk": {"kty": "EC", "alg": "ECDH-ES", "d": "x"}, "enc": "A256GCM"}}),
            "invalid_encryption_parameters",
        ),
        (
            json!({"credential_configuration_id": "a", "credential_response_encryption": "x"}),
            "invalid_encryption_parameters",
        ),
    ] {
        let error = CredentialRequest::parse(&request).unwrap_err();
        assert_eq!(error.code(), code, "{request}");
        assert_eq!(error.to_response().code(), Some(error.code));
    }
}

#[test]
fn credential_responses_are_immediate_or_deferred() {
    let immediate = json!({"credentials": [{"credential": {"n": 1}}, {"credential": "a.b.c"}], "notification_id": "n1"});
    let parsed = CredentialResponse::parse(&immediate).unwrap();
    assert!(
        matches!(&parsed, CredentialResponse::Immediate { credentials, .. } if credentials.len() == 2)
    );
    assert_eq!(serde_json::to_value(&parsed).unwrap(), immediate);
    let deferred = json!({"transaction_id": "t1", "interval": 5});
    let parsed = CredentialResponse::parse(&deferred).unwrap();
    assert_eq!(parsed, CredentialResponse::Deferred { transaction_id: "t1".into(), interval: 5 });
    // Text to text, where arbitrary_precision would show.
    let text = serde_json::to_string(&parsed).unwrap();
    assert_eq!(serde_json::from_str::<CredentialResponse>(&text).unwrap(), parsed);
    for bad in [
        json!({}),
        json!({"credentials": []}),
        json!({"credentials": [{"credential": 1}]}),
        json!({"credentials": [{"credential": "a"}], "transaction_id": "t", "interval": 1}),
        json!({"transaction_id": "t"}),
        json!({"transaction_id": "", "interval": 5}),
        json!({"transaction_id": "t", "interval": 0}),
        json!({"credential": "a.b.c"}),
    ] {
        assert_eq!(
            CredentialResponse::parse(&bad).unwrap_err().code(),
            "invalid_document",
            "{bad}"
        );
    }
}

#[test]
fn deferred_and_notification_requests_are_checked() {
    assert_eq!(
        DeferredRequest::parse(&json!({"transaction_id": "t"})).unwrap().transaction_id,
        "t"
    );
    for bad in [json!({}), json!({"transaction_id": ""}), json!({"transaction_id": 1}), json!("t")]
    {
        assert_eq!(DeferredRequest::parse(&bad).unwrap_err().code(), "invalid_transaction_id");
    }
    let good = json!({"notification_id": "n", "event": "credential_failure", "event_description": "Could not store"});
    assert_eq!(
        NotificationRequest::parse(&good).unwrap().event,
        NotificationEvent::CredentialFailure
    );
    for bad in [
        json!({"notification_id": "n", "event": "credential_lost"}),
        json!({"event": "credential_accepted"}),
        json!({"notification_id": "", "event": "credential_accepted"}),
        json!({"notification_id": "n", "event": "credential_accepted", "event_description": "한글"}),
        json!({"notification_id": "n", "event": "credential_accepted", "event_description": "a\"b"}),
    ] {
        assert_eq!(
            NotificationRequest::parse(&bad).unwrap_err().code(),
            "invalid_notification_request"
        );
    }
}

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

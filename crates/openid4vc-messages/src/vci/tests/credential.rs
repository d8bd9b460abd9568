use serde_json::json;

use crate::*;

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

use serde_json::{Value, json};

use super::offer;
use crate::*;

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

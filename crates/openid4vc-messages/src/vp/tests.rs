use serde_json::{Value, json};

use crate::*;

const NONCE: &str = "n-0S6_WzA2Mjn-0S6_WzA2Mj";

fn request() -> Value {
    json!({
        "response_type": "vp_token",
        "client_id": "decentralized_identifier:did:web:verifier.test",
        "response_mode": "direct_post",
        "response_uri": "https://verifier.test/response/1",
        "nonce": NONCE,
        "state": "s1",
        "aud": REQUEST_OBJECT_AUDIENCE,
        "iat": 1_795_000_000,
        "dcql_query": {"credentials": [{"id": "badge", "format": "dc+sd-jwt", "meta": {}}]},
    })
}

fn set(name: &str, value: Value) -> Value {
    let mut changed = request();
    changed[name] = value;
    changed
}

fn without(name: &str) -> Value {
    let mut changed = request();
    changed.as_object_mut().unwrap().remove(name);
    changed
}

#[test]
fn client_identifiers_are_split_at_their_prefix() {
    let hash = "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk";
    for (text, prefix, value) in [
        ("shop-1", ClientIdPrefix::PreRegistered, "shop-1"),
        ("redirect_uri:https://v.test/cb", ClientIdPrefix::RedirectUri, "https://v.test/cb"),
        ("openid_federation:https://v.test", ClientIdPrefix::OpenidFederation, "https://v.test"),
        (
            "decentralized_identifier:did:web:localhost%3A7002",
            ClientIdPrefix::DecentralizedIdentifier,
            "did:web:localhost%3A7002",
        ),
        ("verifier_attestation:v.test", ClientIdPrefix::VerifierAttestation, "v.test"),
        ("x509_san_dns:v.test", ClientIdPrefix::X509SanDns, "v.test"),
        (hash, ClientIdPrefix::X509Hash, &hash[10..]),
    ] {
        let id = ClientId::parse(text).unwrap();
        assert_eq!((id.prefix(), id.value(), id.as_str()), (prefix, value, text));
    }
}

#[test]
fn bad_client_identifiers_are_refused() {
    for text in [
        "",
        "origin:https://v.test",
        "did:web:v.test",
        "https://v.test",
        "nonsense:value",
        "Redirect_uri:https://v.test",
        "redirect_uri:javascript:alert(1)",
        "redirect_uri:",
        "decentralized_identifier:web:v.test",
        "decentralized_identifier:did:web:",
        "decentralized_identifier:did:web:v.test#key",
        "decentralized_identifier:did:web:v.test/../x",
        "verifier_attestation:",
        "x509_san_dns:v.test/path",
        "x509_san_dns:-v.test",
        "x509_san_dns:v..test",
        "x509_hash:short",
        "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZsz=",
        "shop 1",
        "shop\u{0}",
    ] {
        assert_eq!(ClientId::parse(text).unwrap_err().code(), "invalid_request", "{text}");
    }
    assert!(ClientId::parse(&"a".repeat(5000)).is_err());
}

#[test]
fn a_request_object_is_read_and_written_back() {
    let mut full = request();
    full["unknown"] = json!({"n": 1.5});
    let parsed = AuthorizationRequest::parse(&full).unwrap();
    assert_eq!(serde_json::to_value(&parsed).unwrap(), request());
    assert!(parsed.response_mode.is_direct_post() && !parsed.response_mode.is_encrypted());
}

#[test]
fn rules_between_request_parameters_hold() {
    let hash = "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk";
    let mut fragment = without("response_uri");
    fragment["response_mode"] = json!("fragment");
    fragment["redirect_uri"] = json!("https://verifier.test/cb");
    fragment["client_id"] = json!("redirect_uri:https://verifier.test/cb");
    let mut encrypted = set("response_mode", json!("direct_post.jwt"));
    encrypted["client_metadata"] =
        json!({"jwks": {"keys": [{"kty": "EC", "alg": "ECDH-ES", "kid": "1"}]}});
    let mut scope = without("dcql_query");
    scope["scope"] = json!("kr.qualification");
    let mut browser = without("response_uri");
    browser["response_mode"] = json!("dc_api");
    for good in [
        fragment,
        encrypted,
        scope,
        browser,
        set("client_id", json!(hash)),
        set("client_id", json!("x509_san_dns:verifier.test")),
    ] {
        AuthorizationRequest::parse(&good).unwrap_or_else(|e| panic!("{good}: {e}"));
    }

    let mut foreign_redirect = set("client_id", json!("redirect_uri:https://verifier.test/other"));
    foreign_redirect["state"] = json!("s");
    let mut no_query = without("dcql_query");
    no_query["state"] = json!("s");
    for bad in [
        json!([]),
        without("nonce"),
        without("response_mode"),
        without("response_type"),
        without("client_id"),
        without("response_uri"),
        no_query,
        set("nonce", json!("short")),
        set("nonce", json!("has space in it and is long enough")),
        set("nonce", json!(12345)),
        set("response_type", json!("code")),
        set("response_mode", json!("form_post")),
        set("scope", json!("both.given")),
        set("redirect_uri", json!("https://verifier.test/cb")),
        set("response_uri", json!("ftp://verifier.test")),
        set("client_id", json!("origin:https://verifier.test")),
        set("client_id", json!("x509_san_dns:evil.test")),
        foreign_redirect,
        set("response_mode", json!("direct_post.jwt")),
        set("response_mode", json!("dc_api")),
        set("dcql_query", json!({"credentials": []})),
        set("presentation_definition", json!({})),
        set("client_id_scheme", json!("did")),
        set("request_uri", json!("https://verifier.test/r")),
    ] {
        assert_eq!(
            AuthorizationRequest::parse(&bad).unwrap_err().code(),
            "invalid_request",
            "{bad}"
        );
    }
}

#[test]
fn transaction_data_is_decoded_and_unknown_types_refused() {
    let entry = |json: Value| TransactionData::encode(&json);
    let good = set(
        "transaction_data",
        json!([entry(json!({"type": "kr.consent", "credential_ids": ["badge"], "amount": 1.5}))]),
    );
    let parsed = AuthorizationRequest::parse(&good).unwrap();
    let transactions = parsed.transactions().unwrap();
    assert_eq!(transactions[0].kind, "kr.consent");
    transactions[0].require_known(&["kr.consent"]).unwrap();
    assert_eq!(transactions[0].require_known(&[]).unwrap_err().code(), "invalid_transaction_data");
    for bad in [
        json!([]),
        json!(["***"]),
        json!([TransactionData::encode(&json!([])),]),
        json!([entry(json!({"credential_ids": ["badge"]}))]),
        json!([entry(json!({"type": "", "credential_ids": ["badge"]}))]),
        json!([entry(json!({"type": "t"}))]),
        json!([entry(json!({"type": "t", "credential_ids": []}))]),
        json!([entry(json!({"type": "t", "credential_ids": ["other"]}))]),
        json!([entry(
            json!({"type": "t", "credential_ids": ["badge"], "transaction_data_hashes_alg": "sha-256"})
        )]),
    ] {
        let error = AuthorizationRequest::parse(&set("transaction_data", bad.clone())).unwrap_err();
        assert_eq!(error.code(), "invalid_transaction_data", "{bad}");
    }
}

#[test]
fn request_links_are_read_and_written_back() {
    for link in [
        "openid4vp://?client_id=decentralized_identifier%3Adid%3Aweb%3Av.test&request_uri=https%3A%2F%2Fv.test%2Frequest%2F1",
        "openid4vp://?client_id=decentralized_identifier%3Adid%3Aweb%3Av.test&request_uri=https%3A%2F%2Fv.test%2Frequest%2F1&request_uri_method=post",
        "openid4vp://?client_id=x509_san_dns%3Av.test&request=a.b.c",
    ] {
        assert_eq!(RequestUri::parse(link).unwrap().to_uri(), link);
    }
    let by_get = RequestUri::parse(
        "openid4vp://?client_id=shop&request_uri=https://v.test/1&request_uri_method=get",
    )
    .unwrap();
    assert!(matches!(
        by_get.source,
        RequestSource::ByReference { method: RequestUriMethod::Get, .. }
    ));
    let authorize = RequestUri::parse("OpenID4VP://authorize?client_id=shop&request_uri=https%3A%2F%2Fv.test%2F1&response_type=ignored").unwrap();
    assert_eq!(authorize.client_id.as_str(), "shop");
}

#[test]
fn an_unsigned_request_keeps_its_parameters_in_the_link() {
    let mut claims = set("client_id", json!("redirect_uri:https://verifier.test/response/1"));
    for name in ["aud", "iat"] {
        claims.as_object_mut().unwrap().remove(name);
    }
    let request = AuthorizationRequest::parse(&claims).unwrap();
    let link = RequestUri {
        client_id: request.client_id.clone(),
        source: RequestSource::Parameters(Box::new(request)),
    };
    assert_eq!(RequestUri::parse(&link.to_uri()).unwrap(), link);
}

#[test]
fn bad_request_links_get_the_standards_codes() {
    for (link, code) in [
        ("openid4vp://?request_uri=https://v.test", "invalid_request"),
        (
            "openid4vp://?client_id=origin:https://v.test&request_uri=https://v.test",
            "invalid_request",
        ),
        ("openid4vp://?client_id=shop&request_uri=https://v.test&request=a.b.c", "invalid_request"),
        ("openid4vp://?client_id=shop&request_uri=http:evil", "invalid_request"),
        ("openid4vp://?client_id=shop&request_uri=file:///etc/passwd", "invalid_request"),
        (
            "openid4vp://?client_id=shop&request_uri=https://v.test&request_uri_method=put",
            "invalid_request_uri_method",
        ),
        (
            "openid4vp://?client_id=shop&request_uri=https://v.test&request_uri_method=POST",
            "invalid_request_uri_method",
        ),
        ("openid4vp://?client_id=shop&request=a.b.c&request_uri_method=post", "invalid_request"),
        (
            "openid4vp://?client_id=shop&client_id=other&request_uri=https://v.test",
            "invalid_request",
        ),
        (
            "openid4vp://?client_id=decentralized_identifier:did:web:v.test&nonce=abc",
            "invalid_request",
        ),
        ("openid4vp://?client_id=redirect_uri:https://v.test&request=a.b.c", "invalid_request"),
        (
            "openid4vp://?client_id=redirect_uri:https://v.test&dcql_query=nonsense",
            "invalid_request",
        ),
        ("openid://?client_id=shop&request_uri=https://v.test", "invalid_request"),
        ("openid4vp://", "invalid_request"),
    ] {
        assert_eq!(RequestUri::parse(link).unwrap_err().code(), code, "{link}");
    }
}

#[test]
fn the_post_to_request_uri_is_read() {
    let post =
        RequestUriPost::from_form(b"wallet_nonce=qPmxiNFCR3QTm19POc8u&wallet_metadata=%7B%7D")
            .unwrap();
    assert_eq!(post.wallet_nonce.as_deref(), Some("qPmxiNFCR3QTm19POc8u"));
    assert_eq!(post.to_form().len(), 2);
    assert_eq!(RequestUriPost::from_form(b"").unwrap(), RequestUriPost::default());
    assert!(RequestUriPost::from_form(b"wallet_metadata=%5B%5D").is_err());
    assert!(RequestUriPost::from_form(b"wallet_nonce=a&wallet_nonce=b").is_err());
    assert!(
        RequestUriPost::from_form(format!("wallet_nonce={}", "a".repeat(1025)).as_bytes()).is_err()
    );
}

#[test]
fn an_encryption_key_is_chosen_by_what_both_can() {
    let metadata = |keys: Value, encs: Option<Vec<&str>>| -> ClientMetadata {
        let mut json = json!({"jwks": {"keys": keys}});
        if let Some(encs) = encs {
            json["encrypted_response_enc_values_supported"] = json!(encs);
        }
        serde_json::from_value(json).unwrap()
    };
    let key = json!({"kty": "EC", "crv": "P-256", "alg": "ECDH-ES", "use": "enc", "kid": "k1"});
    let signing = json!({"kty": "EC", "alg": "ES256", "use": "sig", "kid": "k0"});
    let choice = metadata(json!([signing, key]), Some(vec!["A192GCM", "A256GCM", "A128GCM"]))
        .encryption_choice(&["ECDH-ES"], &["A128GCM", "A256GCM"])
        .unwrap();
    assert_eq!(
        (choice.kid.as_deref(), choice.enc.as_str(), choice.alg.as_str()),
        (Some("k1"), "A256GCM", "ECDH-ES")
    );
    assert_eq!(
        metadata(json!([key]), None).encryption_choice(&["ECDH-ES"], &["A128GCM"]).unwrap().enc,
        "A128GCM"
    );
    for bad in [
        metadata(json!([]), None),
        metadata(json!([signing]), None),
        metadata(json!([{"kty": "EC", "alg": "ECDH-ES", "d": "private"}]), None),
        metadata(json!([{"kty": "EC"}]), None),
        metadata(json!([key]), Some(vec!["A128CBC-HS256"])),
        ClientMetadata::default(),
    ] {
        let error = bad.encryption_choice(&["ECDH-ES"], &["A128GCM", "A256GCM"]).unwrap_err();
        assert_eq!(error.code(), "invalid_request");
    }
}

#[test]
fn supported_formats_are_looked_up() {
    let metadata: ClientMetadata = serde_json::from_value(json!({"vp_formats_supported": {
        "dc+sd-jwt": {"sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"]}, "ldp_vc": {}
    }}))
    .unwrap();
    assert!(metadata.supports("dc+sd-jwt", "kb-jwt_alg_values", "ES256"));
    assert!(!metadata.supports("dc+sd-jwt", "kb-jwt_alg_values", "EdDSA"));
    assert!(metadata.supports("ldp_vc", "cryptosuite_values", "eddsa-rdfc-2022"));
    assert!(!metadata.supports("jwt_vc_json", "alg_values", "ES256"));
    assert!(ClientMetadata::default().supports("ldp_vc", "cryptosuite_values", "eddsa-rdfc-2022"));
}

#[test]
fn direct_post_forms_survive_the_wire() {
    let token = VpToken::parse(
        &json!({"badge": ["eyJ.a.b~"], "permit": [{"type": "VerifiablePresentation", "n": 1.5}]}),
    )
    .unwrap();
    for form in [
        DirectPostForm::Plain(AuthorizationResponse { vp_token: token, state: Some("s 1".into()) }),
        DirectPostForm::Encrypted("a..b.c.d".into()),
        DirectPostForm::Error(ErrorResponse {
            error: "access_denied".into(),
            error_description: None,
            state: Some("s".into()),
        }),
    ] {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form.to_form())
            .finish();
        assert_eq!(DirectPostForm::from_form(body.as_bytes()).unwrap(), form);
    }
}

#[test]
fn bad_direct_posts_are_refused() {
    for body in [
        "",
        "state=s",
        "vp_token=nonsense",
        "vp_token=%5B%5D",
        "vp_token=%7B%7D",
        "vp_token=%7B%22a%22%3A%22b%22%7D",
        "vp_token=%7B%22a%22%3A%5B%5D%7D",
        "vp_token=%7B%22a%22%3A%5B1%5D%7D",
        "vp_token=%7B%22a%22%3A%5B%22b%22%5D%7D&response=x",
        "response=x&error=access_denied",
        "response=x&response=y",
    ] {
        assert_eq!(
            DirectPostForm::from_form(body.as_bytes()).unwrap_err().code(),
            "invalid_request",
            "{body}"
        );
    }
    assert!(AuthorizationResponse::parse(&json!({"state": "s"})).is_err());
    assert!(AuthorizationResponse::parse(&json!({"vp_token": {"a": ["b"]}, "state": 1})).is_err());
    assert!(VpToken::parse(&json!({"a": vec!["b"; 129]})).is_err());
}

#[test]
fn a_vp_token_is_held_against_its_query() {
    let query = dcql::DcqlQuery::parse(&json!({
        "credentials": [
            {"id": "badge", "format": "dc+sd-jwt", "meta": {}},
            {"id": "training", "format": "dc+sd-jwt", "meta": {}, "multiple": true}
        ]
    }))
    .unwrap();
    let check = |token: Value| VpToken::parse(&token).unwrap().validate(&query);
    check(json!({"badge": ["a"], "training": ["b", "c"]})).unwrap();
    assert!(check(json!({"badge": ["a"]})).is_err());
    assert!(check(json!({"badge": ["a", "b"], "training": ["c"]})).is_err());
    assert!(check(json!({"badge": ["a"], "training": ["b"], "extra": ["c"]})).is_err());
}

#[test]
fn the_verifiers_answer_is_read() {
    let parse = |json: Value| DirectPostResponse::parse(&json);
    assert_eq!(parse(json!({})).unwrap().redirect_uri, None);
    assert!(parse(json!({"redirect_uri": "https://v.test/done#response_code=1", "x": 1})).is_ok());
    for bad in
        [json!([]), json!({"redirect_uri": 1}), json!({"redirect_uri": "javascript:alert(1)"})]
    {
        assert_eq!(parse(bad).unwrap_err().code(), "invalid_document");
    }
}

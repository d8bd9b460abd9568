//! Metadata, DID document, status lists, encryption, OpenAPI: what everybody can read.

// The lint spares #[test] functions only, not what they share.
#![allow(clippy::unwrap_used)]

mod harness;

use axum::body::Body;
use axum::http::{Request, header};
use credential_model::did::{Did, DidDocument, ProofPurpose};
use credential_proofs::jose::{self, CompactJws};
use credential_proofs::jwe::{self, ContentEncryption, EphemeralKey};
use harness::wallet::Holder;
use harness::{TestIssuer, URL, issuer, status_of, training_offer};
use openid4vc_messages::{AuthorizationServerMetadata, IssuerMetadata};
use serde_json::{Value, json};

const LDP: &str = "KrTrainingHistory.ldp_vc";

#[tokio::test]
async fn metadata_names_everything_in_two_languages() {
    let issuer = issuer().await;
    let json = issuer.get("/.well-known/openid-credential-issuer").await.ok(200).json();
    let metadata = IssuerMetadata::parse(&json, URL).unwrap();
    assert_eq!(metadata.credential_configurations_supported.len(), 21);
    for (id, configuration) in &metadata.credential_configurations_supported {
        configuration.validate().unwrap();
        let described = configuration.credential_metadata.as_ref().unwrap();
        let locales: Vec<_> = described
            .display
            .iter()
            .flatten()
            .filter_map(|display| display.locale.as_deref())
            .collect();
        assert_eq!(locales, ["ko", "en"], "{id}");
        let claims = described.claims.as_ref().unwrap();
        assert!(claims.len() > 3, "{id}");
        assert!(
            claims.iter().all(|claim| claim.display.as_ref().is_some_and(|names| names.len() == 2))
        );
    }
    assert_eq!(metadata.batch_credential_issuance.unwrap().batch_size, 10);
    let badge = &json["credential_configurations_supported"]["KrQualificationBadge.ldp_vc"];
    assert_eq!(badge["credential_definition"]["@context"].as_array().unwrap().len(), 3);
    let sd_jwt = &json["credential_configurations_supported"]["KrQualificationBadge.dc+sd-jwt"];
    assert_eq!(sd_jwt["vct"], "https://sinpyo.example/credentials/KrQualificationBadge/v1");

    let server = issuer.get("/.well-known/oauth-authorization-server").await.ok(200).json();
    let server: AuthorizationServerMetadata = serde_json::from_value(server).unwrap();
    server.validate(URL).unwrap();
    assert!(server.supports_pre_authorized_code());
    assert_eq!(server.pre_authorized_grant_anonymous_access_supported, Some(true));
}

#[tokio::test]
async fn signed_metadata_on_request() {
    let issuer = issuer().await;
    let answer =
        issuer.get_as("/.well-known/openid-credential-issuer", "application/jwt").await.ok(200);
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/jwt");
    let token = CompactJws::parse(std::str::from_utf8(&answer.body).unwrap()).unwrap();
    let kid = credential_model::did::DidUrl::parse(token.kid().unwrap()).unwrap();
    let ring = issuer.key_ring().await;
    jose::verify(&token, &ring.get(&kid).unwrap().key, &["openidvci-issuer-metadata+jwt"]).unwrap();
    let claims = token.payload_json().unwrap();
    assert_eq!(claims["sub"], URL);
    assert_eq!(claims["credential_issuer"], URL);
}

#[tokio::test]
async fn the_did_document_lists_both_keys_for_assertions() {
    let issuer = issuer().await;
    let answer = issuer.get("/.well-known/did.json").await.ok(200);
    let document = DidDocument::parse(&answer.json()).unwrap();
    assert_eq!(document.id, Did::parse("did:web:localhost%3A7001").unwrap());
    let kinds: Vec<&str> = document.methods().iter().map(|method| method.kind.as_str()).collect();
    assert_eq!(kinds, ["Multikey", "JsonWebKey"]);
    for method in document.methods() {
        assert!(document.lists(ProofPurpose::AssertionMethod, &method.id));
        assert!(!document.lists(ProofPurpose::Authentication, &method.id));
    }
    let canonical = credential_model::jcs::canonicalize(&answer.json()).unwrap();
    assert_eq!(canonical.as_bytes(), answer.body, "served as anchored");
    assert!(!canonical.contains("\"d\""), "no private key");
}

#[tokio::test]
async fn orders_that_come_together_are_one_step_and_each_has_its_own_answer() {
    let issuer = issuer().await;
    for _ in 0..3 {
        issuer.issue(&training_offer(&["ldp_vc"]), LDP, &Holder::usual()).await;
    }
    let credentials = issuer.credentials().await;
    let ids: Vec<String> = credentials
        .iter()
        .map(|credential| credential["id"].as_str().unwrap().to_owned())
        .collect();
    let order = |id: &str| {
        let (path, issuer) = (format!("/admin/credentials/{id}/status"), &issuer);
        let change = json!({ "action": "revoke", "reason": "시험" });
        async move { issuer.admin_post(&path, &change).await }
    };
    // Four at once, the last for a credential that the first is about.
    let (one, two, three, again) =
        tokio::join!(order(&ids[0]), order(&ids[1]), order(&ids[2]), order(&ids[0]));
    let unknown = order("018f0000-0000-7000-8000-000000000000").await;
    unknown.refused(404, "unknown_credential");
    for answer in [two, three] {
        let answer = answer.ok(200).json();
        assert_eq!(answer["credential"]["status"], "revoked");
    }
    // Of the two that want the same, one is served and the other hears that it is done.
    let (first, second) = if one.status == 200 { (one, again) } else { (again, one) };
    first.ok(200);
    second.refused(409, "status_change_not_allowed");
    for credential in &credentials {
        assert_eq!(status_of(&issuer, credential).await, 2);
    }
    let trail = issuer.admin_get("/admin/audit").await.ok(200).json();
    assert_eq!(trail.to_string().matches("status_changed").count(), 3, "each is told once");
}

#[tokio::test]
async fn status_lists_have_two_forms_and_a_memory() {
    let issuer = issuer().await;
    issuer.issue(&training_offer(&["ldp_vc"]), LDP, &Holder::usual()).await;
    let document = issuer.get("/status/g1").await.ok(200);
    let token = issuer.get_as("/status/g1", "application/statuslist+jwt").await.ok(200);
    assert_eq!(token.header(header::CONTENT_TYPE), "application/statuslist+jwt");
    assert_eq!(document.header(header::VARY), "Accept");
    for (accept, media) in [
        ("*/*", "application/vc"),
        ("application/vc", "application/vc"),
        ("application/vc+ld+json", "application/vc+ld+json"),
        ("application/vc+ld+json, application/vc;q=0.9", "application/vc"),
    ] {
        let answer = issuer.get_as("/status/g1", accept).await.ok(200);
        assert_eq!(answer.header(header::CONTENT_TYPE), media, "{accept}");
        assert_eq!(answer.body, document.body);
    }
    let parsed = CompactJws::parse(std::str::from_utf8(&token.body).unwrap()).unwrap();
    let kid = credential_model::did::DidUrl::parse(parsed.kid().unwrap()).unwrap();
    let ring = issuer.key_ring().await;
    jose::verify(&parsed, &ring.get(&kid).unwrap().key, &["statuslist+jwt"]).unwrap();
    assert_eq!(parsed.payload_json().unwrap()["sub"], format!("{URL}/status/g1"));

    let tag = document.header(header::ETAG).to_owned();
    let again =
        Request::get("/status/g1").header(header::IF_NONE_MATCH, &tag).body(Body::empty()).unwrap();
    assert_eq!(issuer.send(again).await.status.as_u16(), 304);

    let digest = tag.trim_matches('"').to_owned();
    let id = issuer.credentials().await[0]["id"].as_str().unwrap().to_owned();
    let change = json!({ "action": "revoke", "reason": "시험" });
    issuer.admin_post(&format!("/admin/credentials/{id}/status"), &change).await.ok(200);
    let changed = issuer.get("/status/g1").await.ok(200);
    assert_ne!(changed.body, document.body);
    let archived = issuer.get(&format!("/status/archive/{digest}")).await.ok(200);
    assert_eq!(archived.body, document.body, "the older list stays readable by its digest");
    assert!(archived.header(header::CACHE_CONTROL).contains("immutable"));

    issuer.get("/status/g99").await.refused(404, "unknown_status_list");
    issuer.get("/status/..%2Fx").await.refused(404, "unknown_status_list");
    issuer.get("/status/archive/00").await.refused(404, "not_archived");
    issuer.get(&format!("/status/archive/{}", "0".repeat(64))).await.refused(404, "not_archived");
    issuer.get("/status/g1/inclusion").await.refused(404, "not_anchored");
}

#[tokio::test]
async fn an_expired_list_is_never_served() {
    let issuer = issuer().await;
    issuer.issue(&training_offer(&["ldp_vc"]), LDP, &Holder::usual()).await;
    let first = issuer.get("/status/g1").await.ok(200).json();
    issuer.clock.advance(3_600);
    assert_eq!(issuer.get("/status/g1").await.ok(200).json(), first, "still good");
    issuer.clock.advance(20 * 3_600);
    let second = issuer.get("/status/g1").await.ok(200).json();
    let until = second["validUntil"].as_str().unwrap();
    assert!(credential_model::moment::Moment::parse(until).unwrap() > issuer.now());
    assert_ne!(first["validFrom"], second["validFrom"]);
}

/// An encrypted request and the key its response comes back to.
async fn encrypted(issuer: &TestIssuer, body: &Value) -> (String, Value) {
    let metadata = issuer.get("/.well-known/openid-credential-issuer").await.ok(200).json();
    let key = metadata["credential_request_encryption"]["jwks"]["keys"][0].clone();
    let clear = body.to_string();
    (jwe::encrypt(clear.as_bytes(), &key, ContentEncryption::A256Gcm).unwrap(), key)
}

#[tokio::test]
async fn requests_and_responses_can_be_encrypted() {
    let issuer = issuer().await;
    let token = issuer.token(&issuer.offer(&training_offer(&["ldp_vc"])).await).await;
    let (holder, reply) = (Holder::usual(), EphemeralKey::generate("reply").unwrap());
    for enc in ["A128GCM", "A256GCM"] {
        let proof = holder.proof(Some(&issuer.nonce().await), issuer.now());
        let request = json!({
            "credential_configuration_id": LDP,
            "proofs": { "jwt": [proof] },
            "credential_response_encryption": { "jwk": reply.public_jwk(), "enc": enc }
        });
        let (token_text, _) = encrypted(&issuer, &request).await;
        let answer = issuer
            .post_raw("/credential", Some(&token), "application/jwt", token_text)
            .await
            .ok(200);
        assert_eq!(answer.header(header::CONTENT_TYPE), "application/jwt");
        let clear = jwe::decrypt(std::str::from_utf8(&answer.body).unwrap(), &reply).unwrap();
        let clear: Value = serde_json::from_slice(&clear).unwrap();
        assert_eq!(clear["credentials"][0]["credential"]["credentialSubject"]["id"], holder.did());
    }
}

#[tokio::test]
async fn bad_encryption_is_refused_before_anything_is_issued() {
    let issuer = issuer().await;
    let token = issuer.token(&issuer.offer(&training_offer(&["ldp_vc"])).await).await;
    let reply = EphemeralKey::generate("reply").unwrap().public_jwk();
    let mut without_alg = reply.clone();
    without_alg.as_object_mut().unwrap().remove("alg");
    let mut private = reply.clone();
    private["d"] = json!("AAAA");
    let mut off_curve = reply.clone();
    off_curve["x"] = off_curve["y"].clone();
    let cases = [
        json!({ "jwk": reply, "enc": "A128CBC-HS256" }),
        json!({ "jwk": reply, "enc": "A128GCM", "zip": "DEF" }),
        json!({ "jwk": without_alg, "enc": "A128GCM" }),
        json!({ "jwk": private, "enc": "A128GCM" }),
        json!({ "jwk": off_curve, "enc": "A128GCM" }),
        json!({ "jwk": reply }),
        json!("x"),
    ];
    for wanted in cases {
        let proof = Holder::usual().proof(Some(&issuer.nonce().await), issuer.now());
        let request = json!({
            "credential_configuration_id": LDP,
            "proofs": { "jwt": [proof] },
            "credential_response_encryption": wanted
        });
        let answer = issuer.post("/credential", Some(&token), &request).await;
        answer.error(400, "invalid_encryption_parameters");
    }
    let to_another = jwe::encrypt(b"{}", &reply, ContentEncryption::A128Gcm).unwrap();
    let answer = issuer.post_raw("/credential", Some(&token), "application/jwt", to_another).await;
    answer.error(400, "invalid_encryption_parameters");
    let answer = issuer.post_raw("/credential", Some(&token), "application/jwt", "garbage").await;
    answer.error(400, "invalid_encryption_parameters");
    assert!(issuer.credentials().await.is_empty());
}

#[tokio::test]
async fn openapi_lists_every_route_and_nothing_else() {
    let issuer = issuer().await;
    let document = issuer.get("/openapi.json").await.ok(200).json();
    assert_eq!(document["openapi"], "3.1.0");
    let endpoints = issuer_service::endpoints();
    let mut listed = 0;
    for endpoint in &endpoints {
        let operation = &document["paths"][endpoint.path][endpoint.method];
        assert!(operation["summary"].is_string(), "{} {}", endpoint.method, endpoint.path);
        assert!(!operation["responses"].as_object().unwrap().is_empty());
        let secured = operation.get("security").is_some();
        let wallet =
            ["/credential", "/deferred_credential", "/notification"].contains(&endpoint.path);
        let officer = ["/admin/", "/issuers", "/credentials/"]
            .iter()
            .any(|begin| endpoint.path.starts_with(begin));
        assert_eq!(secured, officer || wallet, "{}", endpoint.path);
        listed += 1;
        // And the router answers there: anything but "nothing at this address".
        let path = endpoint
            .path
            .replace("{id}", "x")
            .replace("{list}", "g1")
            .replace("{sha256}", "00")
            .replace("{index}", "1")
            .replace("{digest}", "00")
            .replace("{instance}", "x")
            .replace("{*did}", "did:example:1");
        let method = endpoint.method.to_uppercase();
        let request =
            Request::builder().method(method.as_str()).uri(&path).body(Body::empty()).unwrap();
        let answer = issuer.send(request).await;
        let code = serde_json::from_slice::<Value>(&answer.body).ok();
        let code = code.as_ref().and_then(|body| body["code"].as_str().map(str::to_owned));
        assert_ne!(code.as_deref(), Some("not_found"), "{path}");
        assert_ne!(answer.status.as_u16(), 405, "{path}");
    }
    let paths = document["paths"].as_object().unwrap().values();
    assert_eq!(paths.map(|methods| methods.as_object().unwrap().len()).sum::<usize>(), listed);
    let ids: std::collections::BTreeSet<String> = endpoints
        .iter()
        .map(|e| document["paths"][e.path][e.method]["operationId"].to_string())
        .collect();
    assert_eq!(ids.len(), endpoints.len(), "operation ids are unique");
}

#[tokio::test]
async fn health_and_readiness() {
    let issuer = issuer().await;
    assert_eq!(issuer.get("/health").await.ok(200).json()["status"], "ok");
    assert_eq!(issuer.get("/ready").await.ok(200).json()["did"], "did:web:localhost%3A7001");
    assert_eq!(issuer.get("/style.css").await.status.as_u16(), 200);
}

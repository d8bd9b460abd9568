//! OID4VP at the HTTP face: requests and good answers.
#![allow(clippy::unwrap_used)] // a panic is how a test fails

mod kit;

use axum::http::{StatusCode, header};
use credential_model::catalogue::CredentialType;
use credential_proofs::{
    jwe,
    request_object::{ExpectedRequest, RequestObject},
};
use kit::*;
use serde_json::{Value, json};

#[tokio::test]
async fn an_employer_checks_a_badge_by_qr() {
    let service = Service::start();
    let asked = service.ask_badge().await;
    assert_eq!(service.poll(&asked).await["state"], "fetched");
    let presentation = service.present_badge(&asked, 7);
    let answer = service.answer(&asked, &json!({"badge_sd": [presentation]})).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.json(), json!({}), "across devices nothing is opened");
    let result = service.poll(&asked).await;
    assert_eq!(result["state"], "answered");
    assert_eq!(result["overall"], "accept", "{result:#}");
    assert_eq!(
        result["verdict"],
        json!({"authentic": "yes", "in_force": "yes", "entitled": "yes"})
    );
    assert_eq!(result["report"]["domain"]["outcome"], "PASS");
    assert_eq!(result["report"]["asked"]["purpose"]["ko"], "채용을 위한 자격 진위확인");
    let shown = result["report"]["credential"]["shown"].to_string();
    assert!(shown.contains("홍길동(가상인물)") && shown.contains("정보처리기사"));
    assert!(!shown.contains("99999999999Z"), "what was not asked was not shown");
}

#[tokio::test]
async fn both_w3c_formats_are_taken() {
    let service = Service::start();
    let asked = service.ask_badge().await;
    let secured = service.issuer.secure(&service.badge(1));
    let vp = service.holder.ldp_vp(&secured, asked.client_id(), asked.nonce(), now());
    let answer = service.answer(&asked, &json!({"badge_ldp": [vp]})).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(service.poll(&asked).await["overall"], "accept");

    let asked = service.ask_badge().await;
    let token = service.issuer.jwt(&service.badge(1));
    let vp = service.holder.jwt_vp(&token, asked.client_id(), asked.nonce(), now());
    let answer = service.answer(&asked, &json!({"badge_jwt": [vp]})).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(service.poll(&asked).await["overall"], "accept");
}

#[tokio::test]
async fn revoked_suspended_and_unreachable_are_three_things() {
    let service = Service::start();
    service.issuer.publish_list(&service.world, &[(2, 2), (1, 1)], 2, now());
    for (index, overall, code) in
        [(2, "reject", "status-revoked"), (1, "reject", "status-suspended")]
    {
        let asked = service.ask_badge().await;
        let presentation = service.present_badge(&asked, index);
        let answer = service.answer(&asked, &json!({"badge_sd": [presentation]})).await;
        assert_eq!(answer.status, StatusCode::OK, "the presentation itself was good");
        let result = service.poll(&asked).await;
        assert_eq!(result["overall"], overall);
        assert!(result["report"]["checks"].to_string().contains(code));
    }
    service.world.put(&format!("{} token", service.issuer.list_url()), Reply::Status(503));
    let asked = service.ask_badge().await;
    let presentation = service.present_badge(&asked, 7);
    service.answer(&asked, &json!({"badge_sd": [presentation]})).await;
    let result = service.poll(&asked).await;
    assert_eq!(result["overall"], "unknown");
    assert_eq!(result["verdict"]["in_force"], "unknown");
    assert_eq!(result["verdict"]["authentic"], "yes");
}

#[tokio::test]
async fn a_rolled_back_list_is_noticed_across_requests() {
    let service = Service::start();
    let check = async || {
        let asked = service.ask_badge().await;
        let presentation = service.present_badge(&asked, 7);
        service.answer(&asked, &json!({"badge_sd": [presentation]})).await;
        service.poll(&asked).await
    };
    service.issuer.publish_list(&service.world, &[(7, 2)], 5, now());
    assert_eq!(check().await["overall"], "reject");
    service.issuer.publish_list(&service.world, &[], 4, now().minus_seconds(60));
    let result = check().await;
    assert_eq!(result["overall"], "unknown");
    assert!(result["report"]["checks"].to_string().contains("status-rolled-back"));
}

#[tokio::test]
async fn the_request_object_is_signed_and_given_once() {
    let service = Service::start();
    let created = service.post_json("/api/requests", &json!({"template": "badge"})).await.json();
    let path = path_of(created["request_uri"].as_str().unwrap());
    let answer = service.get(&path).await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/oauth-authz-req+jwt");
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    let object = RequestObject::parse(&answer.text()).unwrap();
    let document = service.get("/.well-known/did.json").await.json();
    let key = &document["verificationMethod"][0]["publicKeyJwk"];
    let key = signing_keys::PublicKey::from_jwk(key).unwrap();
    let client_id = created["client_id"].as_str().unwrap();
    object.verify(&key, &ExpectedRequest { client_id, wallet_nonce: None, now: now() }).unwrap();
    assert_eq!(object.kid().unwrap().did().as_str(), "did:web:verifier.example");
    let claims = object.claims();
    assert_eq!(claims["client_metadata"]["client_name#en"], "Fictitious verifier");
    assert_eq!(claims["purpose#ko"], "채용을 위한 자격 진위확인");
    assert_eq!(claims["nonce"].as_str().unwrap().len(), 43);

    let again = service.get(&path).await;
    assert_eq!(
        (again.status, again.refusal().as_str()),
        (StatusCode::GONE, "request_already_fetched")
    );
    let unknown = service.get("/request/unknown").await;
    assert_eq!(
        (unknown.status, unknown.refusal().as_str()),
        (StatusCode::NOT_FOUND, "unknown_request")
    );
}

#[tokio::test]
async fn the_wallet_nonce_is_echoed() {
    let service = Service::start();
    let wanted = json!({"template": "badge", "request_uri_method": "post"});
    let created = service.post_json("/api/requests", &wanted).await.json();
    assert!(created["deep_link"].as_str().unwrap().contains("request_uri_method=post"));
    let path = path_of(created["request_uri"].as_str().unwrap());
    let fields = [("wallet_nonce", "n-123"), ("wallet_metadata", "{}")];
    let bad = service.post_form(&path, &[("wallet_metadata", "not json")]).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    let answer = service.post_form(&path, &fields).await;
    assert_eq!(claims_of(&answer.text())["wallet_nonce"], "n-123");
    assert_eq!(service.post_form(&path, &fields).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn x509_hash_names_the_certificate() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let service = Service::start_with("x509_hash", "");
    let asked = service.post_json("/api/requests", &json!({"template": "badge"})).await.json();
    let token = service.get(&path_of(asked["request_uri"].as_str().unwrap())).await.text();
    let object = RequestObject::parse(&token).unwrap();
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let header = engine.decode(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    let leaf = base64::engine::general_purpose::STANDARD
        .decode(header["x5c"][0].as_str().unwrap())
        .unwrap();
    let hash = engine.encode(sha2::Sha256::digest(leaf));
    assert_eq!(asked["client_id"], format!("x509_hash:{hash}"));
    let expected = ExpectedRequest {
        client_id: asked["client_id"].as_str().unwrap(),
        wallet_nonce: None,
        now: now(),
    };
    object.verify(object.leaf_key().unwrap(), &expected).unwrap();
}

#[tokio::test]
async fn unsigned_requests_stand_in_the_link() {
    use openid4vc_messages::{RequestSource, RequestUri};
    let service = Service::start();
    let wanted = json!({"template": "badge", "client_scheme": "redirect_uri"});
    let created = service.post_json("/api/requests", &wanted).await.json();
    assert_eq!(created["request_uri"], Value::Null);
    let link = RequestUri::parse(created["deep_link"].as_str().unwrap()).unwrap();
    let RequestSource::Parameters(request) = link.source else { panic!("not in the link") };
    let token = service.holder.bind(
        &service.badge_sd_jwt(7),
        &badge_paths(),
        link.client_id.as_str(),
        &request.nonce,
        now(),
    );
    let vp_token = json!({"badge_sd": [token]}).to_string();
    let path = path_of(request.response_uri.as_deref().unwrap());
    let fields = [("vp_token", vp_token.as_str()), ("state", request.state.as_deref().unwrap())];
    assert_eq!(service.post_form(&path, &fields).await.status, StatusCode::OK);
    let public = path.rsplit('/').next().unwrap();
    let object = service.get(&format!("/request/{public}")).await;
    assert!(object.status.is_client_error(), "nothing signed is to be had");
}

#[tokio::test]
async fn encrypted_answers() {
    let service = Service::start();
    let wanted = json!({"template": "badge", "response_mode": "direct_post.jwt"});
    let asked = service.ask(wanted.clone()).await;
    let key = &asked.claims["client_metadata"]["jwks"]["keys"][0];
    assert_eq!(key["alg"], "ECDH-ES");
    let vp_token = json!({"badge_sd": [service.present_badge(&asked, 7)]});
    let plain = service.answer(&asked, &vp_token).await;
    assert_eq!(plain.refusal(), "encryption_required");
    let seal = |payload: &Value, key: &Value| {
        jwe::encrypt(payload.to_string().as_bytes(), key, jwe::ContentEncryption::A256Gcm).unwrap()
    };
    let payload = json!({"vp_token": vp_token, "state": asked.state()});
    // To the key of another session.
    let other = service.ask(wanted).await;
    let foreign = seal(&payload, &other.claims["client_metadata"]["jwks"]["keys"][0]);
    let answer = service.post_form(&asked.response_path(), &[("response", &foreign)]).await;
    assert_eq!(answer.refusal(), "decryption_failed");
    let token = seal(&payload, key);
    let mut cut = token.clone();
    cut.truncate(token.len() - 4);
    let answer = service.post_form(&asked.response_path(), &[("response", &cut)]).await;
    assert_eq!(answer.refusal(), "decryption_failed");
    let no_state = seal(&json!({"vp_token": vp_token}), key);
    let answer = service.post_form(&asked.response_path(), &[("response", &no_state)]).await;
    assert_eq!(answer.refusal(), "state_mismatch");
    let answer = service.post_form(&asked.response_path(), &[("response", &token)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(service.poll(&asked).await["overall"], "accept");
    let plain_session = service.ask_badge().await;
    let answer = service.post_form(&plain_session.response_path(), &[("response", &token)]).await;
    assert_eq!(answer.refusal(), "encryption_not_asked");
}

#[tokio::test]
async fn a_same_device_result_returns_to_the_browser_that_asked() {
    let service = Service::start();
    let asked = service.ask(json!({"template": "badge", "same_device": true})).await;
    let page = service.get(&asked.page_path()).await;
    let cookie = page.cookie();
    assert!(page.text().contains("openid4vp://"));
    let vp_token = json!({"badge_sd": [service.present_badge(&asked, 7)]});
    let answer = service.answer(&asked, &vp_token).await.json();
    let back = path_of(answer["redirect_uri"].as_str().unwrap());
    assert!(back.starts_with("/done/") && back.contains("response_code="));

    // Before the return nobody sees the report, not even over the API.
    let polled = service.poll(&asked).await;
    assert_eq!((polled["state"].as_str(), polled.get("report")), (Some("answered"), None));
    // The attacker's browser has the code but not the cookie, or the other way round.
    for (path, cookie) in [
        (back.as_str(), ""),
        (back.as_str(), "__Host-sinpyo_browser=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    ] {
        let stolen = service.get_with(path, header::COOKIE, cookie).await;
        assert_eq!(stolen.status, StatusCode::FORBIDDEN);
        assert!(!stolen.text().contains("홍길동"));
    }
    let guessed = back.split("response_code=").next().unwrap().to_owned() + "response_code=guess";
    let stolen = service.get_with(&guessed, header::COOKIE, &cookie).await;
    assert_eq!(stolen.status, StatusCode::FORBIDDEN);

    let shown = service.get_with(&back, header::COOKIE, &cookie).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(shown.text().contains("홍길동(가상인물)"));
    let fresh = shown.cookie();
    assert_ne!(fresh, cookie, "a new token from here on");
    let reloaded = service.get_with(&back, header::COOKIE, &fresh).await;
    assert_eq!(reloaded.status, StatusCode::OK);
    let planted = service.get_with(&back, header::COOKIE, &cookie).await;
    assert_eq!(planted.status, StatusCode::FORBIDDEN, "the old one opens nothing any more");
    let polled = service.poll(&asked).await;
    assert_eq!((polled["state"].as_str(), polled.get("report")), (Some("shown"), None));
    assert!(polled.get("verdict").is_none() && polled.get("overall").is_none());
    let elsewhere = service.get(&asked.page_path()).await;
    assert!(!elsewhere.text().contains("홍길동"), "another browser does not see it");
}

#[tokio::test]
async fn a_same_device_no_returns_to_the_browser_too() {
    let service = Service::start();
    let asked = service.ask(json!({"template": "badge", "same_device": true})).await;
    let cookie = service.get(&asked.page_path()).await.cookie();
    let mut secured = service.issuer.secure(&service.badge(1));
    secured["credentialSubject"]["person"]["name"] = json!("위조(가상인물)");
    let vp = service.holder.ldp_vp(&secured, asked.client_id(), asked.nonce(), now());
    let answer = service.answer(&asked, &json!({"badge_ldp": [vp]})).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let back = path_of(answer.json()["redirect_uri"].as_str().unwrap());
    let shown = service.get_with(&format!("{back}&lang=en"), header::COOKIE, &cookie).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(shown.text().contains("altered or forged"), "{}", shown.text());
}

#[tokio::test]
async fn a_battery_is_no_person_and_needs_no_holder() {
    let service = Service::start();
    let asked = service.ask(json!({"template": "battery", "formats": ["ldp_vc"]})).await;
    let kind = CredentialType::EvBatteryReport;
    let report = service.issuer.credential_with(kind, "urn:example:battery:1", 1, |parts| {
        parts.subject["assessedAt"] = json!("2026-11-10T05:00:00Z");
    });
    let secured = service.issuer.secure(&report);
    let vp = service.holder.ldp_vp(&secured, asked.client_id(), asked.nonce(), now());
    let answer = service.answer(&asked, &json!({"battery_ldp": [vp]})).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let result = service.poll(&asked).await;
    assert_eq!(result["overall"], "accept", "{result:#}");
    assert!(result["report"]["checks"].to_string().contains("binding-not-bound"));
}

fn drone_context(lon: f64, altitude: f64) -> Value {
    json!({
        "profile": "drone-field",
        "position": {"lon": lon, "lat": 37.2, "accuracy_m": 5},
        "altitude": {"value": altitude, "ref": "AGL", "accuracy_m": 5},
        "remote_id_serial":
            CredentialType::DroneRegistration.example()["credentialSubject"]["serialNo"]
    })
}

async fn drone_story(lon: f64, altitude: f64) -> Value {
    let service = Service::start();
    let asked =
        service.ask(json!({"template": "drone", "context": drone_context(lon, altitude)})).await;
    let mut vp_token = json!({});
    for (id, kind) in [
        ("permit_sd", CredentialType::DroneFlightPermit),
        ("licence_sd", CredentialType::DronePilotLicence),
        ("registration_sd", CredentialType::DroneRegistration),
    ] {
        let holder = service.holder.did();
        let document = service.issuer.credential(kind, holder.as_str(), 1);
        let token = service.issuer.sd_jwt(kind, &document, &service.holder.key());
        vp_token[id] =
            json!([service.holder.bind_all(&token, asked.client_id(), asked.nonce(), now())]);
    }
    let answer = service.answer(&asked, &vp_token).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    service.poll(&asked).await
}

#[tokio::test]
async fn a_drone_inside_its_permit_and_one_outside() {
    let inside = drone_story(126.81, 100.0).await;
    assert_eq!(inside["report"]["domain"]["outcome"], "PASS", "{inside:#}");
    assert_eq!(inside["overall"], "accept");
    assert_eq!(inside["report"]["further"].as_array().unwrap().len(), 2);
    let outside = drone_story(126.83, 100.0).await;
    assert_eq!(outside["report"]["domain"]["outcome"], "FAIL");
    assert_eq!(outside["overall"], "reject");
    assert_eq!(outside["verdict"]["authentic"], "yes", "the documents are fine, the place is not");
    let high = drone_story(126.81, 400.0).await;
    assert!(high["report"]["domain"].to_string().contains("drone-altitude-outside"));
}

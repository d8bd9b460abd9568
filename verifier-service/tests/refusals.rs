//! OID4VP at the HTTP face: everything that must be refused, and that it uses nothing up.
#![allow(clippy::unwrap_used)] // a panic is how a test fails

mod kit;

use axum::http::StatusCode;
use credential_model::catalogue::CredentialType;
use kit::*;
use serde_json::{Value, json};

#[tokio::test]
async fn answers_for_other_requests_or_verifiers_are_refused_and_use_nothing_up() {
    let service = Service::start();
    let asked = service.ask_badge().await;
    let token = service.badge_sd_jwt(7);
    let bind = |audience: &str, nonce: &str, at| json!({"badge_sd": [service.holder.bind(&token, &badge_paths(), audience, nonce, at)]});
    for (vp_token, code) in [
        (bind(asked.client_id(), "another-nonce-another-nonce", now()), "nonce_mismatch"),
        (
            bind("decentralized_identifier:did:web:other.example", asked.nonce(), now()),
            "audience_mismatch",
        ),
        (bind("did:web:verifier.example", asked.nonce(), now()), "audience_mismatch"),
        (bind(asked.client_id(), asked.nonce(), now().minus_seconds(3_600)), "presentation_time"),
        (bind(asked.client_id(), asked.nonce(), now().plus_seconds(3_600)), "presentation_time"),
        (json!({"badge_sd": [token]}), "holder_binding_missing"),
    ] {
        let answer = service.answer(&asked, &vp_token).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.refusal(), code);
        assert_eq!(service.poll(&asked).await["state"], "fetched", "{code} leaves it open");
    }
    let good = bind(asked.client_id(), asked.nonce(), now());
    assert_eq!(service.answer(&asked, &good).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_same_refusals_for_w3c_presentations() {
    let service = Service::start();
    let asked = service.ask_badge().await;
    let secured = service.issuer.secure(&service.badge(1));
    let token = service.issuer.jwt(&service.badge(1));
    let (holder, client, nonce) = (&service.holder, asked.client_id(), asked.nonce());
    let other = "another-nonce-another-nonce";
    let ldp = |client: &str, nonce: &str| json!({"badge_ldp": [holder.ldp_vp(&secured, client, nonce, now())]});
    let jwt = |client: &str, nonce: &str| json!({"badge_jwt": [holder.jwt_vp(&token, client, nonce, now())]});
    let mut altered = holder.ldp_vp(&secured, client, nonce, now());
    altered["proof"]["created"] = json!("2026-11-23T05:29:00Z");
    for (vp_token, code) in [
        (ldp(client, other), "nonce_mismatch"),
        (ldp("decentralized_identifier:did:web:other.example", nonce), "audience_mismatch"),
        (jwt(client, other), "nonce_mismatch"),
        (jwt("decentralized_identifier:did:web:other.example", nonce), "audience_mismatch"),
        (json!({"badge_ldp": [secured]}), "holder_binding_missing"),
        (json!({"badge_jwt": [token]}), "holder_binding_missing"),
        (json!({"badge_ldp": [altered]}), "holder_binding_invalid"),
    ] {
        let answer = service.answer(&asked, &vp_token).await;
        assert_eq!(
            (answer.status, answer.refusal().as_str()),
            (StatusCode::BAD_REQUEST, code),
            "{}",
            answer.text()
        );
    }
    assert_eq!(service.poll(&asked).await["state"], "fetched");
}

#[tokio::test]
async fn a_replayed_answer_is_refused() {
    let service = Service::start();
    let asked = service.ask_badge().await;
    let vp_token = json!({"badge_sd": [service.present_badge(&asked, 7)]});
    assert_eq!(service.answer(&asked, &vp_token).await.status, StatusCode::OK);
    let again = service.answer(&asked, &vp_token).await;
    assert_eq!(
        (again.status, again.refusal().as_str()),
        (StatusCode::BAD_REQUEST, "response_already_received")
    );
    // At another session of the same verifier the nonce does not fit.
    let other = service.ask_badge().await;
    assert_eq!(service.answer(&other, &vp_token).await.refusal(), "nonce_mismatch");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_parallel_answers_exactly_one_wins() {
    let service = Service::start();
    for _ in 0..3 {
        let asked = service.ask_badge().await;
        let one = json!({"badge_sd": [service.present_badge(&asked, 7)]});
        let two = json!({"badge_sd": [service.present_badge(&asked, 8)]});
        let (one, two) = tokio::join!(service.answer(&asked, &one), service.answer(&asked, &two));
        let mut statuses = [one.status, two.status];
        statuses.sort();
        assert_eq!(statuses, [StatusCode::OK, StatusCode::BAD_REQUEST]);
        let loser = if one.status == StatusCode::OK { two } else { one };
        assert_eq!(loser.refusal(), "response_already_received");
    }
}

#[tokio::test]
async fn tampered_disclosures_and_stolen_credentials() {
    let service = Service::start();
    // A disclosure is exchanged and the holder even signs over it: the issuer's digest says no.
    let asked = service.ask_badge().await;
    let mut parts: Vec<String> = service.badge_sd_jwt(7).split('~').map(str::to_owned).collect();
    parts[1] = {
        use base64::Engine as _;
        let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let mut disclosure: Value =
            serde_json::from_slice(&engine.decode(&parts[1]).unwrap()).unwrap();
        let last = disclosure.as_array().unwrap().len() - 1;
        disclosure[last] = json!("변조된 값");
        engine.encode(disclosure.to_string())
    };
    let forged = parts.join("~");
    let answer = service.answer(&asked, &json!({"badge_sd": [forged]})).await;
    assert_eq!(
        (answer.status, answer.refusal().as_str()),
        (StatusCode::BAD_REQUEST, "malformed_presentation")
    );

    // A disclosure removed after the holder signed.
    let presentation = service.present_badge(&asked, 7);
    let mut parts: Vec<&str> = presentation.split('~').collect();
    parts.remove(1);
    let answer = service.answer(&asked, &json!({"badge_sd": [parts.join("~")]})).await;
    assert_eq!(answer.refusal(), "holder_binding_invalid");

    // Somebody else's badge in one's own presentation.
    let thief = Holder::new(77);
    let secured = service.issuer.secure(&service.badge(1));
    let vp = thief.ldp_vp(&secured, asked.client_id(), asked.nonce(), now());
    let answer = service.answer(&asked, &json!({"badge_ldp": [vp]})).await;
    assert_eq!(
        (answer.status, answer.refusal().as_str()),
        (StatusCode::BAD_REQUEST, "not_authentic")
    );
    let result = service.poll(&asked).await;
    assert_eq!(result["overall"], "reject");
    assert!(result["report"]["checks"].to_string().contains("binding-other-holder"));
}

#[tokio::test]
async fn a_forged_credential_is_reported_and_refused() {
    let service = Service::start();
    let asked = service.ask_badge().await;
    let mut secured = service.issuer.secure(&service.badge(1));
    secured["credentialSubject"]["person"]["name"] = json!("위조(가상인물)");
    let vp = service.holder.ldp_vp(&secured, asked.client_id(), asked.nonce(), now());
    let answer = service.answer(&asked, &json!({"badge_ldp": [vp]})).await;
    assert_eq!(
        (answer.status, answer.refusal().as_str()),
        (StatusCode::BAD_REQUEST, "not_authentic")
    );
    assert_eq!(service.poll(&asked).await["verdict"]["authentic"], "no");
}

#[tokio::test]
async fn answers_that_do_not_answer_the_query() {
    let service = Service::start();
    let asked = service.ask_badge().await;
    let hidden = service.holder.bind(
        &service.badge_sd_jwt(7),
        &[vec![json!("awardedDate")]],
        asked.client_id(),
        asked.nonce(),
        now(),
    );
    let kind = CredentialType::DronePilotLicence;
    let licence = service.issuer.credential(kind, service.holder.did().as_str(), 1);
    let licence = service.issuer.sd_jwt(kind, &licence, &service.holder.key());
    let licence = service.holder.bind_all(&licence, asked.client_id(), asked.nonce(), now());
    let good = service.present_badge(&asked, 7);
    for (vp_token, code) in [
        (json!({"badge_sd": [hidden]}), "query_not_satisfied"),
        (json!({"badge_sd": [licence]}), "query_not_satisfied"),
        (json!({"other": [good]}), "not_an_answer"),
        (json!({"badge_sd": [good, good]}), "not_an_answer"),
        (json!({"badge_ldp": [good]}), "malformed_presentation"),
        (json!({"badge_sd": ["rubbish"]}), "malformed_presentation"),
    ] {
        let answer = service.answer(&asked, &vp_token).await;
        assert_eq!(
            (answer.status, answer.refusal().as_str()),
            (StatusCode::BAD_REQUEST, code),
            "{}",
            answer.text()
        );
    }
    let empty = service.answer(&asked, &json!({})).await;
    assert_eq!(empty.refusal(), "malformed_response");
    assert_eq!(service.poll(&asked).await["state"], "fetched");
}

#[tokio::test]
async fn malformed_bodies_have_their_codes() {
    let service = Service::start();
    let asked = service.ask_badge().await;
    let path = asked.response_path();
    let state = asked.state();
    let deep = format!("{}{}", "[".repeat(64), "]".repeat(64));
    for (token, code) in [
        ("{\"a\":[\"x\"],\"a\":[\"y\"]}", "malformed_json"),
        ("{", "malformed_json"),
        (deep.as_str(), "malformed_json"),
        ("\"text\"", "malformed_response"),
        ("{\"badge_sd\":\"not an array\"}", "malformed_response"),
    ] {
        let answer = service.post_form(&path, &[("vp_token", token), ("state", state)]).await;
        assert_eq!(
            (answer.status, answer.refusal().as_str()),
            (StatusCode::BAD_REQUEST, code),
            "{token}"
        );
    }
    let answer = service.post(&path, "application/json", b"{}".to_vec()).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let answer =
        service.post(&path, "application/x-www-form-urlencoded", vec![b'a'; 2 * 1024 * 1024]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let good = json!({"badge_sd": [service.present_badge(&asked, 7)]});
    assert_eq!(service.answer_with(&asked, &good, "other-state").await.refusal(), "state_mismatch");
    let answer =
        service.post_form("/response/unknown", &[("vp_token", "{}"), ("state", state)]).await;
    assert_eq!(answer.refusal(), "unknown_request");
    assert_eq!(
        service.answer(&asked, &good).await.status,
        StatusCode::OK,
        "the session survived all that"
    );
}

#[tokio::test]
async fn sessions_expire_after_five_minutes() {
    let service = Service::start();
    let asked = service.ask_badge().await;
    let unfetched = service.post_json("/api/requests", &json!({"template": "badge"})).await.json();
    let good = json!({"badge_sd": [service.present_badge(&asked, 7)]});
    service.clock.advance(301);
    let answer = service.answer(&asked, &good).await;
    assert_eq!(answer.refusal(), "request_expired");
    assert_eq!(service.poll(&asked).await["state"], "expired");
    let object = service.get(&path_of(unfetched["request_uri"].as_str().unwrap())).await;
    assert_eq!((object.status, object.refusal().as_str()), (StatusCode::GONE, "request_expired"));
}

#[tokio::test]
async fn the_wallet_may_refuse() {
    let service = Service::start();
    let asked = service.ask_badge().await;
    let fields = [("error", "access_denied"), ("state", asked.state())];
    assert_eq!(
        service
            .post_form(&asked.response_path(), &[("error", "access_denied"), ("state", "x")])
            .await
            .refusal(),
        "state_mismatch"
    );
    assert_eq!(service.post_form(&asked.response_path(), &fields).await.status, StatusCode::OK);
    let result = service.poll(&asked).await;
    assert_eq!(
        (result["state"].as_str(), result["wallet_error"].as_str()),
        (Some("refused"), Some("access_denied"))
    );
    let late = json!({"badge_sd": [service.present_badge(&asked, 7)]});
    assert_eq!(service.answer(&asked, &late).await.refusal(), "response_already_received");
}

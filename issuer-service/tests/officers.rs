//! The admin API: what officers may send, what they are told, what must never come in.

// The lint spares #[test] functions only, not what they share.
#![allow(clippy::unwrap_used)]

mod harness;

use axum::body::Body;
use axum::http::{Request, header};
use harness::wallet::Holder;
use harness::{ADMIN, badge_offer, issuer, status_of, training_offer};
use serde_json::{Value, json};

const LDP: &str = "KrTrainingHistory.ldp_vc";
/// Made up; its date part is what makes it look like one.
const RRN: &str = "900101-1234567";

#[tokio::test]
async fn every_admin_address_needs_the_token() {
    let issuer = issuer().await;
    let mut seen = 0;
    for endpoint in issuer_service::endpoints() {
        if !endpoint.path.starts_with("/admin/") {
            continue;
        }
        seen += 1;
        let path = endpoint.path.replace("{id}", "x");
        let authorizations =
            [None, Some("Bearer wrong"), Some("Basic dGVzdA=="), Some("Bearer "), Some(ADMIN)];
        for authorization in authorizations {
            let mut request =
                Request::builder().method(endpoint.method.to_uppercase().as_str()).uri(&path);
            if let Some(value) = authorization {
                request = request.header(header::AUTHORIZATION, value);
            }
            let answer = issuer.send(request.body(Body::empty()).unwrap()).await;
            answer.refused(401, "admin_token_required");
            assert_eq!(answer.header(header::WWW_AUTHENTICATE), "Bearer", "{path}");
        }
    }
    assert!(seen >= 12, "only {seen} admin endpoints");
}

#[tokio::test]
async fn forbidden_numbers_come_in_nowhere() {
    let issuer = issuer().await;
    let code = "forbidden_number";
    for body in [
        json!({ "external_ref": RRN, "name": "홍길동(가상인물)" }),
        json!({ "external_ref": "A-1", "name": format!("홍길동 {RRN}") }),
        json!({ "external_ref": "A-1", "name": "홍길동(가상인물)", "name_latin": RRN.replace('-', "") }),
    ] {
        issuer.admin_post("/admin/persons", &body).await.refused(422, code);
    }
    let mut offer = badge_offer(&["ldp_vc"]);
    offer["subject"]["licenseNumber"] = json!(RRN);
    issuer.admin_post("/admin/offers", &offer).await.refused(422, code);
    let mut offer = badge_offer(&["ldp_vc"]);
    offer["subject"]["jobField"] = json!(format!("정보 {RRN} 기술"));
    let answer = issuer.admin_post("/admin/offers", &offer).await;
    answer.refused(422, code);
    assert!(!String::from_utf8_lossy(&answer.body).contains(RRN), "the number is not repeated");
    let kind = json!({ "code": "9999", "name_ko": format!("가상종목 {RRN}") });
    issuer.admin_post("/admin/kinds", &kind).await.refused(422, code);
    let csv = format!("jmcd,jmfldnm\n9999,가상종목 {RRN}\n");
    issuer.post_raw("/admin/kinds/import", Some(ADMIN), "text/csv", csv).await.refused(422, code);

    issuer.issue(&training_offer(&["ldp_vc"]), LDP, &Holder::usual()).await;
    let id = issuer.credentials().await[0]["id"].as_str().unwrap().to_owned();
    let change = json!({ "action": "revoke", "reason": format!("본인 확인 {RRN}") });
    issuer
        .admin_post(&format!("/admin/credentials/{id}/status"), &change)
        .await
        .refused(422, "invalid_reason");
    let mut deferred = training_offer(&["ldp_vc"]);
    deferred["deferred"] = json!(true);
    let offer = issuer.offer(&deferred).await["offer_id"].as_str().unwrap().to_owned();
    let reason = json!({ "reason": RRN });
    issuer
        .admin_post(&format!("/admin/deferred/{offer}/release"), &reason)
        .await
        .refused(422, "invalid_reason");
    let trail = issuer.admin_get("/admin/audit?limit=500").await.ok(200);
    assert!(!String::from_utf8_lossy(&trail.body).contains("1234567"));
}

#[tokio::test]
async fn bodies_are_read_strictly() {
    let issuer = issuer().await;
    let post = async |path: &str, media: &str, body: &str| {
        issuer.post_raw(path, Some(ADMIN), media, body.to_owned()).await
    };
    let json = "application/json";
    post("/admin/persons", "text/plain", "{}").await.refused(415, "unsupported_media_type");
    post("/admin/persons", json, "{").await.refused(400, "malformed_json");
    post("/admin/persons", json, "{\"name\":\"a\",\"name\":\"b\"}")
        .await
        .refused(400, "malformed_json");
    let deep = format!("{{\"type\":\"x\",\"subject\":{}{}}}", "[".repeat(50), "]".repeat(50));
    post("/admin/offers", json, &deep).await.refused(400, "malformed_json");
    let unknown = "{\"external_ref\":\"A\",\"name\":\"B\",\"rrn\":\"x\"}";
    post("/admin/persons", json, unknown).await.refused(422, "unexpected_json");
    post("/admin/persons", json, "{\"external_ref\":1,\"name\":\"B\"}")
        .await
        .refused(422, "unexpected_json");
    let huge = format!("{{\"name\":\"{}\"}}", "x".repeat(2 * 1024 * 1024));
    assert_eq!(post("/admin/persons", json, &huge).await.status.as_u16(), 413);
    assert_eq!(issuer.get("/nowhere").await.status.as_u16(), 404);
}

#[tokio::test]
async fn offers_are_checked_before_they_are_made() {
    let issuer = issuer().await;
    let with = |change: &dyn Fn(&mut Value)| {
        let mut offer = badge_offer(&["ldp_vc"]);
        change(&mut offer);
        offer
    };
    let cases: Vec<(Value, &str)> = vec![
        (with(&|o| o["type"] = json!("Nothing")), "unknown_type"),
        (with(&|o| o["formats"] = json!(["mso_mdoc"])), "unknown_format"),
        (with(&|o| o["formats"] = json!([])), "unknown_format"),
        (with(&|o| o["formats"] = json!(["ldp_vc", "ldp_vc"])), "unknown_format"),
        (with(&|o| o["kind"] = json!("zzzz")), "unknown_kind"),
        (with(&|o| drop(o.as_object_mut().unwrap().remove("kind"))), "unknown_kind"),
        (with(&|o| o["subject"]["achievement"] = json!({ "humanCode": "0000" })), "kind_mismatch"),
        (with(&|o| o["person"] = json!("nobody")), "unknown_person"),
        (
            with(&|o| drop(o.as_object_mut().unwrap().remove("awarded_date"))),
            "awarded_date_required",
        ),
        (with(&|o| o["expires_in"] = json!(0)), "invalid_lifetime"),
        (with(&|o| o["expires_in"] = json!(30 * 86_400)), "invalid_lifetime"),
        (with(&|o| o["valid_until"] = json!("2020-01-01T00:00:00Z")), "invalid_validity"),
        (with(&|o| o["subject"]["colour"] = json!("blue")), "invalid_subject"),
        (
            with(&|o| drop(o["subject"].as_object_mut().unwrap().remove("licenseNumber"))),
            "invalid_subject",
        ),
    ];
    for (offer, code) in cases {
        let answer = issuer.admin_post("/admin/offers", &offer).await;
        answer.refused(422, code);
        if code == "invalid_subject" {
            assert!(!answer.json()["violations"].as_array().unwrap().is_empty());
        }
    }
    assert!(
        issuer.admin_get("/admin/offers").await.ok(200).json()["offers"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn persons_and_kinds_are_registered_once() {
    let issuer = issuer().await;
    let person =
        json!({ "external_ref": "A-1", "name": "홍길동(가상인물)", "birth_date": "1990-01-01" });
    issuer.admin_post("/admin/persons", &person).await.ok(201);
    issuer.admin_post("/admin/persons", &person).await.refused(409, "person_exists");
    let person =
        json!({ "external_ref": "A-2", "name": "홍길동(가상인물)", "birth_date": "1990-02-30" });
    issuer.admin_post("/admin/persons", &person).await.refused(422, "invalid_birth_date");

    let found = issuer.admin_get("/admin/kinds?search=1320").await.ok(200).json();
    assert_eq!(found["kinds"][0]["name_ko"], "정보처리기사", "the starter catalogue is there");
    let kind = json!({ "code": "Z999", "name_ko": "가상종목기사(시험용)", "grade": "ENGINEER" });
    issuer.admin_post("/admin/kinds", &kind).await.ok(201);
    let found = issuer.admin_get("/admin/kinds?search=Z999").await.ok(200).json();
    assert_eq!(found["kinds"].as_array().unwrap().len(), 1);
    let bad = json!({ "code": "../x", "name_ko": "가상종목" });
    issuer.admin_post("/admin/kinds", &bad).await.refused(422, "invalid_kind");
    issuer
        .post_raw("/admin/kinds/import", Some(ADMIN), "application/pdf", "x")
        .await
        .refused(415, "unsupported_media_type");
    let answer =
        issuer.post_raw("/admin/kinds/import", Some(ADMIN), "application/xml", "<not").await;
    assert_eq!(answer.status.as_u16(), 422);
}

#[tokio::test]
async fn status_changes_follow_the_rules_and_show_at_once() {
    let issuer = issuer().await;
    issuer.issue(&training_offer(&["ldp_vc"]), LDP, &Holder::usual()).await;
    let credential = issuer.credentials().await.remove(0);
    let path = format!("/admin/credentials/{}/status", credential["id"].as_str().unwrap());
    let change = |action: &str| json!({ "action": action, "reason": "시험용 사유" });
    assert_eq!(status_of(&issuer, &credential).await, 0);

    issuer.admin_post(&path, &change("reinstate")).await.refused(409, "status_change_not_allowed");
    let answer = issuer.admin_post(&path, &change("suspend")).await.ok(200).json();
    assert_eq!(answer["credential"]["status"], "suspended");
    assert_eq!(answer["status_list_version"], "2");
    assert_eq!(status_of(&issuer, &credential).await, 1);
    issuer.admin_post(&path, &change("suspend")).await.refused(409, "status_change_not_allowed");
    issuer.admin_post(&path, &change("reinstate")).await.ok(200);
    assert_eq!(status_of(&issuer, &credential).await, 0);
    issuer.admin_post(&path, &change("revoke")).await.ok(200);
    assert_eq!(status_of(&issuer, &credential).await, 2);
    for action in ["suspend", "reinstate", "revoke", "supersede"] {
        issuer.admin_post(&path, &change(action)).await.refused(409, "status_change_not_allowed");
    }
    let seen = issuer
        .admin_get(&format!("/admin/credentials/{}", credential["id"].as_str().unwrap()))
        .await;
    let history = seen.ok(200).json()["credential"]["history"].as_array().unwrap().len();
    assert_eq!(history, 3);

    issuer
        .admin_post("/admin/credentials/none/status", &change("revoke"))
        .await
        .refused(404, "unknown_credential");
    issuer
        .admin_post(&path, &json!({ "action": "burn", "reason": "x" }))
        .await
        .refused(422, "unexpected_json");
    issuer.admin_post(&path, &json!({ "action": "revoke" })).await.refused(422, "unexpected_json");
    issuer
        .admin_post(&path, &json!({ "action": "revoke", "reason": "" }))
        .await
        .refused(422, "invalid_reason");
    issuer.admin_get("/admin/credentials/none").await.refused(404, "unknown_credential");
}

#[tokio::test]
async fn one_revocation_touches_no_neighbour() {
    let issuer = issuer().await;
    let token = issuer.token(&issuer.offer(&training_offer(&["ldp_vc"])).await).await;
    let holders: Vec<Holder> = (0..4).map(|_| Holder::usual()).collect();
    issuer.accept(&token, LDP, &holders.iter().collect::<Vec<_>>()).await;
    let credentials = issuer.credentials().await;
    let path = format!("/admin/credentials/{}/status", credentials[1]["id"].as_str().unwrap());
    issuer.admin_post(&path, &json!({ "action": "supersede", "reason": "재발급" })).await.ok(200);
    for (number, credential) in credentials.iter().enumerate() {
        assert_eq!(status_of(&issuer, credential).await, if number == 1 { 3 } else { 0 });
    }
}

#[tokio::test]
async fn deferred_offers_wait_for_an_officer() {
    let issuer = issuer().await;
    let mut offer = training_offer(&["ldp_vc"]);
    offer["deferred"] = json!(true);
    let created = issuer.offer(&offer).await;
    let token = issuer.token(&created).await;
    let holder = Holder::usual();
    let waiting = issuer.request(&token, LDP, &[&holder]).await.ok(202).json();
    let again = issuer.request(&token, LDP, &[&holder]).await.ok(202).json();
    assert_eq!(waiting["transaction_id"], again["transaction_id"], "the same key waits once");
    let collect = json!({ "transaction_id": waiting["transaction_id"] });
    let answer = issuer.post("/deferred_credential", Some(&token), &collect).await.ok(202).json();
    assert_eq!(answer["transaction_id"], waiting["transaction_id"]);
    assert!(issuer.credentials().await.is_empty(), "nothing is allocated before the release");

    let listed = issuer.admin_get("/admin/deferred").await.ok(200).json();
    let deferred = listed["deferred"][0]["deferred_id"].as_str().unwrap().to_owned();
    issuer
        .admin_post("/admin/deferred/none/release", &json!({}))
        .await
        .refused(404, "unknown_deferred_request");
    issuer.admin_post(&format!("/admin/deferred/{deferred}/release"), &json!({})).await.ok(200);
    issuer
        .admin_post(&format!("/admin/deferred/{deferred}/deny"), &json!({}))
        .await
        .refused(409, "not_waiting");
    let collected =
        issuer.post("/deferred_credential", Some(&token), &collect).await.ok(200).json();
    assert_eq!(collected["credentials"][0]["credential"]["credentialSubject"]["id"], holder.did());
    assert!(collected.get("notification_id").is_none());
    // The answer may have been lost: the same token gets the same bytes again, for a while.
    issuer.clock.advance(600);
    let again = issuer.post("/deferred_credential", Some(&token), &collect).await.ok(200).json();
    assert_eq!(again, collected);
    assert_eq!(issuer.credentials().await.len(), 1);
    issuer.clock.advance(1);
    let spent = issuer.post("/deferred_credential", Some(&token), &collect).await;
    spent.error(400, "invalid_transaction_id");
    // Later the credential request itself, with the same key, still leads to it.
    let repeated = issuer.request(&token, LDP, &[&holder]).await.ok(200).json();
    assert_eq!(repeated["credentials"], collected["credentials"]);
    let elsewhere = issuer.token(&issuer.offer(&offer).await).await;
    issuer
        .post("/deferred_credential", Some(&elsewhere), &collect)
        .await
        .error(400, "invalid_transaction_id");
    let other = json!({ "transaction_id": "guess" });
    issuer
        .post("/deferred_credential", Some(&token), &other)
        .await
        .error(400, "invalid_transaction_id");
    issuer.post("/deferred_credential", Some("wrong"), &collect).await.error(401, "invalid_token");
    issuer
        .post("/deferred_credential", Some(&token), &json!({}))
        .await
        .error(400, "invalid_transaction_id");

    let mut offer = training_offer(&["ldp_vc"]);
    offer["deferred"] = json!(true);
    let created = issuer.offer(&offer).await;
    let token = issuer.token(&created).await;
    let waiting = issuer.request(&token, LDP, &[&holder]).await.ok(202).json();
    let id = created["offer_id"].as_str().unwrap();
    let reason = json!({ "reason": "자격 요건 미충족" });
    issuer.admin_post(&format!("/admin/deferred/{id}/deny"), &reason).await.ok(200);
    let collect = json!({ "transaction_id": waiting["transaction_id"] });
    let denied = issuer.post("/deferred_credential", Some(&token), &collect).await;
    denied.error(400, "credential_request_denied");
    issuer.request(&token, LDP, &[&holder]).await.error(400, "credential_request_denied");
}

#[tokio::test]
async fn the_trail_tells_everything_and_nobody() {
    let issuer = issuer().await;
    let person = json!({ "external_ref": "A-1", "name": "홍길동(가상인물)" });
    issuer.admin_post("/admin/persons", &person).await.ok(201);
    issuer.issue(&badge_offer(&["ldp_vc"]), "KrQualificationBadge.ldp_vc", &Holder::usual()).await;
    let id = issuer.credentials().await[0]["id"].as_str().unwrap().to_owned();
    let change = json!({ "action": "revoke", "reason": "시험 취소" });
    issuer.admin_post(&format!("/admin/credentials/{id}/status"), &change).await.ok(200);
    let trail = issuer.admin_get("/admin/audit?limit=500&check=true").await.ok(200).json();
    assert_eq!(trail["check"]["holds"], true);
    let actions: Vec<&str> = trail["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|e| e["event"]["action"].as_str())
        .collect();
    for action in [
        "started",
        "kinds_imported",
        "person_registered",
        "offer_created",
        "offer_redeemed",
        "credentials_prepared",
        "credentials_issued",
        "status_changed",
        "list_published",
    ] {
        assert!(actions.contains(&action), "{action} is missing in {actions:?}");
    }
    let text = trail.to_string();
    for personal in ["홍길동", "99999999999Z", "1990-01-01"] {
        assert!(!text.contains(personal), "{personal} is in the trail");
    }
    let listing = issuer.admin_get("/admin/credentials").await.ok(200);
    assert!(!String::from_utf8_lossy(&listing.body).contains("홍길동"), "listings carry no claims");
}

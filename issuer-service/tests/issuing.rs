//! The good way through: every type, every format, every kind of holder key.

// The lint spares #[test] functions only, not what they share.
#![allow(clippy::unwrap_used)]

mod harness;

use axum::http::header;
use credential_model::catalogue::CredentialType;
use credential_model::did::Did;
use credential_model::format::CredentialFormat;
use credential_proofs::{data_integrity, data_integrity::Expected, jwt_vc, sd_jwt::SdJwt};
use harness::wallet::{Holder, Naming};
use harness::{TestIssuer, URL, badge_offer, issuer, subject, training_offer};
use serde_json::{Value, json};
use signing_keys::KeyAlgorithm;

fn issuer_did() -> Did {
    Did::parse("did:web:localhost%3A7001").unwrap()
}

/// The document or claims of a credential, its proof verified.
async fn verified(issuer: &TestIssuer, format: CredentialFormat, credential: &Value) -> Value {
    let ring = issuer.key_ring().await;
    let did = issuer_did();
    let expected = Expected::credential(Some(&did), issuer.now());
    match format {
        CredentialFormat::LdpVc => {
            assert_eq!(credential["proof"]["cryptosuite"], "eddsa-rdfc-2022");
            data_integrity::verify(credential, &expected, &ring).unwrap();
            credential.clone()
        }
        CredentialFormat::JwtVcJson => {
            jwt_vc::verify(credential.as_str().unwrap(), &ring, &expected).unwrap()
        }
        CredentialFormat::SdJwtVc => {
            let parsed = SdJwt::parse(credential.as_str().unwrap()).unwrap();
            parsed.verify(&ring, &expected).unwrap().claims
        }
    }
}

#[tokio::test]
async fn every_type_in_every_format() {
    let issuer = issuer().await;
    // Before the example permit's time window.
    issuer.clock.set(credential_model::moment::Moment::parse("2026-04-01T00:00:00Z").unwrap());
    let mut places = std::collections::BTreeSet::new();
    for credential_type in CredentialType::ALL {
        let mut offer =
            json!({ "type": credential_type.type_name(), "subject": subject(credential_type) });
        if credential_type == CredentialType::QualificationBadge {
            offer["awarded_date"] = credential_type.example()["awardedDate"].clone();
        }
        let created = issuer.offer(&offer).await;
        let token = issuer.token(&created).await;
        for format in CredentialFormat::ALL {
            let holder = Holder::usual();
            let configuration = format!("{}.{}", credential_type.type_name(), format.as_str());
            let credential = issuer.accept(&token, &configuration, &[&holder]).await.remove(0);
            let content = verified(&issuer, format, &credential).await;
            match format {
                CredentialFormat::SdJwtVc => {
                    assert_eq!(content["vct"], credential_type.vct());
                    assert_eq!(content["cnf"]["jwk"]["x"], {
                        use signing_keys::Signer as _;
                        holder.signer.public_key().to_jwk()["x"].clone()
                    });
                    let place = &content["status"]["status_list"];
                    places.insert((place["uri"].to_string(), place["idx"].to_string()));
                }
                _ => {
                    if credential_type != CredentialType::EvBatteryReport {
                        assert_eq!(content["credentialSubject"]["id"], holder.did());
                    }
                    let status = &content["credentialStatus"];
                    assert_eq!(status["statusSize"], 2);
                    let index = status["statusListIndex"].as_str().unwrap().to_owned();
                    places.insert((status["statusListCredential"].to_string(), index));
                }
            }
        }
    }
    assert_eq!(places.len(), 21, "every credential has a status place of its own");
    let permits = places.iter().filter(|(list, _)| list.contains("/status/p1")).count();
    assert_eq!(permits, 3, "permits stand in their own, short-lived list");
}

#[tokio::test]
async fn every_kind_of_holder_key() {
    let issuer = issuer().await;
    let kinds = [
        (KeyAlgorithm::EdDsa, Naming::DidKey),
        (KeyAlgorithm::EdDsa, Naming::DidJwk),
        (KeyAlgorithm::EdDsa, Naming::Jwk),
        (KeyAlgorithm::Es256, Naming::DidKey),
        (KeyAlgorithm::Es256, Naming::DidJwk),
        (KeyAlgorithm::Es256, Naming::Jwk),
        (KeyAlgorithm::Es384, Naming::Jwk),
    ];
    let token = issuer.token(&issuer.offer(&badge_offer(&["jwt_vc_json"])).await).await;
    for (algorithm, naming) in kinds {
        let holder = Holder::new(algorithm, naming);
        let credential =
            issuer.accept(&token, "KrQualificationBadge.jwt_vc_json", &[&holder]).await.remove(0);
        let content = verified(&issuer, CredentialFormat::JwtVcJson, &credential).await;
        assert_eq!(content["credentialSubject"]["id"], holder.did(), "{algorithm:?} {naming:?}");
    }
}

#[tokio::test]
async fn person_and_kind_fill_the_badge() {
    let issuer = issuer().await;
    let person = json!({ "external_ref": "A-1", "name": "홍길동(가상인물)", "name_latin": "HONG GILDONG (FICTITIOUS)" });
    let person = issuer.admin_post("/admin/persons", &person).await.ok(201).json();
    let offer = json!({
        "type": "KrQualificationBadge", "kind": "1320", "person": person["person_id"],
        "subject": { "licenseNumber": "99999999999Z", "awardedDate": "2025-06-18T00:00:00+09:00" },
        "formats": ["ldp_vc"]
    });
    let credential = issuer.issue(&offer, "KrQualificationBadge.ldp_vc", &Holder::usual()).await;
    let subject = &credential["credentialSubject"];
    assert!(credential["awardedDate"].is_string() && subject.get("awardedDate").is_none());
    assert_eq!(subject["person"]["name"], "홍길동(가상인물)");
    assert_eq!(subject["achievement"]["humanCode"], "1320");
    assert_eq!(subject["achievement"]["name"], "정보처리기사");
    assert_eq!(subject["qualificationGrade"], "ENGINEER");
    assert_eq!(credential["issuer"]["name"], "가상자격공단(시험용)");
}

#[tokio::test]
async fn offers_by_reference_and_by_value_with_qr() {
    let issuer = issuer().await;
    let by_reference = issuer.offer(&training_offer(&["dc+sd-jwt"])).await;
    let uri = by_reference["offer_uri"].as_str().unwrap();
    assert!(uri.starts_with("openid-credential-offer://?credential_offer_uri=http"), "{uri}");
    assert!(uri.len() < 160, "short enough for a light QR code: {}", uri.len());
    let path = TestIssuer::offer_path(&by_reference);
    let png = issuer.get(&format!("{path}/qr.png")).await.ok(200);
    assert_eq!(qr_code::decode_image(&png.body).unwrap(), [uri]);
    let svg = issuer.get(&format!("{path}/qr.svg")).await.ok(200);
    assert_eq!(svg.header(header::CONTENT_TYPE), "image/svg+xml");
    assert!(String::from_utf8(svg.body).unwrap().contains("<svg"));

    let mut offer = training_offer(&["dc+sd-jwt"]);
    offer["by_reference"] = json!(false);
    let by_value = issuer.offer(&offer).await;
    let uri = by_value["offer_uri"].as_str().unwrap();
    assert!(uri.starts_with("openid-credential-offer://?credential_offer="), "{uri}");
    let png = issuer.get(&format!("{}/qr.png", TestIssuer::offer_path(&by_value))).await.ok(200);
    assert_eq!(qr_code::decode_image(&png.body).unwrap(), [uri]);
    let document = issuer.get(&TestIssuer::offer_path(&by_value)).await.ok(200).json();
    assert_eq!(document["credential_issuer"], URL);
    assert_eq!(document["credential_configuration_ids"], json!(["KrTrainingHistory.dc+sd-jwt"]));
}

#[tokio::test]
async fn the_page_speaks_korean_and_english() {
    let issuer = issuer().await;
    let mut offer = training_offer(&["ldp_vc"]);
    offer["tx_code"] = json!(true);
    let created = issuer.offer(&offer).await;
    let path = format!("{}/page", TestIssuer::offer_path(&created));
    let korean = String::from_utf8(issuer.get(&path).await.ok(200).body).unwrap();
    assert!(
        korean.contains("lang=\"ko\"") && korean.contains("거래번호") && !korean.contains('⟦'),
        "{korean}"
    );
    let english =
        String::from_utf8(issuer.get(&format!("{path}?lang=en")).await.ok(200).body).unwrap();
    assert!(
        english.contains("lang=\"en\"")
            && english.contains("transaction code")
            && !english.contains('⟦')
    );
    issuer.token(&created).await;
    let used =
        String::from_utf8(issuer.get(&format!("{path}?lang=en")).await.ok(200).body).unwrap();
    assert!(used.contains("already received"), "{used}");
}

#[tokio::test]
async fn several_proofs_give_as_many_credentials() {
    let issuer = issuer().await;
    let token = issuer.token(&issuer.offer(&training_offer(&["dc+sd-jwt"])).await).await;
    let holders: Vec<Holder> =
        (0..5).map(|_| Holder::new(KeyAlgorithm::Es256, Naming::Jwk)).collect();
    let holders: Vec<&Holder> = holders.iter().collect();
    let credentials = issuer.accept(&token, "KrTrainingHistory.dc+sd-jwt", &holders).await;
    assert_eq!(credentials.len(), 5);
    for (credential, holder) in credentials.iter().zip(&holders) {
        use signing_keys::Signer as _;
        let claims = verified(&issuer, CredentialFormat::SdJwtVc, credential).await;
        assert_eq!(
            claims["cnf"]["jwk"]["x"],
            holder.signer.public_key().to_jwk()["x"],
            "in the order of proofs"
        );
    }
    let indices: std::collections::BTreeSet<String> = issuer
        .credentials()
        .await
        .iter()
        .map(|record| record["status_index"].to_string())
        .collect();
    assert_eq!(indices.len(), 5);
}

#[tokio::test]
async fn notifications_are_taken_and_repeatable() {
    let issuer = issuer().await;
    let token = issuer.token(&issuer.offer(&training_offer(&["ldp_vc"])).await).await;
    let answer = issuer
        .request(&token, "KrTrainingHistory.ldp_vc", &[&Holder::usual()])
        .await
        .ok(200)
        .json();
    let notice =
        json!({ "notification_id": answer["notification_id"], "event": "credential_accepted" });
    for _ in 0..2 {
        issuer.post("/notification", Some(&token), &notice).await.ok(204);
    }
    assert_eq!(issuer.credentials().await[0]["notified"], "credential_accepted");
    let unknown = json!({ "notification_id": "other", "event": "credential_accepted" });
    issuer
        .post("/notification", Some(&token), &unknown)
        .await
        .error(400, "invalid_notification_id");
    let event = json!({ "notification_id": answer["notification_id"], "event": "party" });
    issuer
        .post("/notification", Some(&token), &event)
        .await
        .error(400, "invalid_notification_request");
    issuer.post("/notification", Some("wrong"), &notice).await.error(401, "invalid_token");
    // Another wallet's token does not open this notification.
    let other = issuer.token(&issuer.offer(&training_offer(&["ldp_vc"])).await).await;
    issuer.post("/notification", Some(&other), &notice).await.error(400, "invalid_notification_id");
}

#[tokio::test]
async fn identifiers_are_used_when_asked_for() {
    let issuer = issuer().await;
    let created = issuer.offer(&training_offer(&["ldp_vc", "dc+sd-jwt"])).await;
    let code = issuer.code(&created).await;
    let details = "%5B%7B%22type%22%3A%22openid_credential%22%2C%22credential_configuration_id%22%3A%22KrTrainingHistory.ldp_vc%22%7D%5D";
    let form = format!(
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Apre-authorized_code&pre-authorized_code={code}&authorization_details={details}"
    );
    let media = "application/x-www-form-urlencoded";
    let token = issuer.post_raw("/token", None, media, form).await.ok(200).json();
    let identifier = &token["authorization_details"][0]["credential_identifiers"][0];
    let access = token["access_token"].as_str().unwrap();
    let nonce = issuer.nonce().await;
    let proof = Holder::usual().proof(Some(&nonce), issuer.now());
    let by_configuration =
        issuer.request_with(access, "KrTrainingHistory.ldp_vc", std::slice::from_ref(&proof)).await;
    by_configuration.error(400, "invalid_credential_request");
    let unknown = json!({ "credential_identifier": "nothing", "proofs": { "jwt": [proof] } });
    issuer
        .post("/credential", Some(access), &unknown)
        .await
        .error(400, "unknown_credential_identifier");
    let good = json!({ "credential_identifier": identifier, "proofs": { "jwt": [proof] } });
    issuer.post("/credential", Some(access), &good).await.ok(200);
}

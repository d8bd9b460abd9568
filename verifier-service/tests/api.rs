//! The JSON API and the pages: making requests, checking documents, reading verdicts.
#![allow(clippy::unwrap_used)] // a panic is how a test fails

mod kit;

use axum::http::{StatusCode, header};
use credential_model::catalogue::CredentialType;
use kit::*;
use serde_json::{Value, json};
use web_fetch::FetchError;

async fn refused(service: &Service, wanted: Value) -> String {
    let answer = service.post_json("/api/requests", &wanted).await;
    assert!(answer.status.is_client_error(), "{} {}", answer.status, answer.text());
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json; charset=utf-8");
    answer.json()["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn keys_in_a_file_survive_and_are_needed() {
    use std::sync::Arc;
    use verifier_service::{assemble, config::Config};
    let service = Service::start();
    let config = Config::load(&service.path("verifier.toml")).unwrap();
    let entropy = || Arc::new(credential_model::ambient::PredictableEntropy::new(5)) as Arc<_>;
    let missing = assemble::open_keys(&config, false, entropy()).err().unwrap();
    assert!(verifier_service::commands::hint(&missing).unwrap().contains("init"));
    let made = assemble::open_keys(&config, true, entropy()).unwrap();
    let again = assemble::open_keys(&config, true, entropy()).unwrap();
    let key = |keys: &Arc<dyn signing_keys::KeyStore>| {
        keys.public_key(&keys.find(assemble::REQUEST_KEY).unwrap()).unwrap()
    };
    assert_eq!(key(&made), key(&again), "running init again changes nothing");
}

#[tokio::test]
async fn a_request_has_all_its_addresses() {
    let service = Service::start();
    let created = service.post_json("/api/requests", &json!({"template": "badge-hiring"})).await;
    assert_eq!(created.headers[header::CACHE_CONTROL], "no-store");
    let created = created.json();
    assert_eq!(created["client_id"], "decentralized_identifier:did:web:verifier.example");
    let link = created["deep_link"].as_str().unwrap();
    assert!(link.starts_with("openid4vp://?client_id="));
    assert!(link.len() < 250, "short enough for a QR code: {}", link.len());
    let id = created["request_id"].as_str().unwrap();
    assert!(!link.contains(id), "the private id is not in the link");
    let svg = service.get(&path_of(created["qr_svg_url"].as_str().unwrap())).await;
    assert_eq!(svg.headers[header::CONTENT_TYPE], "image/svg+xml");
    let png = service.get(&path_of(created["qr_png_url"].as_str().unwrap())).await;
    assert_eq!(qr_code::decode_image(&png.body).unwrap(), [link.to_owned()]);
    let page = service.get(&path_of(created["page_url"].as_str().unwrap())).await;
    assert!(page.text().contains(created["match_code"].as_str().unwrap()));
    assert!(page.text().contains("http-equiv=\"refresh\" content=\"3\""), "without a script");
}

#[tokio::test]
async fn what_may_not_or_cannot_be_asked() {
    let service = Service::start();
    let dcql = |path: Value| {
        json!({"dcql": {"credentials": [{"id": "a", "format": "dc+sd-jwt",
        "meta": {"vct_values": ["https://sinpyo.example/credentials/KrQualificationBadge/v1"]},
        "claims": [{"path": path}]}]}, "purpose_ko": "확인", "purpose_en": "Check"})
    };
    assert_eq!(
        refused(&service, dcql(json!(["person", "residentRegistrationNumber"]))).await,
        "forbidden_claim"
    );
    assert_eq!(refused(&service, dcql(json!(["주민등록번호"]))).await, "forbidden_claim");
    let mut purpose = dcql(json!(["person", "name"]));
    purpose["purpose_ko"] = json!("주민등록번호 확인");
    assert_eq!(refused(&service, purpose).await, "forbidden_claim");
    let mut silent = dcql(json!(["person", "name"]));
    silent.as_object_mut().unwrap().remove("purpose_en");
    assert_eq!(refused(&service, silent).await, "purpose_missing");
    for (wanted, code) in [
        (json!({}), "ambiguous_request"),
        (json!({"template": "badge", "types": ["KrQualificationBadge"]}), "ambiguous_request"),
        (json!({"template": "everything"}), "unknown_template"),
        (json!({"types": ["Passport"], "purpose_ko": "가", "purpose_en": "a"}), "unknown_type"),
        (json!({"template": "badge", "formats": ["mso_mdoc"]}), "unknown_format"),
        (json!({"template": "badge", "response_mode": "fragment"}), "invalid_response_mode"),
        (json!({"template": "badge", "request_uri_method": "put"}), "invalid_request_uri_method"),
        (json!({"template": "badge", "context": {"profile": "pilot"}}), "invalid_context"),
        (
            json!({"dcql": {"credentials": []}, "purpose_ko": "가", "purpose_en": "a"}),
            "invalid_query",
        ),
        (json!({"template": "badge", "colour": 1}), "unexpected_json"),
    ] {
        assert_eq!(refused(&service, wanted.clone()).await, code, "{wanted}");
    }
    let good = service.post_json("/api/requests", &dcql(json!(["person", "name"]))).await;
    assert_eq!(good.status, StatusCode::CREATED);
}

#[tokio::test]
async fn bad_json_has_its_codes() {
    let service = Service::start();
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(64), "]".repeat(64)).into_bytes();
    for path in ["/api/requests", "/api/verify"] {
        for (media_type, body, status, code) in [
            (
                "text/plain",
                b"{}".to_vec(),
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
            ),
            ("application/json", b"{".to_vec(), StatusCode::BAD_REQUEST, "malformed_json"),
            (
                "application/json",
                b"{\"at\":\"x\",\"at\":\"y\"}".to_vec(),
                StatusCode::BAD_REQUEST,
                "malformed_json",
            ),
            ("application/json", deep.clone(), StatusCode::BAD_REQUEST, "malformed_json"),
            (
                "application/json",
                vec![b' '; 2 * 1024 * 1024],
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_unreadable",
            ),
        ] {
            let answer = service.post(path, media_type, body).await;
            assert_eq!(
                (answer.status, answer.json()["code"].as_str()),
                (status, Some(code)),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn a_pasted_credential_in_every_form() {
    let service = Service::start();
    let document = service.badge(3);
    let secured = service.issuer.secure(&document);
    for credential in [
        secured.clone(),
        json!(secured.to_string()),
        json!(service.issuer.jwt(&document)),
        json!(format!("  {}\n", service.badge_sd_jwt(3))),
    ] {
        let answer = service.post_json("/api/verify", &json!({"credential": credential})).await;
        assert_eq!(answer.status, StatusCode::OK);
        let report = answer.json();
        assert_eq!(report["overall"], "accept", "{report:#}");
        assert_eq!(report["asked"]["kind"], "document");
        assert!(report["checks"].to_string().contains("binding-not-asked"));
    }
}

#[tokio::test]
async fn unreadable_and_altered_credentials_are_rejected_with_a_reason() {
    let service = Service::start();
    for rubbish in [json!("hello"), json!({"type": "x"}), json!(42), json!("")] {
        let report = service.post_json("/api/verify", &json!({"credential": rubbish})).await.json();
        assert_eq!(report["overall"], "reject");
        assert_eq!(report["checks"][0]["code"], "format-unknown");
    }
    let mut altered = service.issuer.secure(&service.badge(1));
    altered["credentialSubject"]["licenseNumber"] = json!("1");
    let report = service.post_json("/api/verify", &json!({"credential": altered})).await.json();
    assert_eq!(
        (report["overall"].as_str(), report["verdict"]["authentic"].as_str()),
        (Some("reject"), Some("no"))
    );
    for (body, code) in [
        (json!({}), "ambiguous_request"),
        (json!({"credential": "x", "credentials": ["y"]}), "ambiguous_request"),
        (json!({"credentials": []}), "ambiguous_request"),
        (json!({"credential": "x", "at": "yesterday"}), "invalid_moment"),
        (json!({"credential": "x", "context": {"profile": "?"}}), "unknown_profile"),
        (json!({"credential": "x", "context": {"profile": "training", "a": 1}}), "invalid_context"),
    ] {
        let answer = service.post_json("/api/verify", &body).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (StatusCode::BAD_REQUEST, Some(code))
        );
    }
}

#[tokio::test]
async fn looking_is_not_finding_and_private_addresses_are_not_looked_at() {
    let service = Service::start();
    let good = service.issuer.secure(&service.badge(1));
    let verify = async |value: &Value| {
        service.post_json("/api/verify", &json!({"credential": value})).await.json()
    };
    service.world.put(
        &service.issuer.list_url(),
        Reply::Fail(FetchError::ForbiddenAddress("192.168.0.1".into())),
    );
    let report = verify(&good).await;
    assert_eq!(report["overall"], "unknown");
    assert!(report["checks"].to_string().contains("status-address-refused"));
    let other = Issuer::new("down.example", 700);
    let badge = other.secure(&other.credential(CredentialType::QualificationBadge, "did:key:x", 1));
    let report = verify(&badge).await;
    assert_eq!(
        (report["overall"].as_str(), report["verdict"]["authentic"].as_str()),
        (Some("unknown"), Some("unknown"))
    );
    assert!(report["checks"].to_string().contains("issuer-unreachable"));
}

#[tokio::test]
async fn an_insurer_looks_at_two_batteries() {
    let service = Service::start();
    let holder = service.holder.did();
    let report = async |soh: &str, remaining: &str| {
        let document = service.issuer.credential_with(
            CredentialType::EvBatteryReport,
            holder.as_str(),
            1,
            |parts| {
                parts.subject["soh"] = json!(soh);
                parts.subject["remainingCapacity"] = json!(remaining);
                parts.subject["assessedAt"] = json!("2026-11-10T05:00:00Z");
            },
        );
        let credential = service.issuer.secure(&document);
        let context = json!({"profile": "battery-insurance", "soh_threshold": 80, "soh_definition": "CAPACITY"});
        service
            .post_json("/api/verify", &json!({"credential": credential, "context": context}))
            .await
            .json()
    };
    let good = report("88.0", "158.4").await;
    assert_eq!(
        (good["domain"]["outcome"].as_str(), good["overall"].as_str()),
        (Some("PASS"), Some("accept")),
        "{good:#}"
    );
    let weak = report("71.5", "128.7").await;
    assert_eq!(
        (weak["domain"]["outcome"].as_str(), weak["overall"].as_str()),
        (Some("FAIL"), Some("reject"))
    );
    assert_eq!(weak["verdict"]["authentic"], "yes");
}

#[tokio::test]
async fn an_admission_office_looks_at_a_result() {
    let service = Service::start();
    let holder = service.holder.did();
    let result = service.issuer.credential(CredentialType::CompetitionResult, holder.as_str(), 1);
    let credential = service.issuer.secure(&result);
    let body = json!({"credential": credential, "context": {"profile": "athlete-admission"}});
    let report = service.post_json("/api/verify", &body).await.json();
    assert_eq!(report["domain"]["outcome"], "PASS", "{report:#}");
}

#[tokio::test]
async fn the_trust_list_is_read_again_and_never_goes_back() {
    let service = Service::start();
    let credential = service.issuer.secure(&service.badge(1));
    let entitled = async || {
        let report =
            service.post_json("/api/verify", &json!({"credential": credential})).await.json();
        report["verdict"]["entitled"].as_str().unwrap().to_owned()
    };
    assert_eq!(entitled().await, "yes");
    let mut list = trust_list(&service.issuer.did);
    list["version"] = json!(2);
    list["entries"].as_array_mut().unwrap().remove(0);
    std::fs::write(service.path("trust.json"), list.to_string()).unwrap();
    assert_eq!(entitled().await, "no");
    // The first edition again: not taken, the second stays in force.
    std::fs::write(service.path("trust.json"), trust_list(&service.issuer.did).to_string())
        .unwrap();
    assert_eq!(entitled().await, "no");
    std::fs::write(service.path("trust.json"), "{ damaged").unwrap();
    assert_eq!(entitled().await, "no");
}

#[tokio::test]
async fn a_signed_trust_list_needs_its_operator() {
    let extra_operator = "did:web:ministry.example";
    let service = Service::start_with("decentralized_identifier", "");
    let toml = std::fs::read_to_string(service.path("verifier.toml")).unwrap();
    assert!(toml.contains("list_file"));
    let ministry = Issuer::new("ministry.example", 300);
    ministry.publish(&service.world);
    let token = |issuer: &Issuer, list: &Value| {
        let header = json!({"typ": "trust-list+jwt", "kid": issuer.kid("ed").as_str()});
        credential_proofs::jose::sign(header, list.to_string().as_bytes(), &issuer.ed25519).unwrap()
    };
    let list = trust_list(&service.issuer.did);
    let read = async |text: String| {
        let path = service.path("signed");
        std::fs::write(&path, text).unwrap();
        let operator = credential_model::did::Did::parse(extra_operator).unwrap();
        verifier_service::trust_file::TrustFile::new(Some(path), Some(operator))
            .read(&*service.app.resolver, &*service.app.seen, now())
            .await
    };
    assert!(read(token(&ministry, &list)).await.is_ok());
    assert!(read(list.to_string()).await.is_err(), "unsigned");
    let thief = Issuer::new("thief.example", 900);
    thief.publish(&service.world);
    assert!(read(token(&thief, &list)).await.is_err(), "by somebody else");
    let mut broken = token(&ministry, &list);
    broken.replace_range(broken.len() - 6.., "AAAAAA");
    assert!(read(broken).await.is_err(), "altered");
    // The key's own dates and its controller count; the resolver's memory is waited out.
    for (member, value, good) in [
        ("expires", json!(now().plus_seconds(60)), true),
        ("expires", json!(now().minus_seconds(60)), false),
        ("revoked", json!(now().minus_seconds(60)), false),
        ("controller", json!("did:web:thief.example"), false),
    ] {
        let mut document = ministry.document();
        document["verificationMethod"][0][member] = value.clone();
        service.world.put_json(&ministry.did_url(), &document);
        service.clock.advance(61);
        assert_eq!(read(token(&ministry, &list)).await.is_ok(), good, "{member} {value}");
    }
}

#[tokio::test]
async fn pages_in_both_languages_without_script() {
    let service = Service::start();
    for (path, ko, en) in [
        ("/ask", "QR로 요청하기", "Request by QR code"),
        ("/", "카메라로 QR 촬영", "Scan a QR code"),
        ("/code", "여덟 자리 숫자", "eight digits"),
        ("/collections", "마감", "Deadline"),
        ("/verify", "증명서 진위확인", "Check a credential"),
    ] {
        for (lang, wanted) in [("ko", ko), ("en", en)] {
            let page = service.get(&format!("{path}?lang={lang}")).await;
            assert_eq!(page.status, StatusCode::OK);
            assert!(page.text().contains(wanted), "{path} {lang}");
            assert!(page.text().contains(&format!("<html lang=\"{lang}\">")));
            assert!(!page.text().contains("style=") && !page.text().contains("onclick"));
            let scripts = page.text().matches("<script").count();
            let ours = page.text().matches("<script type=\"module\" src=\"/assets/").count();
            assert_eq!(scripts, ours, "no inline script");
            assert!(!page.text().contains('⟦'), "every sentence exists");
            let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
        }
    }
    let style = service.get("/style.css").await;
    assert_eq!(style.headers[header::CONTENT_TYPE], "text/css; charset=utf-8");
}

fn multipart(fields: &[(&str, Option<&str>, &[u8])]) -> (String, Vec<u8>) {
    let boundary = "boundary-of-the-tests";
    let mut body = Vec::new();
    for (name, file, content) in fields {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        body.extend(
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n"
            )
            .into_bytes(),
        );
        body.extend_from_slice(content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{boundary}--\r\n").into_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}

#[tokio::test]
async fn pasting_and_uploading_on_the_page() {
    let service = Service::start();
    let secured = service.issuer.secure(&service.badge(1)).to_string();
    let send = async |fields: &[(&str, Option<&str>, &[u8])], lang: &str| {
        let (media_type, body) = multipart(fields);
        service.post(&format!("/verify?lang={lang}"), &media_type, body).await
    };
    let page = send(&[("credential", None, secured.as_bytes())], "ko").await;
    assert!(
        page.text().contains("인정할 수 있습니다") && page.text().contains("정보처리기사"),
        "{}",
        page.text()
    );
    assert!(page.text().contains("기사") && page.text().contains("2025-06-18"));
    let page =
        send(&[("credential", None, b""), ("file", Some("badge.json"), secured.as_bytes())], "en")
            .await;
    assert!(page.text().contains("May be accepted"));

    // A claim that would be markup stays text.
    let nasty = service.issuer.credential_with(
        CredentialType::QualificationBadge,
        service.holder.did().as_str(),
        1,
        |parts| parts.subject["person"]["name"] = json!("<img src=x onerror=alert(1)>(가상인물)"),
    );
    let nasty = service.issuer.secure(&nasty).to_string();
    let page = send(&[("credential", None, nasty.as_bytes())], "ko").await;
    assert!(page.text().contains("&lt;img") && !page.text().contains("<img src=x"));

    for (fields, status, words) in [
        (
            vec![("credential", None, b" " as &[u8])],
            StatusCode::UNPROCESSABLE_ENTITY,
            "Nothing was pasted",
        ),
        (
            vec![("file", Some("a.bin"), &[0xff_u8, 0x00, 0x01] as &[u8])],
            StatusCode::UNPROCESSABLE_ENTITY,
            "hold no credentials",
        ),
        (
            vec![("file", Some("a.png"), b"\x89PNG\r\n\x1a\nbroken" as &[u8])],
            StatusCode::UNPROCESSABLE_ENTITY,
            "No QR code",
        ),
    ] {
        let page = send(&fields, "en").await;
        assert_eq!(page.status, status);
        assert!(page.text().contains(words), "{}", page.text());
    }
    let link = qr_code::encode_png("https://evil.example/", 8).unwrap();
    let page = send(&[("file", Some("a.png"), &link)], "en").await;
    assert!(page.text().contains("is no credential"));
    let answer = service.post("/verify", "text/plain", b"x".to_vec()).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn a_form_makes_a_request_and_its_page_follows_it() {
    let service = Service::start();
    let made =
        service.post_form("/requests", &[("template", "badge-hiring"), ("same_device", "0")]).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    let page = made.headers[header::LOCATION].to_str().unwrap().to_owned();
    let waiting = service.get(&format!("{page}?lang=en")).await;
    assert!(waiting.text().contains("Checking a qualification for employment"));
    service.clock.advance(301);
    let over = service.get(&format!("{page}?lang=en")).await;
    assert!(over.text().contains("ran out of time"));
    assert_eq!(service.get("/r/unknown").await.status, StatusCode::NOT_FOUND);
    let bad = service.post_form("/requests", &[("template", "x")]).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_answered_page_shows_the_verdict() {
    let service = Service::start();
    let asked = service.ask_badge().await;
    let vp_token = json!({"badge_sd": [service.present_badge(&asked, 7)]});
    service.answer(&asked, &vp_token).await;
    let page = service.get(&format!("{}?lang=ko", asked.page_path())).await;
    assert!(page.text().contains("홍길동(가상인물)님의 정보처리기사"), "{}", page.text());
    assert!(page.headers.get("refresh").is_none());
    let page = service.get(&format!("{}?lang=en", asked.page_path())).await;
    assert!(page.text().contains("Is it authentic?"));
}

#[tokio::test]
async fn facts_about_the_service() {
    let service = Service::start();
    assert_eq!(service.get("/health").await.json()["status"], "ok");
    let ready = service.get("/ready").await.json();
    assert_eq!(
        (ready["chain"].as_str(), ready["trust_list"]["version"].as_u64()),
        (Some("not configured"), Some(1))
    );
    let did = service.get("/.well-known/did.json").await;
    assert_eq!(did.headers[header::CONTENT_TYPE], "application/did+json");
    assert_eq!(did.json()["id"], "did:web:verifier.example");
    assert!(!did.text().contains("\"d\""), "no private part");
    let openapi = service.get("/openapi.json").await.json();
    assert_eq!(openapi["openapi"], "3.1.0");
    for (path, methods) in openapi["paths"].as_object().unwrap() {
        assert!(!methods.as_object().unwrap().is_empty());
        let answer = service.get(&path.replace("{id}", "unknown")).await;
        assert!(!answer.text().contains("There is nothing at this address"), "{path} is served");
    }
    assert_eq!(service.get("/nothing").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_api_may_ask_for_a_token() {
    let service =
        Service::start_with("decentralized_identifier", "[api]\ntoken_file = \"token\"\n");
    let answer = service.post_json("/api/requests", &json!({"template": "badge"})).await;
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (StatusCode::UNAUTHORIZED, Some("unauthorized"))
    );
    for token in ["", "wrong", "0123456789abcdef012345678"] {
        let answer = service
            .get_with("/api/requests/x", header::AUTHORIZATION, &format!("Bearer {token}"))
            .await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    let answer = service
        .get_with("/api/requests/x", header::AUTHORIZATION, "Bearer 0123456789abcdef0123456789")
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

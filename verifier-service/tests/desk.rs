//! Who may use the desk and see its reports, and what the trust list decides beside accreditation.
#![allow(clippy::unwrap_used)] // a panic is how a test fails

mod kit;

use axum::http::{StatusCode, header};
use kit::*;
use serde_json::json;

const TOKEN: &str = "[api]\ntoken_file = \"token\"\n";

#[tokio::test]
async fn the_desk_needs_the_token_too_unless_it_is_opened_on_purpose() {
    let service = Service::start_with("decentralized_identifier", TOKEN);
    let fields = [("template", "badge-hiring")];
    let answer = service.post_form("/requests", &fields).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.headers.get(header::SET_COOKIE).is_none());
    let opened = format!("{TOKEN}public_desk = true\n");
    let service = Service::start_with("decentralized_identifier", &opened);
    assert_eq!(service.post_form("/requests", &fields).await.status, StatusCode::SEE_OTHER);
    let api = service.post_json("/api/requests", &json!({"template": "badge"})).await;
    assert_eq!(api.status, StatusCode::UNAUTHORIZED, "the API stays closed");
}

#[tokio::test]
async fn a_report_of_the_desk_is_for_the_browser_that_asked() {
    let service = Service::start();
    let made = service.post_form("/requests", &[("template", "badge-hiring")]).await;
    let cookie = made.cookie();
    assert!(cookie.starts_with("__Host-sinpyo_browser="), "{cookie}");
    let flags = made.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(flags.contains("; Path=/; HttpOnly; SameSite=Lax; Secure"), "{flags}");
    let page = made.headers[header::LOCATION].to_str().unwrap().to_owned();
    let id = page.rsplit('/').next().unwrap();
    // Whoever opens the address first is not bound in its place.
    let first = service.get(&page).await;
    assert_eq!(first.status, StatusCode::OK);
    let session = service.app.store.session(id).await.unwrap().unwrap();
    let claims = claims_of(&service.get(&format!("/request/{}", session.public_id)).await.text());
    let created = json!({"client_id": session.asked.client_id});
    let asked = Asked { created, claims };
    let vp_token = json!({"badge_sd": [service.present_badge(&asked, 7)]});
    assert_eq!(service.answer(&asked, &vp_token).await.status, StatusCode::OK);

    for other in ["", first.cookie().as_str()] {
        let seen = service.get_with(&page, header::COOKIE, other).await;
        assert!(!seen.text().contains("홍길동"), "another browser");
    }
    let polled = service.get(&format!("/api/requests/{id}")).await.json();
    assert_eq!((polled["state"].as_str(), polled.get("report")), (Some("answered"), None));
    let ours = service.get_with(&page, header::COOKIE, &cookie).await;
    assert!(ours.text().contains("홍길동(가상인물)"), "{}", ours.text());
}

#[tokio::test]
async fn requests_without_end_are_refused_until_some_have_ended() {
    let service = Service::start_with("decentralized_identifier", "[api]\nmax_open_requests = 2\n");
    let ask = async || service.post_json("/api/requests", &json!({"template": "badge"})).await;
    assert_eq!(
        (ask().await.status, ask().await.status),
        (StatusCode::CREATED, StatusCode::CREATED)
    );
    let refused = ask().await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.json()["code"], "too_many_open_requests");
    assert!(refused.headers.contains_key(header::RETRY_AFTER));
    service.clock.advance(301);
    assert_eq!(ask().await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn the_list_in_force_says_which_chain_account_speaks() {
    use did_resolution::{Address, ControllerPins as _};

    let service = Service::start();
    service.app.toolbox().await;
    assert_eq!(service.app.trust.pinned(&service.issuer.did), None);
    let mut list = trust_list(&service.issuer.did);
    list["version"] = json!(2);
    list["entries"][0]["chain_controller"] = json!(format!("0x{}", "ab".repeat(20)));
    std::fs::write(service.path("trust.json"), list.to_string()).unwrap();
    service.app.toolbox().await;
    let pinned = service.app.trust.pinned(&service.issuer.did);
    assert_eq!(pinned, Some(Address::from_bytes([0xab; 20])));
}

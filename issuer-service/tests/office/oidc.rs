//! Sign-in at a real OpenID provider over HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::header;
use credential_model::ambient::FixedClock;
use credential_model::moment::Moment;
use officer_access::Role;
use officer_access::oidc::{Oidc, OidcSettings};
use serde_json::{Value, json};
use test_kit::oidc_provider::{CLIENT_ID, CLIENT_SECRET, OidcProvider};
use web_fetch::{FetchPolicy, GuardedClient};

use super::desk::{Browser, COOKIE, text};
use super::harness::{Answer, TestIssuer, URL, issuer_with_access};

async fn provider() -> OidcProvider {
    let now = Moment::parse("2026-11-23T05:30:00Z").unwrap();
    let provider = OidcProvider::start(Arc::new(FixedClock::new(now))).await.unwrap();
    provider.person(kim());
    provider
}

fn kim() -> Value {
    json!({ "sub": "kim-1", "name": "김담당(가상인물)", "preferred_username": "kim", "groups": ["staff", "issuing"] })
}

async fn issuer(provider: &OidcProvider, amr: &[&str]) -> TestIssuer {
    let origin = provider.issuer.strip_prefix("http://").unwrap().to_owned();
    let policy = FetchPolicy { plain_http_origins: vec![origin], ..FetchPolicy::default() };
    let settings = OidcSettings {
        issuer: provider.issuer.parse().unwrap(),
        client_id: CLIENT_ID.to_owned(),
        client_secret: Some(CLIENT_SECRET.to_owned()),
        redirect_uri: format!("{URL}/office/sign-in/oidc/done"),
        scopes: vec!["profile".to_owned()],
        role_claim: "groups".to_owned(),
        roles: BTreeMap::from([
            (Role::Officer, vec!["issuing".to_owned()]),
            (Role::Approver, vec!["deciding".to_owned()]),
            // A configuration that tries to give it is refused; the flow does not either.
            (Role::Service, vec!["staff".to_owned()]),
        ]),
        required_amr: amr.iter().map(|method| (*method).to_owned()).collect(),
    };
    let oidc = Oidc::new(settings, Arc::new(GuardedClient::new(policy).unwrap()));
    issuer_with_access(Default::default(), Some(oidc)).await
}

/// Goes to the provider and comes back; the last answer is ours.
async fn sign_in(provider: &OidcProvider, browser: &mut Browser<'_>) -> Answer {
    let back = begin(provider, browser).await;
    browser.get(&back).await
}

async fn begin(provider: &OidcProvider, browser: &mut Browser<'_>) -> String {
    let answer = browser.get("/office/sign-in/oidc").await.ok(303);
    let cookie = answer.header(header::SET_COOKIE);
    assert!(cookie.contains("SameSite=Lax") && cookie.contains("HttpOnly"), "{cookie}");
    let back = provider.visit(answer.header(header::LOCATION)).unwrap();
    back.strip_prefix(URL).unwrap().to_owned()
}

#[tokio::test]
async fn roles_follow_the_claim_and_the_account_is_one() {
    let provider = provider().await;
    let issuer = issuer(&provider, &[]).await;
    assert!(
        text(&Browser::new(&issuer).get("/office/sign-in").await).contains("/office/sign-in/oidc")
    );
    let mut browser = Browser::new(&issuer);
    let answer = sign_in(&provider, &mut browser).await.ok(200);
    assert_eq!(answer.headers.get("refresh").unwrap(), "0; url=/office");
    let cookies = answer.headers.get_all(header::SET_COOKIE).iter();
    let session = cookies
        .map(|c| c.to_str().unwrap())
        .find(|c| c.starts_with(&format!("{COOKIE}=")))
        .unwrap();
    assert!(session.contains("SameSite=Strict"), "{session}");
    let home = text(&browser.get("/office").await.ok(200));
    assert!(
        home.contains("김담당(가상인물)") && home.contains("Officer") && !home.contains("Service"),
        "{home}"
    );
    browser.get("/office/audit").await.ok(403);
    // The provider changes the groups: so do the roles, at the next sign-in.
    provider.person(json!({ "sub": "kim-1", "groups": "deciding" }));
    let mut again = Browser::new(&issuer);
    sign_in(&provider, &mut again).await.ok(200);
    again.get("/office/offers/new").await.ok(403);
    assert_eq!(issuer.app.access.officers(10).await.unwrap().len(), 1);
    // No password opens such an account.
    Browser::new(&issuer).sign_in_with("kim", "any password 12", "123456").await.ok(401);
    provider.person(json!({ "sub": "guest", "groups": ["staff"] }));
    let refused = sign_in(&provider, &mut Browser::new(&issuer)).await.ok(401);
    assert!(text(&refused).contains("no role"), "{}", text(&refused));
}

#[tokio::test]
async fn an_answer_is_for_one_browser_once() {
    let provider = provider().await;
    let issuer = issuer(&provider, &[]).await;
    let mut browser = Browser::new(&issuer);
    let back = begin(&provider, &mut browser).await;
    let mut stranger = Browser::new(&issuer);
    stranger.get(&back).await.ok(401);
    let other = begin(&provider, &mut stranger).await;
    assert_ne!(other, back);
    stranger.get(&back).await.ok(401);
    browser.get(&back).await.ok(200);
    let cookies = browser.cookies.clone();
    browser.get(&back).await.ok(401);
    assert_eq!(browser.cookies.get(COOKIE), cookies.get(COOKIE), "the session stays");
    for bad in ["", "?state=x&code=y", "?code=y", "?state=&code="] {
        Browser::new(&issuer).get(&format!("/office/sign-in/oidc/done{bad}")).await.ok(401);
    }
    let mut late = Browser::new(&issuer);
    let back = begin(&provider, &mut late).await;
    issuer.clock.advance(600);
    late.get(&back).await.ok(401);
    // Mixed up with another provider (RFC 9207).
    let mut mixed = Browser::new(&issuer);
    let back = begin(&provider, &mut mixed).await.replace("iss=http", "iss=https");
    mixed.get(&back).await.ok(401);
    provider.refuse(Some("access_denied"));
    sign_in(&provider, &mut Browser::new(&issuer)).await.ok(401);
}

#[tokio::test]
async fn id_tokens_that_do_not_hold_open_nothing() {
    let provider = provider().await;
    let issuer = issuer(&provider, &[]).await;
    type Twist = fn(&mut Value, &mut Value);
    let twists: [(&str, Twist); 15] = [
        ("alg none", |header, _| header["alg"] = json!("none")),
        ("HS256", |header, _| header["alg"] = json!("HS256")),
        ("another algorithm", |header, _| header["alg"] = json!("ES256")),
        ("PS256 over PKCS#1", |header, _| header["alg"] = json!("PS256")),
        ("unknown key", |header, _| header["kid"] = json!("nobody")),
        ("crit", |header, _| header["crit"] = json!(["b64"])),
        ("issuer", |_, claims| claims["iss"] = json!("https://evil.example")),
        ("audience", |_, claims| claims["aud"] = json!("another-client")),
        ("two audiences, no azp", |_, claims| claims["aud"] = json!([CLIENT_ID, "another"])),
        ("azp", |_, claims| claims["azp"] = json!("another")),
        ("nonce", |_, claims| claims["nonce"] = json!("x")),
        ("expired", |_, claims| claims["exp"] = json!(claims["iat"].as_i64().unwrap() - 61)),
        ("old", |_, claims| claims["iat"] = json!(claims["iat"].as_i64().unwrap() - 601)),
        ("from the future", |_, claims| {
            claims["iat"] = json!(claims["iat"].as_i64().unwrap() + 61)
        }),
        ("nobody", |_, claims| claims["sub"] = json!("")),
    ];
    for (what, twist) in twists {
        provider.twist(twist);
        let mut browser = Browser::new(&issuer);
        let answer = sign_in(&provider, &mut browser).await;
        assert_eq!(answer.status, 401, "{what}");
        assert!(!browser.cookies.contains_key(COOKIE), "{what}");
    }
    provider.untwist();
    sign_in(&provider, &mut Browser::new(&issuer)).await.ok(200);
    provider.sign_with_a_strange_key().unwrap();
    sign_in(&provider, &mut Browser::new(&issuer)).await.ok(401);
}

#[tokio::test]
async fn rotated_keys_are_read_again_but_not_for_everybody() {
    let provider = provider().await;
    let issuer = issuer(&provider, &[]).await;
    sign_in(&provider, &mut Browser::new(&issuer)).await.ok(200);
    assert_eq!(provider.keys_read(), 1);
    sign_in(&provider, &mut Browser::new(&issuer)).await.ok(200);
    assert_eq!(provider.keys_read(), 1, "remembered");
    provider.rotate("key-2").unwrap();
    sign_in(&provider, &mut Browser::new(&issuer)).await.ok(401);
    assert_eq!(provider.keys_read(), 1, "not more often than every half minute");
    issuer.clock.advance(30);
    sign_in(&provider, &mut Browser::new(&issuer)).await.ok(200);
    assert_eq!(provider.keys_read(), 2);
}

#[tokio::test]
async fn a_weak_sign_in_at_the_provider_is_not_enough_where_the_office_says_so() {
    let provider = provider().await;
    let issuer = issuer(&provider, &["mfa"]).await;
    sign_in(&provider, &mut Browser::new(&issuer)).await.ok(401);
    let mut strong = kim();
    strong["amr"] = json!(["pwd", "mfa"]);
    provider.person(strong);
    sign_in(&provider, &mut Browser::new(&issuer)).await.ok(200);
}

#[tokio::test]
async fn a_disabled_account_stays_out_whatever_the_provider_says() {
    let provider = provider().await;
    let issuer = issuer(&provider, &[]).await;
    let mut browser = Browser::new(&issuer);
    sign_in(&provider, &mut browser).await.ok(200);
    let account = issuer.app.access.officers(1).await.unwrap().remove(0);
    issuer.app.access.disable_account(&account.id).await.unwrap();
    browser.get("/office").await.ok(303);
    sign_in(&provider, &mut Browser::new(&issuer)).await.ok(401);
}

//! Shared links: made by the wallet's own flow, opened in a browser.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use credential_model::ambient::{Clock as _, Entropy, PredictableEntropy};
use credential_wallet::ledger::Ledger;
use credential_wallet::records::{HeldCopy, HeldCredential, RECORD_VERSION};
use credential_wallet::shares::ShareError;
use credential_wallet::store::memory::{MemoryWalletStore, MemoryWitness};
use credential_wallet::{Wallet, WalletParts, WalletSettings};
use did_resolution::UniversalResolver;
use serde_json::{Value, json};
use signing_keys::MemoryKeyStore;
use signing_keys::sealed::{KdfParameters, Vault};
use test_kit::browser::{Browser, Setting};
use url::Url;
use web_fetch::{Fetch, FetchPolicy, GuardedClient};

use crate::kit::Service;
use crate::stage::{Stage, flawless};

/// A wallet that reaches this desk over real HTTP; its clock is the desk's.
fn wallet(service: &Service, base: &str) -> Wallet {
    let entropy: Arc<dyn Entropy> = Arc::new(PredictableEntropy::new(99));
    let origin = base.trim_start_matches("http://").to_owned();
    let policy = FetchPolicy { plain_http_origins: vec![origin], ..FetchPolicy::default() };
    let fetch: Arc<dyn Fetch> = Arc::new(GuardedClient::new(policy).unwrap());
    let (pass, kdf) = (b"a passphrase of tests", KdfParameters::CHEAPEST_FOR_TESTS);
    let vault = Vault::create("test", pass, kdf, entropy.clone());
    let store = Arc::new(MemoryWalletStore::default());
    let ledger = Ledger::open(store, vault.unwrap(), Arc::new(MemoryWitness::default())).unwrap();
    Wallet::new(WalletParts {
        ledger,
        keys: Arc::new(MemoryKeyStore::new(entropy.clone())),
        resolver: Arc::new(UniversalResolver::new(Arc::clone(&fetch), None)),
        fetch,
        clock: service.clock.clone(),
        entropy,
        settings: WalletSettings::default(),
    })
}

fn held(wire: Value, format: &str) -> HeldCredential {
    HeldCredential {
        v: RECORD_VERSION,
        id: "held-1".to_owned(),
        received_at: crate::kit::now(),
        source: "https://issuer.example".to_owned(),
        source_names: BTreeMap::new(),
        configuration_id: "badge".to_owned(),
        format: format.to_owned(),
        issuer: "did:web:issuer.example".to_owned(),
        issuer_check: "verified".to_owned(),
        names: BTreeMap::new(),
        labels: BTreeMap::new(),
        claim_order: Vec::new(),
        copies: vec![HeldCopy { wire, binding: None, presented: 0, evidence: None }],
    }
}

/// What the page tells after the button.
fn told(browser: &Browser, link: &str) -> String {
    browser.open("about:blank").unwrap();
    browser.open(link).unwrap();
    browser.wait_for("#open:not([disabled])").unwrap();
    browser.click("#open").unwrap();
    browser.wait_for("#told:not([hidden])").unwrap();
    browser.attribute("#told", "data-told").unwrap().unwrap()
}

fn verdict(browser: &Browser, link: &str) -> String {
    browser.open("about:blank").unwrap();
    browser.open(link).unwrap();
    browser.wait_for("#open:not([disabled])").unwrap();
    browser.click("#open").unwrap();
    browser.wait_for("[data-verdict]").unwrap();
    browser.attribute("[data-verdict]", "data-verdict").unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_counts_follows_the_status_and_ends() {
    let stage = Stage::set().await;
    let service = &stage.service;
    let wallet = wallet(service, &stage.base);
    let desk = Url::parse(&stage.base).unwrap();
    let badge: Value = serde_json::from_str(&stage.badge(1)).unwrap();
    let badge = held(badge, "ldp_vc");
    let until = |days: i64| service.clock.now().plus_seconds(days * 86_400);
    let made = wallet.share(&badge, &desk, &[], "a fictitious company", until(7)).await.unwrap();
    let only = [String::from("x")];
    let part = wallet.share(&badge, &desk, &only, "", until(7)).await;
    assert!(matches!(part, Err(ShareError::OnlyWhole)));
    let long = wallet.share(&badge, &desk, &[], "", until(91)).await;
    assert!(matches!(long, Err(ShareError::Refused(_))), "{long:?}");
    assert_eq!(wallet.shares().unwrap().len(), 1, "what was refused is not listed");

    // A preview and a visit do not count.
    let path = made.link.trim_start_matches(&stage.base).split('#').next().unwrap().to_owned();
    let head = Request::head(&path).body(Body::empty()).unwrap();
    assert_eq!(service.send(head).await.status, 200);
    assert_eq!(service.get(&path).await.status, 200);
    assert_eq!(wallet.openings(&made).await.unwrap().count, 0);

    for language in ["ko", "en"] {
        let browser = stage.browser(&Setting { language, ..Setting::default() });
        browser.open(&made.link).unwrap();
        browser.wait_for("#open:not([disabled])").unwrap();
        flawless(&browser, "share");
        assert_eq!(verdict(&browser, &made.link), "accept");
    }
    let browser = stage.browser(&Setting { language: "en", ..Setting::default() });
    assert_eq!(wallet.openings(&made).await.unwrap().count, 2);
    assert!(wallet.openings(&made).await.unwrap().last.is_some());

    let (front, key) = made.link.split_once('#').unwrap();
    let first = if key.starts_with('A') { "B" } else { "A" };
    assert_eq!(told(&browser, &format!("{front}#{first}{}", &key[1..])), "key");
    assert_eq!(told(&browser, front), "nokey");
    assert_eq!(told(&browser, &format!("{front}#{}", &key[..20])), "nokey");
    let nobody = format!("{}/s/{}#{key}", stage.base, "A".repeat(22));
    assert_eq!(told(&browser, &nobody), "gone");
    flawless(&browser, "told");
    browser.open("about:blank").unwrap();
    browser.open(&made.link).unwrap();
    browser.offline(true).unwrap();
    browser.click("#open").unwrap();
    browser.wait_for("#told[data-told=net]").unwrap();
    browser.offline(false).unwrap();

    // Revoked after it was shared: the next view says so.
    service.clock.advance(120);
    service.issuer.publish_list(&service.world, &[(1, 1)], 2, service.clock.now());
    assert_eq!(verdict(&browser, &made.link), "reject");

    wallet.withdraw(&made.share[..6]).await.unwrap();
    assert_eq!(told(&browser, &made.link), "gone");
    assert!(matches!(wallet.openings(&made).await, Err(ShareError::Gone)));
    assert!(matches!(wallet.withdraw("nothing").await, Err(ShareError::Unknown)));

    let short = wallet.share(&badge, &desk, &[], "", until(1)).await.unwrap();
    service.clock.advance(86_401);
    assert_eq!(told(&browser, &short.link), "gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_chosen_claims_leave_the_wallet() {
    let stage = Stage::set().await;
    let service = &stage.service;
    let wallet = wallet(service, &stage.base);
    let desk = Url::parse(&stage.base).unwrap();
    let badge = held(json!(service.badge_sd_jwt(3)), "dc+sd-jwt");
    let claims = Wallet::optional_claims(&badge);
    assert!(claims.iter().any(|claim| claim == "awardedDate"), "{claims:?}");
    let until = service.clock.now().plus_seconds(3_600);
    let chosen = [String::from("awardedDate")];
    let made = wallet.share(&badge, &desk, &chosen, "", until).await.unwrap();
    let browser = stage.browser(&Setting { language: "ko", ..Setting::default() });
    verdict(&browser, &made.link);
    assert!(!browser.text().unwrap().contains("홍길동"), "the name stayed in the wallet");
    let unknown = [String::from("person.shoeSize")];
    let refused = wallet.share(&badge, &desk, &unknown, "", until).await;
    assert!(matches!(refused, Err(ShareError::UnknownClaim(_))));
}

#[tokio::test]
async fn the_mailbox_takes_only_what_it_should_and_keeps_nothing_readable() {
    let service = Service::start();
    let good = json!({
        "id": "A".repeat(22), "expires": service.clock.now().plus_seconds(60).to_string(),
        "box": "A".repeat(64), "token_sha256": "0".repeat(64),
    });
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    for (name, value, status, code) in [
        ("id", json!("short"), 400, "share_malformed"),
        ("id", json!("../../../../etc/passwd"), 400, "share_malformed"),
        ("box", json!("<script>"), 400, "share_malformed"),
        ("box", json!("A".repeat(400 * 1024)), 413, "share_too_large"),
        ("token_sha256", json!("A".repeat(64)), 400, "share_malformed"),
        ("expires", json!("tomorrow"), 400, "share_bad_expiry"),
        ("expires", json!("2020-01-01T00:00:00Z"), 400, "share_bad_expiry"),
        ("expires", json!("2099-01-01T00:00:00Z"), 400, "share_bad_expiry"),
    ] {
        let answer = service.post_json("/shares", &with(name, value)).await;
        assert_eq!(answer.status, status, "{name} {}", answer.text());
        assert!(answer.text().contains(code), "{}", answer.text());
    }
    assert_eq!(service.post_json("/shares", &good).await.status, 201);
    assert_eq!(service.post_json("/shares", &good).await.status, 409, "an id is taken once");
    let path = format!("/shares/{}", "A".repeat(22));
    let other = json!({"token": "guessed"});
    assert_eq!(service.post_json(&format!("{path}/state"), &other).await.status, 404);
    assert_eq!(service.post_json(&format!("{path}/withdraw"), &other).await.status, 404);
    let page = format!("/s/{}", "A".repeat(22));
    assert_eq!(service.get(&format!("{page}/box")).await.status, 405, "only a POST opens");
    assert_eq!(service.post(&format!("{page}/box"), "text/plain", Vec::new()).await.status, 200);
    service.clock.advance(61);
    assert_eq!(service.post(&format!("{page}/box"), "text/plain", Vec::new()).await.status, 404);
}

//! The office without a mouse: sign in, find a kind, make an offer, ask for a revocation.

use officer_access::{FourEyes, Role};
use test_kit::browser::{Browser, Setting};

use super::super::desk::{PASSWORD, person};
use super::super::harness::wallet::Holder;
use super::super::harness::{badge_offer, issuer_with_access};
use super::{Eyes, serve};

const ENTER: &str = "\u{e007}";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_in_search_offer_and_revoke() {
    let rules = FourEyes { revoke: vec!["*".to_owned()], ..FourEyes::default() };
    let issuer = issuer_with_access(rules, None).await;
    let list = include_str!("../../../../examples/kinds/qnet-list.xml");
    let token = Some(super::super::harness::ADMIN);
    issuer.post_raw("/admin/kinds/import", token, "application/xml", list).await.ok(200);
    issuer.issue(&badge_offer(&["ldp_vc"]), "KrQualificationBadge.ldp_vc", &Holder::usual()).await;
    let kim = person(&issuer, "kim.damdang", &[Role::Officer]).await;
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::start(folder.path(), &Setting::default()).unwrap();
    let eyes = Eyes { browser: &browser, address: serve(&issuer).await, language: "ko" };
    let write = |selector: &str, text: &str| {
        browser.tab_to(selector).unwrap();
        browser.press(text).unwrap();
    };
    let press = |selector: &str| {
        browser.tab_to(selector).unwrap();
        browser.press(ENTER).unwrap();
    };
    eyes.open("/office/sign-in");
    // The first field may have the focus already: round the page and back to it.
    browser.run("document.activeElement.blur()", &[]).unwrap();
    write("#login", &kim.login);
    browser.tab_to("#password").unwrap();
    // Written in Hangul by an input method, which a keyboard driver has none of.
    browser.run("document.activeElement.value = arguments[0]", &[PASSWORD.into()]).unwrap();
    write("#code", &kim.code(&issuer));
    browser.press(ENTER).unwrap();
    browser.wait_for("form[action='/office/sign-out']").unwrap();

    press("nav a[href='/office/kinds']");
    browser.wait_for("#search").unwrap();
    write("#search", "1320");
    browser.press(ENTER).unwrap();
    browser.wait_for("a[href='/office/kinds/1320']").unwrap();
    press("a[href='/office/kinds/1320']");
    browser.wait_for(".badge").unwrap();
    press(".titled a.button");
    browser.wait_for("#name").unwrap();
    write("#number", "99999999999Z");
    browser.tab_to("#awarded").unwrap();
    browser.run("document.activeElement.value = '2025-06-18'", &[]).unwrap();
    browser.tab_to("#name").unwrap();
    browser.run("document.activeElement.value = '홍길동(가상인물)'", &[]).unwrap();
    press("p.row button");
    browser.wait_for(".qr").unwrap();
    // The digits beside the code lead whoever hears them to the same offer.
    let digits = browser.text_of(".spoken").unwrap();
    let made = browser.text_of("p.link").unwrap();
    eyes.open("/code");
    write("#code", "0000 0000 0000");
    browser.press(ENTER).unwrap();
    browser.wait_for("[role=alert]").unwrap();
    write("#code", &digits.replace('-', " "));
    browser.press(ENTER).unwrap();
    browser.wait_for("img.qr").unwrap();
    let page = browser.address().unwrap();
    assert_eq!(page.rsplit('/').nth(1), made.trim().rsplit('/').nth(1));
    eyes.open("/office");

    press("nav a[href='/office/credentials']");
    browser.wait_for("a[href^='/office/credentials/']").unwrap();
    press("td a[href^='/office/credentials/']");
    browser.wait_for("#reason").unwrap();
    write("#reason", "wrong person (test)");
    press("button[value=revoke]");
    browser.wait_for("p.verdict.yes").unwrap();
    press("form[action='/office/sign-out'] button");
    browser.wait_for("#password").unwrap();
}

//! The main ways with Tab, Enter and letters alone; where the focus is can always be seen.

use serde_json::json;
use test_kit::browser::{Browser, Setting};

use verifier_service::offline::files;

use crate::desk::fetched;
use crate::stage::Stage;

const ENTER: &str = "\u{e007}";

/// Goes there by Tab and writes.
fn write(browser: &Browser, selector: &str, text: &str) {
    browser.tab_to(selector).unwrap();
    browser.press(text).unwrap();
}

fn press(browser: &Browser, selector: &str) {
    browser.tab_to(selector).unwrap();
    browser.press(ENTER).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn paste_check_keep_and_print() {
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "en", ..Setting::default() });
    browser.open(&stage.url("/")).unwrap();
    // Pasted, as a keyboard does; a whole badge typed letter by letter would prove no more.
    browser.tab_to("#credential").unwrap();
    let paste = "document.activeElement.value = arguments[0]";
    browser.run(paste, &[json!(stage.badge(1))]).unwrap();
    // Past the other day's field, which opens by Enter.
    press(&browser, "summary");
    browser.tab_to("#at").unwrap();
    press(&browser, "#one button:not([type])");
    browser.wait_for("[data-verdict=accept]").unwrap();
    press(&browser, "a[href^='/receipts/']:not([download])");
    browser.wait_for_text("Verification receipt").unwrap();
    browser.tab_to("#print").unwrap();
    press(&browser, "nav a[href='/']:not(.brand)");
    browser.wait_for("#one").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn ask_a_wallet_and_follow_it() {
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "ko", ..Setting::default() });
    browser.open(&stage.url("/")).unwrap();
    press(&browser, "nav a[href='/ask']");
    browser.wait_for("button[name=same_device]").unwrap();
    press(&browser, "button[name=same_device][value='0']");
    browser.wait_for("#steps").unwrap();
    let code = browser.text_of(".spoken").unwrap();
    let request = browser.address().unwrap();
    let (asked, _) = fetched(&stage.service, request.rsplit('/').next().unwrap()).await;
    let vp_token = json!({"badge_sd": [stage.service.present_badge(&asked, 7)]});
    assert_eq!(stage.service.answer(&asked, &vp_token).await.status, 200);
    browser.wait_for("[data-verdict=accept]").unwrap();
    // The code that is said instead of shown leads on by keyboard too.
    browser.open(&stage.url("/code")).unwrap();
    write(&browser, "#code", &code);
    browser.press(ENTER).unwrap();
    browser.wait_for_text("끝났").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn open_a_collection_and_filter_its_table() {
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "en", ..Setting::default() });
    browser.open(&stage.url("/")).unwrap();
    press(&browser, "nav a[href='/collections']");
    browser.wait_for("#purpose").unwrap();
    browser.tab_to("#template").unwrap();
    // A choice moves by its first letter and by arrows.
    browser.press("\u{e015}").unwrap();
    write(&browser, "#purpose", "Hiring (fictitious)");
    press(&browser, "form[action='/collections'] button");
    browser.wait_for("#link").unwrap();
    assert!(browser.text().unwrap().contains("Hiring (fictitious)"));
    press(&browser, "button[data-copy]");
    browser.tab_to("input[name=filter]").unwrap();
    browser.press("\u{e014}").unwrap();
    let filter = browser.attribute("#table", "data-filter").unwrap();
    assert_eq!(filter.as_deref(), Some("accept"));
    // The table itself is a stop, so that a wide one can be scrolled.
    browser.tab_to(".scroll[role=region]").unwrap();
    browser.tab_to("a[href$='table.csv']").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn check_without_internet() {
    if !files::has_module() {
        eprintln!("not tried: no module was built (cargo xtask wasm)");
        return;
    }
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "en", ..Setting::default() });
    browser.open(&stage.url("/")).unwrap();
    press(&browser, "nav a[href='/offline']");
    browser.wait_for("#desk[data-ready='1']").unwrap();
    browser.tab_to("#text").unwrap();
    browser.run("document.activeElement.value = arguments[0]", &[json!(stage.badge(1))]).unwrap();
    press(&browser, "#check");
    browser.wait_for("#verdict h2").unwrap();
    // The focus is at the verdict, where a screen reader goes on.
    let here = browser.run("return document.activeElement.id", &[]).unwrap();
    assert_eq!(here, "verdict");
}

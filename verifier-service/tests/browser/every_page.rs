//! Every page of the router: in both languages, light and dark, wide and on a phone; judged by axe,
//! weighed, and bound to its own origin and to a strict policy.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use test_kit::browser::{Browser, Setting};
use verifier_service::routes::ENDPOINTS;

use crate::desk::fetched;
use crate::kit::path_of;
use crate::many::answer;
use crate::stage::{Stage, flawless, picture};

/// Routes that a person sees. A new page fails the test until it stands here and is reached below.
const PAGES: &[&str] = &[
    "/",
    "/ask",
    "/batch/{id}",
    "/batch/{id}/rows/{row}",
    "/c/{id}",
    "/code",
    "/collections",
    "/collections/{owner}",
    "/collections/{owner}/rows/{row}",
    "/done/{id}",
    "/offline",
    "/r/{id}",
    "/receipts/{number}",
    "/results/{number}",
    "/s/{id}",
    "/verify",
    "/w/{id}",
    // A wallet's answer that came to the wrong place is told on a page too.
    "/r/{id} answered",
];

/// Routes that a program reads: pictures, data, tokens, parts of a page.
const OTHERS: &[&str] = &[
    "/.well-known/did.json",
    "/1.0/identifiers/{*did}",
    "/api/requests/{id}",
    "/assets/{name}",
    "/batch/{id}/table",
    "/batch/{id}/table.csv",
    "/c/{id}/qr.svg",
    "/c/{id}/request",
    "/collections/{owner}/table",
    "/collections/{owner}/table.csv",
    "/health",
    "/offline/bundle",
    "/offline/files/{name}",
    "/offline/worker.js",
    "/openapi.json",
    "/r/{id}/qr.png",
    "/r/{id}/qr.svg",
    "/r/{id}/state",
    "/ready",
    "/receipts/{number}/receipt.json",
    "/request/{id}",
    "/style.css",
];

/// Pictures for the documentation are in Korean; of these pages in English too, dark, on a phone.
const BOTH: &[&str] = &["home", "verdict", "waiting"];
const DARK: &[&str] = &["home", "verdict"];
const PHONE: &[&str] = &["home", "ask", "waiting", "verdict"];

/// A page as it was reached.
struct Reached {
    route: &'static str,
    address: String,
    /// Name of its picture in the documentation, where no other test takes a better one.
    picture: Option<&'static str>,
}

#[test]
fn no_page_of_the_router_is_forgotten() {
    let listed: BTreeSet<&str> =
        ENDPOINTS.iter().filter(|(_, methods)| methods.contains(&"get")).map(|(p, _)| *p).collect();
    let known: BTreeSet<&str> =
        PAGES.iter().chain(OTHERS).copied().filter(|path| !path.contains(' ')).collect();
    assert_eq!(listed, known, "sort a new route into PAGES (and reach it) or into OTHERS");
    // The list the router is said to have is the one it has.
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    assert_eq!(routed(&source), ENDPOINTS.len());
}

/// Calls of `route` in the sources below a folder; those of the operations port are no pages.
fn routed(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| match path.extension().is_some_and(|end| end == "rs") {
            true => std::fs::read_to_string(&path).unwrap().matches(".route(").count(),
            false if path.is_dir() && !path.ends_with("commands") => routed(&path),
            false => 0,
        })
        .sum()
}

/// Goes every way of the desk once and notes where it came to.
async fn journey(stage: &Stage, browser: &Browser) -> Vec<Reached> {
    let mut reached = Vec::new();
    let mut note = |route: &'static str, address: String, picture: Option<&'static str>| {
        reached.push(Reached { route, address, picture });
    };
    for (route, picture) in [
        ("/", Some("home")),
        ("/ask", Some("ask")),
        ("/collections", Some("collections")),
        ("/code", Some("code")),
        ("/offline", None),
        ("/verify", None),
    ] {
        note(route, stage.url(route), picture);
    }
    // The same page for every link: what it leads to shows only when it is opened.
    note("/s/{id}", stage.url("/s/AAAAAAAAAAAAAAAAAAAAAA"), Some("share"));
    browser.open(&stage.url("/")).unwrap();
    let (one, two) = (
        stage.file("one.json", stage.badge(1).as_bytes()),
        stage.file("two.pdf", b"%PDF-1.7\n%%EOF"),
    );
    browser.upload("#file", std::slice::from_ref(&one)).unwrap();
    browser.wait_for("[data-verdict=accept]").unwrap();
    let result = browser.address().unwrap();
    let number = result.rsplit('/').next().unwrap().to_owned();
    note("/results/{number}", result, Some("verdict"));
    note("/receipts/{number}", stage.url(&format!("/receipts/{number}")), Some("receipt"));

    browser.open(&stage.url("/")).unwrap();
    browser.upload("#file", &[one, two]).unwrap();
    browser.wait_for("a[href$='table.csv']").unwrap();
    let batch = browser.address().unwrap();
    note("/batch/{id}/rows/{row}", format!("{batch}/rows/1"), None);
    note("/batch/{id}/rows/{row}", format!("{batch}/rows/2"), None);
    note("/batch/{id}", batch, None);

    browser.open(&stage.url("/collections")).unwrap();
    browser.type_into("#purpose", "2026년 하반기 채용(가상)").unwrap();
    browser.click("form[action='/collections'] button").unwrap();
    browser.wait_for("#link").unwrap();
    let owner = browser.address().unwrap();
    let link = browser.attribute("#link", "value").unwrap().unwrap();
    assert_eq!(answer(stage, &path_of(&link), 11, 11).await, 200);
    note("/collections/{owner}/rows/{row}", format!("{owner}/rows/1"), None);
    note("/collections/{owner}", owner, None);
    note("/c/{id}", link, None);

    for (same_device, picture) in [("0", Some("waiting")), ("1", None)] {
        browser.open(&stage.url("/ask")).unwrap();
        browser.click(&format!("button[name=same_device][value='{same_device}']")).unwrap();
        browser.wait_for("#steps").unwrap();
        let waiting = browser.address().unwrap();
        let id = waiting.rsplit('/').next().unwrap();
        let session = stage.service.app.store.session(id).await.unwrap().unwrap();
        note("/r/{id}", waiting.clone(), picture);
        note("/done/{id}", stage.url(&format!("/done/{}", session.public_id)), None);
        note("/w/{id}", stage.url(&format!("/w/{}", session.public_id)), picture.map(|_| "typed"));
    }
    browser.open(&stage.url("/ask")).unwrap();
    browser.click("button[name=same_device][value='0']").unwrap();
    browser.wait_for("#steps").unwrap();
    let waiting = browser.address().unwrap();
    let (asked, _) = fetched(&stage.service, waiting.rsplit('/').next().unwrap()).await;
    let vp_token = json!({"badge_sd": [stage.service.present_badge(&asked, 7)]});
    assert_eq!(stage.service.answer(&asked, &vp_token).await.status, 200);
    browser.wait_for("[data-verdict=accept]").unwrap();
    note("/r/{id} answered", waiting, None);
    reached
}

/// Policy of the page, and its weight with all that it loads, each part packed by itself.
const MEASURE: &str = "const done = arguments[0]; (async () => { \
    const gzip = async (body) => (await new Response( \
        body.pipeThrough(new CompressionStream('gzip'))).arrayBuffer()).byteLength; \
    const parts = performance.getEntriesByType('resource') \
        .filter(one => !['fetch', 'xmlhttprequest'].includes(one.initiatorType)) \
        .map(one => one.name).filter(name => name.startsWith(location.origin)); \
    const page = await fetch(location.href); \
    let weight = await gzip(page.body); \
    for (const part of new Set(parts)) weight += await gzip((await fetch(part)).body); \
    return {policy: page.headers.get('content-security-policy'), weight}; \
    })().then(done, error => done({error: String(error)}))";

fn strict(stage: &Stage, browser: &Browser, page: &Reached) -> u64 {
    let measured = browser.run_async(MEASURE, &[]).unwrap();
    let policy = measured["policy"].as_str().unwrap_or_else(|| panic!("{measured}"));
    let offline = page.route == "/offline";
    assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{policy}");
    assert!(!policy.contains("unsafe-inline") && !policy.contains("http"), "{policy}");
    assert_eq!(policy.contains("'wasm-unsafe-eval'"), offline, "{}: {policy}", page.route);
    assert!(!policy.replace("'wasm-unsafe-eval'", "").contains("unsafe"), "{policy}");
    for part in browser.loaded().unwrap() {
        let ours = part.starts_with(&stage.base) || part.starts_with("data:");
        assert!(ours, "{} asks {part}", page.route);
    }
    measured["weight"].as_u64().unwrap_or_else(|| panic!("{measured}"))
}

/// The page is as wide as a phone, and no wider.
fn fits_a_phone(browser: &Browser, page: &Reached) {
    let phone = json!({"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": true});
    browser.devtools("Emulation.setDeviceMetricsOverride", phone).unwrap();
    // What sticks out, unless it scrolls by itself.
    let out = "return [...document.querySelectorAll('main *')] \
        .filter(e => !e.closest('.scroll, .skip, [hidden]') && e.getBoundingClientRect().right > innerWidth + 1) \
        .map(e => e.outerHTML.slice(0, 80))";
    assert_eq!(browser.run(out, &[]).unwrap(), json!([]), "{}", page.address);
}

/// A QR code always has something beside it that can be said.
fn can_be_said(browser: &Browser, page: &Reached) {
    let codes = "return document.querySelectorAll('img.qr').length";
    if browser.run(codes, &[]).unwrap() != json!(0) {
        let spoken = browser.text_of(".spoken").unwrap();
        let digits = spoken.chars().filter(char::is_ascii_digit).count();
        assert_eq!(digits, 8, "{}: {spoken}", page.route);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_sound_in_each_look() {
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "ko", ..Setting::default() });
    let pages = journey(&stage, &browser).await;
    let routes: BTreeSet<&str> = pages.iter().map(|page| page.route).collect();
    assert_eq!(routes, PAGES.iter().copied().collect(), "a page that nobody reached");
    let mut heaviest = (0, String::new());
    for page in &pages {
        for language in ["ko", "en"] {
            browser.prefer_dark(false).unwrap();
            browser.open(&format!("{}?lang={language}", page.address)).unwrap();
            let said = browser.attribute("html", "lang").unwrap();
            assert_eq!(said.as_deref(), Some(language), "{}", page.address);
            let what = format!("{} in {language}", page.address);
            assert_eq!(browser.texts_of("h1").unwrap().len(), 1, "{what}");
            let text = browser.text().unwrap();
            assert!(!text.contains("{$") && !text.contains('⟦'), "{what}: {text}");
            flawless(&browser, &what);
            can_be_said(&browser, page);
            let weight = strict(&stage, &browser, page);
            assert!(weight <= 60 * 1024, "{what}: {weight} bytes");
            heaviest = heaviest.max((weight, page.route.to_owned()));
            let shown = page.picture.filter(|name| language == "ko" || BOTH.contains(name));
            let draw = |look: &str| {
                if let Some(name) = shown {
                    picture(&browser, &format!("{name}{look}-{language}"));
                }
            };
            draw("");
            browser.prefer_dark(true).unwrap();
            assert_eq!(browser.contrast_violations().unwrap(), [], "{what}, dark");
            if language == "en" && shown.is_some_and(|name| DARK.contains(&name)) {
                draw("-dark");
            }
            browser.prefer_dark(false).unwrap();
            fits_a_phone(&browser, page);
            if language == "ko" && shown.is_some_and(|name| PHONE.contains(&name)) {
                draw("-phone");
            }
            browser.devtools("Emulation.clearDeviceMetricsOverride", json!({})).unwrap();
        }
    }
    println!("the heaviest page: {} bytes gzip, {}", heaviest.0, heaviest.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_say_no_are_sound_too() {
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "ko", ..Setting::default() });
    for (path, says) in [
        ("/results/none", ["결과가 지워졌거나", "was deleted"]),
        ("/receipts/none", ["결과가 지워졌거나", "was deleted"]),
        ("/batch/none", ["결과가 지워졌거나", "was deleted"]),
        ("/batch/none/rows/0", ["결과가 지워졌거나", "was deleted"]),
        ("/collections/none", ["그런 요청이 없습니다", "no such request"]),
        ("/c/none", ["그런 요청이 없습니다", "no such request"]),
    ] {
        for (language, says) in ["ko", "en"].into_iter().zip(says) {
            browser.open(&format!("{}?lang={language}", stage.url(path))).unwrap();
            let text = browser.text().unwrap();
            assert!(text.contains(says), "{path}: {text}");
            flawless(&browser, path);
            let policy: Value = browser.run_async(MEASURE, &[]).unwrap()["policy"].clone();
            assert!(policy.as_str().unwrap().contains("default-src 'none'"), "{path}");
        }
    }
}

/// The pictures of the documentation: each is shown, each is there, and they stay small.
#[test]
fn pictures_and_their_page_agree() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let page = std::fs::read_to_string(docs.join("pages.md")).unwrap();
    let shown: BTreeSet<String> = page
        .split("](images/")
        .skip(1)
        .map(|rest| rest.split(')').next().unwrap().to_owned())
        .collect();
    let mut bytes = 0;
    let there: BTreeSet<String> = std::fs::read_dir(docs.join("images"))
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            bytes += entry.metadata().unwrap().len();
            entry.file_name().into_string().unwrap()
        })
        .collect();
    assert_eq!(shown, there);
    assert!(bytes < 3_200_000, "{bytes} bytes of pictures");
}

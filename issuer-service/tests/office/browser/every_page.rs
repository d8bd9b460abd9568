//! Every page of the issuer, as the router lists them: both languages, light and dark, wide and on
//! a phone; judged by axe, weighed, bound to its own origin and to a strict policy.

use std::collections::BTreeSet;

use credential_issuance::bulk::JobStep;
use officer_access::Role;
use serde_json::json;
use test_kit::browser::{Browser, Setting};

use super::super::desk::person;
use super::super::harness::{TestIssuer, badge_offer, issuer};
use super::{Eyes, month, pictures, serve};

/// Pages of the public face, by their route; everything else there is read by programs.
const PUBLIC: [&str; 2] = ["/code", "/offers/{id}/page"];
/// A file to save: no page.
const FILES: [&str; 1] = ["/office/audit/export"];

/// What the OpenAPI document calls a page.
#[test]
fn no_page_of_the_public_face_is_forgotten() {
    let document = issuer_service::openapi_document("https://issuer.example");
    let paths = document["paths"].as_object().unwrap();
    let pages: BTreeSet<&str> = paths
        .iter()
        .filter(|(_, item)| item["get"].to_string().contains("text/html"))
        .map(|(path, _)| path.as_str())
        .collect();
    assert_eq!(pages, BTreeSet::from(PUBLIC));
}

/// Something of each kind that a page's address names.
struct Things {
    kind: String,
    offer: String,
    credential: String,
    job: String,
}

async fn things(issuer: &TestIssuer) -> Things {
    month(issuer).await;
    let offer = issuer.offer(&badge_offer(&["ldp_vc"])).await;
    let csv = "성명,자격번호,합격일,종목코드\n홍길동(가상인물),99999999999Z,2025-06-18,1320\n";
    let flow = &issuer.app.issuer;
    let digest = credential_issuance::ids::Digest::of(csv.as_bytes()).to_string();
    let new = json!({"type": "KrQualificationBadge", "sha256": digest, "bytes": csv.len()});
    let new = serde_json::from_value(new).unwrap();
    let job = flow.announce_job(new, "officer:other").await.unwrap().job.id;
    flow.put_job_part(&job, 0, csv.as_bytes()).await.unwrap();
    for step in [JobStep::Seal, JobStep::Check] {
        flow.step_job(&job, step, "officer:other", None).await.unwrap();
    }
    flow.check_job(&job).await.unwrap();
    let mut credentials = issuer.credentials().await;
    let credential = credentials.remove(0)["id"].as_str().unwrap().to_owned();
    Things {
        kind: "1320".to_owned(),
        offer: offer["offer_id"].as_str().unwrap().to_owned(),
        credential,
        job: job.to_string(),
    }
}

impl Things {
    /// The page's address; a panic for a parameter that nobody has made yet.
    fn address(&self, path: &str) -> String {
        let id = match path {
            path if path.starts_with("/office/offers/") || path.starts_with("/offers/") => {
                &self.offer
            }
            path if path.starts_with("/office/credentials/") => &self.credential,
            path if path.starts_with("/office/jobs/") => &self.job,
            _ => "",
        };
        let address = path.replace("{code}", &self.kind).replace("{id}", id);
        assert!(!address.contains('{') && !address.ends_with('/'), "how is {path} reached?");
        address
    }
}

/// Policy of the page, and its weight with all that it loads, each part packed by itself.
const MEASURE: &str = "const done = arguments[0]; (async () => { \
    const gzip = async (body) => (await new Response( \
        body.pipeThrough(new CompressionStream('gzip'))).arrayBuffer()).byteLength; \
    const parts = performance.getEntriesByType('resource').map(one => one.name) \
        .filter(name => name.startsWith(location.origin)); \
    const page = await fetch(location.href); \
    let weight = await gzip(page.body); \
    for (const part of new Set(parts)) weight += await gzip((await fetch(part)).body); \
    return {policy: page.headers.get('content-security-policy'), weight}; \
    })().then(done, error => done({error: String(error)}))";

fn sound(eyes: &Eyes<'_>, what: &str) {
    let browser: &Browser = eyes.browser;
    assert_eq!(browser.texts_of("h1").unwrap().len(), 1, "{what}");
    // A QR code always has something beside it that can be said.
    let codes = "return document.querySelectorAll('img.qr').length";
    if browser.run(codes, &[]).unwrap() != json!(0) {
        let spoken = browser.text_of(".spoken").unwrap();
        assert_eq!(spoken.chars().filter(char::is_ascii_digit).count(), 12, "{what}: {spoken}");
    }
    let text = browser.text().unwrap();
    assert!(!text.contains("{$") && !text.contains('⟦'), "{what}: {text}");
    assert_eq!(browser.serious_violations().unwrap(), [], "{what}");
    let measured = browser.run_async(MEASURE, &[]).unwrap();
    let policy = measured["policy"].as_str().unwrap_or_else(|| panic!("{what}: {measured}"));
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let weight = measured["weight"].as_u64().unwrap();
    assert!(weight <= 60 * 1024, "{what}: {weight} bytes");
    for part in browser.loaded().unwrap() {
        assert!(part.starts_with(&eyes.address) || part.starts_with("data:"), "{what} asks {part}");
    }
    let wide = "return document.documentElement.scrollWidth <= innerWidth";
    assert_eq!(browser.run(wide, &[]).unwrap(), json!(true), "{what} is wider than its window");
    browser.prefer_dark(true).unwrap();
    assert_eq!(browser.contrast_violations().unwrap(), [], "{what}, dark");
    browser.prefer_dark(false).unwrap();
    let phone = json!({"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": true});
    browser.devtools("Emulation.setDeviceMetricsOverride", phone).unwrap();
    let out = "return [...document.querySelectorAll('main *')] \
        .filter(e => !e.closest('.scroll, .skip, .unseen, [hidden]') \
            && e.getBoundingClientRect().right > innerWidth + 1) \
        .map(e => e.outerHTML.slice(0, 90))";
    assert_eq!(browser.run(out, &[]).unwrap(), json!([]), "{what}, on a phone");
    if let Some(folder) = pictures().filter(|_| what == "/office in ko") {
        browser.screenshot(&folder.join("office-home-phone-ko.png")).unwrap();
    }
    browser.devtools("Emulation.clearDeviceMetricsOverride", json!({})).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_sound_in_each_look() {
    let issuer = issuer().await;
    let things = things(&issuer).await;
    let all = person(&issuer, "all", &[Role::Officer, Role::Approver, Role::Auditor]).await;
    let address = serve(&issuer).await;
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::start(folder.path(), &Setting::default()).unwrap();
    let mut eyes = Eyes { browser: &browser, address, language: "ko" };
    let behind = issuer_service::office::pages();
    let behind = behind.iter().filter(|page| page.method == "get" && !FILES.contains(&page.path));
    let mut paths = vec!["/office/sign-in".to_owned()];
    paths.extend(PUBLIC.iter().map(|path| things.address(path)));
    for language in ["ko", "en"] {
        eyes.open(&format!("/office/language?to={language}&back=/office/sign-in"));
        for path in &paths {
            eyes.open(path);
            let said = browser.attribute("html", "lang").unwrap();
            assert_eq!(said.as_deref(), Some(language), "{path}");
            sound(&eyes, &format!("{path} in {language}"));
        }
    }
    eyes.sign_in(&issuer, &all);
    let paths: Vec<String> = behind.map(|page| things.address(page.path)).collect();
    for language in ["ko", "en"] {
        eyes.language = language;
        eyes.open(&format!("/office/language?to={language}&back=/office"));
        for path in &paths {
            eyes.open(path);
            let here = browser.address().unwrap();
            assert!(here.ends_with(path), "{path} led to {here}");
            sound(&eyes, &format!("{path} in {language}"));
        }
    }
    assert_eq!(browser.console().unwrap(), Vec::<String>::new(), "no breach of the policy");
}

//! The desk with the net gone, in a real browser: visited once, then the server is stopped.

use std::path::{Path, PathBuf};

use credential_model::catalogue::CredentialType;
use serde_json::{Value, json};
use test_kit::browser::{Browser, Setting, camera};
use tokio::runtime::Runtime;
use verifier_service::offline::files;
use wasm_verifier::Luggage;

use crate::kit::*;
use crate::pack_kit::pack;

/// A service at a port of its own; stopping it takes every open connection along.
struct Served {
    runtime: Runtime,
    url: String,
}

impl Served {
    fn start(service: &Service) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let router = service.router.clone();
        runtime.spawn(async move { axum::serve(listener, router).await });
        Served { runtime, url }
    }

    fn stop(self) {
        self.runtime.shutdown_background();
    }
}

/// A service whose issuer publishes a pack: badge 2 is revoked.
fn service() -> Service {
    let service = Service::start();
    let made = now().minus_seconds(600);
    pack(&service.issuer, &[(2, 2)], (1, 1), [7; 32], made)
        .publish(&service.issuer, &service.world);
    service
}

fn badge(service: &Service, index: usize) -> Value {
    let holder = service.holder.did();
    let kind = CredentialType::QualificationBadge;
    service.issuer.secure(&service.issuer.credential(kind, holder.as_str(), index))
}

/// A film of a printed badge.
fn film(folder: &Path, document: &Value) -> PathBuf {
    let text = paper_badges::to_qr_text(&document.to_string()).unwrap();
    let code = qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::M).unwrap();
    let (side, quiet) = (code.width(), 4);
    let colours = code.to_colors();
    let whole = side + 2 * quiet;
    let dark = |at: usize| {
        let (x, y) = ((at % whole).wrapping_sub(quiet), (at / whole).wrapping_sub(quiet));
        x < side && y < side && colours[y * side + x] == qrcode::Color::Dark
    };
    let modules: Vec<bool> = (0..whole * whole).map(dark).collect();
    let path = folder.join("film.y4m");
    let frame = camera::Grey::of_code(640, 480, &modules, whole).unwrap();
    camera::film(&path, &[frame.clone(), frame]).unwrap();
    path
}

/// The browser's clock stands where the story plays, and goes on from there.
fn set_clock(browser: &Browser, later_seconds: i64) {
    let at = now().plus_seconds(later_seconds).unix() * 1000;
    let source = format!(
        "{{ const Real = Date, shift = {at} - Real.now(); \
         globalThis.Date = class extends Real {{ \
           constructor(...a) {{ a.length ? super(...a) : super(Real.now() + shift); }} \
           static now() {{ return Real.now() + shift; }} }}; }}"
    );
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": source})).unwrap();
}

/// Visits once, stops the server, opens the page again: what is seen is what was kept.
fn visit_and_cut(service: &Service, browser: &Browser, later_seconds: i64) -> String {
    set_clock(browser, 0);
    let served = Served::start(service);
    let page = format!("{}/offline", served.url);
    browser.open(&page).unwrap();
    browser.wait_for("#desk[data-ready='1']").unwrap();
    served.stop();
    if later_seconds != 0 {
        set_clock(browser, later_seconds);
    }
    browser.open(&page).unwrap();
    browser.wait_for("#desk[data-ready='1']").unwrap();
    page
}

fn scan(browser: &Browser) -> String {
    browser.click("#start").unwrap();
    browser.wait_for("#verdict h2").unwrap();
    browser.attribute("#verdict", "data-overall").unwrap().unwrap()
}

fn picture(browser: &Browser, name: &str) {
    if let Some(folder) = std::env::var_os("SINPYO_PICTURES") {
        browser.screenshot(&PathBuf::from(folder).join(name)).unwrap();
    }
}

struct Story {
    name: &'static str,
    language: &'static str,
    later_seconds: i64,
    overall: &'static str,
    says: &'static [&'static str],
}

fn play(story: &Story, document: impl Fn(&Service) -> Value) {
    if !files::has_module() {
        eprintln!("not tried: no module was built (cargo xtask wasm)");
        return;
    }
    let service = service();
    let folder = tempfile::tempdir().unwrap();
    let film = film(folder.path(), &document(&service));
    let setting = Setting {
        language: story.language,
        camera: Some(film),
        size: (900, 1200),
        ..Setting::default()
    };
    let browser = Browser::start(folder.path(), &setting).unwrap();
    visit_and_cut(&service, &browser, story.later_seconds);
    assert_eq!(scan(&browser), story.overall, "{}", browser.text().unwrap());
    let took = browser.attribute("#verdict", "data-took").unwrap().unwrap_or_default();
    eprintln!("{}: {took} ms from the button to the verdict", story.name);
    let text = browser.text().unwrap();
    for wanted in story.says {
        assert!(text.contains(wanted), "{}: {wanted:?} is not in\n{text}", story.name);
    }
    picture(&browser, &format!("offline-{}.png", story.name));
    let violations = browser.serious_violations().unwrap();
    assert!(violations.is_empty(), "{}: {violations:?}", story.name);
}

#[test]
fn a_genuine_badge_before_the_camera() {
    let story = Story {
        name: "genuine-ko",
        language: "ko",
        later_seconds: 60,
        overall: "accept",
        says: &[
            "인터넷 없이 쓰고 있습니다",
            "인정할 수 있습니다",
            "예, 유효합니다",
            "취소·정지 목록",
        ],
    };
    play(&story, |service| badge(service, 1));
}

#[test]
fn an_altered_badge_before_the_camera() {
    let story = Story {
        name: "altered-en",
        language: "en",
        later_seconds: 60,
        overall: "reject",
        says: &["No, it is not accepted as authentic"],
    };
    play(&story, |service| {
        let mut altered = badge(service, 1);
        altered["credentialSubject"]["person"]["name"] = json!("성춘향(가상인물)");
        altered
    });
}

#[test]
fn a_badge_revoked_in_the_pack() {
    let story = Story {
        name: "revoked-en",
        language: "en",
        later_seconds: 60,
        overall: "reject",
        says: &["Yes, it is authentic", "No, it is not in force"],
    };
    play(&story, |service| badge(service, 2));
}

#[test]
fn a_pack_too_old_gives_no_plain_yes() {
    let story = Story {
        name: "stale-ko",
        language: "ko",
        later_seconds: 3 * 86_400,
        overall: "unknown",
        says: &["기한이 지났으므로"],
    };
    play(&story, |service| badge(service, 1));
}

#[test]
fn pasting_works_in_both_languages_and_the_policy_holds() {
    if !files::has_module() {
        eprintln!("not tried: no module was built (cargo xtask wasm)");
        return;
    }
    let service = service();
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::start(folder.path(), &Setting::default()).unwrap();
    let page = visit_and_cut(&service, &browser, 60);
    for (language, title) in [("ko", "인터넷 없이 확인하기"), ("en", "Check without internet")]
    {
        browser.open(&format!("{page}?lang={language}")).unwrap();
        browser.wait_for("#desk[data-ready='1']").unwrap();
        assert_eq!(browser.text_of("h1").unwrap(), title);
        let hostile = "<img src=x onerror=document.title='run'>";
        browser.type_into("#text", hostile).unwrap();
        browser.click("#check").unwrap();
        browser.wait_for("#verdict h2").unwrap();
        let overall = browser.attribute("#verdict", "data-overall").unwrap();
        assert_eq!(overall.as_deref(), Some("reject"));
        assert_ne!(browser.title().unwrap(), "run");
        let text = badge(&service, 1).to_string();
        let fill = "document.querySelector('#text').value = arguments[0]";
        browser.run(fill, &[json!(text)]).unwrap();
        browser.click("#check").unwrap();
        browser.wait_for("#verdict[data-overall='accept']").unwrap();
    }
    let breaches: Vec<String> = browser
        .console()
        .unwrap()
        .into_iter()
        .filter(|line| line.contains("Content Security Policy") || line.contains("Uncaught"))
        .collect();
    assert!(breaches.is_empty(), "{breaches:?}");
}

#[tokio::test]
async fn luggage_and_files_as_they_are_served() {
    let service = service();
    let answer = service.get("/offline/bundle").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let luggage: Luggage = serde_json::from_value(answer.json()).unwrap();
    assert_eq!((luggage.made, luggage.documents.len(), luggage.packs.len()), (now(), 1, 1));
    let tag = answer.headers["etag"].to_str().unwrap().to_owned();
    let again = service.get_with("/offline/bundle", axum::http::header::IF_NONE_MATCH, &tag).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    // What it holds judges as the service does.
    let desk = wasm_verifier::Desk::of(luggage).unwrap();
    for index in [1, 2] {
        let shown = badge(&service, index);
        let online = service.post_json("/api/verify", &json!({"credential": shown})).await.json();
        let offline = desk.examine(&shown.to_string(), now()).unwrap();
        assert_eq!(serde_json::to_value(offline.verdict).unwrap()["authentic"], "yes");
        if index == 1 {
            assert_eq!(serde_json::to_value(offline.verdict).unwrap(), online["verdict"]);
        }
    }
    // An issuer that went silent stays behind with its last pack, and its document is unknown.
    service.clock.set(now().plus_seconds(3_600));
    service.world.put(&service.issuer.did_url(), Reply::Status(503));
    let luggage: Luggage =
        serde_json::from_value(service.get("/offline/bundle").await.json()).unwrap();
    assert_eq!((luggage.documents.len(), luggage.packs.len()), (0, 1));

    let page = service.get("/offline").await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("'wasm-unsafe-eval'") && !policy.contains("unsafe-inline"));
    assert!(page.body.len() < 60 * 1024);
    let elsewhere = service.get("/verify").await;
    assert!(!elsewhere.headers["content-security-policy"].to_str().unwrap().contains("wasm"));
    let worker = service.get("/offline/worker.js").await;
    assert_eq!(worker.headers["service-worker-allowed"], "/offline");
    assert!(worker.text().starts_with("const KEPT = [\"/offline?lang=ko\""));
    for file in files::all() {
        let answer = service.get(&files::path(file)).await;
        assert_eq!(answer.status, 200);
        assert!(answer.headers["cache-control"].to_str().unwrap().contains("immutable"));
    }
    assert_eq!(service.get("/offline/files/other.js").await.status, 404);
}

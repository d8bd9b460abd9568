//! One applicant: scanned, dropped, pasted, asked.

use axum::http::header;
use serde_json::json;
use test_kit::browser::{Browser, Setting, camera};

use crate::kit::{Asked, Service, claims_of};
use crate::stage::{Stage, flawless, picture};

/// The dark modules of a code of ours, a row after the other.
fn modules(text: &str) -> (Vec<bool>, usize) {
    let drawn = qr_code::encode_terminal_plain(text).unwrap();
    let lines: Vec<Vec<char>> = drawn.lines().map(|line| line.chars().collect()).collect();
    let side = lines[0].len();
    let mut dark = Vec::with_capacity(side * side);
    for y in 0..side {
        // Light modules are drawn: two a character, one above the other.
        let is_light = |c: &char| matches!((c, y % 2), ('█', _) | ('▀', 0) | ('▄', 1));
        dark.extend(lines[y / 2].iter().map(|c| !is_light(c)));
    }
    (dark, side)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_badge_before_the_webcam_is_judged_within_two_seconds() {
    let stage = Stage::set().await;
    let paper = paper_badges::to_qr_text(&stage.badge(1)).unwrap();
    let (dark, side) = modules(&paper);
    let film = stage.folder.path().join("badge.y4m");
    let empty = camera::Grey::plain(640, 480, 130);
    let shown = camera::Grey::of_code(640, 480, &dark, side).unwrap();
    let mut frames = vec![empty];
    frames.extend(std::iter::repeat_n(shown, 20));
    camera::film(&film, &frames).unwrap();
    let setting = Setting { language: "ko", camera: Some(film), ..Setting::default() };
    let browser = stage.browser(&setting);
    browser.open(&stage.url("/")).unwrap();
    flawless(&browser, "home");
    let mut fastest = u64::MAX;
    for _ in 0..3 {
        browser.open(&stage.url("/")).unwrap();
        browser.click("#scan").unwrap();
        browser.wait_for("[data-verdict]").unwrap();
        assert_eq!(browser.attribute("[data-verdict]", "data-verdict").unwrap().unwrap(), "accept");
        let took = browser.run("return document.documentElement.dataset.scanMs", &[]).unwrap();
        fastest = fastest.min(took.as_str().unwrap().parse().unwrap());
    }
    println!("webcam permission to verdict in Chromium: {fastest} ms (fastest of 3)");
    assert!(browser.text().unwrap().contains("홍길동(가상인물)님의 정보처리기사"));
    flawless(&browser, "verdict");
    let pdf = stage.folder.path().join("verdict.pdf");
    browser.print(&pdf).unwrap();
    assert!(std::fs::read(&pdf).unwrap().starts_with(b"%PDF"));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_dropped_and_each_hostile_one_is_told_plainly() {
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "en", ..Setting::default() });
    let verdict = |name: &str, bytes: &[u8]| {
        browser.open(&stage.url("/")).unwrap();
        browser.upload("#file", &[stage.file(name, bytes)]).unwrap();
        browser.wait_for("[data-verdict], #complaint:not([hidden])").unwrap();
        browser.text().unwrap()
    };
    assert!(verdict("badge.json", stage.badge(1).as_bytes()).contains("May be accepted"));
    flawless(&browser, "verdict in English");
    let mut forged = stage.badge(1);
    forged = forged.replace("정보처리기사", "정보처리산업기사");
    assert!(verdict("forged.json", forged.as_bytes()).contains("altered or forged"));
    picture(&browser, "verdict-forged-en");
    let tiny = qr_code::encode_png("https://evil.example/", 1).unwrap();
    assert!(verdict("other.png", &tiny).contains("no credential"));
    let picture_of_nothing = b"\x89PNG\r\n\x1a\nbroken";
    assert!(verdict("broken.png", picture_of_nothing).contains("No QR code could be read"));
    assert!(verdict("empty.pdf", b"%PDF-1.7\n%%EOF").contains("neither an attached credential"));
    let locked = b"%PDF-1.7\ntrailer << /Encrypt 1 0 R >>";
    assert!(verdict("locked.pdf", locked).contains("behind a password"));
    let attached = |texts: &[String]| {
        let mut pdf = String::from("%PDF-1.7\n");
        for text in texts {
            let length = text.len();
            pdf.push_str(&format!(
                "1 0 obj << /Type /EmbeddedFile /Length {length} >> stream\n{text}\nendstream endobj\n"
            ));
        }
        pdf.into_bytes()
    };
    let one = attached(&[stage.badge(1)]);
    assert!(verdict("one.pdf", &one).contains("May be accepted"));
    let two = attached(&[stage.badge(1), stage.badge(2)]);
    assert!(verdict("two.pdf", &two).contains("two or more different credentials"));
    let mut long = b"%PDF-1.7\n".to_vec();
    for _ in 0..500 {
        long.extend(b"1 0 obj << /Length 5 >> stream\nq Q q\nendstream endobj\n");
    }
    assert!(verdict("long.pdf", &long).contains("neither an attached credential"));
    flawless(&browser, "a refusal");
    // Markup and marks that turn the direction stay text.
    let nasty = stage.service.issuer.credential_with(
        credential_model::catalogue::CredentialType::QualificationBadge,
        stage.service.holder.did().as_str(),
        3,
        |parts| {
            parts.subject["person"]["name"] =
                json!("<script>document.title='x'</script>똠뷁힣(가상인물)");
        },
    );
    let nasty = stage.service.issuer.secure(&nasty).to_string();
    let shown = verdict("nasty.json", nasty.as_bytes());
    assert!(shown.contains("<script>") && shown.contains("똠뷁힣"));
    let turned = stage.badge(1).replace("홍길동", "\u{202e}홍길동");
    assert!(verdict("turned.json", turned.as_bytes()).contains("U+202E"));
    assert_eq!(browser.title().unwrap(), "Result");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wallet_answers_and_the_page_follows_it_live() {
    let stage = Stage::set().await;
    let service = &stage.service;
    let browser = stage.browser(&Setting { language: "ko", ..Setting::default() });
    browser.open(&stage.url("/ask")).unwrap();
    flawless(&browser, "ask");
    browser.click("button[name=same_device][value='0']").unwrap();
    browser.wait_for("#steps").unwrap();
    flawless(&browser, "waiting");
    let page = browser.address().unwrap();
    let id = page.rsplit('/').next().unwrap().to_owned();
    let code = browser.text_of(".spoken").unwrap();
    let (asked, public) = fetched(service, &id).await;
    browser.wait_for_text("동의를 기다립니다").unwrap();
    browser.wait_for("#steps [aria-current][data-step=fetched]").unwrap();
    // The net goes away for a moment; the answer comes meanwhile, and nothing is lost.
    browser.offline(true).unwrap();
    browser.wait_for("#lost").unwrap();
    let vp_token = json!({"badge_sd": [service.present_badge(&asked, 7)]});
    assert_eq!(service.answer(&asked, &vp_token).await.status, 200);
    browser.offline(false).unwrap();
    browser.wait_for("[data-verdict=accept]").unwrap();
    // A second answer to the one-time request changes nothing and is told.
    let second = service.answer(&asked, &vp_token).await;
    assert_eq!(second.status, 400);
    assert_eq!(second.refusal(), "response_already_received", "{}", second.text());
    // The spoken code leads another device to that request, which is over.
    let typed = service.post_form("/code", &[("code", &code)]).await;
    assert_eq!(typed.headers[header::LOCATION].to_str().unwrap(), format!("/w/{public}"));
}

/// What a wallet does first.
pub(crate) async fn fetched(service: &Service, id: &str) -> (Asked, String) {
    let session = service.app.store.session(id).await.unwrap().unwrap();
    let object = service.get(&format!("/request/{}", session.public_id)).await.text();
    let created = json!({"client_id": session.asked.client_id});
    (Asked { created, claims: claims_of(&object) }, session.public_id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_brings_the_same_verdict_back_and_an_altered_one_does_not() {
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "en", ..Setting::default() });
    browser.open(&stage.url("/")).unwrap();
    browser.upload("#file", &[stage.file("badge.json", stage.badge(1).as_bytes())]).unwrap();
    browser.wait_for("[data-verdict=accept]").unwrap();
    let full = browser.attribute("a[href*='documents=1']", "href").unwrap().unwrap();
    browser.click("a[href*='documents=1']").unwrap();
    let number = full.split('/').nth(2).unwrap().to_owned();
    let file = browser.downloaded(&format!("receipt-{number}.json")).unwrap();
    browser.open(&stage.url(&format!("/receipts/{number}"))).unwrap();
    flawless(&browser, "receipt");
    // A year later, and with no network at all.
    stage.service.clock.advance(365 * 86_400);
    let before = stage.service.world.asked.lock().unwrap().len();
    browser.open(&stage.url("/")).unwrap();
    browser.upload("#file", std::slice::from_ref(&file)).unwrap();
    browser.wait_for("[data-replay=yes]").unwrap();
    flawless(&browser, "replay");
    picture(&browser, "replay-en");
    assert_eq!(stage.service.world.asked.lock().unwrap().len(), before, "nobody was asked");
    let text = std::fs::read_to_string(&file).unwrap();
    let altered = text.replacen("\"in_force\":\"yes\"", "\"in_force\":\"no\"", 1);
    assert_ne!(altered, text);
    browser.open(&stage.url("/")).unwrap();
    browser.upload("#file", &[stage.file("altered.json", altered.as_bytes())]).unwrap();
    browser.wait_for_text("This receipt was altered").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn keyboard_dark_and_small_pages() {
    let stage = Stage::set().await;
    let setting = Setting { language: "en", dark: true, size: (400, 900), ..Setting::default() };
    let browser: Browser = stage.browser(&setting);
    for path in ["/", "/ask", "/collections", "/code", "/receipts/none"] {
        browser.open(&stage.url(path)).unwrap();
        flawless(&browser, path);
        let wide = "return document.documentElement.scrollWidth <= innerWidth";
        assert_eq!(browser.run(wide, &[]).unwrap(), json!(true), "{path} fits a phone");
    }
    browser.open(&stage.url("/")).unwrap();
    browser.click("#credential").unwrap();
    browser.type_into("#credential", &stage.badge(1)).unwrap();
    // On to the day's summary and to the button, by keyboard alone.
    browser.press("\u{e004}\u{e004}\u{e007}").unwrap();
    browser.wait_for("[data-verdict=accept]").unwrap();
    flawless(&browser, "dark verdict on a phone");
    // Weighed as they travel: page, styles and script together.
    let mut whole = Vec::new();
    for path in ["/", "/style.css"] {
        whole.extend(stage.service.get(path).await.body);
    }
    for asset in verifier_service::pages::ASSETS {
        whole.extend_from_slice(asset.bytes());
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packed, &whole).unwrap();
    let bytes = packed.finish().unwrap().len();
    println!("home with styles and script: {bytes} bytes gzip");
    assert!(bytes <= 60 * 1024, "{bytes}");
}

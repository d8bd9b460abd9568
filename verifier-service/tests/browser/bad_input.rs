//! What strangers send: pictures that cannot be read, PDFs of every length, a gigabyte, and text
//! that would like to be obeyed. Each is told plainly; nothing is lost and nothing runs.

use std::path::PathBuf;

use credential_model::catalogue::CredentialType;
use image::{DynamicImage, GrayImage, Luma, imageops};
use serde_json::json;
use test_kit::browser::{Browser, Setting};

use crate::stage::{Stage, flawless, picture};

/// The QR code of a printed badge, `scale` pixels a module, on white paper.
fn code(stage: &Stage, index: usize, scale: u32) -> GrayImage {
    let text = paper_badges::to_qr_text(&stage.badge(index)).unwrap();
    let png = qr_code::encode_png(&text, scale).unwrap();
    image::load_from_memory(&png).unwrap().to_luma8()
}

fn png(picture: GrayImage) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Two pictures beside each other.
fn beside(left: &GrayImage, right: &GrayImage) -> GrayImage {
    let (width, height) = (left.width() + right.width() + 40, left.height().max(right.height()));
    let mut both = GrayImage::from_pixel(width, height, Luma([255]));
    imageops::overlay(&mut both, left, 0, 0);
    imageops::overlay(&mut both, right, i64::from(left.width() + 40), 0);
    both
}

/// A PNG that promises 60,000 by 60,000 pixels.
fn bomb() -> Vec<u8> {
    let mut bytes = png(GrayImage::from_pixel(8, 8, Luma([0])));
    for at in [16, 20] {
        bytes[at..at + 4].copy_from_slice(&60_000_u32.to_be_bytes());
    }
    let checksum = {
        let mut crc = flate2::Crc::new();
        crc.update(&bytes[12..29]);
        crc.sum()
    };
    bytes[29..33].copy_from_slice(&checksum.to_be_bytes());
    bytes
}

struct Desk<'s> {
    stage: &'s Stage,
    browser: Browser,
}

impl Desk<'_> {
    /// Chooses a file on the first page and waits for what is said about it.
    fn drop(&self, name: &str, bytes: &[u8]) -> String {
        self.choose(&self.stage.file(name, bytes))
    }

    fn choose(&self, file: &PathBuf) -> String {
        self.browser.open(&self.stage.url("/")).unwrap();
        // A day was asked about already: it must outlast whatever is wrong with the file.
        let day = "document.querySelector('#at').value = '2026-11-23'";
        self.browser.run(day, &[]).unwrap();
        self.browser.upload("#file", std::slice::from_ref(file)).unwrap();
        self.browser.wait_for("[data-verdict], #complaint:not([hidden])").unwrap();
        if self.browser.address().unwrap() == self.stage.url("/") {
            let kept = "return document.querySelector('#at')?.value";
            assert_eq!(self.browser.run(kept, &[]).unwrap(), json!("2026-11-23"), "{file:?}");
            return self.browser.text_of("#complaint").unwrap();
        }
        self.browser.text().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_that_cannot_be_read_and_some_that_can() {
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "en", ..Setting::default() });
    let desk = Desk { stage: &stage, browser };
    let sharp = code(&stage, 1, 6);
    for (name, bytes, says) in [
        ("blurred.png", png(imageops::blur(&sharp, 9.0)), "No QR code could be read"),
        (
            "tiny.png",
            png(imageops::resize(&sharp, 40, 40, imageops::FilterType::Triangle)),
            "No QR code could be read",
        ),
        ("two.png", png(beside(&sharp, &code(&stage, 2, 6))), "two or more different credentials"),
        ("bomb.png", bomb(), "too large"),
        ("cut.png", png(sharp.clone())[..2_000].to_vec(), "No QR code could be read"),
        (
            "link.png",
            qr_code::encode_png("javascript:document.title='x'", 6).unwrap(),
            "it is no credential",
        ),
        (
            "scripted.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>document.title='x'</script></svg>"
                .to_vec(),
            "No QR code could be read",
        ),
        // Good ones: a soft photo, and the same badge twice in one picture.
        ("soft.png", png(imageops::blur(&sharp, 1.2)), "May be accepted"),
        ("twice.png", png(beside(&sharp, &sharp)), "May be accepted"),
    ] {
        let said = desk.drop(name, &bytes);
        assert!(said.contains(says), "{name}: {said}");
        flawless(&desk.browser, name);
        assert_ne!(desk.browser.title().unwrap(), "x", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_refusal_the_next_try_counts() {
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "en", ..Setting::default() });
    let told = || browser.text_of("#complaint").unwrap();
    browser.open(&stage.url("/")).unwrap();
    // A link, pasted; then a letter; then the badge: on one and the same page.
    browser.type_into("#credential", "https://evil.example/").unwrap();
    browser.click("#one button:not([type])").unwrap();
    browser.wait_for("#complaint").unwrap();
    assert!(told().contains("it is no credential"), "{}", told());
    browser.upload("#file", &[stage.file("broken.pdf", b"%PDF-1.7\n%%EOF")]).unwrap();
    browser.wait_for_text("neither an attached credential").unwrap();
    let paste = "const text = new DataTransfer(); text.setData('text', arguments[0]); \
        document.body.dispatchEvent(new ClipboardEvent('paste', {clipboardData: text, bubbles: true}))";
    browser.run(paste, &[json!(stage.badge(1))]).unwrap();
    browser.wait_for("[data-verdict=accept]").unwrap();
}

/// A PDF as an office prints it: the browser's own, of a page with these pictures on these pages.
fn printed(
    stage: &Stage,
    browser: &Browser,
    name: &str,
    pages: usize,
    codes: &[(usize, GrayImage)],
) -> PathBuf {
    let mut html = String::from("<!doctype html><meta charset=utf-8><title>서류</title>");
    for page in 0..pages {
        html.push_str(&format!("<div style='break-after:page'><p>서류 {page}쪽 (가상)</p>"));
        for (number, (_, picture)) in codes.iter().enumerate().filter(|(_, (at, _))| *at == page) {
            let file = format!("{name}-{number}.png");
            stage.file(&file, &png(picture.clone()));
            html.push_str(&format!("<img src='{file}' style='image-rendering:pixelated'>"));
        }
        html.push_str("</div>");
    }
    let page = stage.file(&format!("{name}.html"), html.as_bytes());
    browser.open(&format!("file://{}", page.display())).unwrap();
    let pdf = stage.folder.path().join(format!("{name}.pdf"));
    browser.print(&pdf).unwrap();
    pdf
}

#[tokio::test(flavor = "multi_thread")]
async fn printed_pdfs_without_with_one_with_two_and_with_500_pages() {
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "en", ..Setting::default() });
    let (first, second) = (code(&stage, 1, 4), code(&stage, 2, 4));
    let print = |name: &str, pages: usize, codes: &[(usize, GrayImage)]| {
        printed(&stage, &browser, name, pages, codes)
    };
    let cases = [
        (print("without", 1, &[]), "neither an attached credential nor"),
        (print("one", 1, &[(0, first.clone())]), "May be accepted"),
        (print("two", 2, &[(0, first.clone()), (1, second)]), "two or more different"),
        (print("long", 500, &[]), "neither an attached credential nor"),
        (print("long-one", 500, &[(499, first)]), "May be accepted"),
    ];
    let desk = Desk { stage: &stage, browser };
    for (file, says) in &cases {
        let said = desk.choose(file);
        assert!(said.contains(says), "{file:?}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gigabyte_is_refused_in_words_before_it_leaves() {
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "ko", ..Setting::default() });
    // One megabyte a thousand times: a gigabyte that takes no room.
    let drop = "const part = new Blob([new Uint8Array(1 << 20)]); \
        const files = arguments[0].map(name => new File(Array(1024).fill(part), name)); \
        const carried = new DataTransfer(); \
        files.forEach(file => carried.items.add(file)); \
        document.querySelector('#drop').dispatchEvent( \
            new DragEvent('drop', {dataTransfer: carried, bubbles: true, cancelable: true})); \
        return files[0].size";
    for (names, says) in [
        (json!(["huge.pdf"]), "파일이 너무 큽니다"),
        (json!(["huge.zip"]), "96 MB까지"),
        (json!(["a.pdf", "b.pdf"]), "96 MB까지"),
    ] {
        browser.open(&stage.url("/")).unwrap();
        assert_eq!(browser.run(drop, &[names]).unwrap(), json!(1_u64 << 30));
        browser.wait_for("#complaint").unwrap();
        let said = browser.text_of("#complaint").unwrap();
        assert!(said.contains(says), "{said}");
        assert_eq!(
            browser
                .loaded()
                .unwrap()
                .iter()
                .filter(|l| l.contains("/batch") || l.contains("/verify"))
                .count(),
            0
        );
        flawless(&browser, "a gigabyte");
    }
    picture(&browser, "too-large-ko");
    // The same on the page for many files, chosen and not dropped.
    browser.open(&stage.url("/collections")).unwrap();
    let choose = "const part = new Blob([new Uint8Array(1 << 20)]); \
        const chosen = new DataTransfer(); \
        chosen.items.add(new File(Array(1024).fill(part), 'huge.zip')); \
        document.querySelector('#batch-files').files = chosen.files";
    browser.run(choose, &[]).unwrap();
    browser.click("#files-form button").unwrap();
    browser.wait_for_text("96 MB까지").unwrap();
    assert_eq!(browser.address().unwrap(), stage.url("/collections"));
    // What fits, dropped as a picture out of another page is: without a place in any folder.
    browser.open(&stage.url("/")).unwrap();
    let small = "const carried = new DataTransfer(); \
        carried.items.add(new File([arguments[0]], 'badge.json')); \
        document.querySelector('#drop').dispatchEvent( \
            new DragEvent('drop', {dataTransfer: carried, bubbles: true, cancelable: true}))";
    browser.run(small, &[json!(stage.badge(1))]).unwrap();
    browser.wait_for("[data-verdict=accept]").unwrap();
}

/// A genuine badge of somebody with this name.
fn named(stage: &Stage, index: usize, name: &str) -> String {
    let badge = CredentialType::QualificationBadge;
    let holder = stage.service.holder.did();
    let mut document = stage.service.issuer.credential(badge, holder.as_str(), index);
    // Past our own issuer's check of names: other issuers need not have one.
    document["credentialSubject"]["person"]["name"] = json!(name);
    stage.service.issuer.secure(&document).to_string()
}

const HOSTILE: [&str; 4] = [
    "<script>document.title='x'</script>(가상인물)",
    "<img src=x onerror=\"document.title='x'\">(가상인물)",
    "\u{202e}홍길동\u{202c}(가상인물)",
    "똠뷁힣 펲시콜라(가상인물)",
];

#[tokio::test(flavor = "multi_thread")]
async fn text_that_would_like_to_be_obeyed_is_text() {
    let stage = Stage::set().await;
    let browser =
        stage.browser(&Setting { language: "ko", size: (1500, 1200), ..Setting::default() });
    let inert = |what: &str| {
        // Nothing ran, nothing became an element, and every claim stands in an isolated part.
        let page = "return [document.title === 'x', \
            document.querySelectorAll('main script, main img:not(.qr), main [onerror]').length, \
            [...document.querySelectorAll('td, dd')].filter(cell => \
                cell.innerText.includes('(가상인물)') && !cell.querySelector('bdi')).length]";
        assert_eq!(browser.run(page, &[]).unwrap(), json!([false, 0, 0]), "{what}");
        flawless(&browser, what);
    };
    let mut files = Vec::new();
    for (at, name) in HOSTILE.into_iter().enumerate() {
        let badge = named(&stage, 60 + at, name);
        let file = stage.file(&format!("<b>\u{202e}{at}.json"), badge.as_bytes());
        browser.open(&stage.url("/")).unwrap();
        browser.upload("#file", std::slice::from_ref(&file)).unwrap();
        browser.wait_for("[data-verdict]").unwrap();
        let text = browser.text().unwrap();
        let shown = name.replace('\u{202e}', "U+202E").replace('\u{202c}', "U+202C");
        assert!(text.contains(&shown), "{shown}: {text}");
        inert(name);
        files.push(file);
    }
    browser.open(&stage.url("/")).unwrap();
    browser.upload("#file", &files).unwrap();
    browser.wait_for("a[href$='table.csv']").unwrap();
    let text = browser.text().unwrap();
    assert!(text.contains("<script>") && text.contains("뷁") && text.contains("U+202E"), "{text}");
    inert("a table of hostile names");
    picture(&browser, "hostile-ko");
    // What a collection is for is typed by the desk and read by applicants.
    browser.open(&stage.url("/collections")).unwrap();
    browser.type_into("#purpose", "<script>document.title='x'</script> \u{202e}뷁").unwrap();
    browser.click("form[action='/collections'] button").unwrap();
    browser.wait_for("#link").unwrap();
    inert("a collection's purpose");
    let link = browser.attribute("#link", "value").unwrap().unwrap();
    browser.open(&link).unwrap();
    assert!(browser.text().unwrap().contains("<script>"));
    inert("an invitation's purpose");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_or_used_or_not_there_says_so() {
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "ko", ..Setting::default() });
    let service = &stage.service;
    // This machine has no camera; the other ways stay open.
    browser.open(&stage.url("/")).unwrap();
    browser.click("#scan").unwrap();
    browser.wait_for("#complaint").unwrap();
    assert!(browser.text_of("#complaint").unwrap().contains("카메라를 쓸 수 없습니다"));
    flawless(&browser, "no camera");
    // A one-time request: answered, then answered again, then opened again by its spoken code.
    browser.open(&stage.url("/ask")).unwrap();
    browser.click("button[name=same_device][value='0']").unwrap();
    browser.wait_for("#steps").unwrap();
    let id = browser.address().unwrap().rsplit('/').next().unwrap().to_owned();
    let (asked, public) = crate::desk::fetched(service, &id).await;
    let first = json!({"badge_sd": [service.present_badge(&asked, 7)]});
    assert_eq!(service.answer(&asked, &first).await.status, 200);
    let second = json!({"badge_sd": [service.present_badge(&asked, 8)]});
    let refused = service.answer(&asked, &second).await;
    assert_eq!(
        (refused.status.as_u16(), refused.refusal().as_str()),
        (400, "response_already_received")
    );
    browser.wait_for("[data-verdict=accept]").unwrap();
    browser.open(&stage.url(&format!("/w/{public}"))).unwrap();
    browser.wait_for("a.button[href='/ask']").unwrap();
    flawless(&browser, "a used request");
    // Somebody else's browser learns nothing about the person.
    let other = stage.browser(&Setting { language: "ko", ..Setting::default() });
    other.open(&stage.url(&format!("/r/{id}"))).unwrap();
    other.wait_for_text("이 브라우저의 요청이 아닙니다").unwrap();
    assert!(!other.text().unwrap().contains("홍길동"));
    flawless(&other, "another browser");
    // An open request that nobody answered in time.
    browser.open(&stage.url("/ask")).unwrap();
    browser.click("button[name=same_device][value='0']").unwrap();
    browser.wait_for("#steps").unwrap();
    stage.service.clock.advance(86_000);
    browser.wait_for("a.button[href='/ask']").unwrap();
    flawless(&browser, "an expired request");
    picture(&browser, "ended-ko");
}

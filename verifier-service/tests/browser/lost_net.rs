//! A net that goes away in the middle: told plainly, nothing lost, sent again by one button.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::json;
use test_kit::browser::{Browser, Setting};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::desk::fetched;
use crate::stage::{Stage, flawless, picture};

/// A PDF of some megabytes with a badge attached at its end.
fn long_pdf(badge: &str) -> Vec<u8> {
    let mut pdf = b"%PDF-1.7\n".to_vec();
    // Hard to pack, as photos are; nothing in it looks like a PDF's words.
    let mut state = 1_u32;
    let noise: Vec<u8> = (0..4_000_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            128 + (state >> 25) as u8
        })
        .collect();
    pdf.extend(format!("1 0 obj << /Length {} >> stream\n", noise.len()).bytes());
    pdf.extend(noise);
    pdf.extend(b"\nendstream endobj\n");
    let length = badge.len();
    pdf.extend(
        format!("2 0 obj << /Type /EmbeddedFile /Length {length} >> stream\n{badge}\nendstream endobj\n%%EOF")
            .bytes(),
    );
    pdf
}

/// [`Wire::left`] where uploads are turned away.
const BUSY: i64 = -2;

const TURNED_AWAY: &str = "HTTP/1.1 503 Busy\r\nContent-Type: application/problem+json\r\n\
    Content-Length: 2\r\nConnection: close\r\n\r\n{}";

/// A cable between browser and service that can be cut in the middle of a message.
struct Wire {
    port: u16,
    /// Bytes that still get through; negative while it is whole.
    left: Arc<AtomicI64>,
    cut: Arc<Notify>,
}

impl Wire {
    async fn lay(stage: &Stage) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let service = stage.base.trim_start_matches("http://").to_owned();
        let wire = Wire { port, left: Arc::new(AtomicI64::new(-1)), cut: Arc::default() };
        let (left, cut) = (Arc::clone(&wire.left), Arc::clone(&wire.cut));
        tokio::spawn(async move {
            loop {
                let (browser, _) = listener.accept().await.unwrap();
                let (left, cut) = (Arc::clone(&left), Arc::clone(&cut));
                let service = service.clone();
                tokio::spawn(async move {
                    let end = cut.notified();
                    tokio::select! { () = carry(browser, &service, &left, &cut) => (), () = end => () }
                });
            }
        });
        wire
    }

    fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    fn cut_after(&self, bytes: i64) {
        self.left.store(bytes, Ordering::SeqCst);
    }

    /// From now on every upload is answered as by a service with too much to do.
    fn be_busy(&self) {
        self.left.store(BUSY, Ordering::SeqCst);
    }

    fn is_cut(&self) -> bool {
        self.left.load(Ordering::SeqCst) == 0
    }

    fn mend(&self) {
        self.left.store(-1, Ordering::SeqCst);
    }
}

async fn carry(browser: TcpStream, service: &str, left: &AtomicI64, cut: &Notify) {
    if left.load(Ordering::SeqCst) == 0 {
        return;
    }
    let Ok(service) = TcpStream::connect(service).await else { return };
    let (mut from_browser, mut to_browser) = browser.into_split();
    let (mut from_service, mut to_service) = service.into_split();
    let down = async {
        let _ = tokio::io::copy(&mut from_service, &mut to_browser).await;
    };
    let up = async {
        let mut part = vec![0; 16 * 1024];
        while let Ok(read @ 1..) = from_browser.read(&mut part).await {
            let still = left.load(Ordering::SeqCst);
            if still == BUSY && part.starts_with(b"POST ") {
                return Some(TURNED_AWAY);
            }
            if still >= 0 {
                let rest = (still - read as i64).max(0);
                left.store(rest, Ordering::SeqCst);
                if rest == 0 {
                    // Every other connection of this browser breaks too.
                    cut.notify_waiters();
                    return None;
                }
            }
            if to_service.write_all(&part[..read]).await.is_err() {
                return None;
            }
        }
        None
    };
    let said = tokio::select! { () = down => None, said = up => said };
    if let Some(answer) = said {
        let _ = to_browser.write_all(answer.as_bytes()).await;
        // Read to the end, or the answer may be lost with the connection.
        let _ = tokio::io::copy(&mut from_browser, &mut tokio::io::sink()).await;
    }
}

fn chosen(browser: &Browser) -> serde_json::Value {
    browser.run("return document.querySelector('#file').files.length", &[]).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_broke_is_sent_again_with_one_press() {
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "ko", ..Setting::default() });
    let pdf = stage.file("long.pdf", &long_pdf(&stage.badge(1)));
    // A megabyte gets through, then the cable is out.
    let wire = Wire::lay(&stage).await;
    wire.cut_after(1_000_000);
    browser.open(&wire.url("/")).unwrap();
    browser.upload("#file", &[pdf]).unwrap();
    browser.wait_for("#unsent").unwrap();
    assert!(wire.is_cut(), "it was in the middle");
    assert!(browser.text_of("#unsent").unwrap().contains("그대로 있습니다"));
    assert_eq!((chosen(&browser), browser.address().unwrap()), (json!(1), wire.url("/")));
    assert_eq!(browser.serious_violations().unwrap(), []);
    picture(&browser, "unsent-ko");
    // Too early: told again, still nothing lost.
    browser.click("#resend").unwrap();
    browser.wait_for("#unsent").unwrap();
    // Then the service itself has no time: said in other words.
    wire.be_busy();
    browser.click("#resend").unwrap();
    browser.wait_for_text("지금 요청이 많아").unwrap();
    wire.mend();
    browser.click("#resend").unwrap();
    browser.wait_for("[data-verdict=accept]").unwrap();
    // The address is the result's own: reading it again asks nobody to send the file again.
    assert!(browser.address().unwrap().contains("/results/"));
    browser.reload().unwrap();
    browser.wait_for("[data-verdict=accept]").unwrap();
    // Back leads to the form, not to a question whether to send once more.
    browser.run("history.back()", &[]).unwrap();
    browser.wait_for("#drop").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_and_the_day_asked_about_stay() {
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "en", ..Setting::default() });
    browser.open(&stage.url("/")).unwrap();
    let fill = "document.querySelector('details').open = true; \
        document.querySelector('#credential').value = arguments[0]; \
        document.querySelector('#at').value = '2026-11-20'";
    browser.run(fill, &[json!(stage.badge(1))]).unwrap();
    browser.offline(true).unwrap();
    browser.click("#one button:not([type])").unwrap();
    browser.wait_for("#unsent").unwrap();
    browser.offline(false).unwrap();
    let kept = "return [document.querySelector('#credential').value.length > 100, \
        document.querySelector('#at').value]";
    assert_eq!(browser.run(kept, &[]).unwrap(), json!([true, "2026-11-20"]));
    browser.click("#resend").unwrap();
    browser.wait_for("[data-verdict]").unwrap();
    assert!(browser.text().unwrap().contains("2026-11-20"), "the verdict is about that day");
    // The same for many files: their page follows, says that the net is away, and goes on.
    browser.open(&stage.url("/collections")).unwrap();
    let files = [stage.file("a.json", stage.badge(1).as_bytes()), stage.file("b.txt", b"a letter")];
    browser.upload("#batch-files", &files).unwrap();
    browser.offline(true).unwrap();
    browser.click("#files-form button").unwrap();
    browser.wait_for("#unsent").unwrap();
    browser.offline(false).unwrap();
    browser.click("#resend").unwrap();
    browser.wait_for("a[href$='table.csv']").unwrap();
    flawless(&browser, "the table after a broken net");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_request_and_a_collection_outlast_the_net() {
    let stage = Stage::set().await;
    let browser = stage.browser(&Setting { language: "ko", ..Setting::default() });
    browser.open(&stage.url("/ask")).unwrap();
    browser.click("button[name=same_device][value='0']").unwrap();
    browser.wait_for("#steps").unwrap();
    let id = browser.address().unwrap().rsplit('/').next().unwrap().to_owned();
    browser.offline(true).unwrap();
    browser.wait_for("#lost").unwrap();
    assert!(browser.text_of("#lost").unwrap().contains("사라지지 않습니다"));
    picture(&browser, "lost-ko");
    let (asked, _) = fetched(&stage.service, &id).await;
    let vp_token = json!({"badge_sd": [stage.service.present_badge(&asked, 7)]});
    assert_eq!(stage.service.answer(&asked, &vp_token).await.status, 200);
    browser.offline(false).unwrap();
    browser.wait_for("[data-verdict=accept]").unwrap();

    browser.open(&stage.url("/collections")).unwrap();
    browser.type_into("#purpose", "채용(가상)").unwrap();
    browser.click("form[action='/collections'] button").unwrap();
    browser.wait_for("#link").unwrap();
    let link = browser.attribute("#link", "value").unwrap().unwrap();
    browser.offline(true).unwrap();
    browser.wait_for("#lost").unwrap();
    let answered = crate::many::answer(&stage, &crate::kit::path_of(&link), 11, 11).await;
    assert_eq!(answered, 200);
    browser.offline(false).unwrap();
    browser.wait_for("tr[data-overall=accept]").unwrap();
    let still = "return document.querySelector('#lost').hidden";
    assert_eq!(browser.run(still, &[]).unwrap(), json!(true));
}

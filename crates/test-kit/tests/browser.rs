//! The browser harness itself: what it sees is what is there.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use serde_json::json;
use test_kit::browser::{Browser, Setting, camera};

const PAGE: &str = "<!doctype html><html lang='en'><head><title>A page</title></head><body><main>\
    <h1>Hello</h1><button onclick=\"document.querySelector('p').textContent=\
    document.querySelector('input').value\">Go</button><input><p>nothing</p>\
    <video autoplay muted></video></main></body></html>";

/// Serves the one page to whoever asks.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let length = PAGE.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
            );
            let _ = stream.write_all(format!("{head}{PAGE}").as_bytes());
        }
    });
    format!("http://localhost:{port}/")
}

#[test]
fn a_page_is_opened_used_judged_and_photographed() {
    let folder = tempfile::tempdir().unwrap();
    let film = folder.path().join("film.y4m");
    let frame = camera::Grey::plain(320, 240, 200);
    camera::film(&film, &[frame.clone(), frame]).unwrap();
    let setting = Setting { language: "en", camera: Some(film), ..Setting::default() };
    let browser = Browser::start(folder.path(), &setting).unwrap();
    let url = serve();
    browser.open(&url).unwrap();
    assert_eq!(browser.title().unwrap(), "A page");
    browser.type_into("input", "똠방각하").unwrap();
    browser.click("button").unwrap();
    browser.wait_for_text("똠방각하").unwrap();
    assert_eq!(browser.run("return navigator.language", &[]).unwrap(), json!("en"));
    assert!(browser.click("#absent").unwrap_err().to_string().contains("no such element"));

    // The input has no label: axe must say so, or it did not look.
    let found = browser.serious_violations().unwrap();
    assert!(found.iter().any(|one| one.rule == "label"), "{found:?}");

    let camera = "const done = arguments[0]; navigator.mediaDevices.getUserMedia({video: true})\
        .then(s => { const v = document.querySelector('video'); v.srcObject = s; \
        v.onloadeddata = () => done([v.videoWidth, v.videoHeight]) }, e => done(String(e)))";
    assert_eq!(browser.run_async(camera, &[]).unwrap(), json!([320, 240]));

    let picture = folder.path().join("page.png");
    browser.screenshot(&picture).unwrap();
    assert!(std::fs::read(&picture).unwrap().starts_with(b"\x89PNG"));
    browser.print(&folder.path().join("page.pdf")).unwrap();
    assert!(std::fs::read(folder.path().join("page.pdf")).unwrap().starts_with(b"%PDF"));

    browser.prefer_dark(true).unwrap();
    let dark = "return matchMedia('(prefers-color-scheme: dark)').matches";
    assert_eq!(browser.run(dark, &[]).unwrap(), json!(true));
    browser.offline(true).unwrap();
    let gone = "const done = arguments[1]; fetch(arguments[0]).then(() => done(1), () => done(0))";
    assert_eq!(browser.run_async(gone, &[json!(url)]).unwrap(), json!(0));
    browser.offline(false).unwrap();
    assert_eq!(browser.run_async(gone, &[json!(url)]).unwrap(), json!(1));
}

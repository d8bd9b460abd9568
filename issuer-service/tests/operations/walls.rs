//! What one caller may ask, how much may be sent, and how the service stops.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bulk::file;
use crate::kit::{EMBEDDED, FILE_KEYS, Service, ask, configured, done};

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

#[test]
fn whoever_asks_too_often_is_told_when_to_come_back_and_nobody_else_waits() {
    let folder = tempfile::tempdir().unwrap();
    let limits = "[limits]\ntrusted_proxies = [\"127.0.0.1\"]\nper_address = { per_second = 1, \
                  burst = 3 }\n";
    let config = configured(folder.path(), EMBEDDED, FILE_KEYS, limits);
    done(&config, &["init"]);
    let service = Service::start(&config);
    // The proxy in front tells who asks.
    let asked = |from: &str| {
        let media = format!("application/json\r\nX-Forwarded-For: {from}");
        ask(&service.address, "GET", "/.well-known/did.json", None, &media, "")
    };
    let answers: Vec<(u16, String, String)> = (0..20).map(|_| asked("198.51.100.7")).collect();
    assert_eq!(answers[0].0, 200);
    let (_, head, body) =
        answers.iter().find(|(status, ..)| *status == 429).expect("20 at once are too many");
    let seconds: u64 = header(head, "retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{head}");
    let problem: Value = serde_json::from_str(body).unwrap();
    assert_eq!(problem["status"], 429);
    assert!(problem["code"].is_string() && problem["hint"].is_string(), "{problem}");
    // Somebody else is not held up, and a probe of the machine itself never.
    assert_eq!(asked("198.51.100.8").0, 200);
    assert_eq!(ask(&service.address, "GET", "/health", None, "", "").0, 200);
}

#[test]
fn a_body_beyond_the_limit_is_413_and_the_service_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let limits = "[limits]\nbody_bytes = 65536\n";
    let config = configured(folder.path(), EMBEDDED, FILE_KEYS, limits);
    done(&config, &["init"]);
    let service = Service::start(&config);
    let huge = " ".repeat(65_537);
    for path in ["/credential", "/token", "/admin/offers"] {
        // Announced at its length, and refused for it.
        let mut stream = TcpStream::connect(&service.address).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer \
             {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            service.admin_token(),
            huge.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        // The service may answer and hang up before it has read it all.
        let _ = stream.write_all(huge.as_bytes());
        let mut told = Vec::new();
        let _ = stream.read_to_end(&mut told);
        let told = String::from_utf8_lossy(&told);
        let status = told.split(' ').nth(1).unwrap_or_default();
        // A wallet's endpoint looks at the token first: 401 is an answer without reading, too.
        let refused = status == "413" || (path == "/credential" && status == "401");
        assert!(refused, "{path}: {told}");
    }
    assert_eq!(ask(&service.address, "GET", "/.well-known/did.json", None, "", "").0, 200);
}

/// Sends SIGTERM; the exit code and how long it took.
fn terminate(service: &mut Service) -> (Option<i32>, Duration) {
    let begun = Instant::now();
    let id = service.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let code = service.child.wait().unwrap().code();
    (code, begun.elapsed())
}

#[test]
fn a_stop_answers_what_is_in_work_and_a_job_goes_on_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(folder.path(), EMBEDDED, FILE_KEYS, "");
    done(&config, &["init"]);
    let mut service = Service::start(&config);
    let rows = 4_000;
    let id = service.approved(&file(rows));
    let (status, answer) = service.step("kim", &id, "run", &json!({ "rate": 1_500 }));
    assert_eq!(status, 200, "{answer}");
    service.until(&id, "begun", |job| job["progress"]["issued"].as_u64() > Some(0));

    // A request whose body is still on its way when the signal comes.
    let offer = crate::harness::training_offer(&["ldp_vc"]).to_string();
    let mut open = TcpStream::connect(&service.address).unwrap();
    write!(
        open,
        "POST /admin/offers HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: \
         100-continue\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n",
        service.admin_token(),
        offer.len(),
    )
    .unwrap();
    // It is in work once the service asks for the body.
    let mut go_on = [0; 25];
    open.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    let address = service.address.clone();
    let waiting = std::thread::spawn(move || {
        // Once nobody takes new connections, the signal was heard: then the body is sent.
        while TcpStream::connect(&address).is_ok() {
            std::thread::sleep(Duration::from_millis(5));
        }
        open.write_all(offer.as_bytes()).unwrap();
        let mut told = String::new();
        open.read_to_string(&mut told).unwrap();
        told
    });
    let (code, took) = terminate(&mut service);
    assert_eq!(code, Some(0));
    // The bound of the service is 10 s of grace; a busy machine may add to it.
    assert!(took < Duration::from_secs(30), "{took:?}");
    let told = waiting.join().unwrap();
    assert!(told.starts_with("HTTP/1.1 201"), "answered before the end: {told}");

    let service = Service::start(&config);
    service.run_job(&id);
    service.all_issued_once(&id, rows);
}

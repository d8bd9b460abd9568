use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use crate::harness::wallet::Holder;
use crate::kit::{EMBEDDED, FILE_KEYS, Service, configured, done, run, secret};

const SECRET: &str = "a-secret-that-two-parties-share";

/// What came: the three headers and the body.
struct Delivery {
    id: String,
    timestamp: String,
    signature: String,
    body: String,
}

/// Answers these statuses in turn, then 204 for ever.
fn receiver(listener: TcpListener, statuses: Vec<u16>) -> Receiver<Delivery> {
    let (told, deliveries) = channel();
    std::thread::spawn(move || {
        let mut statuses = statuses.into_iter();
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut text = Vec::new();
            let mut chunk = [0; 4096];
            let (head, body) = loop {
                let read = stream.read(&mut chunk).unwrap_or(0);
                text.extend_from_slice(&chunk[..read]);
                let seen = String::from_utf8_lossy(&text).into_owned();
                if let Some((head, body)) = seen.split_once("\r\n\r\n") {
                    let length = header(head, "content-length").parse().unwrap_or(0);
                    if body.len() >= length {
                        break (head.to_owned(), body.to_owned());
                    }
                }
                if read == 0 {
                    break (seen, String::new());
                }
            };
            let status = statuses.next().unwrap_or(204);
            let _ = write!(stream, "HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n");
            let delivery = Delivery {
                id: header(&head, "webhook-id"),
                timestamp: header(&head, "webhook-timestamp"),
                signature: header(&head, "webhook-signature"),
                body,
            };
            if told.send(delivery).is_err() {
                return;
            }
        }
    });
    deliveries
}

fn header(head: &str, name: &str) -> String {
    let line = head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    });
    line.unwrap_or_default()
}

#[test]
fn a_receiver_is_told_once_it_answers_even_after_kill_9() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let more = format!(
        "[[webhooks]]\nid = \"registry\"\nurl = \"http://localhost:{}/told\"\n\
         secret_file = \"webhook-secret\"\nactions = [\"credentials_issued\"]\n",
        address.port()
    );
    let config = configured(folder.path(), EMBEDDED, FILE_KEYS, &more);
    secret(&folder.path().join("webhook-secret"), SECRET);
    let text = std::fs::read_to_string(&config).unwrap();
    let (code, _, stderr) = run(&config, &["init"]);
    assert_eq!(code, 2, "plain http is a danger that is named: {stderr}");
    let open = format!("[\"localhost:7001\", \"localhost:{}\"]", address.port());
    std::fs::write(&config, text.replace("[\"localhost:7001\"]", &open)).unwrap();
    done(&config, &["init"]);

    let deliveries = receiver(listener, vec![500, 503]);
    let patience = Duration::from_secs(60);
    let service = Service::start(&config);
    let token = service.token();
    service.insist(&token, &Holder::usual());
    let first = deliveries.recv_timeout(patience).unwrap();
    drop(service);

    let service = Service::start(&config);
    let mut last = deliveries.recv_timeout(patience).unwrap();
    assert_eq!(last.id, first.id, "the same message is tried again after kill -9");
    last = deliveries.recv_timeout(patience).unwrap();
    assert_eq!((&last.id, &last.body), (&first.id, &first.body));
    let body: Value = serde_json::from_str(&last.body).unwrap();
    assert_eq!(body["type"], "credentials_issued");
    assert!(!last.body.contains("홍길동"), "ids only");
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{}.{}.{}", last.id, last.timestamp, last.body).as_bytes());
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    assert_eq!(last.signature, expected);

    // Delivered is delivered: the next thing told is the next thing that happened.
    let token = service.token();
    service.insist(&token, &Holder::usual());
    let next = deliveries.recv_timeout(patience).unwrap();
    assert_ne!(next.id, last.id);
}

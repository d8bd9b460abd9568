//! A service as a process of its own, made from an example file, and plain HTTP/1.1 over loopback to it. Both services'
//! tests use this file.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test binary uses its part of this, and a test may panic"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// A running service; dropping it ends it.
pub struct Service {
    child: Child,
    /// `http` or `https`.
    pub scheme: String,
    /// Host and port.
    pub address: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head: head.to_owned(), body: body.to_owned() }
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The value of a header, the first of its name.
    pub fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    #[track_caller]
    pub fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        self.json()
    }

    /// Asserts a problem document of this type (the part after `#`) and code.
    #[track_caller]
    pub fn refused(&self, status: u16, kind: &str, code: &str) {
        let body = self.json();
        let problem = body["problemDetails"].get(0).unwrap_or(&body);
        let stated = problem["type"].as_str().unwrap().rsplit('#').next().unwrap();
        let stated = (self.status, stated, problem["code"].as_str().unwrap());
        assert_eq!(stated, (status, kind, code), "{body}");
        assert!(problem["title"].is_string() && problem["detail"].is_string(), "{body}");
        assert_eq!(self.header("cache-control"), "no-store");
        if body.get("verified").is_some() {
            assert_eq!(body["verified"], false);
            assert_eq!(self.header("content-type"), "application/json");
        } else {
            assert!(self.header("content-type").starts_with("application/problem+json"));
        }
    }
}

/// The example file `examples/vc-api/{name}.toml` in a directory of its own, its listening port free, and `change` made.
pub fn example(directory: &Path, name: &str, change: impl Fn(String) -> String) -> PathBuf {
    let path = format!("{}/../examples/vc-api/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.replace(&format!("../../target/vc-api-{name}"), "made");
    let text = match name {
        "issuer" => text.replacen("\"127.0.0.1:7101\"", "\"127.0.0.1:0\"", 1),
        _ => text.replacen("\"127.0.0.1:7102\"", "\"127.0.0.1:0\"", 1),
    };
    assert!(text.contains(":0\"") && !text.contains("../target"));
    let file = directory.join("config.toml");
    std::fs::write(&file, change(text)).unwrap();
    file
}

/// As [`example`], with this text put in place of that.
pub fn example_with(directory: &Path, name: &str, old: &str, new: &str) -> PathBuf {
    example(directory, name, |text| {
        assert!(text.contains(old), "the example has {old:?}");
        text.replacen(old, new, 1)
    })
}

fn command(binary: &str, config: &Path) -> Command {
    let mut command = Command::new(binary);
    command.arg("--config").arg(config).arg("serve").env("RUST_LOG", "error");
    command
}

/// What a start says that is refused.
pub fn output(binary: &str, config: &Path) -> Output {
    command(binary, config).output().unwrap()
}

impl Service {
    pub fn start(binary: &str, config: &Path) -> Self {
        let mut child = command(binary, config).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready = line.trim().strip_prefix("ready ").and_then(|url| url.split_once("://"));
        let (scheme, address) = ready.unwrap_or_else(|| panic!("{line:?}"));
        Self { scheme: scheme.to_owned(), address: address.to_owned(), child }
    }

    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    pub fn port(&self) -> u16 {
        self.address.rsplit_once(':').unwrap().1.parse().unwrap()
    }

    /// One request with these headers.
    pub fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let length = body.len();
        head.push_str(&format!("Content-Length: {length}\r\nConnection: close\r\n\r\n"));
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        Answer::read(&text)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &[], "")
    }

    /// With an `Accept`.
    pub fn get_as(&self, path: &str, accept: &str) -> Answer {
        self.call("GET", path, &[("Accept", accept)], "")
    }

    pub fn post_text(&self, path: &str, body: &str) -> Answer {
        self.call("POST", path, &[("Content-Type", "application/json")], body)
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_text(path, &body.to_string())
    }

    pub fn post_as(&self, path: &str, token: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("Content-Type", "application/json"), ("Authorization", bearer.as_str())];
        self.call("POST", path, &headers, &body.to_string())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Bodies that no endpoint takes, whatever it does: media type, text, status, code.
pub fn unreadable() -> Vec<(&'static str, String, u16, &'static str)> {
    let json = "application/json";
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000));
    vec![
        ("", "{}".to_owned(), 415, "unsupported_media_type"),
        ("text/plain", "{}".to_owned(), 415, "unsupported_media_type"),
        ("application/ld+json", "{}".to_owned(), 415, "unsupported_media_type"),
        (json, String::new(), 400, "malformed_json"),
        (json, "{".to_owned(), 400, "malformed_json"),
        (json, "{\"options\":{},\"options\":{}}".to_owned(), 400, "malformed_json"),
        (json, "{\"a\":{\"id\":1,\"\\u0069d\":2}}".to_owned(), 400, "malformed_json"),
        (json, "{\"a\":\"\\ud800\"}".to_owned(), 400, "malformed_json"),
        (json, deep, 400, "malformed_json"),
        (json, "[".repeat(1024 * 1024), 400, "malformed_json"),
        (json, " ".repeat(1024 * 1024 + 1), 413, "body_unreadable"),
    ]
}

/// Sends all of [`unreadable`] to an endpoint.
pub fn refuses_the_unreadable(service: &Service, path: &str) {
    for (media, body, status, code) in unreadable() {
        let answer = match media {
            "" => service.call("POST", path, &[], &body),
            media => service.call("POST", path, &[("Content-Type", media)], &body),
        };
        answer.refused(status, code, code);
    }
    service.get(path).refused(405, "method_not_allowed", "method_not_allowed");
}

/// Asks for DIDs: the path after `/1.0/identifiers/`, the status, and the error's name where it is one; each in both
/// styles.
pub fn resolves(service: &Service, cases: &[(&str, u16, &str)]) {
    const LEGACY: &str = "application/ld+json;profile=\"https://w3id.org/did-resolution\"";
    for (did, status, error) in cases {
        let path = format!("/1.0/identifiers/{did}");
        let answer = service.get_as(&path, "application/did-resolution");
        assert_eq!(answer.header("content-type"), "application/did-resolution", "{did}");
        let body = answer.ok(*status);
        let legacy = service.get_as(&path, LEGACY);
        assert_eq!(legacy.header("content-type"), LEGACY, "{did}");
        let legacy = legacy.ok(*status);
        if error.is_empty() {
            assert_eq!(body["didDocument"]["id"], legacy["didDocument"]["id"]);
            assert!(body["didDocument"]["verificationMethod"].is_array(), "{body}");
        } else {
            let kind = &body["didResolutionMetadata"]["error"]["type"];
            assert_eq!(*kind, format!("https://www.w3.org/ns/did#{error}"), "{did}");
            assert_eq!(body["didDocument"], Value::Null);
            let old = legacy["didResolutionMetadata"]["error"].as_str().unwrap();
            assert_eq!(old.to_lowercase(), error.replace('_', "").to_lowercase(), "{did}");
        }
    }
}

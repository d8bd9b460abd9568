//! A town of one street: issuer and verifier behind one port, and a citizen with a wallet.

#[allow(dead_code)]
#[path = "../../../crates/credential-wallet/tests/flow/support/certificates.rs"]
pub(crate) mod certificates;
#[allow(dead_code)]
#[path = "../../../crates/credential-wallet/tests/flow/support/issuer.rs"]
pub(crate) mod issuer;
#[allow(dead_code)]
#[path = "../../../crates/credential-wallet/tests/flow/support/net.rs"]
pub(crate) mod net;
#[allow(dead_code)]
#[path = "../../../crates/credential-wallet/tests/flow/support/verifier.rs"]
pub(crate) mod verifier;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode};
use credential_model::ambient::Clock as _;
use credential_model::moment::Moment;
use issuer::Issuer;
use net::Net;
use serde_json::Value;
use signing_keys::system::SystemClock;
use verifier::Verifier;
use web_fetch::{Fetch as _, FetchRequest, Method};

pub(crate) const PASSPHRASE: &str = "a passphrase of tests";

/// The time, as the binary sees it.
pub(crate) fn now() -> Moment {
    SystemClock.now()
}

pub(crate) struct Town {
    pub(crate) net: Arc<Net>,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) verifier: Arc<Verifier>,
    pub(crate) folder: tempfile::TempDir,
    port: u16,
}

/// How a command ended.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|_| panic!("{}\n{}", self.stdout, self.stderr))
    }

    /// The code of a failure.
    pub(crate) fn error(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Town {
    /// With a wallet made.
    pub(crate) fn found() -> Self {
        let town = Self::without_wallet();
        assert_eq!(town.wallet(&["init", "--danger-cheap-kdf"]).code, 0);
        town
    }

    pub(crate) fn without_wallet() -> Self {
        let net = Arc::new(Net::default());
        let port = serve(Arc::clone(&net));
        let url = format!("http://localhost:{port}");
        let issuer = Issuer::open_at(&net, &url, now());
        let verifier = Verifier::open_at(&net, &url, now());
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("passphrase"), format!("{PASSPHRASE}\n")).unwrap();
        Self { net, issuer, verifier, folder, port }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wallet"));
        command.env_clear().env("WALLET_HOME", self.path("home"));
        command.args(["--danger-plain-http", &format!("localhost:{}", self.port)]);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command with the passphrase file.
    pub(crate) fn wallet(&self, arguments: &[&str]) -> Ended {
        let passphrase = self.text("passphrase");
        self.bare(&[&["--passphrase-file", &passphrase], arguments].concat())
    }

    /// Runs a command as it is.
    pub(crate) fn bare(&self, arguments: &[&str]) -> Ended {
        ended(self.command(arguments).output().unwrap())
    }

    pub(crate) fn spawn(&self, arguments: &[&str]) -> Child {
        let passphrase = self.text("passphrase");
        self.command(&[&["--passphrase-file", &passphrase], arguments].concat()).spawn().unwrap()
    }

    /// Accepts an offer of these configurations and gives the ids.
    pub(crate) fn receive(&self, configurations: &[&str]) -> Vec<String> {
        let link = self.issuer.offer(configurations, None);
        let accepted = self.wallet(&["--json", "accept", &link, "--yes"]);
        assert_eq!(accepted.code, 0, "{}", accepted.stderr);
        let accepted = accepted.json();
        let credentials = accepted["credentials"].as_array().unwrap().clone();
        credentials.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    }

    /// What differs from run to run, made the same.
    pub(crate) fn steady(&self, text: &str) -> String {
        let home = self.folder.path().to_str().unwrap();
        let text = text
            .replace(home, "/FOLDER")
            .replace(&format!("localhost:{}", self.port), "localhost:PORT");
        let mut out = String::with_capacity(text.len());
        let mut word = String::new();
        for c in text.chars().chain(['\n']) {
            if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '/') {
                word.push(c);
                continue;
            }
            out.push_str(&masked(&word));
            word.clear();
            out.push(c);
        }
        out.pop();
        out
    }
}

pub(crate) fn ended(output: Output) -> Ended {
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Ids, keys, thumbprints, times and recent dates in letters of the same width.
fn masked(word: &str) -> String {
    let hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    let date = word.len() == 10
        && word.starts_with("20")
        && word[..4] >= *"2026"
        && word.as_bytes()[4] == b'-';
    let time = word.len() == 5 && word.as_bytes()[2] == b':';
    let uuid = |text: &str| {
        text.len() == 36 && text.split('-').count() == 5 && hex(&text.replace('-', ""))
    };
    match word {
        _ if date => "YYYY-MM-DD".to_owned(),
        _ if time => "hh:mm".to_owned(),
        _ if word.len() == 12 && hex(word) => "i".repeat(12),
        _ if uuid(word) => "iiiiiiii-iiii-iiii-iiii-iiiiiiiiiiii".to_owned(),
        _ if word.len() == 43 && !word.contains(':') => "t".repeat(43),
        _ if word.starts_with("did:key:z") => format!("did:key:z{}", "k".repeat(word.len() - 9)),
        _ if word.starts_with("holder/") => {
            let parts: Vec<&str> =
                word.split('/').map(|part| if uuid(part) { "SESSION" } else { part }).collect();
            parts.join("/")
        }
        _ => word.to_owned(),
    }
}

/// Carries HTTP into the scripted network; one thread, for as long as the test runs.
fn serve(net: Arc<Net>) -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    listener.set_nonblocking(true).unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let router =
                axum::Router::new().fallback(move |request| carry(Arc::clone(&net), port, request));
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
    });
    port
}

async fn carry(net: Arc<Net>, port: u16, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    let url = format!("http://localhost:{port}{target}");
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
        .collect();
    let request = FetchRequest {
        method: if head.method == "POST" { Method::Post } else { Method::Get },
        url: url.parse().unwrap(),
        headers,
        body: to_bytes(body, 1024 * 1024).await.unwrap().to_vec(),
        max_bytes: None,
    };
    match net.fetch(request).await {
        Ok(answer) => {
            let mut response = Response::builder().status(answer.status);
            if let Some(kind) = answer.content_type.filter(|kind| !kind.is_empty()) {
                response = response.header("content-type", kind);
            }
            response.body(Body::from(answer.body)).unwrap()
        }
        Err(_) => Response::builder().status(StatusCode::BAD_GATEWAY).body(Body::empty()).unwrap(),
    }
}

/// Writes a file and gives its path as text.
pub(crate) fn written(path: &Path, bytes: &[u8]) -> String {
    std::fs::write(path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

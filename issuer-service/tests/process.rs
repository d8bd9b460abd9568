//! The real binary, killed with SIGKILL between acknowledged steps: everything acknowledged is there
//! after the next start.

// The lint spares #[test] functions only, not what they share.
#![allow(clippy::unwrap_used)]

mod harness;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use credential_model::ambient::Clock as _;
use harness::wallet::{GRANT, Holder};
use harness::{URL, training_offer};
use serde_json::{Value, json};
use signing_keys::system::SystemClock;

const BINARY: &str = env!("CARGO_BIN_EXE_issuer-service");
const LDP: &str = "KrTrainingHistory.ldp_vc";

fn secret(path: &Path, text: &str) {
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn configured(directory: &Path) -> PathBuf {
    secret(&directory.join("passphrase"), "only-for-this-test\n");
    let config = directory.join("issuer.toml");
    let text = format!(
        r#"
[server]
listen = "127.0.0.1:0"
public_url = "{URL}"
[store]
path = "store"
[keys]
path = "keys/issuer.keys"
passphrase_file = "passphrase"
[admin]
token_file = "admin-token"
[issuer]
name_ko = "가상자격공단(시험용)"
name_en = "Fictitious Qualification Agency (test)"
[network]
danger_plain_http_origins = ["localhost:7001"]
"#
    );
    std::fs::write(&config, text).unwrap();
    config
}

fn command(config: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command.arg("--config").arg(config).env("RUST_LOG", "error");
    command
}

/// A running service; dropping it is kill -9.
struct Service {
    child: Child,
    address: String,
    token: String,
}

impl Service {
    fn start(config: &Path) -> Self {
        let mut child = command(config).arg("serve").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.trim().strip_prefix("ready http://").unwrap_or_else(|| panic!("{line:?}"));
        let token = std::fs::read_to_string(config.with_file_name("admin-token")).unwrap();
        Self { address: address.to_owned(), child, token: token.trim().to_owned() }
    }

    fn call(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        media: &str,
        body: &str,
    ) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let bearer =
            token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{bearer}Content-Type: {media}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    fn admin(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let (status, answer) =
            self.call(method, path, Some(&self.token), "application/json", &body);
        assert!((200..300).contains(&status), "{status} {answer}");
        answer
    }

    fn request(&self, token: &str, holder: &Holder) -> Value {
        let (_, nonce) = self.call("POST", "/nonce", None, "", "");
        let proof = holder.proof(nonce["c_nonce"].as_str(), SystemClock.now());
        let body =
            json!({ "credential_configuration_id": LDP, "proofs": { "jwt": [proof] } }).to_string();
        let (status, answer) =
            self.call("POST", "/credential", Some(token), "application/json", &body);
        assert_eq!(status, 200, "{answer}");
        answer["credentials"][0]["credential"].clone()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn output(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn nothing_acknowledged_is_lost_to_kill_9() {
    let directory = tempfile::tempdir().unwrap();
    let config = configured(directory.path());

    let (code, _, stderr) = output(command(&config).arg("serve"));
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("hint: run `issuer-service init` once"), "{stderr}");
    let (code, first, _) = output(command(&config).arg("init"));
    assert_eq!(code, Some(0));
    let made: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(made["did"], "did:web:localhost%3A7001");
    assert!(made["chain_address"].as_str().unwrap().starts_with("0x"));
    let (_, again, _) = output(command(&config).arg("init"));
    assert_eq!(first, again, "init changes nothing the second time");
    let (code, report, _) = output(command(&config).arg("doctor"));
    assert_eq!(code, Some(0), "{report}");

    let service = Service::start(&config);
    let offer = service.admin("POST", "/admin/offers", &training_offer(&["ldp_vc"]));
    drop(service);

    let service = Service::start(&config);
    let path = offer["offer_url"].as_str().unwrap().strip_prefix(URL).unwrap();
    let (status, document) = service.call("GET", path, None, "", "");
    assert_eq!(status, 200, "the offer is there: {document}");
    let code = document["grants"][GRANT]["pre-authorized_code"].as_str().unwrap();
    let form = format!("grant_type={}&pre-authorized_code={code}", GRANT.replace(':', "%3A"));
    let (status, token) =
        service.call("POST", "/token", None, "application/x-www-form-urlencoded", &form);
    assert_eq!(status, 200, "{token}");
    let token = token["access_token"].as_str().unwrap().to_owned();
    drop(service);

    let service = Service::start(&config);
    let holder = Holder::usual();
    let credential = service.request(&token, &holder);
    drop(service);

    let service = Service::start(&config);
    assert_eq!(service.request(&token, &holder), credential, "the same credential, byte for byte");
    let listed = service.admin("GET", "/admin/credentials", &Value::Null);
    assert_eq!(listed["credentials"].as_array().unwrap().len(), 1);
    let id = listed["credentials"][0]["id"].as_str().unwrap();
    let change = json!({ "action": "revoke", "reason": "시험" });
    let changed = service.admin("POST", &format!("/admin/credentials/{id}/status"), &change);
    assert_eq!(changed["credential"]["status"], "revoked");
    drop(service);

    let service = Service::start(&config);
    let (_, list) = service.call("GET", "/status/g1", None, "", "");
    let index = listed["credentials"][0]["status_index"].as_str().unwrap().parse().unwrap();
    let entry = status_lists::StatusEntry::new(format!("{URL}/status/g1"), index);
    assert_eq!(status_lists::read(&entry, &list, SystemClock.now()).unwrap().code, 2);
    let audit = service.admin("GET", "/admin/audit?check=true", &Value::Null);
    assert_eq!(audit["check"]["holds"], true);
    assert_eq!(audit["check"]["broken_at"], Value::Null);
}

#[test]
fn mistakes_in_the_configuration_are_told_with_a_hint() {
    let directory = tempfile::tempdir().unwrap();
    let config = configured(directory.path());
    let (code, _, stderr) = output(command(&config).arg("chain").arg("deploy"));
    assert_eq!(code, Some(2));
    assert!(stderr.contains("no [chain] section"), "{stderr}");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("[\"localhost:7001\"]", "[]")).unwrap();
    let (code, _, stderr) = output(&mut command(&config));
    assert_eq!(code, Some(2));
    assert!(stderr.contains("plain http") && stderr.contains("hint:"), "{stderr}");
    let (code, _, stderr) = output(command(&directory.path().join("none.toml")).arg("init"));
    assert_eq!(code, Some(2));
    assert!(stderr.contains("cannot be read"), "{stderr}");
}

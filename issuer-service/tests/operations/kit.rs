//! A configured directory, the real binary, and what a wallet asks of it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use credential_model::ambient::Clock as _;
use serde_json::{Value, json};
use signing_keys::system::SystemClock;

use crate::harness::wallet::{GRANT, Holder};
use crate::harness::{URL, training_offer};

pub(crate) const LDP: &str = "KrTrainingHistory.ldp_vc";
const BINARY: &str = env!("CARGO_BIN_EXE_issuer-service");
/// Looks before something that must happen counts as not happening.
pub(crate) const LOOKS: usize = 600;

pub(crate) fn secret(path: &Path, text: &str) {
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// A free port of this moment.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Bulk jobs and accounts are not what these copies are about.
pub(crate) const LEAVE: &str = "--danger-leave-jobs-and-accounts";
pub(crate) const EMBEDDED: &str = "path = \"store\"\n";
pub(crate) const FILE_KEYS: &str =
    "path = \"keys/issuer.keys\"\npassphrase_file = \"passphrase\"\n";

/// A configuration; `store` and `keys` are the lines of those sections, `more` are sections.
pub(crate) fn configured(directory: &Path, store: &str, keys: &str, more: &str) -> PathBuf {
    std::fs::create_dir_all(directory).unwrap();
    secret(&directory.join("passphrase"), "only-for-this-test\n");
    let config = directory.join("issuer.toml");
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"{URL}\"\n[store]\n{store}[keys]\n{keys}\
         [admin]\ntoken_file = \"admin-token\"\n[issuer]\nname_ko = \"가상자격공단(시험용)\"\n\
         name_en = \"Fictitious Qualification Agency (test)\"\n[network]\n\
         danger_plain_http_origins = [\"localhost:7001\"]\n{more}"
    );
    std::fs::write(&config, text).unwrap();
    config
}

/// A command of the binary, quiet.
pub(crate) fn command(config: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command.arg("--config").arg(config).env("RUST_LOG", "error").env_remove("PGPASSWORD");
    command
}

/// Runs a command to its end: code, stdout, stderr.
pub(crate) fn run(config: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = command(config).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// As [`run`], of a command that succeeds; its stdout as JSON.
#[track_caller]
pub(crate) fn done(config: &Path, arguments: &[&str]) -> Value {
    let (code, stdout, stderr) = run(config, arguments);
    assert_eq!(code, 0, "{arguments:?}: {stderr}");
    serde_json::from_str(&stdout).unwrap_or(Value::Null)
}

/// A running process; dropping it is kill -9.
pub(crate) struct Service {
    pub(crate) child: Child,
    pub(crate) address: String,
    token: String,
}

impl Service {
    pub(crate) fn start(config: &Path) -> Self {
        Self::start_with(config, &mut command(config))
    }

    /// Starts with this command, which `serve` is added to.
    pub(crate) fn start_with(config: &Path, command: &mut Command) -> Self {
        let mut child = command.arg("serve").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.trim().strip_prefix("ready http://").unwrap_or_else(|| panic!("{line:?}"));
        let token = std::fs::read_to_string(config.with_file_name("admin-token")).unwrap();
        Self { address: address.to_owned(), child, token: token.trim().to_owned() }
    }

    pub(crate) fn call(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        media: &str,
        body: &str,
    ) -> (u16, Value) {
        let (status, _, body) = ask(&self.address, method, path, token, media, body);
        (status, serde_json::from_str(&body).unwrap_or(Value::Null))
    }

    pub(crate) fn admin_token(&self) -> &str {
        &self.token
    }

    #[track_caller]
    pub(crate) fn admin(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let (status, answer) =
            self.call(method, path, Some(&self.token), "application/json", &body);
        assert!((200..300).contains(&status), "{status} {answer}");
        answer
    }

    /// An offer and its access token.
    pub(crate) fn token(&self) -> String {
        self.token_for(&training_offer(&["ldp_vc"]))
    }

    pub(crate) fn token_for(&self, offer: &Value) -> String {
        let offer = self.admin("POST", "/admin/offers", offer);
        let path = offer["offer_url"].as_str().unwrap().strip_prefix(URL).unwrap();
        let (status, document) = self.call("GET", path, None, "", "");
        assert_eq!(status, 200, "{document}");
        let code = document["grants"][GRANT]["pre-authorized_code"].as_str().unwrap();
        let form = format!("grant_type={}&pre-authorized_code={code}", GRANT.replace(':', "%3A"));
        let (status, token) =
            self.call("POST", "/token", None, "application/x-www-form-urlencoded", &form);
        assert_eq!(status, 200, "{token}");
        token["access_token"].as_str().unwrap().to_owned()
    }

    /// A credential request, whatever its answer.
    pub(crate) fn request(&self, token: &str, holder: &Holder) -> (u16, Value) {
        let (status, nonce) = self.call("POST", "/nonce", None, "", "");
        if status != 200 {
            return (status, nonce);
        }
        let proof = holder.proof(nonce["c_nonce"].as_str(), SystemClock.now());
        let body =
            json!({ "credential_configuration_id": LDP, "proofs": { "jwt": [proof] } }).to_string();
        self.call("POST", "/credential", Some(token), "application/json", &body)
    }

    /// The credential of a request that is tried again while the answer is 503.
    #[track_caller]
    pub(crate) fn insist(&self, token: &str, holder: &Holder) -> Value {
        for _ in 0..LOOKS {
            match self.request(token, holder) {
                (200, answer) => return answer["credentials"][0]["credential"].clone(),
                (503, _) => std::thread::sleep(Duration::from_millis(50)),
                (status, answer) => panic!("{status} {answer}"),
            }
        }
        panic!("503 without end");
    }

    pub(crate) fn credentials(&self) -> Vec<Value> {
        let listed = self.admin("GET", "/admin/credentials?limit=500", &Value::Null);
        listed["credentials"].as_array().unwrap().clone()
    }

    pub(crate) fn trail_holds(&self) {
        let audit = self.admin("GET", "/admin/audit?check=true", &Value::Null);
        assert_eq!(audit["check"]["holds"], true, "{audit}");
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request over a connection of its own: status, head, body.
pub(crate) fn ask(
    address: &str,
    method: &str,
    path: &str,
    token: Option<&str>,
    media: &str,
    body: &str,
) -> (u16, String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let bearer =
        token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{bearer}Content-Type: \
         {media}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).unwrap_or("0").parse().unwrap();
    (status, head.to_owned(), body.to_owned())
}

/// Waits until something holds.
#[track_caller]
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..LOOKS {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{what}: did not happen");
}

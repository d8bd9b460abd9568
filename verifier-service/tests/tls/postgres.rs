//! The real binary over PostgreSQL: two replicas share what was asked, kill -9 loses nothing.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use storage_postgres::throwaway::Server;

use super::BINARY;
use super::loopback::{Service, example_with, output};

const EMBEDDED: &str = "path = \"made/store\"";

fn run(config: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let done = Command::new(BINARY)
        .arg("--config")
        .arg(config)
        .args(arguments)
        .env("RUST_LOG", "error")
        .output()
        .unwrap();
    let text = if done.status.success() { done.stdout } else { done.stderr };
    (done.status.code(), String::from_utf8(text).unwrap())
}

#[test]
fn replicas_share_requests_and_a_copy_has_them() {
    let server = Server::start().unwrap();
    let url = server.database().unwrap();
    let directory = tempfile::tempdir().unwrap();
    // The password apart, in a file.
    let (login, place) = url.split_once('@').unwrap();
    let (head, password) = login.rsplit_once(':').unwrap();
    let secret = directory.path().join("database-password");
    std::fs::write(&secret, password).unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    let store = format!(
        "engine = \"postgres\"\n[store.postgres]\nurl = \"{head}@{place}\"\n\
         password_file = \"database-password\""
    );
    let config = example_with(directory.path(), "verifier", EMBEDDED, &store);
    let said = output(BINARY, &config);
    assert_eq!(said.status.code(), Some(2));
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(said.contains("hint: run `verifier-service store migrate` once"), "{said}");
    assert_eq!(run(&config, &["store", "migrate"]).0, Some(0));

    let one = Service::start(BINARY, &config);
    let two = Service::start(BINARY, &config);
    let made = one.post("/api/requests", &json!({ "template": "badge-hiring" })).ok(201);
    let id = made["request_id"].as_str().unwrap();
    let path = format!("/api/requests/{id}");
    let seen = two.get(&path).ok(200);
    drop(one);
    drop(two);
    let again = Service::start(BINARY, &config);
    assert_eq!(again.get(&path).ok(200), seen);
    assert_eq!(again.get("/api/requests/nobody-made-this").status, 404);
    drop(again);

    let target = directory.path().join("copy");
    let (code, copied) = run(&config, &["store", "copy", "--to", target.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{copied}");
    let (_, survey) = run(&config, &["store", "survey"]);
    let rows = |text: &str| serde_json::from_str::<Value>(text).unwrap()["shelves"].clone();
    assert_eq!(rows(&copied), rows(&survey));
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace(&store, "path = \"copy\"")).unwrap();
    let copy = Service::start(BINARY, &config);
    assert_eq!(copy.get(&path).ok(200), seen, "the copy knows what was asked");
}

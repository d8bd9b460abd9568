//! `wallet evidence`, `wallet export` and verifying with what they bring.

use credential_model::credential::UnverifiedCredential;
use serde_json::{Value, json};

use crate::support::issuer::{LDP, SD_JWT};
use crate::support::{Town, written};

#[test]
fn without_an_issuer_that_gives_evidence_there_is_none_and_it_is_said() {
    let town = Town::found();
    let ids = town.receive(&[SD_JWT]);
    let fetched = town.wallet(&["--json", "evidence", "fetch", "--all"]);
    assert_eq!(fetched.code, 2, "{}", fetched.stdout);
    let json = fetched.json();
    assert_eq!(
        (&json["ok"], &json["fetched"], &json["failed"]),
        (&json!(false), &json!(0), &json!(1))
    );
    assert_eq!(town.wallet(&["--json", "show", &ids[0]]).json()["evidence"], Value::Null);
    for arguments in
        [["evidence", "show", &ids[0]].as_slice(), &["export", &ids[0], "--with-evidence"]]
    {
        let ended = town.wallet(&[&["--json"], arguments].concat());
        assert_eq!((ended.code, ended.error().as_str()), (2, "no_evidence"));
    }
    let plain = town.wallet(&["--json", "export", &ids[0]]);
    assert_eq!(plain.json(), town.wallet(&["--json", "show", &ids[0], "--raw"]).json());
    assert_eq!(town.wallet(&["evidence", "fetch"]).code, 2, "an id or --all");
}

#[test]
fn a_staple_that_proves_nothing_is_told_apart_and_nobody_is_asked_offline() {
    let town = Town::found();
    let ids = town.receive(&[LDP]);
    let credential = town.wallet(&["--json", "show", &ids[0], "--raw"]).json();
    let digest = UnverifiedCredential::from_value(&credential).unwrap().digest();
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let staple = json!({"v": 1, "credential": digest});
    let staple_path = written(&town.path("staple.json"), staple.to_string().as_bytes());
    let envelope = json!({"credential": credential, "staple": staple});
    let file = written(&town.path("with.json"), envelope.to_string().as_bytes());
    let one = "0x1111111111111111111111111111111111111111";
    let pins = json!({"chain_id": 5, "did_registry": one, "status_registry": one,
        "witnesses": ["z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"], "threshold": 1});
    let pins = written(&town.path("pins.json"), pins.to_string().as_bytes());
    let before = town.net.total();
    for what in [[ids[0].as_str(), "--staple", &staple_path].as_slice(), &[file.as_str()]] {
        let base = ["--json", "verify", "--offline", "--pins", &pins];
        let report = town.wallet(&[&base, what].concat()).json();
        let checks = report["checks"].as_array().unwrap().clone();
        let found = checks.iter().find(|check| check["id"] == "staple").unwrap();
        assert_eq!(found["code"], "staple-unproven", "{report}");
    }
    assert_eq!(town.net.total(), before, "--offline asks nobody");
    for (option, content) in [
        ("--pins", json!({"chain_id": 5})),
        ("--staple", json!({"v": 1})),
        ("--key-book", json!({"issuers": {}})),
    ] {
        let path = written(&town.path("bad.json"), content.to_string().as_bytes());
        let ended = town.wallet(&["--json", "verify", &ids[0], "--offline", option, &path]);
        assert_eq!((ended.code, ended.error().as_str()), (2, "settings"), "{option}");
    }
}

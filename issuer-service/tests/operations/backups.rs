use std::path::Path;

use serde_json::{Value, json};

use crate::harness::training_offer;
use crate::harness::wallet::Holder;
use crate::kit::{EMBEDDED, FILE_KEYS, LEAVE, Service, configured, done, run, secret};

const NAME: &str = "홍길동(가상인물)";

fn made(directory: &Path) -> std::path::PathBuf {
    let config = configured(directory, EMBEDDED, FILE_KEYS, "");
    done(&config, &["init"]);
    config
}

#[test]
fn a_backup_of_a_running_service_is_restored_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let config = made(&folder.path().join("first"));
    let phrase = folder.path().join("backup-passphrase");
    secret(&phrase, "another-phrase-for-backups\n");
    let file = folder.path().join("issuer.backup");
    let (file_name, phrase_name) = (file.to_str().unwrap(), phrase.to_str().unwrap());
    let of = |what: &'static str| {
        let place = if what == "create" { "--to" } else { "--from" };
        vec!["backup", what, place, file_name, "--passphrase-file", phrase_name]
    };

    let service = Service::start(&config);
    let (holder, token) = (Holder::usual(), service.token());
    let credential = service.insist(&token, &holder);
    let written = done(&config, &of("create"));
    assert_eq!(written["key_files"].as_array().unwrap().len(), 2, "{written}");
    // After the snapshot: not in the backup.
    let late = service.token();
    service.insist(&late, &Holder::usual());
    assert_eq!(service.credentials().len(), 2);
    let (code, _, stderr) = run(&config, &of("create"));
    assert_eq!(code, 2, "a backup is never written over: {stderr}");
    drop(service);

    let checked = done(&config, &of("verify"));
    assert_eq!(checked, written);
    let bytes = std::fs::read(&file).unwrap();
    assert!(!contains(&bytes, NAME.as_bytes()), "it is sealed");

    let second = configured(&folder.path().join("second"), EMBEDDED, FILE_KEYS, "");
    let restored = done(&second, &of("restore"));
    assert_eq!(restored, written);
    let (code, _, stderr) = run(&second, &of("restore"));
    assert_eq!(code, 2);
    assert!(stderr.contains("not empty"), "{stderr}");
    // Restored keys, a new admin token.
    done(&second, &["init"]);
    let service = Service::start(&second);
    assert_eq!(service.credentials().len(), 1);
    let again = service.insist(&token, &holder);
    assert_eq!(again, credential, "the same credential, byte for byte");
    let fresh = service.token();
    service.insist(&fresh, &Holder::usual());
    service.trail_holds();
    let ids = |config: &Path| done(config, &["keys", "list"])["keys"][0]["public_key"].clone();
    drop(service);
    assert_eq!(ids(&config), ids(&second), "the same keys sign");
}

#[test]
fn a_backup_that_was_touched_does_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let config = made(&folder.path().join("first"));
    let phrase = folder.path().join("phrase");
    secret(&phrase, "another-phrase-for-backups\n");
    let file = folder.path().join("b");
    let phrase = phrase.to_str().unwrap();
    let create =
        |to: &str| run(&config, &["backup", "create", "--to", to, "--passphrase-file", phrase]);
    let verify = |from: &str, phrase: &str| {
        run(&config, &["backup", "verify", "--from", from, "--passphrase-file", phrase])
    };
    drop(Service::start(&config));
    assert_eq!(create(file.to_str().unwrap()).0, 0, "without a running service too");
    let whole = std::fs::read(&file).unwrap();
    let other = folder.path().join("other");
    let place = other.to_str().unwrap();
    let refused = |bytes: &[u8]| {
        std::fs::write(&other, bytes).unwrap();
        let (code, _, stderr) = verify(place, phrase);
        assert_eq!(code, 2, "{stderr}");
    };
    for at in [0, 20, 60, whole.len() / 2, whole.len() - 1] {
        let mut touched = whole.clone();
        touched[at] ^= 1;
        refused(&touched);
    }
    for length in [0, 10, 100, whole.len() / 2, whole.len() - 1] {
        refused(&whole[..length]);
    }
    refused(&[&whole[..], b"more"].concat());
    secret(&folder.path().join("wrong"), "a-wrong-phrase-for-it\n");
    let wrong = folder.path().join("wrong");
    let (code, _, stderr) = verify(file.to_str().unwrap(), wrong.to_str().unwrap());
    assert_eq!(code, 2);
    assert!(!stderr.contains("a-wrong-phrase"), "{stderr}");
    assert_eq!(verify(file.to_str().unwrap(), phrase).0, 0);
}

#[test]
fn what_is_erased_is_in_no_export() {
    let folder = tempfile::tempdir().unwrap();
    let config = made(&folder.path().join("first"));
    let service = Service::start(&config);
    let person = json!({ "external_ref": "A-2026-1", "name": NAME, "birth_date": "1990-01-01" });
    let person = service.admin("POST", "/admin/persons", &person);
    let person = person["person_id"].as_str().unwrap().to_owned();
    let mut offer = training_offer(&["ldp_vc"]);
    offer["person"] = json!(person);
    let (holder, token) = (Holder::usual(), service.token_for(&offer));
    service.insist(&token, &holder);
    let before = service.credentials().remove(0);
    let whole = folder.path().join("before");
    drop(service);
    done(&config, &["store", "copy", LEAVE, "--to", whole.to_str().unwrap()]);
    assert!(holds(&whole, NAME.as_bytes()), "and so does an export");

    let service = Service::start(&config);
    let erased = done(&config, &["erase", "person", &person]);
    assert_eq!((erased["offers"].as_u64(), erased["credentials"].as_u64()), (Some(1), Some(1)));
    let (code, _, stderr) = run(&config, &["erase", "person", &person]);
    assert_eq!(code, 2);
    assert!(stderr.contains("no person"), "{stderr}");
    let (status, _) = service.request(&token, &holder);
    assert_eq!(status, 401, "its token opens nothing");
    let after = service.credentials().remove(0);
    for kept in ["status_list", "status_index", "status"] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    // It can still be revoked.
    let path = format!("/admin/credentials/{}/status", after["id"].as_str().unwrap());
    let change = json!({ "action": "revoke", "reason": "시험" });
    service.admin("POST", &path, &change);
    service.trail_holds();
    drop(service);

    let (code, trail, _) = run(&config, &["audit", "export"]);
    assert_eq!(code, 0);
    assert!(!trail.contains(NAME) && trail.contains("person_erased"));
    let exported = folder.path().join("trail.jsonl");
    std::fs::write(&exported, &trail).unwrap();
    let file = ["audit", "verify", "--file", exported.to_str().unwrap()];
    assert_eq!(done(&config, &file)["holds"], true);
    std::fs::write(&exported, trail.replacen("person_erased", "offer_died", 1)).unwrap();
    let (code, answer, _) = run(&config, &file);
    assert_eq!(code, 1, "an edited trail is found");
    assert_eq!(serde_json::from_str::<Value>(&answer).unwrap()["holds"], false);
    assert_eq!(done(&config, &["audit", "verify"])["holds"], true);

    let clean = folder.path().join("after");
    done(&config, &["store", "copy", LEAVE, "--to", clean.to_str().unwrap()]);
    for trace in [NAME, "1990-01-01", "A-2026-1"] {
        assert!(!holds(&clean, trace.as_bytes()), "{trace} is in an export");
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// Whether any file below a directory has these bytes.
fn holds(directory: &Path, wanted: &[u8]) -> bool {
    std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
        if path.is_dir() {
            holds(&path, wanted)
        } else {
            contains(&std::fs::read(&path).unwrap(), wanted)
        }
    })
}

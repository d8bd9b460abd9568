//! What breaks under a running job: the disk, the key device, the other replica.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::bulk::file;
use crate::keys::Token;
use crate::kit::{EMBEDDED, FILE_KEYS, Service, configured, done};

/// Most bytes of one file of the limited service: the check fits in, the issuing does not.
const ROOM: u64 = 3 * 1024 * 1024;

/// The service under a limit on the size of its files: a write beyond it fails as on a full disk.
fn limited(config: &Path) -> Service {
    let mut command = Command::new("bash");
    // `ulimit -f` counts blocks of 1,024 bytes; the signal that comes with the error is ignored.
    let script = format!("trap '' XFSZ; ulimit -S -f {}; exec \"$0\" \"$@\"", ROOM / 1024);
    command.args(["-c", &script, env!("CARGO_BIN_EXE_issuer-service")]);
    command.arg("--config").arg(config).env("RUST_LOG", "error");
    Service::start_with(config, &mut command)
}

#[test]
fn a_full_disk_holds_the_job_and_room_lets_it_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let config = configured(folder.path(), EMBEDDED, FILE_KEYS, "");
    done(&config, &["init"]);
    let rows = 6_000;
    let service = Service::start(&config);
    let id = service.approved(&file(rows));
    drop(service);

    let service = limited(&config);
    service.run_job(&id);
    let held = service.until(&id, "stalled", |job| !job["stalled"].is_null());
    // Whatever wrote first met the full disk; the engine takes nothing more after it.
    let code = held["stalled"]["code"].as_str().unwrap();
    assert!(["store_full", "store_closed"].contains(&code), "{held}");
    let told = held["stalled"]["message"].as_str().unwrap();
    assert!(told.contains("disk") && told.contains("nothing is issued twice"), "{told}");
    assert_eq!(held["stage"], "running", "it holds its place");
    let before = held["progress"]["issued"].as_u64().unwrap();
    assert!(before < rows as u64, "{held}");
    // What was signed can still be read.
    assert_eq!(service.call("GET", "/.well-known/did.json", None, "", "").0, 200);
    drop(service);

    // There is room again.
    let service = Service::start(&config);
    let now = service.job(&id)["progress"]["issued"].as_u64().unwrap();
    assert!(now >= before, "nothing acknowledged is lost: {before} then {now}");
    service.all_issued_once(&id, rows);
}

#[test]
fn a_token_pulled_in_the_middle_of_a_job_holds_it_until_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let token = Token::new(folder.path());
    let service = token.serve();
    let rows = 3_000;
    let id = service.approved(&file(rows));
    let (status, answer) = service.step("kim", &id, "run", &json!({ "rate": 2_000 }));
    assert_eq!(status, 200, "{answer}");
    service.until(&id, "begun", |job| job["progress"]["issued"].as_u64() > Some(0));
    token.pull();
    let held =
        service.until(&id, "held", |job| !job["stalled"].is_null() || job["stage"] == "done");
    assert_eq!(held["stage"], "running", "{held}");
    assert_eq!(held["stalled"]["code"], "signing_failed", "{held}");
    let told = held["stalled"]["message"].as_str().unwrap();
    assert!(told.contains("keys cannot be reached"), "{told}");
    assert_eq!(held["progress"]["held"], 0, "no row is given up for a key that will be back");
    token.put_back();
    service.run_job(&id);
    service.all_issued_once(&id, rows);
}

#[test]
fn the_same_file_at_once_at_two_replicas_is_one_job() {
    let (config, other, _folder) = crate::stores::two_replicas();
    let replicas = [Service::start(&config), Service::start(&other)];
    let text = file(2_500);
    let ids: Vec<String> = std::thread::scope(|scope| {
        let asked = [("kim", 0), ("lee", 1)].map(|(name, at)| {
            let (service, text): (&Service, &String) = (&replicas[at], &text);
            scope.spawn(move || service.upload(name, text))
        });
        asked.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(ids[0], ids[1], "one job");
    let id = &ids[0];
    let by = replicas[0].job(id)["uploaded_by"].as_str().unwrap().to_owned();
    replicas[1].step(&by, id, "check", &json!({}));
    replicas[0].until(id, "checked", |job| job["stage"] == "checked");
    for replica in &replicas {
        let (status, refused) = replica.step(&by, id, "approve", &json!({}));
        assert_eq!((status, &refused["code"]), (403, &Value::from("same_officer")), "{refused}");
    }
    assert_eq!(replicas[1].step("park", id, "approve", &json!({})).0, 200);
    std::thread::scope(|scope| {
        for replica in &replicas {
            scope.spawn(|| replica.run_job(id));
        }
    });
    replicas[1].all_issued_once(id, 2_500);
}

//! Refusals at the terminal: codes, exit codes, hints, and nothing half done.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use crate::support::issuer::SD_JWT;
use crate::support::verifier::Name;
use crate::support::{PASSPHRASE, Town, written};

#[test]
fn links_that_are_not_opened() {
    let town = Town::found();
    for (arguments, code, exit) in [
        (vec!["accept", "file:///etc/passwd", "--yes"], "qr_scheme_not_allowed", 1),
        (vec!["accept", "javascript://x", "--yes"], "qr_scheme_not_allowed", 1),
        (vec!["accept", "https://10.0.0.1/offer", "--yes"], "forbidden_address", 1),
        (
            vec![
                "accept",
                "openid-credential-offer://?credential_offer_uri=https%3A%2F%2F127.0.0.1%2Fo",
                "--yes",
            ],
            "forbidden_address",
            1,
        ),
        (
            vec![
                "accept",
                "openid-credential-offer://?credential_offer_uri=https%3A%2F%2F%5B%3A%3Affff%3A10.0.0.1%5D%2Fo",
                "--yes",
            ],
            "forbidden_address",
            1,
        ),
        (vec!["accept", "openid-credential-offer://?a=1", "--yes"], "offer_invalid", 1),
        (
            vec!["accept", "openid4vp://?client_id=a&request_uri=b", "--yes"],
            "link_of_other_kind",
            2,
        ),
        (vec!["present", "openid-credential-offer://?a=1", "--yes"], "link_of_other_kind", 2),
        (vec!["present", "openid4vp://?a=1", "--yes"], "invalid_request", 1),
        (
            vec![
                "present",
                "openid4vp://?client_id=x509_hash%3Ashort&request_uri=https%3A%2F%2Fa.test",
                "--yes",
            ],
            "invalid_request",
            1,
        ),
        (vec!["accept", "/no/such/file", "--yes"], "input_unreadable", 2),
        (vec!["show", "nothing"], "unknown_id", 1),
        (vec!["accept", "--resume"], "", 0),
    ] {
        let ended = town.wallet(&[&["--json"], arguments.as_slice()].concat());
        assert_eq!(ended.code, exit, "{arguments:?}: {}", ended.stderr);
        assert_eq!(ended.error(), code, "{arguments:?}");
    }
    assert_eq!(town.net.total(), 0);
}

#[test]
fn without_the_danger_switch_no_plain_http() {
    let town = Town::found();
    let link = town.issuer.offer(&[SD_JWT], None);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_wallet"));
    let output = command
        .env_clear()
        .args([
            "--json",
            "--home",
            &town.text("home"),
            "--passphrase-file",
            &town.text("passphrase"),
        ])
        .args(["accept", &link, "--yes"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stdout).unwrap().contains("forbidden_"));
    assert_eq!(town.net.total(), 0);
}

#[test]
fn every_error_ends_with_a_hint_in_the_language_asked_for() {
    let town = Town::found();
    for (language, error, hint) in [("ko", "오류: ", "도움말: "), ("en", "error: ", "hint: ")]
    {
        let ended = town.wallet(&["--lang", language, "show", "zz"]);
        let lines: Vec<&str> = ended.stderr.lines().collect();
        assert!(lines[lines.len() - 2].starts_with(error));
        assert!(lines[lines.len() - 1].starts_with(hint));
        assert!(ended.stdout.is_empty());
    }
}

#[test]
fn passphrases_by_file_and_descriptor_and_never_guessed() {
    let town = Town::found();
    let wrong = written(&town.path("wrong"), b"not the passphrase\n");
    let ended = town.bare(&["--json", "--passphrase-file", &wrong, "list"]);
    assert_eq!((ended.code, ended.error().as_str()), (2, "wrong_passphrase"));
    let ended = town.bare(&["--json", "list"]);
    assert_eq!((ended.code, ended.error().as_str()), (2, "passphrase_needed"));
    let ended = town.bare(&["--json", "--passphrase-file", "/no/such/file", "list"]);
    assert_eq!((ended.code, ended.error().as_str()), (2, "input_unreadable"));

    let mut child = town
        .command(&["--json", "--passphrase-fd", "0", "list"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(format!("{PASSPHRASE}\n").as_bytes()).unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));

    let short = written(&town.path("short"), b"1234567\n");
    let elsewhere = town.text("elsewhere");
    let ended = town.bare(&["--json", "--home", &elsewhere, "--passphrase-file", &short, "init"]);
    assert_eq!((ended.code, ended.error().as_str()), (2, "passphrase_short"));
}

#[test]
fn the_folder_is_its_owners_alone() {
    let town = Town::found();
    let mode =
        |name: &str| std::fs::metadata(town.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("home"), 0o700);
    assert_eq!(mode("home/keys"), 0o600);
    assert_eq!(mode("home/vault"), 0o600);
    std::fs::set_permissions(town.path("home"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let ended = town.wallet(&["--json", "list"]);
    assert_eq!((ended.code, ended.error().as_str()), (2, "wallet_permissions"));
    std::fs::set_permissions(town.path("home"), std::fs::Permissions::from_mode(0o700)).unwrap();

    assert_eq!(town.wallet(&["--json", "init"]).error(), "wallet_exists");
    let nowhere = town.text("nowhere");
    let ended = town.wallet(&["--json", "--home", &nowhere, "list"]);
    assert_eq!((ended.code, ended.error().as_str()), (2, "wallet_missing"));
}

#[test]
fn nothing_personal_lies_open_on_disk() {
    let town = Town::found();
    town.receive(&[SD_JWT]);
    let secrets = ["홍길동", "HONG GILDONG", "99999999999Z", "localhost", "정보처리기사"];
    let mut files = vec![town.path("home")];
    let mut seen = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let content = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&content);
        for secret in secrets {
            assert!(!text.contains(secret), "{secret} in {}", path.display());
        }
        seen += 1;
    }
    assert!(seen >= 4);
}

#[test]
fn an_older_store_put_back_is_noticed() {
    let town = Town::found();
    town.receive(&[SD_JWT]);
    let copy = |from: &std::path::Path, to: &std::path::Path| {
        let status = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
        assert!(status.success());
    };
    copy(&town.path("home/store"), &town.path("yesterday"));
    town.receive(&[SD_JWT]);
    std::fs::remove_dir_all(town.path("home/store")).unwrap();
    copy(&town.path("yesterday"), &town.path("home/store"));
    let ended = town.wallet(&["--json", "list"]);
    assert_eq!((ended.code, ended.error().as_str()), (2, "store_rolled_back"));
}

#[test]
fn backups_are_whole_or_refused() {
    let town = Town::found();
    town.receive(&[SD_JWT]);
    let (file, elsewhere) = (town.text("wallet.backup"), town.text("elsewhere"));
    let written_backup = town.wallet(&["--json", "backup", &file]).json();
    assert_eq!(written_backup["credentials"], 1);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(town.wallet(&["--json", "backup", &file]).error(), "file_exists");

    let restore = |file: &str, passphrase: &str| {
        town.bare(&[
            "--json",
            "--home",
            &elsewhere,
            "--passphrase-file",
            passphrase,
            "restore",
            file,
        ])
    };
    let good = town.text("passphrase");
    let bytes = std::fs::read(&file).unwrap();
    let cut = written(&town.path("cut.backup"), &bytes[..bytes.len() - 7]);
    assert_eq!(restore(&cut, &good).error(), "backup_damaged");
    let foreign = written(&town.path("foreign.backup"), b"not a backup at all");
    assert_eq!(restore(&foreign, &good).error(), "backup_damaged");
    let wrong = written(&town.path("wrong"), b"not the passphrase\n");
    assert_eq!(restore(&file, &wrong).error(), "wrong_passphrase");
    assert!(!town.path("elsewhere").exists(), "nothing was begun");
    let over = town.wallet(&["--json", "restore", &file]);
    assert_eq!((over.code, over.error().as_str()), (2, "wallet_not_empty"));

    let restored = restore(&file, &good);
    assert_eq!((restored.code, restored.json()["credentials"].clone()), (0, serde_json::json!(1)));
    assert_eq!(restore(&file, &good).error(), "wallet_not_empty");
    // The keys came along: the restored wallet can present.
    let link = town.verifier.link(&Name::Did, &town.verifier.claims(&Name::Did), false);
    let presented = town.wallet(&["--json", "--home", &elsewhere, "present", &link, "--yes"]);
    assert_eq!(presented.code, 0, "{}", presented.stderr);
}

#[test]
fn answers_of_no_have_exit_code_one() {
    let town = Town::found();
    let link = town.issuer.offer(&[SD_JWT], Some("493536"));
    let wrong = town.wallet(&["--json", "accept", &link, "--yes", "--tx-code", "000000"]);
    assert_eq!((wrong.code, wrong.error().as_str()), (1, "tx_code_refused"));
    let missing = town.wallet(&["--json", "accept", &link, "--yes"]);
    assert_eq!((missing.code, missing.error().as_str()), (2, "tx_code_required"));
    let right = town.wallet(&["--json", "accept", &link, "--yes", "--tx-code", "493536"]);
    assert_eq!(right.code, 0, "{}", right.stderr);
    let twice = town.wallet(&["--json", "accept", &link, "--yes"]);
    assert_eq!((twice.code, twice.error().as_str()), (1, "already_accepted"));

    let mut claims = town.verifier.claims(&Name::Did);
    claims["dcql_query"]["credentials"][0]["meta"] =
        serde_json::json!({"vct_values": ["https://other.test/vct"]});
    let link = town.verifier.link(&Name::Did, &claims, false);
    let nothing = town.wallet(&["--json", "present", &link, "--yes"]);
    assert_eq!((nothing.code, nothing.error().as_str()), (1, "nothing_fits"));
    let gone = town.wallet(&["--json", "present", &link, "--yes"]);
    assert_eq!((gone.code, gone.error().as_str()), (1, "request_gone"));
    let link = town.verifier.link(&Name::Did, &town.verifier.claims(&Name::Did), false);
    let choice = town.wallet(&["--json", "present", &link, "--yes", "--choose", "badge=zz"]);
    assert_eq!((choice.code, choice.error().as_str()), (2, "bad_choice"));
}

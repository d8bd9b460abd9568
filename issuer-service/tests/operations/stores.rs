use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;
use storage_postgres::throwaway::{Ending, Server};

use crate::harness::wallet::Holder;
use crate::kit::{EMBEDDED, FILE_KEYS, LEAVE, Service, configured, done, run, secret};

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start().unwrap())
}

/// The `[store]` lines for a database, its password in a file beside the configuration.
pub(crate) fn postgres(directory: &Path, url: &str) -> String {
    let (head, rest) = url.split_once("://").unwrap();
    let (login, place) = rest.split_once('@').unwrap();
    let (user, password) = login.split_once(':').unwrap();
    std::fs::create_dir_all(directory).unwrap();
    secret(&directory.join("database-password"), password);
    format!(
        "engine = \"postgres\"\n[store.postgres]\nurl = \"{head}://{user}@{place}\"\n\
         password_file = \"database-password\"\nmax_connections = 6\n"
    )
}

/// A second replica's folder: the same keys and admin token, a configuration of its own.
pub(crate) fn neighbour(config: &Path, directory: &Path, store: &str) -> PathBuf {
    let other = configured(directory, store, FILE_KEYS, "");
    std::fs::create_dir_all(directory.join("keys")).unwrap();
    for file in ["keys/issuer.keys", "keys/issuer.keys.register.json", "admin-token"] {
        std::fs::copy(config.with_file_name(file), directory.join(file)).unwrap();
    }
    other
}

/// Configurations of two replicas on one database, and the folder they live in.
pub(crate) fn two_replicas() -> (PathBuf, PathBuf, tempfile::TempDir) {
    let url = server().database().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let config = configured(&one, &postgres(&one, &url), FILE_KEYS, "");
    done(&config, &["init"]);
    done(&config, &["store", "migrate"]);
    let other = neighbour(&config, &two, &postgres(&two, &url));
    (config, other, folder)
}

#[test]
fn two_replicas_on_one_database_issue_each_credential_once() {
    // A server of its own: it is restarted below.
    let server = Server::start().unwrap();
    let url = server.database().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("one");
    let store = postgres(&directory, &url);
    let config = configured(&directory, &store, FILE_KEYS, "");

    let (code, _, stderr) = run(&config, &["init"]);
    assert_eq!(code, 0, "{stderr}");
    let (code, _, stderr) = run(&config, &["serve"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("hint: run `issuer-service store migrate` once"), "{stderr}");
    done(&config, &["store", "migrate"]);

    let two = folder.path().join("two");
    let other = neighbour(&config, &two, &postgres(&two, &url));
    let replicas = [Service::start(&config), Service::start(&other)];
    let holders: Vec<(Holder, String)> =
        (0..10).map(|n| (Holder::usual(), replicas[n % 2].token())).collect();

    // Each holder asks both replicas at once, and the database goes away in the middle.
    let ask = |(holder, token): &(Holder, String)| -> [Value; 2] {
        std::thread::scope(|scope| {
            let asked = replicas
                .each_ref()
                .map(|replica| scope.spawn(move || replica.insist(token, holder)));
            asked.map(|thread| thread.join().unwrap())
        })
    };
    std::thread::scope(|scope| {
        let asked: Vec<_> = holders.iter().map(|holder| scope.spawn(move || ask(holder))).collect();
        server.end(Ending::Immediate).unwrap();
        server.start_again().unwrap();
        for thread in asked {
            let [one, two] = thread.join().unwrap();
            assert_eq!(one, two, "byte for byte, whichever replica was asked");
        }
    });
    let issued = replicas[0].credentials();
    assert_eq!(issued.len(), 10, "one for each holder");
    let places: BTreeSet<String> =
        issued.iter().map(|record| record["status_index"].to_string()).collect();
    assert_eq!(places.len(), 10, "no place twice");
    replicas[1].trail_holds();

    // A code that one replica exchanged is spent for the other.
    drop(replicas);
    let kept = done(&config, &["store", "survey"]);
    let away = folder.path().join("embedded");
    let target = away.join("store");
    let copied = done(&config, &["store", "copy", LEAVE, "--to", target.to_str().unwrap()]);
    assert_eq!(copied, kept, "counts and digests are those of the source");
    let embedded = neighbour(&config, &away, EMBEDDED);
    let service = Service::start(&embedded);
    let (holder, token) = &holders[0];
    service.insist(token, holder);
    assert_eq!(service.credentials().len(), 10, "the copy knows what was issued");
    drop(service);

    // And back, into another database.
    let again = server.database().unwrap();
    let third = folder.path().join("three");
    let back = neighbour(&embedded, &third, &postgres(&third, &again));
    done(&back, &["store", "migrate"]);
    let source = target.to_str().unwrap();
    let returned = done(&back, &["store", "copy", LEAVE, "--from", source]);
    assert_eq!(returned, done(&embedded, &["store", "survey"]));
    let (code, _, stderr) = run(&back, &["store", "copy", LEAVE, "--from", source]);
    assert_eq!(code, 2, "a store that holds something is no target: {stderr}");
    assert!(stderr.contains("not empty"), "{stderr}");
    let service = Service::start(&back);
    service.insist(token, holder);
    service.trail_holds();
}

#[test]
fn a_database_that_does_not_fit_is_refused_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path();
    let url = server().database().unwrap();
    let config = configured(directory, &postgres(directory, &url), FILE_KEYS, "");
    run(&config, &["init"]);
    done(&config, &["store", "migrate"]);
    // A newer build was here.
    server()
        .execute(&url, "INSERT INTO sinpyo_schema (version, name, sha256) VALUES (9999, 'x', 'y')")
        .unwrap();
    let (code, _, stderr) = run(&config, &["serve"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("hint: a newer build migrated this database"), "{stderr}");
    let (code, report, _) = run(&config, &["doctor"]);
    assert_eq!(code, 1);
    assert!(report.contains("wrong store"), "{report}");

    secret(&directory.join("database-password"), "wrong-password");
    let (code, _, stderr) = run(&config, &["serve"]);
    assert_eq!(code, 2);
    assert!(!stderr.contains("wrong-password"), "a password is never told: {stderr}");
    assert!(stderr.contains("hint: check [store.postgres]"), "{stderr}");

    let text = std::fs::read_to_string(&config).unwrap();
    let (head, place) = text.split_once("://").unwrap();
    let (user, rest) = place.split_once('@').unwrap();
    std::fs::write(&config, format!("{head}://{user}:geheim@{rest}")).unwrap();
    let (code, _, stderr) = run(&config, &["serve"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("holds the password") && !stderr.contains("geheim"), "{stderr}");
}

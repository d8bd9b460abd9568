//! kill -9 at every exchange of an acceptance, then `accept --resume`.

use std::process::Child;
use std::sync::{Arc, Mutex};

use crate::support::Town;
use crate::support::issuer::SD_JWT;

/// Starts an acceptance and kills the process after the issuer acted on `path`, before the
/// answer leaves.
fn killed_at(town: &Town, link: &str, path: &str) {
    let slot: Arc<Mutex<Option<Child>>> = Arc::default();
    let victim = Arc::clone(&slot);
    // Held until the child is in its slot, so that the hook waits for it.
    let mut place = slot.lock().unwrap();
    town.net.on_next(path, move || {
        if let Some(child) = victim.lock().unwrap().as_mut() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    });
    *place = Some(town.spawn(&["accept", link, "--yes"]));
    drop(place);
    loop {
        let mut place = slot.lock().unwrap();
        if let Ok(Some(status)) = place.as_mut().unwrap().try_wait() {
            assert_eq!(status.code(), None, "it was killed at {path}");
            return;
        }
        drop(place);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn kill_9_at_every_exchange() {
    let town = Town::found();
    let mut held = 0;
    for path in ["/.well-known/openid", "/token", "/nonce", "/credential", "/notification"] {
        let link = town.issuer.offer(&[SD_JWT], None);
        killed_at(&town, &link, path);
        let issued_before = town.issuer.books.lock().unwrap().keys.clone();
        let resumed = if path == "/.well-known/openid" {
            // The holder had not agreed yet: nothing was begun, nothing is lost.
            assert_eq!(town.wallet(&["--json", "accept", "--resume"]).json()["state"], "nothing");
            town.wallet(&["--json", "accept", &link, "--yes"])
        } else {
            town.wallet(&["--json", "accept", "--resume"])
        };
        if path == "/token" {
            // The one answer no protocol gives twice; it is said plainly.
            assert_eq!((resumed.code, resumed.error().as_str()), (1, "offer_spent"));
            continue;
        }
        assert_eq!(resumed.code, 0, "{path}: {}", resumed.stderr);
        held += 1;
        let listed = town.wallet(&["--json", "list"]).json();
        assert_eq!(listed["credentials"].as_array().unwrap().len(), held, "{path}");
        assert!(listed["pending"].as_array().unwrap().is_empty(), "{path}");
        if path == "/credential" {
            // Asked for again, with the same key: the issuer can tell it is the same request.
            let issued = town.issuer.books.lock().unwrap().keys.clone();
            assert_eq!(issued.last(), issued_before.last());
        }
        let again = town.wallet(&["--json", "accept", &link, "--yes"]);
        assert_eq!(again.error(), "already_accepted", "{path}");
    }
}

#[test]
fn scanning_the_same_code_again_goes_on_with_the_open_session() {
    let town = Town::found();
    let link = town.issuer.offer(&[SD_JWT], None);
    killed_at(&town, &link, "/nonce");
    let again = town.wallet(&["--json", "accept", &link, "--yes"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert_eq!(town.net.count("/token"), 1, "the offer was used once");
}

#[test]
fn an_open_session_can_be_given_up() {
    let town = Town::found();
    let link = town.issuer.offer(&[SD_JWT], None);
    killed_at(&town, &link, "/nonce");
    let listed = town.wallet(&["--json", "list"]).json();
    let session = listed["pending"][0]["session"].as_str().unwrap().to_owned();
    assert_eq!(town.wallet(&["--json", "accept", "--abandon", "zz"]).error(), "no_such_session");
    assert_eq!(town.wallet(&["--json", "accept", "--abandon", &session]).code, 0);
    let listed = town.wallet(&["--json", "list"]).json();
    assert!(listed["pending"].as_array().unwrap().is_empty());
    assert_eq!(
        town.wallet(&["--json", "accept", "--abandon", "all"]).json()["abandoned"],
        serde_json::json!([])
    );
}

//! What people read, in Korean and English, under snapshot.

use serde_json::json;

use crate::support::Town;
use crate::support::issuer::{LDP, SD_JWT};
use crate::support::verifier::Name;

const LANGUAGES: [&str; 2] = ["ko", "en"];

fn snapshot(town: &Town, name: &str, language: &str, text: &str) {
    insta::assert_snapshot!(format!("{name}-{language}"), town.steady(text.trim_end()));
}

#[test]
fn the_story_of_a_badge() {
    let town = Town::without_wallet();
    let made = town.wallet(&["--lang", "ko", "init", "--danger-cheap-kdf"]);
    snapshot(&town, "init", "ko", &made.stdout);
    for language in LANGUAGES {
        let empty = town.wallet(&["--lang", language, "list"]);
        if language == "ko" {
            snapshot(&town, "list-empty", language, &empty.stdout);
        }
        // The offer's screen is talk, what was stored is the result.
        let link = town.issuer.offer(&[SD_JWT, LDP], Some("493536"));
        let accepted =
            town.wallet(&["--lang", language, "accept", &link, "--yes", "--tx-code", "493536"]);
        assert_eq!(accepted.code, 0, "{}", accepted.stderr);
        snapshot(&town, "offer", language, &accepted.stderr);
        snapshot(&town, "accepted", language, &accepted.stdout);
        let again = town.wallet(&["--lang", language, "accept", &link, "--yes"]);
        assert_eq!(again.code, 1);
        snapshot(&town, "accepted-twice", language, &again.stderr);
    }
    for language in LANGUAGES {
        let list = town.wallet(&["--lang", language, "list"]);
        snapshot(&town, "list", language, &list.stdout);
    }
    let listed = town.wallet(&["--json", "list"]).json();
    let id = listed["credentials"][0]["short_id"].as_str().unwrap().to_owned();
    for language in LANGUAGES {
        let shown = town.wallet(&["--lang", language, "show", &id]);
        snapshot(&town, "show", language, &shown.stdout);
        let link = town.verifier.link(&Name::Did, &town.verifier.claims(&Name::Did), false);
        let presented = town.wallet(&["--lang", language, "present", &link, "--yes"]);
        assert_eq!(presented.code, 0, "{}", presented.stderr);
        snapshot(&town, "consent", language, &presented.stderr);
        snapshot(&town, "presented", language, &presented.stdout);
    }
    for language in LANGUAGES {
        snapshot(&town, "history", language, &town.wallet(&["--lang", language, "history"]).stdout);
        snapshot(&town, "keys", language, &town.wallet(&["--lang", language, "keys"]).stdout);
    }
}

#[test]
fn a_request_to_beware_of() {
    let town = Town::found();
    town.receive(&[LDP]);
    for language in LANGUAGES {
        let mut claims = town.verifier.claims(&Name::RedirectUri);
        for member in ["purpose", "purpose#ko", "purpose#en", "exp", "match_code"] {
            claims.as_object_mut().unwrap().remove(member);
        }
        claims["dcql_query"] = crate::support::verifier::badge_query("ldp_vc");
        claims["client_metadata"]["client_name"] = json!("\u{202e}은행\u{1b}[31m");
        claims["client_metadata"].as_object_mut().unwrap().remove("client_name#en");
        let link = town.verifier.link_with_parameters(&claims);
        let refused = town.wallet(&["--lang", language, "present", &link]);
        assert_eq!(refused.code, 2, "nobody can be asked here");
        assert!(!refused.stderr.contains('\u{202e}') && !refused.stderr.contains('\u{1b}'));
        snapshot(&town, "consent-beware", language, &refused.stderr);
    }
    assert!(town.verifier.forms.lock().unwrap().is_empty(), "nothing was sent");
}

#[test]
fn json_is_one_value_with_everything_a_program_needs() {
    let town = Town::found();
    let ids = town.receive(&[SD_JWT]);
    let shown = town.wallet(&["--json", "show", &ids[0]]).json();
    assert_eq!(shown["format"], "dc+sd-jwt");
    assert_eq!(shown["issuer_check"], "verified");
    assert!(shown["credential"].as_str().unwrap().contains('~'));
    assert!(
        shown["claims"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["label"] == "Name" || one["label"] == "성명")
    );
    let raw = town.wallet(&["show", &ids[0], "--raw"]);
    assert_eq!(raw.stdout.trim_end(), shown["credential"].as_str().unwrap());

    let link = town.verifier.link(&Name::Did, &town.verifier.claims(&Name::Did), true);
    let presented = town.wallet(&["--json", "--lang", "en", "present", &link, "--yes"]);
    let json = presented.json();
    assert!(presented.stderr.is_empty(), "with --json --yes there is no talk");
    assert_eq!(json["state"], "delivered");
    assert!(json["redirect_uri"].as_str().unwrap().ends_with("#response_code=1"));
    let paths: Vec<&str> = json["disclosed"][0]["claims"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["person.name", "awardedDate"]);
    assert_eq!(json["consent"]["match_code"], "42");

    let link = town.verifier.link(&Name::Did, &town.verifier.claims(&Name::Did), false);
    let refused = town.wallet(&["--json", "present", &link, "--refuse"]);
    assert_eq!((refused.code, refused.json()["state"].clone()), (0, json!("refused")));
    assert_eq!(town.verifier.last()["error"], "access_denied");

    let history = town.wallet(&["--json", "history"]).json();
    let outcomes: Vec<_> =
        history["history"].as_array().unwrap().iter().map(|one| one["outcome"].clone()).collect();
    assert_eq!(outcomes, [json!("delivered"), json!("refused")]);
    let keys = town.wallet(&["--json", "keys"]).json();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
    assert!(keys["keys"][0]["jwk"].get("d").is_none());
}

#[test]
fn a_picture_of_a_qr_code_is_as_good_as_its_link() {
    let town = Town::found();
    let link = town.verifier.link(&Name::Did, &town.verifier.claims(&Name::Did), false);
    town.receive(&[SD_JWT]);
    let picture = town.text("request.png");
    assert_eq!(town.bare(&["qr", &link, "--png", &picture]).code, 0);
    assert_eq!(town.bare(&["--json", "qr", &link, "--png", &picture]).error(), "file_exists");
    assert_eq!(town.wallet(&["present", &picture, "--yes"]).code, 0);
    let rows = town.bare(&["--json", "qr", "openid4vp://?client_id=a&request_uri=b"]).json();
    assert!(rows["rows"].as_array().unwrap().len() > 10);
    assert_eq!(town.bare(&["--json", "qr", ""]).code, 2);
}

//! `wallet share` before a desk that has no mailbox; with one, the browser tests of the
//! verifier-service play the same flow.

use crate::support::Town;
use crate::support::issuer::{LDP, SD_JWT};

#[test]
fn what_cannot_be_shared_is_told_before_anything_leaves() {
    let town = Town::found();
    let ids = town.receive(&[LDP, SD_JWT]);
    let before = town.net.total();
    let url = town.url();
    let share = |id: &str, more: &[&str]| {
        town.wallet(&[&["--json", "share", id, "--desk", &url], more].concat())
    };
    assert_eq!(share(&ids[0], &[]).error(), "consent_needed", "nobody is there to agree");
    for expires in ["0 days", "91 days", "soon", "7", "until Friday"] {
        let refused = share(&ids[0], &["--yes", "--expires", expires]);
        assert_eq!((refused.code, refused.error().as_str()), (2, "share_expiry"), "{expires}");
    }
    let whole = share(&ids[0], &["--yes", "--claim", "person.name"]);
    assert_eq!((whole.code, whole.error().as_str()), (1, "share_only_whole"));
    let unknown = share(&ids[1], &["--yes", "--claim", "person.shoeSize"]);
    assert_eq!((unknown.code, unknown.error().as_str()), (1, "share_unknown_claim"));
    assert_eq!(share("ffffffff", &["--yes"]).error(), "unknown_id");
    assert_eq!(town.wallet(&["share", &ids[0], "--yes"]).code, 2, "no desk");
    assert_eq!(town.net.total(), before, "nobody was asked");
    let none = town.wallet(&["--lang", "ko", "shares"]);
    assert!(none.stdout.contains("아직 만든 링크가 없습니다"), "{}", none.stdout);
    let nothing = town.wallet(&["--json", "share", "withdraw", "nothing"]);
    assert_eq!((nothing.code, nothing.error().as_str()), (1, "share_unknown"));
}

#[test]
fn consent_says_which_end_is_which_and_an_unsure_share_can_be_withdrawn() {
    let town = Town::found();
    let ids = town.receive(&[LDP]);
    let url = town.url();
    for (language, end, copy) in [
        ("en", "That is the end of the link only", "may have kept a copy"),
        ("ko", "링크의 기한일 뿐입니다", "사본은 거둘 수 없습니다"),
    ] {
        let tried = town.wallet(&[
            "--lang",
            language,
            "share",
            &ids[0],
            "--desk",
            &url,
            "--yes",
            "--for",
            "시험",
            "--expires",
            "12 hours",
        ]);
        assert_ne!(tried.code, 0, "this desk has no mailbox");
        assert!(tried.stderr.contains(copy), "{}", tried.stderr);
        // Only a credential that ends by itself has the line.
        let shown = town.wallet(&["--json", "show", &ids[0]]).json();
        assert_eq!(tried.stderr.contains(end), !shown["valid_until"].is_null());
    }
    // The wallet cannot know whether they arrived, so it keeps the tokens that withdraw them.
    let listed = town.wallet(&["--json", "shares"]).json();
    let listed = listed["shares"].as_array().unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0]["state"], "gone");
    let id = listed[0]["id"].as_str().unwrap();
    assert_eq!(town.wallet(&["share", "withdraw", id]).code, 0);
    let again = town.wallet(&["--json", "shares"]).json();
    assert_eq!(again["shares"][0]["state"], "withdrawn");
}

//! `wallet status-pack`, `wallet trust-list`, and verifying with what they make.

use std::sync::{Arc, Mutex};

use credential_model::did::ProofPurpose;
use credential_model::moment::Moment;
use credential_proofs::data_integrity::{self, Cryptosuite, ProofOptions};
use credential_proofs::jose;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use signing_keys::Signer as _;
use status_lists::{
    Bitstring, DeltaLink, PackContent, PackDelta, PackListing, STATUS_PACK_TYP, SnapshotLink,
    StatusEntry, StatusPackIndex, index_payload,
};
use web_fetch::FetchResponse;

use crate::bench::Bench;
use crate::support::issuer::LDP;
use crate::support::{Town, now, written};

/// Addresses with what is served there.
type Pages = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

const LIST: &str = "https://lists.invalid/status/g1";

/// What the issuer publishes at `/status/pack`.
struct Shop {
    content: PackContent,
    index: StatusPackIndex,
    pages: Pages,
}

fn content(revoked: &[usize]) -> PackContent {
    let mut bits = Bitstring::new(status_lists::MIN_ENTRIES, 2).unwrap();
    for place in revoked {
        bits.set(*place, 2).unwrap();
    }
    PackContent::encode(&[&bits]).unwrap()
}

impl Shop {
    fn open(town: &Town, revoked: &[usize], issued: Moment) -> Self {
        let pages: Pages = Arc::default();
        let shown = Arc::clone(&pages);
        town.net.route(&format!("{}/status/pack", town.url()), move |request| {
            let pages = shown.lock().unwrap();
            let page = pages.iter().rev().find(|(path, _)| path == request.url.path());
            let (status, body) = page.map_or((404, Vec::new()), |(_, body)| (200, body.clone()));
            let url = request.url.clone();
            FetchResponse { status, content_type: None, headers: Vec::new(), body, url }
        });
        let content = content(revoked);
        let listing = PackListing {
            id: LIST.to_owned(),
            purpose: "message".to_owned(),
            version: 1,
            sha256: [7; 32],
        };
        let index = StatusPackIndex {
            issuer: town.issuer.did().to_string(),
            issued,
            valid_until: issued.plus_seconds(86_400),
            epoch: 1,
            lists: vec![listing],
            snapshot: SnapshotLink::new("", &content),
            deltas: Vec::new(),
        };
        let mut shop = Shop { content, index, pages };
        shop.publish(town);
        shop
    }

    fn part(&self, town: &Town, bytes: &[u8]) -> String {
        let path = format!("/status/pack/{}", hex(&Sha256::digest(bytes)));
        self.pages.lock().unwrap().push((path.clone(), bytes.to_vec()));
        format!("{}{path}", town.url())
    }

    fn publish(&mut self, town: &Town) {
        let place = self.part(town, self.content.bytes());
        self.index.snapshot = SnapshotLink::new(place, &self.content);
        let kid = town.issuer.signer.public_key().did_key_url();
        let header = json!({"typ": STATUS_PACK_TYP, "kid": kid.as_str()});
        let payload = index_payload(&self.index).to_string();
        let signed = jose::sign(header, payload.as_bytes(), &town.issuer.signer).unwrap();
        self.pages.lock().unwrap().push(("/status/pack".to_owned(), signed.into_bytes()));
    }

    fn next(&mut self, town: &Town, revoked: &[usize], step: bool) {
        let next = content(revoked);
        self.index.epoch += 1;
        self.index.lists[0].version += 1;
        self.index.deltas.clear();
        if step {
            let delta = PackDelta::between(&self.content, &next).unwrap();
            let place = self.part(town, delta.bytes());
            self.index.deltas.push(DeltaLink::new(place, &delta));
        }
        self.content = next;
        self.publish(town);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The town's badge with a place in the list, signed again.
fn badge(town: &Town, place: usize) -> String {
    let ids = town.receive(&[LDP]);
    let mut document = town.wallet(&["--json", "show", &ids[0], "--raw"]).json();
    document.as_object_mut().unwrap().remove("proof");
    let entry = StatusEntry::new(LIST, place);
    document["credentialStatus"] = entry.to_credential_status(&format!("{LIST}#{place}"));
    let options = ProofOptions {
        cryptosuite: Cryptosuite::EddsaRdfc2022,
        verification_method: town.issuer.signer.public_key().did_key_url(),
        proof_purpose: ProofPurpose::AssertionMethod,
        created: Some(now()),
        expires: None,
        challenge: None,
        domain: None,
    };
    let signed = data_integrity::secure(&document, &options, &town.issuer.signer).unwrap();
    written(&town.path(&format!("badge-{place}.json")), signed.to_string().as_bytes())
}

fn status(town: &Town, badge: &str, pack: &str) -> (String, String) {
    let report = town.bare(&["--json", "verify", badge, "--offline", "--status-pack", pack]).json();
    let checks = report["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["id"] == "status").unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&found["code"]), text(&report["verdict"]["in_force"]))
}

fn says(code: &str, answer: &str) -> (String, String) {
    (code.to_owned(), answer.to_owned())
}

#[test]
fn a_pack_is_fetched_followed_shown_and_verified_with() {
    let town = Town::found();
    let many: Vec<usize> = (0..1_500).map(|n| n * 80).collect();
    let mut shop = Shop::open(&town, &many, now().minus_seconds(600));
    let (valid, revoked) = (badge(&town, 33), badge(&town, 160));
    let pack = town.text("issuer.pack.json");
    let fetch = || town.bare(&["--json", "status-pack", "fetch", &town.url(), "--output", &pack]);
    let fetched = fetch();
    assert_eq!(fetched.code, 0, "{}", fetched.stdout);
    let json = fetched.json();
    assert_eq!((&json["epoch"], &json["not_valid"]), (&json!("1"), &json!(1_500)));
    let before = town.net.total();
    assert_eq!(status(&town, &valid, &pack), says("status-valid", "yes"));
    assert_eq!(status(&town, &revoked, &pack), says("status-revoked", "no"));
    assert_eq!(town.net.total(), before, "--offline asks nobody");

    // The next epoch revokes one more: a delta is enough, and the file is the newer one.
    let more: Vec<usize> = many.iter().copied().chain([33]).collect();
    shop.next(&town, &more, true);
    let followed = fetch().json();
    assert_eq!((&followed["deltas"], &followed["epoch"]), (&json!(1), &json!("2")));
    assert_eq!(status(&town, &valid, &pack), says("status-revoked", "no"));
    let shown = town.bare(&["--lang", "en", "status-pack", "show", &pack]);
    assert!(shown.stdout.contains("131072 entries, 1501 of them not valid"), "{}", shown.stdout);
    let shown = town.bare(&["--lang", "ko", "status-pack", "show", &pack]);
    assert!(shown.stdout.contains("유효하지 않은 자리 1501개"), "{}", shown.stdout);

    // The past is offered: the file stays as it is.
    shop.index.epoch = 0;
    shop.publish(&town);
    let refused = fetch();
    assert_eq!((refused.code, refused.error().as_str()), (2, "status_pack_rolled_back"));
    assert_eq!(status(&town, &valid, &pack), says("status-revoked", "no"));
}

#[test]
fn an_old_pack_is_stale_and_a_strangers_is_none() {
    let town = Town::found();
    Shop::open(&town, &[160], now().minus_seconds(3 * 86_400));
    let (valid, revoked) = (badge(&town, 33), badge(&town, 160));
    let pack = town.text("issuer.pack.json");
    let fetched = town.bare(&["status-pack", "fetch", &town.url(), "--output", &pack]);
    assert_eq!(fetched.code, 0, "{}", fetched.stderr);
    assert_eq!(status(&town, &valid, &pack), says("status-stale", "unknown"));
    assert_eq!(status(&town, &revoked, &pack), says("status-revoked", "no"));
    assert!(town.bare(&["--json", "status-pack", "show", &pack]).json()["stale"] == json!(true));

    let text = std::fs::read_to_string(&pack).unwrap();
    let mut file: Value = serde_json::from_str(&text).unwrap();
    file["snapshot"] = json!("U1BLMQA");
    let other = written(&town.path("other.json"), file.to_string().as_bytes());
    for (path, wanted) in
        [(other.as_str(), "status_pack_digest_mismatch"), (valid.as_str(), "status_pack_file")]
    {
        let ended = town.bare(&["--json", "verify", &valid, "--offline", "--status-pack", path]);
        assert_eq!((ended.code, ended.error().as_str()), (2, wanted));
    }
    let nowhere = format!("{}/nothing/here", town.url());
    let ended = town.bare(&["--json", "status-pack", "fetch", &nowhere, "-o", &town.text("x")]);
    assert_eq!((ended.code, ended.error().as_str()), (2, "status_pack_fetch"));
}

#[test]
fn the_operator_signs_a_trust_list_and_verifiers_take_it() {
    let town = Town::found();
    let badge = badge(&town, 33);
    let bench = Bench::new();
    let operator = bench.key("ed25519", "operator.jwk");
    let list = |operator: &str, expires: &str| {
        json!({
            "version": 3, "issued": "2020-01-01T00:00:00Z", "expires": expires,
            "operator": operator,
            "entries": [{
                "issuer": town.issuer.did(), "name_ko": "한국산업인력공단(가상)",
                "name_en": "HRD Korea (fictitious)", "types": ["KrQualificationBadge"],
                "from": "2020-01-01T00:00:00Z", "authority": ["고용노동부(가상)"],
            }],
        })
        .to_string()
    };
    bench.write("list.json", &list(&operator, "2099-01-01T00:00:00Z"));
    let sign =
        ["--json", "trust-list", "sign", "list.json", "--key", "operator.jwk", "-o", "list.jws"];
    let signed = bench.run(&sign);
    assert_eq!(signed.code, 0, "{}", signed.stdout);
    assert_eq!(signed.json()["version"], "3");
    let path = bench.text("list.jws");
    let options = ["--trust-list", path.as_str(), "--trust-operator", operator.as_str()];
    let verified =
        town.bare(&[&["--json", "verify", badge.as_str(), "--offline"], &options[..]].concat());
    assert_eq!(verified.json()["verdict"]["entitled"], "yes", "{}", verified.stdout);

    // What a verifier would refuse is not signed.
    for (name, text) in [
        ("of somebody else", list("did:web:operator.test", "2099-01-01T00:00:00Z")),
        ("over", list(&operator, "2021-01-01T00:00:00Z")),
        ("no list", "{}".to_owned()),
        ("no JSON", "list".to_owned()),
    ] {
        bench.write("list.json", &text);
        let refused = bench.run(&sign);
        assert_eq!((refused.code, refused.error().as_str()), (2, "settings"), "{name}");
    }
}

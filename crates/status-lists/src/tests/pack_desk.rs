//! A desk with a pack: looking up, ageing, following the issuer, noticing lies.

use serde_json::{Value, json};

use super::packs::scattered;
use super::*;

const ISSUER: &str = "did:web:issuer.test";
const OTHER: &str = "https://issuer.test/status/4";

fn listing(id: &str, version: u64) -> PackListing {
    PackListing {
        id: id.to_owned(),
        purpose: "message".to_owned(),
        version,
        sha256: [version as u8; 32],
    }
}

fn index(
    content: &PackContent,
    epoch: u64,
    version: u64,
    deltas: &[&PackDelta],
) -> StatusPackIndex {
    StatusPackIndex {
        issuer: ISSUER.to_owned(),
        issued: now(),
        valid_until: now().plus_seconds(86_400),
        epoch,
        lists: vec![listing(LIST, version), listing(OTHER, version)],
        snapshot: SnapshotLink::new("https://issuer.test/pack/snapshot", content),
        deltas: deltas
            .iter()
            .map(|delta| DeltaLink::new("https://issuer.test/pack/delta", delta))
            .collect(),
    }
}

fn content(extra: &[usize]) -> PackContent {
    let mut first = our_list();
    for index in extra {
        first.set(*index, 2).unwrap();
    }
    PackContent::encode(&[&first, &scattered(2000, 2, 300, &[2], 3)]).unwrap()
}

fn desk() -> StatusPack {
    let content = content(&[]);
    StatusPack::open(index(&content, 7, 7, &[]), content.bytes().to_vec()).unwrap()
}

#[test]
fn every_badge_of_the_issuer_is_answered_for() {
    let desk = desk();
    for value in StatusValue::ALL {
        let entry = StatusEntry::new(LIST, 1000 + usize::from(value.code()));
        let reading = desk.read(&entry).unwrap();
        assert_eq!((reading.code, reading.value), (value.code(), Some(value)));
        assert_eq!((reading.version, reading.epoch, reading.list_sha256), (7, 7, [7; 32]));
        let token = StatusEntry { form: EntryForm::Token, messages: Vec::new(), ..entry };
        assert_eq!(desk.read(&token).unwrap().value, Some(value));
        assert_eq!(desk.lookup(LIST, token.index), Ok(value.code()));
    }
    let failure = |entry: &StatusEntry| desk.read(entry).unwrap_err().code();
    assert_eq!(failure(&StatusEntry::new("https://x.test/", 0)), "status_pack_unknown_list");
    assert_eq!(failure(&StatusEntry::new(LIST, MIN_ENTRIES)), "status_index_out_of_range");
    let one_bit = StatusEntry { size: 1, ..StatusEntry::new(LIST, 0) };
    assert_eq!(failure(&one_bit), "status_pack_unsupported_size");
    let purpose = StatusEntry { purpose: "revocation".into(), ..StatusEntry::new(LIST, 0) };
    assert_eq!(failure(&purpose), "status_pack_malformed");
}

#[test]
fn a_desk_says_how_old_its_answer_is() {
    let age = |seconds: i64| desk().age(now().plus_seconds(seconds));
    assert_eq!((age(0).seconds, age(0).stale), (0, false));
    assert_eq!((age(3600).seconds, age(3600).stale), (3600, false));
    assert_eq!((age(86_400).stale, age(86_401).stale), (false, true));
    assert_eq!((age(-50).seconds, age(-50).stale), (0, false));
}

#[test]
fn a_desk_follows_by_deltas_or_by_snapshot() {
    let desk = desk();
    let (two, three) = (content(&[5]), content(&[5, 99]));
    let step = PackDelta::between(desk.content(), &two).unwrap();
    let next = PackDelta::between(&two, &three).unwrap();
    let newest = index(&three, 9, 9, &[&step, &next]);
    let PackUpdate::Deltas(links) = desk.plan(&newest).unwrap() else { panic!("deltas suffice") };
    assert_eq!(links, newest.deltas);
    let bytes = vec![step.bytes().to_vec(), next.bytes().to_vec()];
    let current = desk.advance(newest.clone(), bytes.clone()).unwrap();
    assert_eq!((current.lookup(LIST, 99), desk.lookup(LIST, 99)), (Ok(2), Ok(0)));
    assert_eq!(current.content(), &three);
    assert_eq!(current.plan(&newest), Ok(PackUpdate::Nothing));
    // A heartbeat: the same content, a newer index.
    let heartbeat = index(&three, 10, 9, &[&step, &next]);
    assert_eq!(current.plan(&heartbeat), Ok(PackUpdate::Nothing));
    assert_eq!(current.advance(heartbeat, Vec::new()).unwrap().index().epoch, 10);
    // No delta from what is held: the snapshot.
    let later = index(&three, 9, 9, &[&next]);
    assert_eq!(desk.plan(&later), Ok(PackUpdate::Snapshot(later.snapshot.clone())));
    assert_eq!(desk.replace(later, three.bytes().to_vec()).unwrap().content(), &three);
    // Deltas in the wrong order, one missing, another's bytes.
    let wrong = |bytes: Vec<Vec<u8>>| desk.advance(newest.clone(), bytes).unwrap_err();
    assert_eq!(wrong(vec![bytes[1].clone(), bytes[0].clone()]), PackError::DigestMismatch);
    assert_eq!(wrong(vec![bytes[0].clone()]), PackError::DigestMismatch);
    assert_eq!(wrong(Vec::new()), PackError::DigestMismatch);
    let other = desk.replace(newest, two.bytes().to_vec()).unwrap_err();
    assert_eq!(other, PackError::DigestMismatch);
}

#[test]
fn the_past_and_a_second_truth_are_noticed() {
    let desk = desk();
    let same = content(&[]);
    let changed = content(&[5]);
    let code = |index: &StatusPackIndex| desk.plan(index).unwrap_err().code();
    assert_eq!(code(&index(&same, 6, 7, &[])), "status_pack_rolled_back");
    assert_eq!(code(&index(&changed, 7, 7, &[])), "status_pack_equivocated");
    assert_eq!(code(&index(&same, 7, 8, &[])), "status_pack_equivocated");
    assert_eq!(code(&index(&changed, 8, 6, &[])), "status_pack_list_rolled_back");
    let other = StatusPackIndex { issuer: "did:web:x.test".into(), ..index(&changed, 8, 8, &[]) };
    assert_eq!(code(&other), "status_pack_other_issuer");
    assert!(desk.replace(index(&changed, 6, 7, &[]), changed.bytes().to_vec()).is_err());
    // Index and snapshot that do not belong together.
    let mut short = index(&same, 7, 7, &[]);
    short.lists.pop();
    let error = StatusPack::open(short, same.bytes().to_vec()).unwrap_err();
    assert_eq!(error.code(), "status_pack_malformed");
    let error = StatusPack::open(index(&same, 7, 7, &[]), changed.bytes().to_vec()).unwrap_err();
    assert_eq!(error, PackError::DigestMismatch);
}

#[test]
fn an_index_is_read_as_it_was_written_and_strictly() {
    let desk = desk();
    let (two, three) = (content(&[5]), content(&[5, 99]));
    let step = PackDelta::between(desk.content(), &two).unwrap();
    let next = PackDelta::between(&two, &three).unwrap();
    let good = index(&three, 1 << 60, 9, &[&step, &next]);
    let payload = index_payload(&good);
    assert_eq!(read_index(&payload, ISSUER, now()), Ok(good));
    assert_eq!(payload["epoch"], json!((1_u64 << 60).to_string()));

    let code = |payload: &Value| read_index(payload, ISSUER, now()).unwrap_err().code();
    assert_eq!(
        read_index(&payload, "did:web:x.test", now()).unwrap_err().code(),
        "status_pack_other_issuer"
    );
    let early = read_index(&payload, ISSUER, now().minus_seconds(61)).unwrap_err();
    assert_eq!(early.code(), "status_pack_not_yet_valid");
    assert!(read_index(&payload, ISSUER, now().minus_seconds(60)).is_ok());
    assert!(read_index(&payload, ISSUER, now().plus_seconds(1 << 30)).is_ok(), "stale is no fault");
    for (pointer, value) in [
        ("/iss", json!(7)),
        ("/epoch", json!(7)),
        ("/epoch", json!("07")),
        ("/epoch", json!("-1")),
        ("/epoch", json!("+7")),
        ("/exp", payload["iat"].clone()),
        ("/lists/0/id", json!("")),
        ("/lists/0/id", json!("a\nb")),
        ("/lists/0/id", json!(OTHER)),
        ("/lists/0/version", json!(9)),
        ("/lists/0/sha256", json!("AA".repeat(32))),
        ("/lists/0/sha256", json!("aa".repeat(31))),
        ("/lists/0/sha256", json!("é".repeat(32))),
        ("/lists/0/extra", json!(1)),
        ("/snapshot/url", json!("a".repeat(3000))),
        ("/snapshot/sha256", json!("aa".repeat(32))),
        ("/snapshot/bytes", json!(-1)),
        ("/deltas/0/from", payload["deltas"][0]["to"].clone()),
        ("/deltas/0/to", payload["deltas"][1]["to"].clone()),
        ("/deltas/1/extra", json!(1)),
        ("/extra", json!(1)),
    ] {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let mut bad = payload.clone();
        bad.pointer_mut(parent).unwrap()[name] = value.clone();
        assert_eq!(code(&bad), "status_pack_malformed", "{pointer} {value}");
    }
    for pointer in ["iss", "iat", "exp", "epoch", "lists", "snapshot", "deltas"] {
        let mut bad = payload.clone();
        bad.as_object_mut().unwrap().remove(pointer);
        assert_eq!(code(&bad), "status_pack_malformed", "{pointer}");
    }
    let mut large = payload.clone();
    large["snapshot"]["bytes"] = json!(MAX_PACK_BYTES + 1);
    assert_eq!(code(&large), "status_pack_too_large");
    let mut many = payload.clone();
    many["deltas"] = Value::Array(vec![payload["deltas"][0].clone(); 65]);
    assert_eq!(code(&many), "status_pack_too_large");
}

#[test]
fn the_commitment_is_to_what_the_lists_say_and_to_nothing_else() {
    let base = index(&content(&[]), 7, 7, &[]);
    let same = StatusPackIndex {
        issued: now().plus_seconds(5),
        valid_until: now().plus_seconds(6),
        epoch: 8,
        snapshot: SnapshotLink { url: "https://elsewhere.test/x".into(), ..base.snapshot.clone() },
        ..base.clone()
    };
    assert_eq!(same.commitment(), base.commitment());
    assert_eq!(base.version(), 14);
    let changed = |change: &dyn Fn(&mut StatusPackIndex)| {
        let mut other = base.clone();
        change(&mut other);
        assert_ne!(other.commitment(), base.commitment());
    };
    changed(&|one| one.lists[0].version += 1);
    changed(&|one| one.lists[0].sha256[3] ^= 1);
    changed(&|one| one.lists[0].id.push('x'));
    changed(&|one| one.lists[0].purpose.push('x'));
    changed(&|one| one.lists.swap(0, 1));
    changed(&|one| drop(one.lists.pop()));
    changed(&|one| one.snapshot.sha256[0] ^= 1);
    // Where one text ends and the next begins is part of it.
    changed(&|one| {
        let last = one.lists[0].id.pop().unwrap();
        one.lists[0].purpose.insert(0, last);
    });
}

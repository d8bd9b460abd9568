//! Status packs as the source: what they answer, how they age, and every way to lie with one.
use std::sync::Arc;

use chain_anchors::{EpochBuilder, PackEvidence, pack_list_id};
use credential_verification::{
    Answer, CheckId, Code, Grounds, Overall, Tools,
    packs::{HeldPack, PackShelf, fetch},
};
use did_resolution::UniversalResolver;
use evm_chain::KeyStatus;
use sha2::{Digest, Sha256};
use status_lists::PackError;
use url::Url;
use web_fetch::Fetch;

use super::{code, state};
use crate::harness::*;
use crate::pack_kit::{Made, pack, part_url};
use crate::script::Desk;

const LIST: [u8; 32] = [7; 32];

fn minutes_ago(minutes: i64) -> credential_model::moment::Moment {
    now().minus_seconds(minutes * 60)
}

fn on_shelf(desk: &mut Desk, held: HeldPack) {
    let shelf = PackShelf::default();
    shelf.put(held).unwrap();
    desk.grounds = Grounds { packs: Arc::new(shelf), ..Grounds::default() };
}

/// The list's host answers nothing.
fn withhold(desk: &Desk) {
    desk.world.put(&desk.issuer.list_url(), Reply::Status(503));
}

fn today(desk: &Desk, values: &[(usize, u8)]) -> Made {
    pack(&desk.issuer, values, (1, 1), LIST, minutes_ago(60))
}

#[tokio::test]
async fn a_pack_answers_where_the_list_is_withheld() {
    let mut desk = Desk::new();
    withhold(&desk);
    assert_eq!(
        code(&desk.look(&desk.credential(1)).await, CheckId::Status),
        Code::StatusUnavailable
    );
    let values = [(2, 2), (3, 1), (4, 3)];
    let made = today(&desk, &values);
    let held = made.held(&desk.issuer);
    on_shelf(&mut desk, held);
    for (index, wanted, answer) in [
        (1, Code::StatusValid, Answer::Yes),
        (2, Code::StatusRevoked, Answer::No),
        (3, Code::StatusSuspended, Answer::No),
        (4, Code::StatusSuperseded, Answer::No),
    ] {
        let found = desk.look(&desk.credential(index)).await;
        assert_eq!((code(&found, CheckId::Status), found.verdict.in_force), (wanted, answer));
        assert_eq!(found.status_as_of, Some(minutes_ago(60)), "the age is the pack's");
    }
}

#[tokio::test]
async fn a_stale_pack_is_never_a_plain_yes_and_what_is_revoked_stays_so() {
    let mut desk = Desk::new();
    withhold(&desk);
    let made = pack(&desk.issuer, &[(2, 2), (3, 1)], (1, 1), LIST, minutes_ago(26 * 60));
    let held = made.held(&desk.issuer);
    on_shelf(&mut desk, held);
    let found = desk.look(&desk.credential(1)).await;
    assert_eq!(code(&found, CheckId::Status), Code::StatusStale);
    assert_eq!((found.verdict.in_force, found.overall()), (Answer::Unknown, Overall::Unknown));
    assert_eq!(code(&desk.look(&desk.credential(3)).await, CheckId::Status), Code::StatusStale);
    let found = desk.look(&desk.credential(2)).await;
    assert_eq!(code(&found, CheckId::Status), Code::StatusRevoked);
    assert_eq!(found.overall(), Overall::Reject);
    // A flight permit's pack may be a quarter of an hour old.
    desk.kind = credential_model::catalogue::CredentialType::DroneFlightPermit;
    for (minutes, wanted) in [(15, Code::StatusValid), (17, Code::StatusStale)] {
        let made = pack(&desk.issuer, &[], (1, 1), LIST, minutes_ago(minutes));
        let held = made.held(&desk.issuer);
        on_shelf(&mut desk, held);
        desk.seen = credential_verification::store::MemoryStore::new();
        assert_eq!(code(&desk.look(&desk.credential(1)).await, CheckId::Status), wanted);
    }
}

#[tokio::test]
async fn a_pack_by_anybody_else_says_nothing() {
    let mut desk = Desk::new();
    withhold(&desk);
    let made = today(&desk, &[]);
    // Signed by a stranger's key under the issuer's name.
    let forged =
        made.sign_as(&desk.issuer.kid("ed"), &signer(signing_keys::KeyAlgorithm::EdDsa, 5));
    let held = HeldPack::open(&forged, made.content.bytes().to_vec(), None, None).unwrap();
    on_shelf(&mut desk, held);
    let found = desk.look(&desk.credential(1)).await;
    assert_eq!(code(&found, CheckId::Status), Code::StatusUnavailable);
    assert_eq!(found.verdict.in_force, Answer::Unknown);
    // By a key of another DID, or naming another issuer than its key's: not even read.
    let stranger = Issuer::new("stranger.example", 500);
    let other = made.sign_as(&stranger.kid("ed"), &stranger.ed25519);
    let refused = HeldPack::open(&other, made.content.bytes().to_vec(), None, None).unwrap_err();
    assert_eq!(refused.code(), "status_pack_other_issuer");
    // Another snapshot than the signed one; no token at all; another form of the file.
    let bytes = today(&desk, &[(9, 2)]).content.bytes().to_vec();
    let code = HeldPack::open(&made.sign(&desk.issuer), bytes, None, None).unwrap_err().code();
    assert_eq!(code, "status_pack_digest_mismatch");
    for (file, wanted) in [
        (&b"{}"[..], "status_pack_file"),
        (b"{\"v\":2,\"index\":\"\",\"snapshot\":\"\"}", "status_pack_file"),
        (b"{\"v\":1,\"index\":\"x\",\"snapshot\":\"\"}", "status_pack_token"),
        (b"{\"v\":1,\"index\":\"\",\"snapshot\":\"=\"}", "status_pack_file"),
        (b"\xff", "status_pack_file"),
    ] {
        assert_eq!(HeldPack::read(file, None).unwrap_err().code(), wanted);
    }
    let good = made.held(&desk.issuer);
    let again = HeldPack::read(&good.to_file(), None).unwrap();
    assert_eq!(again.pack().index(), good.pack().index());
}

#[tokio::test]
async fn a_pack_does_not_go_back_nor_say_two_things() {
    let desk = Desk::new();
    let shelf = PackShelf::default();
    let at = |values: &[(usize, u8)], epoch, version| {
        pack(&desk.issuer, values, (epoch, version), LIST, minutes_ago(60)).held(&desk.issuer)
    };
    shelf.put(at(&[(1, 2)], 5, 5)).unwrap();
    shelf.put(at(&[(1, 2)], 5, 5)).unwrap();
    let refused = |held| shelf.put(held).unwrap_err().code();
    assert_eq!(refused(at(&[], 4, 4)), "status_pack_rolled_back");
    assert_eq!(refused(at(&[], 5, 5)), "status_pack_equivocated");
    assert_eq!(refused(at(&[(1, 2)], 6, 4)), "status_pack_list_rolled_back");
    assert_eq!(shelf.get(desk.issuer.did.as_str()).unwrap().pack().index().epoch, 5);
    shelf.put(at(&[(1, 2), (7, 2)], 6, 6)).unwrap();
    assert_eq!(shelf.all().len(), 1);
}

#[tokio::test]
async fn a_host_that_serves_an_older_list_than_the_pack_names_is_found_out() {
    let mut desk = Desk::new();
    let newer = pack(&desk.issuer, &[(1, 2)], (2, 2), LIST, minutes_ago(5));
    let held = newer.held(&desk.issuer);
    on_shelf(&mut desk, held);
    // The host serves version 1, which says "valid".
    assert_eq!(code(&desk.look(&desk.credential(1)).await, CheckId::Status), Code::StatusRevoked);
    // One version, two lists: one served, one in the pack.
    let mut desk = Desk::new();
    let second = pack(&desk.issuer, &[], (1, 1), LIST, minutes_ago(5));
    let held = second.held(&desk.issuer);
    on_shelf(&mut desk, held);
    let found = desk.look(&desk.credential(1)).await;
    assert_eq!(code(&found, CheckId::Status), Code::StatusEquivocated);
    assert_eq!(found.verdict.in_force, Answer::Unknown);
    // The pack names the very list that is served.
    let digest = Sha256::digest(desk.served().await).into();
    let same = pack(&desk.issuer, &[], (1, 1), digest, minutes_ago(5));
    let held = same.held(&desk.issuer);
    on_shelf(&mut desk, held);
    desk.seen = credential_verification::store::MemoryStore::new();
    assert_eq!(code(&desk.look(&desk.credential(1)).await, CheckId::Status), Code::StatusValid);
}

#[tokio::test]
async fn a_fresh_pack_may_be_asked_before_the_host() {
    let mut desk = Desk::new();
    let shelf = PackShelf::asked_first();
    let digest = Sha256::digest(desk.served().await).into();
    desk.world.asked.lock().unwrap().clear();
    shelf
        .put(pack(&desk.issuer, &[(2, 2)], (1, 1), digest, minutes_ago(9)).held(&desk.issuer))
        .unwrap();
    desk.grounds = Grounds { packs: Arc::new(shelf), ..Grounds::default() };
    let value = desk.credential(1);
    assert_eq!(code(&desk.look(&value).await, CheckId::Status), Code::StatusValid);
    assert!(!desk.world.asked_for("/status/"), "the host learns of no look");
    // Two days later it is not fresh, and the host is asked.
    desk.look_at(&value, None, now().plus_seconds(2 * 86_400)).await;
    assert!(desk.world.asked_for("/status/g1"));
}

/// Anchors a head that commits to the pack; its evidence.
fn anchored(desk: &Desk, made: &Made, leaf: [u8; 32]) -> PackEvidence {
    let id = pack_list_id(desk.issuer.did.as_str());
    let epoch = EpochBuilder::new(made.index.epoch, now().plus_seconds(80_000).unix())
        .status_list(&desk.issuer.list_url(), made.index.version(), LIST)
        .status_list(&id, made.index.version(), leaf)
        .build(&[5; 32])
        .unwrap();
    let record = epoch.record();
    *desk.chain.status.lock().unwrap() = Some(evm_chain::StatusHead {
        status_root: record.status_root,
        issuance_root: record.issuance_root,
        epoch: record.epoch,
        time: made.index.issued.unix(),
        valid_until: record.valid_until,
        count: record.count,
    });
    PackEvidence { v: 1, inclusion: epoch.inclusion(&id), ..PackEvidence::default() }
}

fn with_evidence(desk: &Desk, made: &Made, evidence: PackEvidence) -> HeldPack {
    let bytes = made.content.bytes().to_vec();
    HeldPack::open(&made.sign(&desk.issuer), bytes, Some(evidence), None).unwrap()
}

#[tokio::test]
async fn the_head_on_the_chain_commits_to_the_pack() {
    let mut desk = Desk::new();
    withhold(&desk);
    let made = today(&desk, &[]);
    let evidence = anchored(&desk, &made, made.index.commitment());
    let held = with_evidence(&desk, &made, evidence);
    on_shelf(&mut desk, held);
    let found = desk.look(&desk.credential(1)).await;
    assert_eq!(code(&found, CheckId::Status), Code::StatusValid);
    assert_eq!(found.anchor_as_of, Some(minutes_ago(60)));
    // Another pack was anchored in that epoch: the issuer, or who has its key, says two things.
    let evidence = anchored(&desk, &made, [1; 32]);
    let held = with_evidence(&desk, &made, evidence);
    on_shelf(&mut desk, held);
    let found = desk.look(&desk.credential(1)).await;
    assert_eq!(found.verdict.in_force, Answer::Unknown);
    // Without evidence the head cannot be compared: open, not yes.
    let held = made.held(&desk.issuer);
    on_shelf(&mut desk, held);
    let found = desk.look(&desk.credential(1)).await;
    assert_eq!(found.verdict.in_force, Answer::Unknown);
    // A newer epoch: whether it changed this list is not known.
    let newer = pack(&desk.issuer, &[(1, 2)], (2, 2), LIST, minutes_ago(1));
    let old = anchored(&desk, &made, made.index.commitment());
    anchored(&desk, &newer, newer.index.commitment());
    let held = with_evidence(&desk, &made, old);
    on_shelf(&mut desk, held);
    let found = desk.look(&desk.credential(1)).await;
    assert_eq!(code(&found, CheckId::Status), Code::StatusStale);
}

#[tokio::test]
async fn a_pack_signed_with_a_stolen_key_counts_only_if_it_was_anchored_before() {
    for (since, wanted) in
        [(minutes_ago(30), Code::StatusValid), (minutes_ago(90), Code::StatusUnavailable)]
    {
        let mut desk = Desk::new();
        withhold(&desk);
        // The badge itself is signed with the other key, so that only the pack is in question.
        let token = desk.issuer.sd_jwt(
            desk.kind,
            &desk.issuer.credential(desk.kind, Holder::new(1).did().as_str(), 1),
            &Holder::new(1).key(),
        );
        let value = serde_json::Value::String(token);
        desk.world.put(&format!("{} token", desk.issuer.list_url()), Reply::Status(503));
        let made = today(&desk, &[]);
        let evidence = anchored(&desk, &made, made.index.commitment());
        let held = with_evidence(&desk, &made, evidence);
        on_shelf(&mut desk, held);
        desk.chain.keys.lock().unwrap().push(state(&desk, KeyStatus::Compromised, since));
        assert_eq!(code(&desk.look(&value).await, CheckId::Status), wanted, "{since}");
    }
}

#[tokio::test]
async fn a_pack_of_the_future_shows_a_clock_that_is_behind() {
    let mut desk = Desk::new();
    withhold(&desk);
    let made = pack(&desk.issuer, &[], (1, 1), LIST, now().plus_seconds(3_600));
    let held = made.held(&desk.issuer);
    on_shelf(&mut desk, held);
    let found = desk.look(&desk.credential(1)).await;
    assert_eq!(found.verdict.in_force, Answer::Unknown);
    let asked = follow(&desk, &made, None).await.unwrap_err();
    assert_eq!(asked, "status_pack_not_yet_valid");
}

async fn follow(
    desk: &Desk,
    made: &Made,
    held: Option<&HeldPack>,
) -> Result<(HeldPack, fetch::Fetched), &'static str> {
    made.publish(&desk.issuer, &desk.world);
    follow_what_is_there(desk, held).await
}

async fn follow_what_is_there(
    desk: &Desk,
    held: Option<&HeldPack>,
) -> Result<(HeldPack, fetch::Fetched), &'static str> {
    let resolver = UniversalResolver::new(desk.world.clone() as Arc<dyn Fetch>, None);
    let tools = Tools {
        resolver: &resolver,
        fetch: &*desk.world,
        chain: None,
        trust: Some(&desk.list),
        seen: &desk.seen,
        offline: false,
        grounds: &desk.grounds,
    };
    let list = Url::parse(&desk.issuer.list_url()).unwrap();
    let address = fetch::beside_list(&list).unwrap();
    fetch::follow(&address, held, &tools, now()).await.map_err(|fault| fault.code())
}

#[tokio::test]
async fn a_desk_follows_its_issuer_by_deltas() {
    let desk = Desk::new();
    let one = pack(&desk.issuer, &[(5, 2)], (1, 1), LIST, minutes_ago(60));
    let (held, fetched) = follow(&desk, &one, None).await.unwrap();
    assert_eq!((fetched.deltas, held.pack().index().epoch), (0, 1));
    let two = pack(&desk.issuer, &[(5, 2), (6, 2)], (2, 2), LIST, minutes_ago(40));
    let two = two.after(&desk.issuer, &one, &desk.world);
    // Enough is set that a step is shorter than the whole.
    let many: Vec<(usize, u8)> = (0..2_000).map(|n| (n * 60, 2)).collect();
    let base = pack(&desk.issuer, &many, (3, 3), LIST, minutes_ago(30));
    let (held, fetched) = follow(&desk, &base, Some(&held)).await.unwrap();
    assert_eq!(fetched.deltas, 0, "no delta leads there: the snapshot");
    let more: Vec<(usize, u8)> = many.iter().copied().chain([(61, 2)]).collect();
    let next = pack(&desk.issuer, &more, (4, 4), LIST, minutes_ago(20));
    let next = next.after(&desk.issuer, &base, &desk.world);
    let (current, fetched) = follow(&desk, &next, Some(&held)).await.unwrap();
    assert_eq!(fetched.deltas, 1);
    assert_eq!(current.pack().lookup(&desk.issuer.list_url(), 61), Ok(2));
    // The step is gone from the host: the snapshot, which is always there.
    let url = next.index.deltas[0].url.clone();
    desk.world.put(&url, Reply::Status(404));
    let (again, fetched) = follow(&desk, &next, Some(&held)).await.unwrap();
    assert_eq!((fetched.deltas, again.pack().index().epoch), (0, 4));
    assert!(two.index.deltas.len() == 1);
}

#[tokio::test]
async fn what_is_not_the_issuers_is_not_followed() {
    let mut desk = Desk::new();
    let good = pack(&desk.issuer, &[(5, 2)], (7, 7), LIST, minutes_ago(60));
    let (held, _) = follow(&desk, &good, None).await.unwrap();
    // An older index, two indexes of one epoch.
    let older = pack(&desk.issuer, &[], (6, 6), LIST, minutes_ago(30));
    assert_eq!(follow(&desk, &older, Some(&held)).await.unwrap_err(), "status_pack_rolled_back");
    let second = pack(&desk.issuer, &[], (7, 7), LIST, minutes_ago(30));
    assert_eq!(follow(&desk, &second, Some(&held)).await.unwrap_err(), "status_pack_equivocated");
    // Signed by somebody else.
    let page = |body: Vec<u8>| Reply::Page { media_type: "x/y".into(), body };
    let index = format!("https://{}/status/pack", desk.issuer.host);
    let next = pack(&desk.issuer, &[], (8, 8), LIST, minutes_ago(30));
    let thief = signer(signing_keys::KeyAlgorithm::EdDsa, 5);
    desk.world.put(&index, page(next.sign_as(&desk.issuer.kid("ed"), &thief).into_bytes()));
    let refused = follow_what_is_there(&desk, Some(&held)).await.unwrap_err();
    assert_eq!(refused, "status_pack_signature");
    // Other bytes than the digest names, 10 MB, 429, nothing; then a mirror has them.
    let place = part_url(&desk.issuer, &next.content.digest());
    next.publish(&desk.issuer, &desk.world);
    for (reply, wanted) in [
        (page(b"SPK1".to_vec()), "status_pack_digest_mismatch"),
        (page(vec![0; 17 << 20]), "status_pack_fetch"),
        (Reply::Status(429), "status_pack_fetch"),
        (Reply::Fail(web_fetch::FetchError::TimedOut), "status_pack_fetch"),
    ] {
        desk.world.put(&place, reply);
        assert_eq!(follow_what_is_there(&desk, Some(&held)).await.unwrap_err(), wanted);
    }
    desk.grounds.mirrors = vec![Url::parse("https://mirror.example/lists").unwrap()];
    let copy = format!("https://mirror.example/lists/{}", hex::encode(next.content.digest()));
    desk.world.put(&copy, page(next.content.bytes().to_vec()));
    let (found, _) = follow_what_is_there(&desk, Some(&held)).await.unwrap();
    assert_eq!(found.pack().index().epoch, 8);
    let fault = credential_verification::packs::PackFault::from(PackError::DigestMismatch);
    assert_eq!(fault.code(), "status_pack_digest_mismatch");
}

//! Status packs in the service, and issuers whose host is gone for good.
use std::io::Write as _;

use chain_anchors::{EpochBuilder, PackEvidence, pack_list_id};
use credential_model::credential::UnverifiedCredential;
use credential_verification::packs::HeldPack;
use evm_chain::{HeadOf, key_id_hash};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use web_fetch::{Fetch as _, FetchRequest};

use crate::kit::*;
use crate::pack_kit::{Made, pack};
use crate::{anchored, code, land, service, switch_off, vouch, watching};

async fn served(service: &Service) -> [u8; 32] {
    let url = service.issuer.list_url().parse().unwrap();
    Sha256::digest(service.world.fetch(FetchRequest::get(url)).await.unwrap().body).into()
}

async fn made(service: &Service, values: &[(usize, u8)], epoch: u64) -> Made {
    let list = served(service).await;
    pack(&service.issuer, values, (epoch, epoch), list, now().minus_seconds(3_600 - epoch as i64))
}

async fn status(service: &Service, index: usize) -> (String, String) {
    let badge = service.issuer.secure(&service.badge(index));
    let report = service.post_json("/api/verify", &json!({"credential": badge})).await.json();
    let answer = report["verdict"]["in_force"].as_str().unwrap().to_owned();
    (code(&report, "status").to_owned(), answer)
}

fn withhold_lists(service: &Service) {
    let list = service.issuer.list_url();
    for url in [format!("{list} token"), list] {
        service.world.put(&url, Reply::Status(503));
    }
}

fn says(code: &str, answer: &str) -> (String, String) {
    (code.to_owned(), answer.to_owned())
}

#[tokio::test]
async fn a_configured_issuer_is_followed_and_its_lists_may_be_withheld() {
    let service = service("[packs]\nissuers = [\"https://issuer.example\"]\n");
    let keeper = &service.app.packs;
    let nothing = keeper.round(&service.app).await;
    assert_eq!((nothing.current, nothing.faults[0].1), (0, "status_pack_fetch"));
    let one = made(&service, &[(7, 2)], 1).await;
    one.publish(&service.issuer, &service.world);
    assert_eq!(keeper.round(&service.app).await.current, 1);
    withhold_lists(&service);
    assert_eq!(status(&service, 1).await, says("status-valid", "yes"));
    assert_eq!(status(&service, 7).await, says("status-revoked", "no"));
    // What follows, by whatever is shortest; then the past is offered again.
    let two = pack(&service.issuer, &[(7, 2), (1, 2)], (2, 2), [5; 32], now().minus_seconds(60));
    two.publish(&service.issuer, &service.world);
    assert_eq!(keeper.round(&service.app).await.current, 1);
    assert_eq!(status(&service, 1).await, says("status-revoked", "no"));
    one.publish(&service.issuer, &service.world);
    let round = keeper.round(&service.app).await;
    assert_eq!((round.current, round.faults[0].1), (0, "status_pack_rolled_back"));
    assert_eq!(status(&service, 1).await, says("status-revoked", "no"));
    // Two days without a newer one: old news is no yes.
    service.clock.advance(2 * 86_400);
    assert_eq!(status(&service, 3).await, says("status-stale", "unknown"));
    assert_eq!(status(&service, 1).await, says("status-revoked", "no"));
}

#[tokio::test]
async fn issuers_that_were_seen_are_followed_where_that_is_wanted() {
    for (extra, followed) in [("[packs]\nfollow_seen = true\n", 1), ("", 0)] {
        let service = service(extra);
        made(&service, &[], 1).await.publish(&service.issuer, &service.world);
        assert_eq!(service.app.packs.round(&service.app).await.current, 0, "nobody was seen");
        assert_eq!(status(&service, 1).await, says("status-valid", "yes"));
        assert_eq!(service.app.packs.round(&service.app).await.current, followed);
    }
    // Of strangers nothing is fetched.
    let service = service("[packs]\nfollow_seen = true\n");
    let stranger = Issuer::new("stranger.example", 900);
    stranger.publish(&service.world);
    stranger.publish_list(&service.world, &[], 1, now().minus_seconds(60));
    let kind = credential_model::catalogue::CredentialType::QualificationBadge;
    let badge = stranger.secure(&stranger.credential(kind, service.holder.did().as_str(), 1));
    service.post_json("/api/verify", &json!({"credential": badge})).await;
    assert_eq!(service.app.packs.round(&service.app).await, Default::default());
}

#[tokio::test]
async fn packs_may_be_asked_before_the_hosts() {
    let service =
        service("[packs]\nissuers = [\"https://issuer.example/status/pack\"]\nfirst = true\n");
    made(&service, &[(2, 2)], 1).await.publish(&service.issuer, &service.world);
    service.app.packs.round(&service.app).await;
    service.world.asked.lock().unwrap().clear();
    assert_eq!(status(&service, 2).await, says("status-revoked", "no"));
    assert_eq!(status(&service, 1).await, says("status-valid", "yes"));
    assert!(!service.world.asked_for("/status/g1"));
}

/// A desk without a net: everything it knows lies in one file, the pins and the trust list.
#[tokio::test]
async fn a_pack_file_is_enough_for_every_badge_of_an_issuer() {
    let (land, pins) = land().await;
    let issuer = Issuer::new("issuer.example", 100);
    let document = land.publish(&issuer).await;
    land.travel(now().minus_seconds(500));
    let made = pack(&issuer, &[(2, 2)], (1, 1), [8; 32], now().minus_seconds(500));
    let did = issuer.did.as_str();
    let id = pack_list_id(did);
    let epoch = EpochBuilder::new(1, now().plus_seconds(86_400).unix())
        .status_list(&issuer.list_url(), 1, [8; 32])
        .status_list(&id, made.index.version(), made.index.commitment())
        .build(&[4; 32])
        .unwrap();
    land.anchor(&issuer, epoch.record()).await;
    let keys = [key_id_hash(issuer.kid("ed").as_str())];
    let mut evidence = PackEvidence { v: 1, inclusion: epoch.inclusion(&id), ..Default::default() };
    evidence.did.push(document);
    for head in [HeadOf::Did(did), HeadOf::Status(did), HeadOf::Keys(did, &keys)] {
        evidence.chain.push(land.proof(head).await);
    }
    let bytes = made.content.bytes().to_vec();
    let held = HeldPack::open(&made.sign(&issuer), bytes, Some(evidence), None).unwrap();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&held.to_file()).unwrap();

    let files = format!("{pins}[packs]\nfiles = [{:?}]\n", file.path());
    let desk = service(&files);
    vouch(&desk, &land);
    switch_off(&desk);
    for (index, status, answer) in [(1, "status-valid", "yes"), (2, "status-revoked", "no")] {
        let badge = desk.issuer.secure(&desk.badge(index));
        let report = desk.post_json("/api/verify", &json!({"credential": badge})).await.json();
        assert_eq!(report["verdict"]["authentic"], "yes", "{report}");
        assert_eq!(
            (code(&report, "status"), &report["verdict"]["in_force"]),
            (status, &json!(answer))
        );
    }
    // Pins of somebody else, or none: nothing in the file proves the issuer's keys.
    let unpinned = service(&format!("[packs]\nfiles = [{:?}]\n", file.path()));
    vouch(&unpinned, &land);
    switch_off(&unpinned);
    let badge = unpinned.issuer.secure(&unpinned.badge(1));
    let report = unpinned.post_json("/api/verify", &json!({"credential": badge})).await.json();
    assert_eq!(report["verdict"]["authentic"], "unknown", "{report}");
}

/// Point 6 of the issue, through the service: no host, the document from the event log, the list
/// by its digest from a mirror, today and as of a past moment.
#[tokio::test]
async fn a_host_that_is_gone_for_good_is_answered_for_by_the_event_log_and_a_mirror() {
    let (land, _) = land().await;
    let service = watching(&land, "[evidence]\nmirrors = [\"https://mirror.example/lists\"]\n");
    let badge = service.issuer.secure(&service.badge(3));
    let staple = anchored(&service, &land, &badge).await;
    let issuer = &service.issuer;
    for url in [issuer.did_url(), issuer.list_url()] {
        service.world.put(&url, Reply::Status(410));
    }
    let verify = async |at: Option<&str>| {
        let body = match at {
            Some(at) => json!({"credential": badge, "at": at}),
            None => json!({"credential": badge}),
        };
        service.post_json("/api/verify", &body).await.json()
    };
    let then = "2026-11-23T05:28:00Z";
    let alone = verify(None).await;
    assert_eq!(alone["verdict"]["authentic"], "yes", "the chain has the document: {alone}");
    assert_eq!(alone["verdict"]["in_force"], "unknown", "no copy of the list anywhere");
    assert_eq!(code(&verify(Some(then)).await, "status"), "status-not-in-archive");

    let part = &staple.status[0];
    let mirror = "https://mirror.example/lists";
    let mut inclusion = url::Url::parse(&format!("{mirror}/inclusion")).unwrap();
    inclusion.query_pairs_mut().append_pair("list", &part.inclusion.list).append_pair("epoch", "1");
    let proof: Value = serde_json::to_value(&part.inclusion).unwrap();
    service.world.put_json(inclusion.as_str(), &proof);
    let body = part.list.clone().into_bytes();
    let copy = format!("{mirror}/{}", part.inclusion.sha256);
    service.world.put(&copy, Reply::Page { media_type: "application/vc".into(), body });
    let found = verify(None).await;
    assert_eq!(
        (code(&found, "status"), &found["overall"]),
        ("status-valid", &json!("accept")),
        "{found}"
    );
    let past = verify(Some(then)).await;
    assert_eq!(code(&past, "status"), "status-valid-then", "{past}");
    assert_eq!(past["verdict"]["in_force"], "yes");
    assert!(UnverifiedCredential::from_value(&badge).is_ok());
}

/// A clock that is wrong is told of by the service's own report.
#[tokio::test]
async fn a_clock_that_is_ahead_is_said_in_both_languages() {
    let service = Service::start();
    let badge = service.issuer.secure(&service.badge(3));
    service.clock.advance(2 * 365 * 86_400);
    *service.world.date.lock().unwrap() = Some(now());
    let report = service.post_json("/api/verify", &json!({"credential": badge})).await.json();
    assert_eq!(code(&report, "validity"), "clock-ahead", "{report}");
    assert_eq!(report["verdict"]["in_force"], "unknown");
}

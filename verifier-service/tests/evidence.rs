//! Evidence that travels, and this service as a witness, over a real chain in this process.
//! Everybody is fictitious.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod kit;
use kit::harness;
#[path = "evidence/authority.rs"]
mod authority;
#[path = "evidence/index.rs"]
mod index;
#[path = "../../crates/credential-verification/tests/harness/land.rs"]
mod land;
#[path = "../../crates/credential-verification/tests/harness/packs.rs"]
mod pack_kit;
#[path = "evidence/packs.rs"]
mod packs;

use axum::http::StatusCode;
use chain_anchors::{EpochBuilder, Staple, StapledList};
use credential_model::credential::UnverifiedCredential;
use evm_chain::{Address, HeadOf, KeyStatus, ReadChain as _, key_id_hash};
use kit::*;
use land::Land;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use web_fetch::{Fetch as _, FetchError, FetchRequest};

const SALT: [u8; 32] = [3; 32];

/// The chain, and the configuration that pins it.
async fn land() -> (Land, String) {
    let land = Land::new(now().minus_seconds(7_200)).await;
    let pins = format!(
        "[pins]\nchain_id = {}\ndid_registry = \"{}\"\nstatus_registry = \"{}\"\n\
         witnesses = [\"{}\"]\nthreshold = 1\n",
        land.pinned.chain_id,
        land.pinned.did_registry,
        land.pinned.status_registry,
        signing_keys::Signer::public_key(&land.witness).to_multikey(),
    );
    (land, pins)
}

fn service(pins: &str) -> Service {
    Service::start_with("decentralized_identifier", pins)
}

/// The trust list names the account of the land.
fn vouch(service: &Service, land: &Land) {
    let mut list: Value =
        serde_json::from_slice(&std::fs::read(service.path("trust.json")).unwrap()).unwrap();
    list["version"] = json!(2);
    for entry in list["entries"].as_array_mut().unwrap() {
        entry["chain_controller"] = json!(land.account());
    }
    std::fs::write(service.path("trust.json"), list.to_string()).unwrap();
}

/// Anchors issuer, badge and list; what the holder fetches then. The trust list names the account.
async fn anchored(service: &Service, land: &Land, badge: &Value) -> Staple {
    vouch(service, land);
    let issuer = &service.issuer;

    let document = land.publish(issuer).await;
    land.state(&issuer.kid("p256"), KeyStatus::Active, now().minus_seconds(7_300)).await;
    let url = issuer.list_url();
    let fetched = service.world.fetch(FetchRequest::get(url.parse().unwrap())).await.unwrap().body;
    let digest = UnverifiedCredential::from_value(badge).unwrap().digest();
    land.travel(now().minus_seconds(500));
    let epoch = EpochBuilder::new(1, now().plus_seconds(86_400).unix())
        .status_list(&url, 1, Sha256::digest(&fetched).into())
        .issued(&SALT, &digest)
        .build(&[4; 32])
        .unwrap();
    land.anchor(issuer, epoch.record()).await;
    let did = issuer.did.as_str();
    let keys = [key_id_hash(issuer.kid("ed").as_str())];
    let mut staple = Staple::of(&digest);
    staple.issuance = epoch.issuance_inclusion(&SALT, &digest);
    staple.did.push(document);
    staple.status.push(StapledList {
        list: String::from_utf8(fetched).unwrap(),
        inclusion: epoch.inclusion(&url).unwrap(),
    });
    for head in
        [HeadOf::Did(did), HeadOf::Status(did), HeadOf::Issuance(did), HeadOf::Keys(did, &keys)]
    {
        staple.chain.push(land.proof(head).await);
    }
    staple
}

/// The issuer's host is gone.
fn switch_off(service: &Service) {
    let issuer = &service.issuer;
    for url in [issuer.did_url(), issuer.list_url(), format!("{} token", issuer.list_url())] {
        service.world.put(&url, Reply::Fail(FetchError::TimedOut));
    }
}

fn code<'a>(report: &'a Value, check: &str) -> &'a str {
    let checks = report["checks"].as_array().unwrap();
    let found = checks.iter().find(|one| one["id"] == check);
    found.and_then(|one| one["code"].as_str()).unwrap_or("none")
}

#[tokio::test]
async fn a_staple_stands_in_for_a_host_that_is_gone() {
    let (land, pins) = land().await;
    let service = service(&pins);
    let badge = service.issuer.secure(&service.badge(3));
    let staple = anchored(&service, &land, &badge).await;
    switch_off(&service);
    let verify = async |body: Value| service.post_json("/api/verify", &body).await;

    let bare = verify(json!({"credential": badge})).await.json();
    assert_eq!(bare["verdict"]["authentic"], "unknown", "nobody to ask: {bare}");
    // As a member, in an envelope, and in an envelope as text.
    let envelope = json!({"credential": badge, "staple": staple});
    for body in [
        json!({"credential": badge, "staple": staple}),
        json!({"credential": envelope}),
        json!({"credential": envelope.to_string()}),
    ] {
        let report = verify(body).await.json();
        assert_eq!(code(&report, "staple"), "staple-ok", "{report}");
        assert_eq!(report["verdict"]["authentic"], "yes", "{report}");
        assert_eq!(report["verdict"]["in_force"], "yes", "{report}");
    }
}

#[tokio::test]
async fn a_forged_staple_proves_nothing() {
    let (land, pins) = land().await;
    let service = service(&pins);
    let badge = service.issuer.secure(&service.badge(3));
    let staple = anchored(&service, &land, &badge).await;
    switch_off(&service);
    let mut cases = vec![staple.clone(), staple.clone(), staple.clone()];
    cases[0].chain.iter_mut().for_each(|one| one.witnesses.clear());
    cases[1].chain.iter_mut().for_each(|one| one.proof.contract = Address::ZERO);
    cases[2].credential = hex::encode([9; 32]);
    for forged in cases {
        let body = json!({"credential": badge, "staple": forged});
        let report = service.post_json("/api/verify", &body).await.json();
        assert_eq!(code(&report, "staple"), "staple-unproven", "{report}");
        assert_ne!(report["verdict"]["authentic"], "yes");
        assert_ne!(report["overall"], "accept");
    }
    // Without pins the same staple proves nothing either.
    let unpinned = Service::start();
    switch_off(&unpinned);
    let body = json!({"credential": badge, "staple": staple});
    let report = unpinned.post_json("/api/verify", &body).await.json();
    assert_eq!(code(&report, "staple"), "staple-unproven");
    for (body, expected) in [
        (json!({"credential": badge, "staple": {"v": 1}}), "staple_unreadable"),
        (json!({"credential": {"credential": badge, "staple": 5}}), "staple_unreadable"),
        (json!({"credentials": [badge, badge], "staple": staple}), "ambiguous_request"),
    ] {
        let answer = service.post_json("/api/verify", &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.json()["code"], expected);
    }
}

#[tokio::test]
async fn the_past_is_known_not_in_force_or_unknown() {
    let service = Service::start();
    let badge = service.issuer.secure(&service.badge(3));
    let at = async |at: &str| {
        let body = json!({"credential": badge, "at": at});
        service.post_json("/api/verify", &body).await.json()
    };
    // Before it was valid: not in force, whatever the lists say.
    let early = at("2025-03-01T00:00:00Z").await;
    assert_eq!(early["verdict"]["in_force"], "no", "{early}");
    // Valid by its dates, but no archive tells the status of that hour.
    let unknown = at("2026-11-22T12:00:00Z").await;
    assert_eq!(unknown["verdict"]["in_force"], "unknown", "{unknown}");
    assert_eq!(at("2026-11-23T05:30:00Z").await["verdict"]["in_force"], "yes");
    let bad = service.post_json("/api/verify", &json!({"credential": badge, "at": "x"})).await;
    assert_eq!(bad.json()["code"], "invalid_moment");
}

/// A configuration with the chain of `land`, as the witness needs it.
fn watching(land: &Land, extra: &str) -> Service {
    let chain = format!(
        "[chain]\nrpc_urls = [\"http://localhost:1\"]\nchain_id = {}\n\
         did_registry = \"{}\"\nstatus_registry = \"{}\"\n{extra}",
        land.pinned.chain_id, land.pinned.did_registry, land.pinned.status_registry,
    );
    Service::start_over("decentralized_identifier", &chain, Some(land.reader.clone()))
}

#[tokio::test]
async fn the_witness_signs_the_block_that_is_there_and_no_other() {
    let (land, _) = land().await;
    let service = watching(&land, "[witness]\nenabled = true\n");
    let number = land.reader.tip().await.unwrap().number;
    let hash = land.reader.block_hash(number).await.unwrap().unwrap();
    let chain = land.pinned.chain_id.to_string();
    let ask = async |chain: &str, number: u64, hash: &[u8]| {
        let hash = format!("0x{}", hex::encode(hash));
        let body = json!({"chain_id": chain, "number": number.to_string(), "hash": hash});
        service.post_json("/chain/witness", &body).await
    };
    let signed = ask(&chain, number, &hash).await;
    assert_eq!(signed.status, StatusCode::OK, "{}", signed.text());
    let signed = signed.json();
    let key = signing_keys::PublicKey::from_multikey(signed["key"].as_str().unwrap()).unwrap();
    let signature = hex::decode(signed["signature"].as_str().unwrap()).unwrap();
    let chain_id = land.pinned.chain_id;
    let statement = chain_proofs::WitnessStatement { chain_id, number, hash };
    assert!(key.verify(&statement.message(), &signature).is_ok());

    for (answer, status, expected) in [
        (ask(&chain, number, &[1; 32]).await, 409, "witness_other_block"),
        (ask("5", number, &hash).await, 409, "witness_other_chain"),
        (ask(&chain, number + 1_000, &hash).await, 404, "witness_no_block"),
        (ask(&chain, number, &hash[1..]).await, 400, "invalid_statement"),
        (ask("-1", number, &hash).await, 400, "invalid_statement"),
    ] {
        let found = (answer.status.as_u16(), answer.json()["code"].as_str().map(str::to_owned));
        assert_eq!(found, (status, Some(expected.to_owned())));
    }
    let silent = watching(&land, "");
    let body = json!({"chain_id": "1", "number": "1", "hash": format!("0x{}", "0".repeat(64))});
    let answer = silent.post_json("/chain/witness", &body).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["code"].as_str()),
        (404, Some("witness_disabled"))
    );
}

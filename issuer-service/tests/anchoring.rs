//! Anchoring, and issuing while the chain is away.

// The lint spares #[test] functions only, not what they share.
#![allow(clippy::unwrap_used)]

#[path = "anchoring/chain_faults.rs"]
mod chain_faults;
mod harness;
#[path = "anchoring/packs.rs"]
mod packs;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use chain_anchors::{AnchorFinding, IssuanceInclusion, ListInclusion, compare};
use credential_issuance::ids::Digest;
use credential_issuance::store::IssuerStore as _;
use credential_model::credential::UnverifiedCredential;
use harness::chain::FakeChain;
use harness::wallet::Holder;
use harness::{TestIssuer, URL, issuer, issuer_with_chain, training_offer};
use serde_json::{Value, json};
use storage_embedded::issuer::EmbeddedIssuerStore;

const LDP: &str = "KrTrainingHistory.ldp_vc";

async fn anchored() -> (TestIssuer, Arc<FakeChain>) {
    let chain = Arc::new(FakeChain::default());
    (issuer_with_chain(Some(chain.clone())).await, chain)
}

async fn anchor(issuer: &TestIssuer) -> Value {
    issuer.admin_post("/admin/anchor", &json!({})).await.ok(200).json()
}

fn version(document: &Value) -> u64 {
    document["credentialSubject"]["statusListVersion"]
        .as_str()
        .or_else(|| document["statusListVersion"].as_str())
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| panic!("no version in {document}"))
}

/// What a verifier concludes about the list as served now.
async fn finding(issuer: &TestIssuer, chain: &FakeChain) -> AnchorFinding {
    let list = issuer.get("/status/g1").await.ok(200);
    let inclusion = issuer.get("/status/g1/inclusion").await.ok(200).json();
    let inclusion: ListInclusion = serde_json::from_value(inclusion).unwrap();
    let id = format!("{URL}/status/g1");
    let head = chain.head().unwrap();
    compare(&id, &list.body, version(&list.json()), Some(&inclusion), &head, issuer.now().unix())
}

#[tokio::test]
async fn did_lists_and_issuance_are_anchored() {
    let (issuer, chain) = anchored().await;
    let credential = issuer.issue(&training_offer(&["ldp_vc"]), LDP, &Holder::usual()).await;
    let report = anchor(&issuer).await;
    assert_eq!(
        (report["did_version"].as_str(), report["batch"]["stage"].as_str()),
        (Some("1"), Some("anchored"))
    );
    let served = issuer.get("/.well-known/did.json").await.ok(200).body;
    assert_eq!(chain.did().unwrap().digest, Digest::of(&served).0);
    assert_eq!(finding(&issuer, &chain).await, AnchorFinding::Anchored);

    // The token form of the same list stands in the same epoch.
    let token = issuer.get_as("/status/g1", "application/statuslist+jwt").await.ok(200).body;
    let proof = issuer.get("/status/g1/inclusion?form=token").await.ok(200).json();
    let proof: ListInclusion = serde_json::from_value(proof).unwrap();
    let leaf = proof.verify(&chain.head().unwrap()).unwrap();
    assert_eq!(leaf.sha256, Digest::of(&token).0);

    issuer.get("/status/g1/inclusion?form=paper").await.refused(400, "unknown_form");

    // And the credential is in the issuance batch, provable with its own salt.
    let id = issuer.credentials().await[0]["id"].as_str().unwrap().to_owned();
    let seen = issuer.admin_get(&format!("/admin/credentials/{id}")).await.ok(200).json();
    let proof: IssuanceInclusion = serde_json::from_value(seen["anchor"].clone()).unwrap();
    let digest = UnverifiedCredential::from_value(&credential).unwrap().digest();
    proof.verify(&digest, &chain.head().unwrap().issuance_root).unwrap();
    assert!(proof.verify(&[0; 32], &chain.head().unwrap().issuance_root).is_err());

    let writes = chain.writes.load(Ordering::SeqCst);
    assert_eq!(anchor(&issuer).await["anchored_now"], false, "nothing new, nothing sent");
    assert_eq!(chain.writes.load(Ordering::SeqCst), writes);
}

#[tokio::test]
async fn a_revocation_is_seen_then_anchored() {
    let (issuer, chain) = anchored().await;
    issuer.issue(&training_offer(&["ldp_vc"]), LDP, &Holder::usual()).await;
    anchor(&issuer).await;
    let old = issuer.get("/status/g1").await.ok(200);
    let id = issuer.credentials().await[0]["id"].as_str().unwrap().to_owned();
    let change = json!({ "action": "revoke", "reason": "시험" });
    issuer.admin_post(&format!("/admin/credentials/{id}/status"), &change).await.ok(200);
    assert_eq!(finding(&issuer, &chain).await, AnchorFinding::NotYetAnchored);
    anchor(&issuer).await;
    assert_eq!(finding(&issuer, &chain).await, AnchorFinding::Anchored);
    // Whoever still serves the old list is found out.
    let inclusion = issuer.get("/status/g1/inclusion").await.ok(200).json();
    let inclusion: ListInclusion = serde_json::from_value(inclusion).unwrap();
    let head = chain.head().unwrap();
    let id = format!("{URL}/status/g1");
    let now = issuer.now().unix();
    let found = compare(&id, &old.body, version(&old.json()), Some(&inclusion), &head, now);
    assert_eq!(found, AnchorFinding::RolledBack);
    let batches = issuer.admin_get("/admin/anchors").await.ok(200).json();
    assert_eq!(batches["batches"][0]["epoch"], "2");
    assert_eq!(batches["did_document"]["version"], "1");
}

#[tokio::test]
async fn the_chain_may_be_away() {
    let (issuer, chain) = anchored().await;
    chain.down.store(true, Ordering::SeqCst);
    issuer.issue(&training_offer(&["ldp_vc"]), LDP, &Holder::usual()).await;
    let id = issuer.credentials().await[0]["id"].as_str().unwrap().to_owned();
    let change = json!({ "action": "suspend", "reason": "시험" });
    issuer.admin_post(&format!("/admin/credentials/{id}/status"), &change).await.ok(200);
    issuer.admin_post("/admin/anchor", &json!({})).await.refused(503, "chain_unreachable");
    assert_eq!(issuer.get("/ready").await.status.as_u16(), 200, "the chain is not needed to serve");

    let issuer = issuer.restarted().await;
    chain.down.store(false, Ordering::SeqCst);
    assert_eq!(anchor(&issuer).await["batch"]["issued"], 1);
    assert_eq!(finding(&issuer, &chain).await, AnchorFinding::Anchored);
}

#[tokio::test]
async fn a_lost_answer_from_the_chain_is_no_second_epoch() {
    let (issuer, chain) = anchored().await;
    issuer.issue(&training_offer(&["ldp_vc"]), LDP, &Holder::usual()).await;
    chain.deaf_after_write.store(true, Ordering::SeqCst);
    // The DID document's transaction is taken, its answer lost; then the epoch's.
    for _ in 0..2 {
        issuer
            .admin_post("/admin/anchor", &json!({}))
            .await
            .refused(503, "chain_not_mined_in_time");
    }
    let issuer = issuer.restarted().await;
    chain.deaf_after_write.store(false, Ordering::SeqCst);
    let report = anchor(&issuer).await;
    assert_eq!(
        (report["batch"]["epoch"].as_str(), report["batch"]["stage"].as_str()),
        (Some("1"), Some("anchored"))
    );
    assert_eq!(chain.head().unwrap().epoch, 1);
    assert_eq!(chain.did().unwrap().version, 1);
    assert_eq!(finding(&issuer, &chain).await, AnchorFinding::Anchored);
}

#[tokio::test]
async fn heartbeats_renew_the_head_and_a_replaced_chain_is_filled_again() {
    let (issuer, chain) = anchored().await;
    issuer.issue(&training_offer(&["ldp_vc"]), LDP, &Holder::usual()).await;
    anchor(&issuer).await;
    issuer.clock.advance(12 * 3_600 + 1);
    assert_eq!(anchor(&issuer).await["batch"]["epoch"], "2", "renewed at half time");
    chain.forget();
    issuer.issue(&training_offer(&["ldp_vc"]), LDP, &Holder::usual()).await;
    let report = anchor(&issuer).await;
    assert_eq!(report["batch"]["epoch"], "1");
    assert_eq!(finding(&issuer, &chain).await, AnchorFinding::Anchored);
}

#[tokio::test]
async fn without_a_chain_it_says_so() {
    let issuer = issuer().await;
    issuer.admin_post("/admin/anchor", &json!({})).await.refused(503, "no_chain");
    let anchors = issuer.admin_get("/admin/anchors").await.ok(200).json();
    assert_eq!(anchors["batches"], json!([]));
}

#[tokio::test]
async fn a_batch_that_outlived_its_time_is_renewed() {
    let (issuer, chain) = anchored().await;
    issuer.issue(&training_offer(&["ldp_vc"]), LDP, &Holder::usual()).await;
    // Recorded and sent; the transaction is lost with the chain, which is away for two days.
    chain.deaf_after_write.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        issuer
            .admin_post("/admin/anchor", &json!({}))
            .await
            .refused(503, "chain_not_mined_in_time");
    }
    chain.deaf_after_write.store(false, Ordering::SeqCst);
    chain.forget();
    issuer.clock.advance(2 * 86_400);
    chain.time.store(issuer.now().unix(), Ordering::SeqCst);

    let report = anchor(&issuer).await;
    assert_eq!(report["batch"]["stage"], "anchored", "{report}");
    assert!(chain.head().unwrap().valid_until > issuer.now().unix());
    assert_eq!(finding(&issuer, &chain).await, AnchorFinding::Anchored);
    let id = issuer.credentials().await[0]["id"].as_str().unwrap().to_owned();
    let seen = issuer.admin_get(&format!("/admin/credentials/{id}")).await.ok(200).json();
    assert!(seen["anchor"].is_object(), "the credential kept its place in the batch");
}

#[tokio::test]
async fn old_bytes_that_land_late_do_no_harm() {
    let (issuer, chain) = anchored().await;
    issuer.issue(&training_offer(&["ldp_vc"]), LDP, &Holder::usual()).await;
    chain.deaf_after_write.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        issuer
            .admin_post("/admin/anchor", &json!({}))
            .await
            .refused(503, "chain_not_mined_in_time");
    }
    chain.deaf_after_write.store(false, Ordering::SeqCst);
    // The store knows a later time for the same batch; the chain took the earlier one.
    let store = EmbeddedIssuerStore::new(issuer.database.clone());
    let mut batch = store.last_batches(1).await.unwrap().remove(0);
    batch.valid_until = batch.valid_until.plus_seconds(600);
    batch.revision += 1;
    store.replace_batch(&batch, None).await.unwrap();

    let report = anchor(&issuer).await;
    assert_eq!(
        (report["batch"]["epoch"].as_str(), report["batch"]["stage"].as_str()),
        (Some("2"), Some("anchored"))
    );
    assert_eq!(finding(&issuer, &chain).await, AnchorFinding::Anchored);
}

#[tokio::test]
async fn the_proof_of_an_epoch_is_there_as_soon_as_the_chain_has_it() {
    let (issuer, chain) = anchored().await;
    issuer.issue(&training_offer(&["ldp_vc"]), LDP, &Holder::usual()).await;
    anchor(&issuer).await;
    let id = issuer.credentials().await[0]["id"].as_str().unwrap().to_owned();
    let change = json!({ "action": "revoke", "reason": "시험" });
    issuer.admin_post(&format!("/admin/credentials/{id}/status"), &change).await.ok(200);
    // The chain takes the second epoch, and we do not hear of it.
    chain.deaf_after_write.store(true, Ordering::SeqCst);
    issuer.admin_post("/admin/anchor", &json!({})).await.refused(503, "chain_not_mined_in_time");

    let head = chain.head().unwrap();
    assert_eq!(head.epoch, 2);
    let proof = async |query: &str| -> ListInclusion {
        let answer = issuer.get(&format!("/status/g1/inclusion{query}")).await.ok(200);
        serde_json::from_value(answer.json()).unwrap()
    };
    assert!(proof("").await.verify(&head).is_err(), "the newest we know to be anchored is older");
    let leaf = proof("?epoch=2").await.verify(&head).unwrap();
    assert_eq!(leaf.sha256, Digest::of(&issuer.get("/status/g1").await.ok(200).body).0);
    let token = issuer.get_as("/status/g1", "application/statuslist+jwt").await.ok(200).body;
    let leaf = proof("?epoch=2&form=token").await.verify(&head).unwrap();
    assert_eq!(leaf.sha256, Digest::of(&token).0);
    assert!(proof("?epoch=1").await.verify(&head).is_err());

    issuer.get("/status/g1/inclusion?epoch=3").await.refused(404, "not_anchored");
    for epoch in ["", "x", "-1", "1.5", "99999999999999999999999"] {
        let path = format!("/status/g1/inclusion?epoch={epoch}");
        issuer.get(&path).await.refused(400, "invalid_epoch");
    }
}

//! Nothing acknowledged is lost, nothing is issued twice: deaths at awkward moments.

// The lint spares #[test] functions only, not what they share.
#![allow(clippy::unwrap_used)]

mod harness;

use std::sync::atomic::Ordering;

use credential_issuance::ids::Digest;
use credential_issuance::store::{IssuerStore as _, SpentNonce};
use harness::wallet::Holder;
use harness::{TestIssuer, issuer, status_of, training_offer};
use serde_json::{Value, json};
use storage_embedded::issuer::EmbeddedIssuerStore;

const LDP: &str = "KrTrainingHistory.ldp_vc";
const SD: &str = "KrTrainingHistory.dc+sd-jwt";

async fn places(issuer: &TestIssuer) -> Vec<String> {
    issuer.credentials().await.iter().map(|record| record["status_index"].to_string()).collect()
}

#[tokio::test]
async fn dying_between_prepare_and_signature_costs_nothing() {
    let issuer = issuer().await;
    let token = issuer.token(&issuer.offer(&training_offer(&["dc+sd-jwt"])).await).await;
    let holder = Holder::usual();
    issuer.broken.store(true, Ordering::SeqCst);
    issuer.request(&token, SD, &[&holder]).await.error(503, "temporarily_unavailable");
    let before = issuer.credentials().await;
    assert_eq!((before.len(), before[0]["stage"].as_str()), (1, Some("prepared")));
    let id = before[0]["id"].as_str().unwrap();
    let change = json!({ "action": "revoke", "reason": "시험" });
    issuer
        .admin_post(&format!("/admin/credentials/{id}/status"), &change)
        .await
        .refused(409, "not_issued");

    let issuer = issuer.restarted().await;
    let credentials = issuer.accept(&token, SD, &[&holder]).await;
    assert_eq!(credentials.len(), 1);
    let after = issuer.credentials().await;
    assert_eq!(after.len(), 1, "no second credential, no second index");
    assert_eq!(after[0]["stage"], "issued");
    assert_eq!(after[0]["status_index"], before[0]["status_index"]);
    assert_eq!(after[0]["document_id"], before[0]["document_id"]);
}

#[tokio::test]
async fn the_start_finishes_what_was_prepared() {
    let issuer = issuer().await;
    let token = issuer.token(&issuer.offer(&training_offer(&["ldp_vc"])).await).await;
    issuer.broken.store(true, Ordering::SeqCst);
    let holders = [Holder::usual(), Holder::usual()];
    issuer
        .request(&token, LDP, &[&holders[0], &holders[1]])
        .await
        .error(503, "temporarily_unavailable");
    let issuer = issuer.restarted().await;
    assert_eq!(issuer.app.issuer.finish_prepared().await.unwrap(), 2);
    assert_eq!(issuer.app.issuer.finish_prepared().await.unwrap(), 0);
    assert!(issuer.credentials().await.iter().all(|record| record["stage"] == "issued"));
}

#[tokio::test]
async fn the_same_key_gets_the_same_credential() {
    let issuer = issuer().await;
    let token = issuer.token(&issuer.offer(&training_offer(&["ldp_vc", "dc+sd-jwt"])).await).await;
    let (first, second) = (Holder::usual(), Holder::usual());
    let one = issuer.accept(&token, SD, &[&first]).await;
    assert_eq!(one, issuer.accept(&token, SD, &[&first]).await, "byte for byte");
    let both = issuer.accept(&token, SD, &[&second, &first]).await;
    assert_eq!(both[1], one[0]);
    assert_ne!(both[0], one[0]);
    issuer.accept(&token, LDP, &[&first]).await;
    assert_eq!(places(&issuer).await.len(), 3, "another format is another credential");
    let issuer = issuer.restarted().await;
    assert_eq!(one, issuer.accept(&token, SD, &[&first]).await, "a token outlives a restart");
}

#[tokio::test]
async fn parallel_requests_for_one_key_make_one_credential() {
    let issuer = std::sync::Arc::new(issuer().await);
    let token = issuer.token(&issuer.offer(&training_offer(&["ldp_vc"])).await).await;
    let holder = std::sync::Arc::new(Holder::usual());
    let tries: Vec<_> = (0..6)
        .map(|_| {
            let (issuer, token, holder) = (issuer.clone(), token.clone(), holder.clone());
            tokio::spawn(async move { issuer.accept(&token, LDP, &[&holder]).await })
        })
        .collect();
    let mut answers = Vec::new();
    for attempt in tries {
        answers.push(attempt.await.unwrap());
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(issuer.credentials().await.len(), 1);
}

#[tokio::test]
async fn a_lost_token_answer_can_be_asked_for_once_more() {
    let issuer = issuer().await;
    let created = issuer.offer(&training_offer(&["ldp_vc"])).await;
    let code = issuer.code(&created).await;
    let lost = issuer.redeem(&code, None).await.ok(200).json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    issuer.redeem(&code, None).await.error(400, "invalid_grant");

    let issuer = issuer.restarted().await;
    assert_eq!(issuer.code(&created).await, code, "the offer can be read again");
    let answer = issuer.redeem(&code, None).await.ok(200).json();
    let token = answer["access_token"].as_str().unwrap();
    issuer.request(&lost, LDP, &[&Holder::usual()]).await.error(401, "invalid_token");
    issuer.accept(token, LDP, &[&Holder::usual()]).await;

    let issuer = issuer.restarted().await;
    issuer.redeem(&code, None).await.error(400, "invalid_grant");
    issuer.get(&TestIssuer::offer_path(&created)).await.refused(410, "offer_used");
}

#[tokio::test]
async fn a_wrong_tx_code_after_a_restart_leaves_the_token_alone() {
    let issuer = issuer().await;
    let mut offer = training_offer(&["ldp_vc"]);
    offer["tx_code"] = json!(true);
    let created = issuer.offer(&offer).await;
    let tx_code = created["tx_code"].as_str().unwrap().to_owned();
    let wrong = if tx_code == "000000" { "000001" } else { "000000" };
    let code = issuer.code(&created).await;
    let token = issuer.token(&created).await;

    let issuer = issuer.restarted().await;
    // More often than an offer bears: the tries run out, the token does not.
    for _ in 0..7 {
        issuer.redeem(&code, Some(wrong)).await.error(400, "invalid_grant");
    }
    issuer.redeem(&code, Some(&tx_code)).await.error(400, "invalid_grant");
    issuer.accept(&token, LDP, &[&Holder::usual()]).await;
}

#[tokio::test]
async fn a_lost_token_answer_is_given_again_only_soon() {
    let issuer = issuer().await;
    let created = issuer.offer(&training_offer(&["ldp_vc"])).await;
    let code = issuer.code(&created).await;
    let token = issuer.token(&created).await;
    issuer.clock.advance(61);
    let issuer = issuer.restarted().await;
    issuer.redeem(&code, None).await.error(400, "invalid_grant");
    issuer.get(&TestIssuer::offer_path(&created)).await.refused(410, "offer_used");
    issuer.accept(&token, LDP, &[&Holder::usual()]).await;
}

#[tokio::test]
async fn maintenance_forgets_however_many_nonces_expired() {
    let issuer = issuer().await;
    let store = EmbeddedIssuerStore::new(issuer.database.clone());
    let expires = issuer.now();
    let spent: Vec<SpentNonce> = (0..2_500_u32)
        .map(|n| SpentNonce { nonce: Digest::of(&n.to_be_bytes()), expires })
        .collect();
    store.spend_nonces(&spent).await.unwrap();
    issuer.clock.advance(1);
    issuer.app.issuer.maintain().await.unwrap();
    assert!(!store.nonce_spent(&spent[0].nonce).await.unwrap());
    assert!(!store.nonce_spent(&spent[2_499].nonce).await.unwrap());
    assert_eq!(store.forget_nonces(issuer.now()).await.unwrap(), 0);
}

#[tokio::test]
async fn offers_tries_and_status_survive_a_restart() {
    let issuer = issuer().await;
    let mut offer = training_offer(&["ldp_vc"]);
    offer["tx_code"] = json!(true);
    let created = issuer.offer(&offer).await;
    let tx_code = created["tx_code"].as_str().unwrap().to_owned();
    let wrong = if tx_code == "000000" { "000001" } else { "000000" };
    let code = issuer.code(&created).await;
    for _ in 0..3 {
        issuer.redeem(&code, Some(wrong)).await.error(400, "invalid_grant");
    }
    issuer.issue(&training_offer(&["ldp_vc"]), LDP, &Holder::usual()).await;
    let credential = issuer.credentials().await.remove(0);
    let path = format!("/admin/credentials/{}/status", credential["id"].as_str().unwrap());
    issuer.admin_post(&path, &json!({ "action": "revoke", "reason": "시험" })).await.ok(200);

    let issuer = issuer.restarted().await;
    assert_eq!(status_of(&issuer, &credential).await, 2);
    issuer.redeem(&code, Some(wrong)).await.error(400, "invalid_grant");
    issuer.redeem(&code, Some(&tx_code)).await.ok(200);
    let trail = issuer.admin_get("/admin/audit?check=true").await.ok(200).json();
    assert_eq!(trail["check"]["holds"], true, "the trail goes on where it ended");
}

#[tokio::test]
async fn a_list_that_could_not_be_signed_is_published_later() {
    let issuer = issuer().await;
    issuer.issue(&training_offer(&["ldp_vc"]), LDP, &Holder::usual()).await;
    let credential = issuer.credentials().await.remove(0);
    assert_eq!(status_of(&issuer, &credential).await, 0);
    issuer.broken.store(true, Ordering::SeqCst);
    let path = format!("/admin/credentials/{}/status", credential["id"].as_str().unwrap());
    let answer = issuer
        .admin_post(&path, &json!({ "action": "revoke", "reason": "시험" }))
        .await
        .ok(200)
        .json();
    assert_eq!(answer["status_list_version"], Value::Null, "durable, not yet visible, and said so");
    let list = format!("/status/{}", credential["status_list"].as_str().unwrap());
    let unavailable = issuer.get(&list).await;
    unavailable.refused(503, "signing_failed");

    let issuer = issuer.restarted().await;
    assert_eq!(issuer.app.issuer.maintain().await.unwrap(), 1);
    assert_eq!(status_of(&issuer, &credential).await, 2);
}

#[tokio::test]
async fn no_index_is_ever_given_out_twice() {
    let mut issuer = issuer().await;
    for round in 0..4 {
        let token = issuer.token(&issuer.offer(&training_offer(&["dc+sd-jwt"])).await).await;
        let holders: Vec<Holder> = (0..10).map(|_| Holder::usual()).collect();
        issuer.broken.store(round % 2 == 1, Ordering::SeqCst);
        issuer.request(&token, SD, &holders.iter().collect::<Vec<_>>()).await;
        issuer = issuer.restarted().await;
    }
    let places = places(&issuer).await;
    let distinct: std::collections::BTreeSet<_> = places.iter().collect();
    assert_eq!((places.len(), distinct.len()), (40, 40));
    // And they do not follow each other: neighbours in time are no neighbours in the list.
    let numbers: Vec<i64> = places.iter().map(|p| p.trim_matches('"').parse().unwrap()).collect();
    let neighbours = numbers.windows(2).filter(|pair| (pair[0] - pair[1]).abs() == 1).count();
    assert!(neighbours < 5, "{neighbours} of 39");
}

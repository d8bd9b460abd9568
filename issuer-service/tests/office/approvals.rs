//! Four eyes: one asks, another decides.

use officer_access::{FourEyes, NewApiKey, Permission, Role};
use serde_json::json;

use super::desk::{Browser, person, text};
use super::harness::wallet::Holder;
use super::harness::{TestIssuer, badge_offer, issuer_with_access, status_of, training_offer};

const BADGE: &str = "KrQualificationBadge.ldp_vc";

async fn issuer() -> TestIssuer {
    let rules = FourEyes { revoke: vec!["1320".to_owned()], ..FourEyes::default() };
    issuer_with_access(rules, None).await
}

/// A badge in a wallet; its id at the issuer.
async fn badge(issuer: &TestIssuer) -> String {
    issuer.issue(&badge_offer(&["ldp_vc"]), BADGE, &Holder::usual()).await;
    issuer.credentials().await.last().unwrap()["id"].as_str().unwrap().to_owned()
}

async fn status(issuer: &TestIssuer, id: &str) -> String {
    let shown = issuer.admin_get(&format!("/admin/credentials/{id}")).await.ok(200).json();
    shown["credential"]["status"].as_str().unwrap().to_owned()
}

async fn waiting(issuer: &TestIssuer) -> Vec<String> {
    let listed = issuer.admin_get("/admin/approvals").await.ok(200).json();
    let ids = listed["approvals"].as_array().unwrap().iter();
    ids.map(|action| action["action_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_revocation_waits_for_a_second_person_and_then_happens() {
    let issuer = issuer().await;
    let id = badge(&issuer).await;
    let (kim, lee) = (
        person(&issuer, "kim", &[Role::Officer]).await,
        person(&issuer, "lee", &[Role::Approver]).await,
    );
    let mut officer = Browser::of(&issuer, &kim).await;
    let mut approver = Browser::of(&issuer, &lee).await;
    let page = text(&officer.get(&format!("/office/credentials/{id}")).await.ok(200));
    assert!(page.contains("Revoke ✱") && page.contains(">Suspend<"), "{page}");
    let place = format!("/office/credentials/{id}/status");
    officer.post(&place, &[("action", "revoke"), ("reason", "")]).await.ok(422);
    officer.post(&place, &[("action", "revoke"), ("reason", "본인 900101-1234567")]).await.ok(422);
    officer.post(&place, &[("action", "reinstate"), ("reason", "x")]).await.ok(409);
    officer.post(&place, &[("action", "revoke"), ("reason", "자격 취소 확정")]).await.ok(202);
    assert_eq!(status(&issuer, &id).await, "valid", "nothing happened yet");
    officer.post(&place, &[("action", "revoke"), ("reason", "again")]).await.ok(409);
    let action = waiting(&issuer).await.remove(0);
    let home = text(&approver.get("/office").await.ok(200));
    assert!(home.contains("<span class=\"count\">1<"), "{home}");
    approver.post(&format!("/office/approvals/{action}/approve"), &[]).await.ok(303);
    assert_eq!(status(&issuer, &id).await, "revoked");
    let credential = issuer.credentials().await.remove(0);
    assert_eq!(status_of(&issuer, &credential).await, 2, "the list shows it");
    assert!(waiting(&issuer).await.is_empty());
    approver.post(&format!("/office/approvals/{action}/approve"), &[]).await.ok(409);
    // The trail names both.
    let trail = issuer.admin_get("/admin/audit?limit=500&check=true").await.ok(200).json();
    assert_eq!(trail["check"]["holds"], true);
    let by = |action: &str| -> Vec<String> {
        let entries = trail["entries"].as_array().unwrap().iter();
        entries
            .filter(|entry| entry["event"]["action"] == action)
            .map(|entry| entry["event"]["actor"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(by("approval_asked"), [kim.id.as_str()]);
    assert_eq!(by("approval_decided"), [lee.id.as_str()]);
    assert_eq!(by("status_changed"), [lee.id.as_str()]);
}

#[tokio::test]
async fn whoever_asks_does_not_approve_even_with_both_roles() {
    let issuer = issuer().await;
    let id = badge(&issuer).await;
    let both = person(&issuer, "both", &[Role::Officer, Role::Approver]).await;
    let mut browser = Browser::of(&issuer, &both).await;
    let place = format!("/office/credentials/{id}/status");
    browser.post(&place, &[("action", "revoke"), ("reason", "혼자서")]).await.ok(202);
    let action = waiting(&issuer).await.remove(0);
    let answer = browser.post(&format!("/office/approvals/{action}/approve"), &[]).await.ok(403);
    assert!(text(&answer).contains("another person must"), "{}", text(&answer));
    browser.post(&format!("/office/approvals/{action}/refuse"), &[("reason", "no")]).await.ok(403);
    assert_eq!(status(&issuer, &id).await, "valid");
    browser.post(&format!("/office/approvals/{action}/withdraw"), &[]).await.ok(303);
    assert!(waiting(&issuer).await.is_empty());
    browser.post(&place, &[("action", "revoke"), ("reason", "다시")]).await.ok(202);
}

#[tokio::test]
async fn a_refusal_needs_a_reason_and_changes_nothing() {
    let issuer = issuer().await;
    let id = badge(&issuer).await;
    let (kim, lee) = (
        person(&issuer, "kim", &[Role::Officer]).await,
        person(&issuer, "lee", &[Role::Approver]).await,
    );
    let mut officer = Browser::of(&issuer, &kim).await;
    let mut approver = Browser::of(&issuer, &lee).await;
    let place = format!("/office/credentials/{id}/status");
    officer.post(&place, &[("action", "revoke"), ("reason", "확정")]).await.ok(202);
    let action = waiting(&issuer).await.remove(0);
    let refuse = format!("/office/approvals/{action}/refuse");
    approver.post(&refuse, &[("reason", "")]).await.ok(422);
    approver.post(&refuse, &[("reason", "근거 문서가 없습니다")]).await.ok(303);
    approver.post(&format!("/office/approvals/{action}/approve"), &[]).await.ok(409);
    approver.post("/office/approvals/00000000-0000/approve", &[]).await.ok(404);
    assert_eq!(status(&issuer, &id).await, "valid");
    // Too late is too late.
    officer.post(&place, &[("action", "revoke"), ("reason", "확정")]).await.ok(202);
    let action = waiting(&issuer).await.remove(0);
    issuer.clock.advance(14 * 86_400);
    let mut approver = Browser::of(&issuer, &lee).await;
    approver.post(&format!("/office/approvals/{action}/approve"), &[]).await.ok(409);
    let mut officer = Browser::of(&issuer, &kim).await;
    officer.post(&place, &[("action", "revoke"), ("reason", "확정")]).await.ok(202);
    assert_eq!(status(&issuer, &id).await, "valid");
}

#[tokio::test]
async fn the_api_asks_for_two_as_well() {
    let issuer = issuer().await;
    let id = badge(&issuer).await;
    let key = async |scopes: &[Permission]| {
        let new = NewApiKey {
            name: "program".to_owned(),
            scopes: scopes.iter().copied().collect(),
            expires_at: None,
        };
        issuer.app.access.add_api_key(new).await.unwrap().1
    };
    let one = key(&[Permission::Status, Permission::Decide]).await;
    let two = key(&[Permission::Decide]).await;
    let place = format!("/admin/credentials/{id}/status");
    let body = json!({ "action": "revoke", "reason": "확정" });
    let asked = issuer.post(&place, Some(&one), &body).await.ok(202).json();
    let approve = format!("/admin/approvals/{}/approve", asked["action_id"].as_str().unwrap());
    issuer.post_raw(&approve, Some(&one), "", "").await.refused(403, "same_person");
    assert_eq!(status(&issuer, &id).await, "valid");
    issuer.post_raw(&approve, Some(&two), "", "").await.ok(200);
    assert_eq!(status(&issuer, &id).await, "revoked");
    issuer.post_raw(&approve, Some(&two), "", "").await.refused(409, "action_not_waiting");
    // A kind without a rule is changed at once, also by the admin token alone.
    issuer.issue(&training_offer(&["ldp_vc"]), "KrTrainingHistory.ldp_vc", &Holder::usual()).await;
    // Ids of one second have no order among them: it is the one without a kind.
    let free = issuer.credentials().await.into_iter().find(|one| one["kind"].is_null()).unwrap();
    let free = free["id"].as_str().unwrap().to_owned();
    issuer.admin_post(&format!("/admin/credentials/{free}/status"), &body).await.ok(200);
}

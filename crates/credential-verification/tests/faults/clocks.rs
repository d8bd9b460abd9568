//! A clock that jumps: ours against those of the chain, of the evidence and of the issuer's host.
use credential_model::moment::Moment;
use credential_verification::{Answer, CheckId, Code, Overall};

use super::code;
use crate::harness::*;
use crate::script::Desk;

#[tokio::test]
async fn a_clock_that_is_behind_refuses_nobody() {
    let desk = Desk::new();
    let value = desk.credential(1);
    let epoch = desk.anchor(1, &desk.served().await, 1, now().minus_seconds(300));
    let own = format!("{}/inclusion?epoch=1", desk.issuer.list_url());
    desk.world.put_json(&own, &desk.inclusion(&epoch));
    assert_eq!(desk.look(&value).await.overall(), Overall::Accept);
    // Three days back: before the signature, the validity, the list and the block.
    let found = desk.look_at(&value, None, now().minus_seconds(3 * 86_400)).await;
    assert_eq!(code(&found, CheckId::Proof), Code::ClockBehind);
    assert_eq!(code(&found, CheckId::Validity), Code::ClockBehind);
    assert_eq!(found.overall(), Overall::Unknown);
    // Half an hour back: only the list and the block are later.
    let found = desk.look_at(&value, None, now().minus_seconds(1_800)).await;
    assert_eq!(code(&found, CheckId::Status), Code::ClockBehind);
    assert_eq!((found.verdict.in_force, found.overall()), (Answer::Unknown, Overall::Unknown));
}

#[tokio::test]
async fn a_clock_that_is_right_still_refuses_what_is_not_yet_valid() {
    let desk = Desk::new();
    let early = desk.issuer.credential_with(desk.kind, "did:example:1", 1, |parts| {
        parts.valid_from = now().plus_seconds(86_400);
    });
    let found = desk.look(&desk.issuer.secure(&early)).await;
    assert_eq!(code(&found, CheckId::Validity), Code::ValidityNotYet);
    assert_eq!(found.verdict.in_force, Answer::No);
}

/// A desk whose badge, list and chain are as they should be; the badge ends 29 days from now.
async fn set() -> (Desk, serde_json::Value) {
    let desk = Desk::new();
    let value = desk.credential(1);
    (desk, value)
}

fn years_ahead() -> Moment {
    now().plus_seconds(2 * 365 * 86_400)
}

#[tokio::test]
async fn a_clock_that_is_ahead_is_contradicted_by_the_issuers_host() {
    let (desk, value) = set().await;
    let found = desk.look_at(&value, None, years_ahead()).await;
    assert_eq!(code(&found, CheckId::Validity), Code::ValidityExpired, "nobody disagrees");
    *desk.world.date.lock().unwrap() = Some(now());
    let found = desk.look_at(&value, None, years_ahead()).await;
    assert_eq!(code(&found, CheckId::Validity), Code::ClockAhead);
    assert_eq!((found.verdict.in_force, found.overall()), (Answer::Unknown, Overall::Unknown));
    // The host's clock agrees with ours: it has expired.
    *desk.world.date.lock().unwrap() = Some(years_ahead().minus_seconds(20));
    let found = desk.look_at(&value, None, years_ahead()).await;
    assert_eq!(code(&found, CheckId::Validity), Code::ValidityExpired);
    // By the host's clock, which is behind ours, it has expired as well.
    *desk.world.date.lock().unwrap() = Some(now().plus_seconds(40 * 86_400));
    let found = desk.look_at(&value, None, years_ahead()).await;
    assert_eq!(code(&found, CheckId::Validity), Code::ValidityExpired);
}

#[tokio::test]
async fn a_clock_that_is_ahead_is_contradicted_by_a_chain_that_makes_blocks_steadily() {
    let (mut desk, value) = set().await;
    // A chain that makes blocks only when something happens says nothing about the present.
    let found = desk.look_at(&value, None, years_ahead()).await;
    assert_eq!(code(&found, CheckId::Validity), Code::ValidityExpired);
    desk.grounds.chain_tip_max_age = Some(600);
    let found = desk.look_at(&value, None, years_ahead()).await;
    assert_eq!(code(&found, CheckId::Validity), Code::ClockAhead);
    assert_eq!(found.verdict.in_force, Answer::Unknown);
    // The chain goes with our clock.
    *desk.chain.tip.lock().unwrap() = years_ahead().minus_seconds(500).unix();
    let found = desk.look_at(&value, None, years_ahead()).await;
    assert_eq!(code(&found, CheckId::Validity), Code::ValidityExpired);
    // The chain stands still, but the host's clock is as ours.
    *desk.chain.tip.lock().unwrap() = now().unix();
    *desk.world.date.lock().unwrap() = Some(years_ahead());
    let found = desk.look_at(&value, None, years_ahead()).await;
    assert_eq!(code(&found, CheckId::Validity), Code::ValidityExpired);
}

#[tokio::test]
async fn a_clock_that_is_behind_is_contradicted_by_the_issuers_host_too() {
    let (desk, value) = set().await;
    let back = now().minus_seconds(3 * 86_400);
    *desk.chain.tip.lock().unwrap() = back.unix();
    let found = desk.look_at(&value, None, back).await;
    assert_eq!(code(&found, CheckId::Validity), Code::ValidityNotYet, "nobody disagrees");
    *desk.world.date.lock().unwrap() = Some(now());
    let found = desk.look_at(&value, None, back).await;
    assert_eq!(code(&found, CheckId::Validity), Code::ClockBehind);
    assert_eq!(code(&found, CheckId::Proof), Code::ClockBehind);
    assert_eq!(found.overall(), Overall::Unknown);
}

#[tokio::test]
async fn a_wrong_clock_saves_nothing_that_is_forged() {
    let (desk, mut value) = set().await;
    *desk.world.date.lock().unwrap() = Some(now());
    value["validUntil"] = serde_json::json!("2030-01-01T00:00:00Z");
    desk.world.asked.lock().unwrap().clear();
    let found = desk.look_at(&value, None, years_ahead()).await;
    assert_eq!(code(&found, CheckId::Proof), Code::ProofInvalid);
    assert_eq!(found.verdict.authentic, Answer::No);
}

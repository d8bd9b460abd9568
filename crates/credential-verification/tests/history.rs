//! "Was it in force on that day?" from archived, anchored lists; a hole in the archive leaves it
//! unknown.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod harness;
#[path = "harness/script.rs"]
mod script;

use credential_model::moment::Moment;
use credential_verification::report::Asked;
use credential_verification::{Answer, CheckId, Code, Examination, Overall, Report};
use evm_chain::ChainError;
use harness::*;
use localized_text::Locale;
use script::Desk;
use serde_json::Value;
use web_fetch::FetchError;

fn ago(hours: i64) -> Moment {
    now().minus_seconds(hours * 3_600)
}

/// The badge (valid from a day ago) was in force, then suspended, then in force again, then revoked.
async fn desk() -> (Desk, Value) {
    let desk = Desk::new();
    for (number, hours, value) in [(1, 20, 0), (2, 15, 1), (3, 10, 0), (4, 5, 2)] {
        desk.issuer.publish_list(&desk.world, &[(7, value)], number, ago(hours));
        let bytes = desk.served().await;
        let epoch = desk.anchor(number, &bytes, number, ago(hours).plus_seconds(60));
        let proof = epoch.inclusion(&desk.issuer.list_url()).unwrap();
        let own = format!("{}/inclusion?epoch={number}", desk.issuer.list_url());
        desk.world.put_json(&own, &desk.inclusion(&epoch));
        let archive = format!("https://issuer.example/status/archive/{}", proof.sha256);
        desk.world.put(&archive, Reply::Page { media_type: "application/vc".into(), body: bytes });
    }
    let value = desk.credential(7);
    (desk, value)
}

async fn then(desk: &Desk, value: &Value, at: Moment) -> Examination {
    desk.look_at(value, Some(at), now()).await
}

fn status(found: &Examination) -> (Code, Answer) {
    (found.outcome(CheckId::Status).unwrap().code(), found.verdict.in_force)
}

#[tokio::test]
async fn each_day_has_its_own_answer() {
    let (desk, value) = desk().await;
    for (hours, expected) in [
        (19, (Code::StatusValidThen, Answer::Yes)),
        (14, (Code::StatusSuspended, Answer::No)),
        (9, (Code::StatusValidThen, Answer::Yes)),
        (4, (Code::StatusRevoked, Answer::No)),
        (21, (Code::StatusNotInArchive, Answer::Unknown)),
    ] {
        let found = then(&desk, &value, ago(hours)).await;
        assert_eq!(status(&found), expected, "{hours} hours ago");
        assert_eq!((found.moment, found.examined_at), (ago(hours), Some(now())));
    }
    // And now, by the list of now.
    assert_eq!(status(&desk.look(&value).await), (Code::StatusRevoked, Answer::No));
}

#[tokio::test]
async fn the_evidence_is_named_and_the_report_says_both_moments() {
    let (desk, value) = desk().await;
    let found = then(&desk, &value, ago(19)).await;
    assert_eq!(found.overall(), Overall::Accept, "{:?}", found.findings);
    let detail = found.outcome(CheckId::Status).unwrap().detail().unwrap().to_owned();
    assert!(detail.contains("epoch 1") && detail.contains("sha256"), "{detail}");
    assert_eq!(found.anchor_as_of, Some(ago(20).plus_seconds(60)));
    let report = Report::new(&[found], None, Asked::default(), ago(19));
    let text = report.to_text(Locale::Ko);
    assert!(text.contains("상태를 물은 시점: 2026-11-22"), "{text}");
    assert!(text.contains("발급 권한의 근거"), "{text}");
    let read: Report = serde_json::from_value(serde_json::to_value(&report).unwrap()).unwrap();
    assert_eq!(read, report);
}

#[tokio::test]
async fn a_hole_in_the_archive_is_unknown() {
    let (desk, value) = desk().await;
    let sha256 = {
        let asked = then(&desk, &value, ago(19)).await;
        let detail = asked.outcome(CheckId::Status).unwrap().detail().unwrap().to_owned();
        detail.split("sha256 ").nth(1).unwrap().split(',').next().unwrap().to_owned()
    };
    let archive = format!("https://issuer.example/status/archive/{sha256}");
    for reply in [
        Reply::Status(404),
        Reply::Fail(FetchError::TimedOut),
        Reply::Page { media_type: "application/vc".into(), body: b"another list".to_vec() },
    ] {
        desk.world.put(&archive, reply);
        let found = then(&desk, &value, ago(19)).await;
        assert_eq!(status(&found), (Code::StatusNotInArchive, Answer::Unknown));
    }
    // The other days are not touched by it.
    assert_eq!(status(&then(&desk, &value, ago(9)).await).0, Code::StatusValidThen);
}

#[tokio::test]
async fn a_list_of_another_epoch_does_not_pass_for_that_day() {
    let (desk, value) = desk().await;
    // The host shows the proof of epoch 3, when it was in force again, for the day of epoch 2.
    let three = desk.world.clone();
    let url = |n: u64| format!("{}/inclusion?epoch={n}", desk.issuer.list_url());
    let request = web_fetch::FetchRequest::get(url(3).parse().unwrap());
    let body = web_fetch::Fetch::fetch(&*three, request).await.unwrap().body;
    desk.world.put(&url(2), Reply::Page { media_type: "application/json".into(), body });
    let found = then(&desk, &value, ago(14)).await;
    assert_eq!(status(&found), (Code::StatusNotInArchive, Answer::Unknown));
}

#[tokio::test]
async fn without_chain_history_nothing_is_claimed() {
    let (desk, value) = desk().await;
    for fault in [
        ChainError::NotSupported("epochs"),
        ChainError::EventWithheld { version: 2 },
        ChainError::HistoryBroken("a link".into()),
    ] {
        *desk.chain.epoch_fault.lock().unwrap() = Some(fault);
        let found = then(&desk, &value, ago(19)).await;
        assert_eq!(status(&found), (Code::StatusNotInArchive, Answer::Unknown));
    }
}

#[tokio::test]
async fn coming_days_and_days_before_the_credential() {
    let (desk, value) = desk().await;
    let found = then(&desk, &value, now().plus_seconds(86_400)).await;
    assert_eq!(status(&found), (Code::StatusOtherMoment, Answer::Unknown));
    let found = then(&desk, &value, ago(48)).await;
    assert_eq!(found.outcome(CheckId::Validity).unwrap().code(), Code::ValidityNotYet);
    assert_eq!(found.verdict.in_force, Answer::No);
}

#[tokio::test]
async fn the_host_is_gone_and_the_document_comes_from_the_event_log() {
    let (desk, value) = desk().await;
    let document = credential_model::jcs::canonicalize(&desk.issuer.document()).unwrap();
    desk.chain.documents.lock().unwrap().push(document.into_bytes());
    desk.world.put(&desk.issuer.did_url(), Reply::Fail(FetchError::DnsFailed("gone".into())));
    let found = then(&desk, &value, ago(19)).await;
    assert_eq!(status(&found), (Code::StatusValidThen, Answer::Yes));
    let detail = found.outcome(CheckId::Proof).unwrap().detail().unwrap().to_owned();
    assert!(detail.contains("anchored on the chain"), "{detail}");
    // The event withheld: nothing is claimed.
    desk.chain.documents.lock().unwrap().clear();
    let found = then(&desk, &value, ago(19)).await;
    assert_eq!(found.verdict.authentic, Answer::Unknown);
}

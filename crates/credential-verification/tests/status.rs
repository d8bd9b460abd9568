//! Status lists on a scripted network: every outcome has its own code.
#![allow(clippy::unwrap_used)] // a panic is how a test fails

#[path = "harness/desk.rs"]
mod desk;
mod harness;

use credential_model::catalogue::CredentialType;
use credential_verification::{Answer, CheckId, Code};
use desk::Desk;
use harness::*;
use serde_json::json;
use web_fetch::FetchError;

#[tokio::test]
async fn the_list_request_never_tells_the_index() {
    let desk = Desk::new();
    desk.look(&desk.issuer.secure(&desk.badge(54_321))).await;
    assert!(desk.world.asked_for("/status/g1"));
    assert!(!desk.world.asked_for("54321"));
}

#[tokio::test]
async fn list_values_have_their_own_codes() {
    let desk = Desk::new();
    desk.issuer.publish_list(&desk.world, &[(1, 1), (2, 2), (3, 3)], 2, now());
    for (index, code, answer) in [
        (0, Code::StatusValid, Answer::Yes),
        (1, Code::StatusSuspended, Answer::No),
        (2, Code::StatusRevoked, Answer::No),
        (3, Code::StatusSuperseded, Answer::No),
    ] {
        let document = desk.badge(index);
        assert_eq!(desk.status(&desk.issuer.secure(&document)).await, (code, answer), "{index}");
        assert_eq!(desk.status(&json!(desk.sd_jwt(index))).await, (code, answer), "{index}");
    }
}

#[tokio::test]
async fn lists_that_cannot_be_had_leave_it_unknown() {
    let desk = Desk::new();
    let value = desk.issuer.secure(&desk.badge(1));
    for (reply, code) in [
        (Reply::Fail(FetchError::ConnectFailed("refused".into())), Code::StatusUnavailable),
        (Reply::Fail(FetchError::TimedOut), Code::StatusUnavailable),
        (Reply::Status(404), Code::StatusUnavailable),
        (Reply::Fail(FetchError::ForbiddenAddress("127.0.0.1".into())), Code::StatusAddressRefused),
        (Reply::Fail(FetchError::TooLarge { limit: 1 }), Code::StatusTooLarge),
        (
            Reply::Page {
                media_type: "application/json".into(),
                body: b"{\"a\":1,\"a\":2}".to_vec(),
            },
            Code::StatusMalformed,
        ),
        (
            Reply::Page { media_type: "text/html".into(), body: b"<html>".to_vec() },
            Code::StatusMalformed,
        ),
        (
            Reply::Page {
                media_type: "application/json".into(),
                body: vec![b' '; 5 * 1024 * 1024],
            },
            Code::StatusTooLarge,
        ),
    ] {
        desk.world.put(&desk.issuer.list_url(), reply);
        assert_eq!(desk.status(&value).await, (code, Answer::Unknown), "{code}");
    }
    desk.world.put(&format!("{} token", desk.issuer.list_url()), Reply::Status(500));
    assert_eq!(
        desk.status(&json!(desk.sd_jwt(1))).await,
        (Code::StatusUnavailable, Answer::Unknown)
    );
}

#[tokio::test]
async fn a_list_that_inflates_without_end_is_refused() {
    use base64::Engine as _;
    use std::io::Write as _;
    let desk = Desk::new();
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        bomb.write_all(&[0; 1024 * 1024]).unwrap();
    }
    let encoded = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bomb.finish().unwrap());
    let bits = status_lists::Bitstring::new(status_lists::MIN_ENTRIES, 2).unwrap();
    let mut list = desk.issuer.list_document(&bits, 2, now());
    list["credentialSubject"]["encodedList"] = json!(format!("u{encoded}"));
    desk.world.put_json(&desk.issuer.list_url(), &desk.issuer.secure(&list));
    let value = desk.issuer.secure(&desk.badge(1));
    assert_eq!(desk.status(&value).await, (Code::StatusTooLarge, Answer::Unknown));
}

#[tokio::test]
async fn lists_by_others_or_altered_are_not_used() {
    let desk = Desk::new();
    let value = desk.issuer.secure(&desk.badge(1));
    let bits = status_lists::Bitstring::new(status_lists::MIN_ENTRIES, 2).unwrap();
    let good = desk.issuer.list_document(&bits, 2, now());

    let mut altered = desk.issuer.secure(&good);
    altered["validUntil"] = json!("2027-01-01T00:00:00Z");
    desk.world.put_json(&desk.issuer.list_url(), &altered);
    assert_eq!(desk.status(&value).await, (Code::StatusProofInvalid, Answer::Unknown));

    let thief = Issuer::new("thief.example", 900);
    thief.publish(&desk.world);
    let mut foreign = good.clone();
    foreign["issuer"] = json!(thief.did.as_str());
    desk.world.put_json(&desk.issuer.list_url(), &thief.secure(&foreign));
    assert_eq!(desk.status(&value).await, (Code::StatusForeignIssuer, Answer::Unknown));

    let mut other = good.clone();
    other["id"] = json!("https://issuer.example/status/g2");
    desk.world.put_json(&desk.issuer.list_url(), &desk.issuer.secure(&other));
    assert_eq!(desk.status(&value).await, (Code::StatusMalformed, Answer::Unknown));

    let mut purpose = good.clone();
    purpose["credentialSubject"]["statusPurpose"] = json!("revocation");
    desk.world.put_json(&desk.issuer.list_url(), &desk.issuer.secure(&purpose));
    assert_eq!(desk.status(&value).await, (Code::StatusPurpose, Answer::Unknown));
}

#[tokio::test]
async fn an_index_outside_the_list() {
    let desk = Desk::new();
    let value = desk.issuer.secure(&desk.badge(4_000_000));
    assert_eq!(desk.status(&value).await, (Code::StatusOutOfRange, Answer::Unknown));
}

#[tokio::test]
async fn rolled_back_and_equivocated_lists() {
    let desk = Desk::new();
    let value = desk.issuer.secure(&desk.badge(1));
    let token = json!(desk.sd_jwt(1));
    desk.issuer.publish_list(&desk.world, &[], 7, now().minus_seconds(60));
    assert_eq!(desk.status(&value).await.0, Code::StatusValid);
    assert_eq!(desk.status(&token).await.0, Code::StatusValid);
    desk.issuer.publish_list(&desk.world, &[], 6, now().minus_seconds(120));
    assert_eq!(desk.status(&value).await, (Code::StatusRolledBack, Answer::Unknown));
    assert_eq!(desk.status(&token).await, (Code::StatusRolledBack, Answer::Unknown));
    desk.issuer.publish_list(&desk.world, &[(9, 2)], 7, now().minus_seconds(60));
    assert_eq!(desk.status(&value).await, (Code::StatusEquivocated, Answer::Unknown));
    desk.issuer.publish_list(&desk.world, &[], 8, now());
    assert_eq!(desk.status(&value).await.0, Code::StatusValid);
}

#[tokio::test]
async fn what_was_revoked_stays_revoked_in_an_old_list() {
    let desk = Desk::new();
    desk.issuer.publish_list(&desk.world, &[(2, 2), (1, 1)], 2, now().minus_seconds(3 * 86_400));
    assert_eq!(
        desk.status(&desk.issuer.secure(&desk.badge(2))).await,
        (Code::StatusRevoked, Answer::No)
    );
    assert_eq!(
        desk.status(&desk.issuer.secure(&desk.badge(1))).await,
        (Code::StatusStale, Answer::Unknown)
    );
    assert_eq!(
        desk.status(&desk.issuer.secure(&desk.badge(0))).await,
        (Code::StatusStale, Answer::Unknown)
    );
}

#[tokio::test]
async fn flight_permits_need_a_list_of_the_last_quarter_of_an_hour() {
    let desk = Desk::new();
    let holder = desk.holder.did();
    let permit = desk.issuer.secure(&desk.issuer.credential(
        CredentialType::DroneFlightPermit,
        holder.as_str(),
        1,
    ));
    desk.issuer.publish_list(&desk.world, &[], 2, now().minus_seconds(900));
    assert_eq!(desk.status(&permit).await.0, Code::StatusValid);
    desk.issuer.publish_list(&desk.world, &[], 3, now().minus_seconds(961));
    assert_eq!(desk.status(&permit).await, (Code::StatusStale, Answer::Unknown));
    // A badge may still rest on that list.
    assert_eq!(desk.status(&desk.issuer.secure(&desk.badge(1))).await.0, Code::StatusValid);
}

#[tokio::test]
async fn types_that_need_a_status_do_not_go_without() {
    let desk = Desk::new();
    let without = |kind| {
        desk.issuer
            .credential_with(kind, desk.holder.did().as_str(), 1, |parts| parts.status = None)
    };
    let permit = desk.issuer.secure(&without(CredentialType::DroneFlightPermit));
    assert_eq!(desk.status(&permit).await, (Code::StatusRequired, Answer::Unknown));
}

#[tokio::test]
async fn offline_and_a_clock_that_is_behind_leave_it_open() {
    let mut desk = Desk::new();
    let value = desk.issuer.secure(&desk.badge(1));
    // A list of the future: it is our own clock that is behind.
    let found = desk.look_at(&value, now().minus_seconds(1_800)).await;
    assert_eq!(found.outcome(CheckId::Status).unwrap().code(), Code::ClockBehind);
    assert_eq!(found.verdict.in_force, Answer::Unknown);
    desk.offline = true;
    assert_eq!(desk.status(&value).await, (Code::StatusOffline, Answer::Unknown));
}

#[tokio::test]
async fn of_several_entries_the_worst_counts() {
    let desk = Desk::new();
    desk.issuer.publish_list(&desk.world, &[(1, 1), (2, 2)], 2, now());
    let here = desk.issuer.list_url();
    let away = "https://issuer.example/status/away".to_owned();
    for (entries, expected) in [
        ([(&here, 0), (&here, 5)], (Code::StatusValid, Answer::Yes)),
        ([(&here, 0), (&here, 2)], (Code::StatusRevoked, Answer::No)),
        ([(&here, 1), (&here, 0)], (Code::StatusSuspended, Answer::No)),
        ([(&here, 0), (&away, 0)], (Code::StatusUnavailable, Answer::Unknown)),
        ([(&away, 0), (&here, 2)], (Code::StatusRevoked, Answer::No)),
    ] {
        let mut document = desk.badge(0);
        let entries = entries.map(|(list, index)| {
            let entry = status_lists::StatusEntry::new(list.clone(), index);
            entry.to_credential_status(&format!("{list}#{index}"))
        });
        document["credentialStatus"] = json!(entries);
        assert_eq!(desk.status(&desk.issuer.secure(&document)).await, expected);
    }
}

#[tokio::test]
async fn lists_without_a_version_are_ordered_by_their_date() {
    let desk = Desk::new();
    let value = desk.issuer.secure(&desk.badge(1));
    let publish = |set: Option<usize>, seconds: i64| {
        let mut bits = status_lists::Bitstring::new(status_lists::MIN_ENTRIES, 2).unwrap();
        if let Some(index) = set {
            bits.set(index, 1).unwrap();
        }
        let mut list = desk.issuer.list_document(&bits, 1, now().minus_seconds(seconds));
        list["credentialSubject"].as_object_mut().unwrap().remove("statusListVersion").unwrap();
        desk.world.put_json(&desk.issuer.list_url(), &desk.issuer.secure(&list));
    };
    publish(None, 60);
    assert_eq!(desk.status(&value).await, (Code::StatusValid, Answer::Yes));
    // Another list of the very same second is no lie.
    publish(Some(1), 60);
    assert_eq!(desk.status(&value).await, (Code::StatusSuspended, Answer::No));
    publish(None, 61);
    assert_eq!(desk.status(&value).await, (Code::StatusRolledBack, Answer::Unknown));
}

#[tokio::test]
async fn lists_of_strangers_are_not_remembered() {
    let mut desk = Desk::new();
    let other = credential_model::did::Did::parse("did:web:other.example").unwrap();
    desk.trust = trust_registry::TrustList::parse(&trust_list(&other)).unwrap();
    let value = desk.issuer.secure(&desk.badge(1));
    for version in [2, 1] {
        desk.issuer.publish_list(&desk.world, &[], version, now());
        let found = desk.look(&value).await;
        assert_eq!(found.outcome(CheckId::Status).unwrap().code(), Code::StatusValid);
        assert_eq!(found.verdict.entitled, Answer::No);
    }
}

//! Moments, calendar dates, identifiers made from given entropy.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use credential_model::ambient::{
    Clock, FixedClock, PredictableEntropy, random_id, random_token, random_uuid_urn, uuid_v7,
};
use credential_model::moment::{Moment, days_between, is_calendar_date};
use proptest::prelude::*;

fn at(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

#[test]
fn reads_rfc_3339() {
    assert_eq!(at("1970-01-01T00:00:00Z").unix(), 0);
    assert_eq!(at("2026-11-23T14:30:00+09:00"), at("2026-11-23T05:30:00Z"));
    assert_eq!(at("2026-11-23T05:30:00.999Z"), at("2026-11-23T05:30:00Z"));
    assert_eq!(at("2024-02-29T00:00:00Z").to_string(), "2024-02-29T00:00:00Z");
    assert_eq!(at("0000-01-01T00:00:00Z").to_string(), "0000-01-01T00:00:00Z");
}

#[test]
fn shows_korean_time() {
    assert_eq!(at("2026-11-23T05:30:59Z").to_kst_text(), "2026-11-23 14:30 KST");
    assert_eq!(at("2026-12-31T15:00:00Z").date_kst(), "2027-01-01");
    assert_eq!(at("2026-12-31T14:59:59Z").date_kst(), "2026-12-31");
}

#[test]
fn refuses_everything_else() {
    for text in [
        "",
        "2026-11-23",
        "2026-11-23T05:30:00",
        "2026-11-23 05:30:00Z",
        "2026-11-23t05:30:00Z",
        "2026-11-23T05:30:00z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T05:60:00Z",
        "2026-11-23T05:30Z",
        "1763875800",
        "+02026-11-23T05:30:00Z",
        "2026-11-23T05:30:00+0900",
        "２０２６-11-23T05:30:00Z",
        "2026-11-23T05:30:00Z ",
        " 2026-11-23T05:30:00Z",
    ] {
        assert!(Moment::parse(text).is_err(), "{text:?}");
    }
    assert_eq!(
        Moment::parse("9999-12-31T23:59:59-01:00").unwrap_err().code(),
        "moment_out_of_range"
    );
}

#[test]
fn never_leaves_its_range() {
    assert_eq!(Moment::from_unix(i64::MAX).to_string(), "9999-12-31T23:59:59Z");
    assert_eq!(Moment::from_unix(i64::MIN).to_string(), "0000-01-01T00:00:00Z");
    let last = Moment::from_unix(i64::MAX);
    assert_eq!(last.plus_seconds(i64::MAX), last);
    assert_eq!(last.to_kst_text(), "9999-12-31 23:59 KST");
    assert_eq!(at("2026-11-23T05:30:00Z").minus_seconds(i64::MIN), last);
}

#[test]
fn is_an_rfc_3339_string_in_json() {
    let moment = at("2026-11-23T05:30:00Z");
    let text = serde_json::to_string(&moment).unwrap();
    assert_eq!(text, "\"2026-11-23T05:30:00Z\"");
    assert_eq!(serde_json::from_str::<Moment>(&text).unwrap(), moment);
    assert!(serde_json::from_str::<Moment>("1763875800").is_err());
}

#[test]
fn knows_the_calendar() {
    for good in ["2024-02-29", "1900-02-28", "2000-02-29", "2026-12-31"] {
        assert!(is_calendar_date(good), "{good}");
    }
    for bad in [
        "2026-02-29",
        "1900-02-29",
        "2026-04-31",
        "2026-00-01",
        "2026-1-01",
        "20260101",
        "2026-01-0a",
        "2026-01-011",
        "２026-01-01",
    ] {
        assert!(!is_calendar_date(bad), "{bad}");
    }
    assert_eq!(days_between("2026-01-01", "2026-12-31"), Some(364));
    assert_eq!(days_between("2026-01-02", "2026-01-01"), Some(-1));
    assert_eq!(days_between("2026-02-30", "2026-01-01"), None);
}

#[test]
fn clock_stands_until_set() {
    let clock = FixedClock::new(at("2026-11-23T05:30:00Z"));
    assert_eq!(clock.now(), clock.now());
    clock.advance(60);
    assert_eq!(clock.now(), at("2026-11-23T05:31:00Z"));
    clock.set(at("2020-01-01T00:00:00Z"));
    assert_eq!(clock.now(), at("2020-01-01T00:00:00Z"));
}

#[test]
fn identifiers_have_their_forms_and_differ() {
    let entropy = PredictableEntropy::new(1);
    let (one, two) = (random_id(&entropy), random_id(&entropy));
    assert_ne!(one, two);
    assert_eq!(one.len(), 32);
    assert_eq!(random_token(&entropy).len(), 43);
    let urn = random_uuid_urn(&entropy);
    assert!(urn.starts_with("urn:uuid:") && urn.len() == 45 && urn.as_bytes()[23] == b'4', "{urn}");
    let (earlier, later) = (at("2026-11-23T05:30:00Z"), at("2026-11-23T05:30:01Z"));
    let (a, b) = (uuid_v7(earlier, &entropy), uuid_v7(later, &entropy));
    assert!(a < b && a.as_bytes()[14] == b'7', "{a} {b}");
    assert_eq!(random_id(&PredictableEntropy::new(7)), random_id(&PredictableEntropy::new(7)));
}

proptest! {
    #[test]
    fn text_and_seconds_agree(seconds in -62_167_219_200i64..=253_402_300_799) {
        let moment = Moment::from_unix(seconds);
        prop_assert_eq!(moment.unix(), seconds);
        prop_assert_eq!(Moment::parse(&moment.to_string()).unwrap(), moment);
        prop_assert!(is_calendar_date(&moment.date_kst()));
    }

    #[test]
    fn never_panics(text in "\\PC{0,45}") {
        let _ = Moment::parse(&text);
        let _ = is_calendar_date(&text);
    }
}

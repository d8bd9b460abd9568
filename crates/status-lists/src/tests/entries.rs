//! Status entries inside credentials.

use serde_json::{Value, json};

use super::{LIST, with};
use crate::*;

#[test]
fn our_entry_goes_both_ways() {
    let entry = StatusEntry::new(LIST, 94_567);
    let json = entry.to_credential_status("https://issuer.test/status/3#94567");
    assert_eq!(json["statusListIndex"], json!("94567"));
    assert_eq!(json["statusMessage"][2], json!({"status": "0x2", "message": "revoked"}));
    let expected = std::slice::from_ref(&entry);
    assert_eq!(StatusEntry::from_credential_status(&json).unwrap(), expected);
    assert_eq!(StatusEntry::from_credential_status(&json!([json])).unwrap(), expected);

    let claims = json!({"status": entry.to_token_status()});
    let token = StatusEntry::from_token_status(&claims).unwrap().unwrap();
    assert_eq!((token.list.as_str(), token.index, token.form), (LIST, 94_567, EntryForm::Token));
    assert_eq!(StatusEntry::from_token_status(&json!({})).unwrap(), None);
}

#[test]
fn indices_have_one_spelling() {
    let entry = StatusEntry::new(LIST, 0).to_credential_status("urn:x");
    assert!(StatusEntry::from_credential_status(&entry).is_ok());
    for bad in [
        json!("01"),
        json!("00"),
        json!("-1"),
        json!("+1"),
        json!("1e3"),
        json!("1.0"),
        json!(" 1"),
        json!("0x1"),
        json!(""),
        json!("١"),
        json!("99999999999999999999999"),
        json!(5),
        json!(null),
    ] {
        let changed = with(&entry, "/statusListIndex", bad.clone());
        let error = StatusEntry::from_credential_status(&changed).unwrap_err();
        assert_eq!(error.code(), "MALFORMED_VALUE_ERROR", "{bad}");
    }
}

#[test]
fn malformed_entries_are_refused() {
    let good = StatusEntry::new(LIST, 5).to_credential_status("urn:x");
    let without = |name: &str| {
        let mut changed = good.clone();
        changed.as_object_mut().unwrap().remove(name);
        changed
    };
    let three = json!([{"status": "0x0", "message": "a"}, {"status": "0x1", "message": "b"}, {"status": "0x2", "message": "c"}]);
    let words = |last: &str| json!([{"status": "0x0", "message": "a"}, {"status": "0x1", "message": "b"}, {"status": "0x2", "message": "c"}, {"status": last, "message": "d"}]);
    for bad in [
        json!("x"),
        json!([]),
        Value::Array(vec![good.clone(); 9]),
        without("type"),
        without("statusPurpose"),
        without("statusListIndex"),
        without("statusListCredential"),
        without("statusMessage"),
        with(&good, "/statusSize", json!(0)),
        with(&good, "/statusSize", json!(-1)),
        with(&good, "/statusSize", json!(1.5)),
        with(&good, "/statusSize", json!("2")),
        with(&good, "/statusSize", json!(9)),
        with(&good, "/statusSize", json!(18_446_744_073_709_551_615_u64)),
        with(&good, "/statusMessage", three),
        with(&good, "/statusMessage", words("0x2")),
        with(&good, "/statusMessage", words("3")),
        with(&good, "/statusMessage", words("0x4")),
        with(&good, "/statusMessage", words("0x+3")),
        with(&good, "/statusMessage", words("0x")),
        with(&good, "/statusMessage", json!("x")),
    ] {
        let error = StatusEntry::from_credential_status(&bad).unwrap_err();
        assert_eq!(error.code(), "MALFORMED_VALUE_ERROR", "{bad}");
    }
    // An unknown mechanism beside a known one could be the one that says "revoked".
    for foreign in [
        with(&good, "/type", json!("StatusList2021Entry")),
        json!([good, with(&good, "/type", json!("New"))]),
    ] {
        assert_eq!(
            StatusEntry::from_credential_status(&foreign).unwrap_err(),
            StatusError::UnsupportedType
        );
    }
}

#[test]
fn malformed_token_references_are_refused() {
    for bad in [
        json!({"status": "x"}),
        json!({"status": {"status_list": {}}}),
        json!({"status": {"status_list": {"idx": -1, "uri": LIST}}}),
        json!({"status": {"status_list": {"idx": 1.5, "uri": LIST}}}),
        json!({"status": {"status_list": {"idx": "1", "uri": LIST}}}),
        json!({"status": {"status_list": {"idx": 1, "uri": ""}}}),
        json!({"status": {"status_list": {"idx": 1}}}),
    ] {
        assert_eq!(
            StatusEntry::from_token_status(&bad).unwrap_err().code(),
            "MALFORMED_VALUE_ERROR",
            "{bad}"
        );
    }
    let other = json!({"status": {"identifier_list": {"id": "x", "uri": LIST}}});
    assert_eq!(StatusEntry::from_token_status(&other).unwrap_err(), StatusError::UnsupportedType);
}

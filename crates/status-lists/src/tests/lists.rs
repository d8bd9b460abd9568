//! Status list credentials and tokens.

use serde_json::{Value, json};

use super::{LIST, document, now, our_list, with};
use crate::*;

#[test]
fn our_list_is_read_in_both_forms() {
    let bits = our_list();
    let document = document(&bits);
    let payload = token_list_payload(&TokenListDocument {
        url: LIST,
        issuer: "did:web:issuer.test",
        bits: &bits,
        issued: now().minus_seconds(60),
        expires: now().plus_seconds(3600),
        ttl_seconds: 900,
        version: 7,
    })
    .unwrap();
    for value in StatusValue::ALL {
        let entry = StatusEntry::new(LIST, 1000 + usize::from(value.code()));
        let reading = read(&entry, &document, now()).unwrap();
        assert_eq!((reading.code, reading.value), (value.code(), Some(value)));
        assert_eq!((reading.message.as_deref(), reading.version), (Some(value.message()), Some(7)));
        assert_eq!(reading.is_valid(), value == StatusValue::Valid);
        assert_eq!(
            (reading.issuer.as_deref(), reading.ttl_ms),
            (Some("did:web:issuer.test"), Some(900_000))
        );

        let token = StatusEntry { form: EntryForm::Token, ..entry };
        let reading = read_token(&token, &payload, now()).unwrap();
        assert_eq!((reading.code, reading.value), (value.token_code(), Some(value)));
        assert_eq!((reading.version, reading.ttl_ms), (Some(7), Some(900_000)));
        assert_eq!(reading.valid_until, Some(now().plus_seconds(3600)));
    }
    // The standard's codes: 1 INVALID, 2 SUSPENDED.
    let lst = payload["status_list"]["lst"].as_str().unwrap();
    assert_eq!(Bitstring::decode_token(lst, 2).unwrap().get(1002), Ok(1));
}

#[test]
fn wrong_lists_are_not_read() {
    let document = document(&our_list());
    let entry = StatusEntry::new(LIST, 5);
    let without = |name: &str| {
        let mut changed = document.clone();
        changed["credentialSubject"].as_object_mut().unwrap().remove(name);
        changed
    };
    for (bad, code) in [
        (json!("x"), "STATUS_VERIFICATION_ERROR"),
        (with(&document, "/type", json!(["VerifiableCredential"])), "STATUS_VERIFICATION_ERROR"),
        (
            with(&document, "/id", json!("https://issuer.test/status/4")),
            "STATUS_VERIFICATION_ERROR",
        ),
        (with(&document, "/id", json!(4)), "STATUS_VERIFICATION_ERROR"),
        (
            with(&document, "/credentialSubject/statusPurpose", json!("revocation")),
            "STATUS_VERIFICATION_ERROR",
        ),
        (with(&document, "/validFrom", json!("2026-11-23T05:32:00Z")), "STATUS_VERIFICATION_ERROR"),
        (
            with(&document, "/validUntil", json!("2026-11-23T05:29:59Z")),
            "STATUS_VERIFICATION_ERROR",
        ),
        (with(&document, "/validUntil", json!("tomorrow")), "MALFORMED_VALUE_ERROR"),
        (with(&document, "/credentialSubject", json!([])), "MALFORMED_VALUE_ERROR"),
        (with(&document, "/credentialSubject/type", json!("Other")), "MALFORMED_VALUE_ERROR"),
        (with(&document, "/credentialSubject/encodedList", json!(7)), "MALFORMED_VALUE_ERROR"),
        (
            with(&document, "/credentialSubject/statusListVersion", json!(7)),
            "MALFORMED_VALUE_ERROR",
        ),
        (
            with(&document, "/credentialSubject/statusListVersion", json!("seven")),
            "MALFORMED_VALUE_ERROR",
        ),
        (without("encodedList"), "MALFORMED_VALUE_ERROR"),
        (without("statusPurpose"), "STATUS_VERIFICATION_ERROR"),
    ] {
        assert_eq!(read(&entry, &bad, now()).unwrap_err().code(), code);
    }
    assert_eq!(
        read(&StatusEntry::new(LIST, MIN_ENTRIES), &document, now()).unwrap_err().code(),
        "RANGE_ERROR"
    );
    // An entry that claims more bits than the list was made with finds too few entries.
    let wide = StatusEntry { size: 4, ..entry };
    assert_eq!(read(&wide, &document, now()).unwrap_err().code(), "STATUS_LIST_LENGTH_ERROR");
}

#[test]
fn stale_differs_from_forged_by_its_reason() {
    let document = document(&our_list());
    let later = now().plus_seconds(3601);
    let error = read(&StatusEntry::new(LIST, 5), &document, later).unwrap_err();
    assert_eq!((error.code(), error.reason()), ("STATUS_VERIFICATION_ERROR", "status_list_stale"));
    assert_eq!(
        error.problem_type(),
        "https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR"
    );
    let range = StatusError::OutOfRange { index: 9, entries: 3 };
    assert_eq!(range.problem_type(), "https://www.w3.org/TR/vc-data-model#RANGE_ERROR");
    assert_eq!(StatusError::RetrievalFailed(String::new()).code(), "STATUS_RETRIEVAL_ERROR");
    // A clock that is a little behind does not make a fresh list one from the future.
    assert!(read(&StatusEntry::new(LIST, 5), &document, now().minus_seconds(100)).is_ok());
}

#[test]
fn foreign_lists_mean_what_their_purpose_says() {
    let mut bits = Bitstring::new(MIN_ENTRIES, 1).unwrap();
    bits.set(3, 1).unwrap();
    let entry = |purpose: &str| StatusEntry {
        purpose: purpose.to_owned(),
        size: 1,
        messages: Vec::new(),
        ..StatusEntry::new(LIST, 3)
    };
    for (purpose, value) in [
        ("revocation", Some(StatusValue::Revoked)),
        ("suspension", Some(StatusValue::Suspended)),
        ("refresh", None),
        ("message", None),
    ] {
        let mut list =
            with(&document(&bits), "/credentialSubject/statusPurpose", json!([purpose, "other"]));
        list.as_object_mut().unwrap().remove("id");
        let reading = read(&entry(purpose), &list, now()).unwrap();
        assert_eq!(
            (reading.value, reading.code, reading.is_valid()),
            (value, 1, false),
            "{purpose}"
        );
        let clear = StatusEntry { index: 4, ..entry(purpose) };
        assert_eq!(read(&clear, &list, now()).unwrap().value, Some(StatusValue::Valid));
    }
    // A foreign word is reported, never guessed; and no word turns a set code into valid.
    for word in ["on hold", "valid"] {
        let worded = StatusEntry { messages: vec!["ok".into(), word.into()], ..entry("message") };
        let reading = read(&worded, &document(&bits), now()).unwrap();
        assert_eq!((reading.value, reading.message.as_deref()), (None, Some(word)));
    }
}

#[test]
fn wrong_token_lists_are_not_read() {
    let entry = StatusEntry { form: EntryForm::Token, ..StatusEntry::new(LIST, 3) };
    let good = json!({"sub": LIST, "iat": now().unix(), "status_list": {"bits": 2, "lst": "eNo76fITAAPfAgc"}});
    let reading = read_token(&entry, &good, now()).unwrap();
    // 3 is application specific: in a list that is not ours it has no known meaning.
    assert_eq!((reading.code, reading.value), (3, None));
    let set = |name: &str, value: Value| {
        let mut changed = good.clone();
        changed[name] = value;
        changed
    };
    for (bad, code) in [
        (json!([]), "STATUS_VERIFICATION_ERROR"),
        (set("sub", json!("https://issuer.test/status/4")), "STATUS_VERIFICATION_ERROR"),
        (set("exp", json!(now().unix() - 1)), "STATUS_VERIFICATION_ERROR"),
        (set("iat", json!(now().unix() + 120)), "STATUS_VERIFICATION_ERROR"),
        (set("iat", json!("now")), "MALFORMED_VALUE_ERROR"),
        (set("iat", json!(null)), "MALFORMED_VALUE_ERROR"),
        (set("status_list", json!("x")), "MALFORMED_VALUE_ERROR"),
        (set("status_list", json!({"bits": 2})), "MALFORMED_VALUE_ERROR"),
        (
            set("status_list", json!({"bits": 300, "lst": "eNo76fITAAPfAgc"})),
            "MALFORMED_VALUE_ERROR",
        ),
        (set("status_list", json!({"bits": 3, "lst": "eNo76fITAAPfAgc"})), "MALFORMED_VALUE_ERROR"),
        (set("status_list_version", json!("x")), "MALFORMED_VALUE_ERROR"),
    ] {
        assert_eq!(read_token(&entry, &bad, now()).unwrap_err().code(), code, "{bad}");
    }
    let outside = StatusEntry { index: 12, ..entry };
    assert_eq!(read_token(&outside, &good, now()).unwrap_err().code(), "RANGE_ERROR");
}

//! The detector for numbers that may never enter a credential. All numbers here are made up.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use credential_model::forbidden::{ForbiddenKind, find_in_text, find_in_value, is_forbidden_name};
use proptest::prelude::*;
use serde_json::json;

fn kind(text: &str) -> Option<ForbiddenKind> {
    find_in_text(text).map(|finding| finding.kind)
}

#[test]
fn finds_resident_numbers_in_any_dress() {
    for text in [
        "9001011234567",
        "900101-1234567",
        "900101 - 1234567",
        "900101–1234567",
        "900101−1234567",
        "900101.1234567",
        "900101/1234567",
        "900101 1234567",
        "900101\u{200b}-\u{200b}1234567",
        "900101·1234567",
        "900101_1234567",
        "９００１０１-１２３４５６７",
        "９００１０１１２３４５６７",
        "9 0 0 1 0 1 - 1 2 3 4 5 6 7",
        "90\u{a0}01\u{a0}01-1234567",
        "①②⓪③④⑤",
        "주민번호는900101-2234567입니다",
        "x900101-1234567y",
        "(900101)-1234567",
        "040229-3234567",
        "٩٠٠١٠١-١٢٣٤٥٦٧",
        "id:9001011234567;",
        "RRN9001011234567",
    ] {
        if text == "①②⓪③④⑤" {
            assert_eq!(kind(text), None);
            continue;
        }
        assert_eq!(kind(text), Some(ForbiddenKind::ResidentRegistration), "{text:?}");
    }
}

#[test]
fn tells_foreign_residents_apart() {
    for text in ["900101-5234567", "900101-6234567", "010101-7234567", "0101018234567"] {
        assert_eq!(kind(text), Some(ForbiddenKind::AlienRegistration), "{text}");
    }
}

#[test]
fn leaves_other_numbers_alone() {
    for text in [
        "",
        "1320",
        "99999999999Z",
        "010-1234-5678",
        "2026-11-23",
        "2026-11-23T05:30:00Z",
        "901301-1234567", // no month 13
        "900230-1234567", // no 30 February
        "900101-9234567",
        "900101-0234567", // seventh digit of the 1800s
        "030229-3234567", // 2003 was no leap year
        "123456789012345",
        "1900101123456799",
        "900101-12345678",
        "1900101-1234567",
        "900101----1234567",
        "900101-123456",
        "20260504000000Z",
        "61204",
        "urn:uuid:0b6c1f0e-5d0a-4c66-9d3c-6f2f3a1c1320",
        // Digits inside a digest are no person's number.
        "ab9001011234567cdef9001011234567ab9001011234567cdef9001011234567",
        "120-88-12345",
        "1730000000",
        "126.8,37.195",
    ] {
        assert_eq!(kind(text), None, "{text:?}");
    }
}

#[test]
fn points_at_the_place_and_never_repeats_the_number() {
    let value = json!({ "a": [{ "b/c~d": "no: 900101-1234567" }] });
    let finding = find_in_value(&value).unwrap();
    assert_eq!(finding.pointer, "/a/0/b~1c~0d");
    assert!(!format!("{finding:?}").contains("1234567"));
    // In a number, and in a member's name (which the pointer must not repeat).
    assert_eq!(find_in_value(&json!({ "n": 9001011234567_u64 })).unwrap().pointer, "/n");
    assert!(find_in_value(&json!([9001011234567.0])).is_some());
    assert!(
        find_in_value(&json!([37.200_951_056_516_2, 126.900_101_123_456_7, 900_101.123_456_7]))
            .is_none()
    );
    let named = find_in_value(&json!({ "x": { "900101-1234567": true } })).unwrap();
    assert_eq!((named.pointer.as_str(), named.kind), ("/x", ForbiddenKind::ResidentRegistration));
    assert!(find_in_value(&json!({ "a": [1, null, true, "ok"], "b": {} })).is_none());
}

#[test]
fn knows_members_by_their_names() {
    for name in [
        "rrn",
        "residentRegistrationNumber",
        "resident_registration_no",
        "주민등록번호",
        "주민 번호",
        "외국인등록번호",
        "passportNo",
        "passport_number",
        "여권번호",
        "driverLicenseNumber",
        "운전면허번호",
        "CI",
        "di",
        "연계정보",
        "accountNumber",
        "계좌번호",
        "nationalIdentityNumber",
    ] {
        assert!(is_forbidden_name(name), "{name}");
        let finding = find_in_value(&json!({ "s": { name: "M12345678" } })).unwrap();
        assert_eq!(finding.kind, ForbiddenKind::NamedField);
        assert_eq!(finding.kind.code(), "forbidden_field");
    }
    for name in [
        "passportId",
        "licenseNumber",
        "licenceNo",
        "registrationNo",
        "ciLow",
        "ciHigh",
        "direction",
        "condition",
        "certNo",
    ] {
        assert!(!is_forbidden_name(name), "{name}");
    }
    assert!(find_in_value(&json!({ "passportNo": null })).is_none());
}

proptest! {
    #[test]
    fn never_panics(text in "\\PC{0,80}") {
        let _ = find_in_text(&text);
    }

    #[test]
    fn finds_every_plausible_number(
        year in 0u32..100, month in 1u32..=12, day in 1u32..=28, seventh in 1u32..=8, rest in 0u32..1_000_000,
        separator in "[ ‐-—.·/]{0,3}", before in "[가-힣 ]{0,5}", after in "[가-힣 ]{0,5}",
    ) {
        let text = format!("{before}{year:02}{month:02}{day:02}{separator}{seventh}{rest:06}{after}");
        prop_assert!(find_in_text(&text).is_some(), "missed a number with separator {separator:?}");
    }

    #[test]
    fn needs_thirteen_digits(text in "([0-9]{1,12}[가-힣]){0,8}") {
        prop_assert!(find_in_text(&text).is_none());
    }
}

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

//! Round trips and refusals. The published JavaScript library is asked in `tests/cborld.rs`.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const FULL: &str = include_str!("../tests/documents/badge-as-issued.json");
const SMALL: &str = include_str!("../tests/documents/badge-smallest.json");
const TINY: &str = include_str!("../tests/documents/open-badge.json");
const EXAMPLES: [&str; 7] = [
    include_str!("../../../schemas/qualification-badge/v1/example.json"),
    include_str!("../../../schemas/training-history/v1/example.json"),
    include_str!("../../../schemas/ev-battery-report/v1/example.json"),
    include_str!("../../../schemas/drone-pilot-licence/v1/example.json"),
    include_str!("../../../schemas/drone-registration/v1/example.json"),
    include_str!("../../../schemas/drone-flight-permit/v1/example.json"),
    include_str!("../../../schemas/competition-result/v1/example.json"),
];

fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

#[test]
fn every_type_of_ours_comes_back_whole_in_every_form() {
    for example in EXAMPLES.into_iter().chain([FULL, SMALL, TINY]) {
        let cbor = to_cbor(example).unwrap_or_else(|error| panic!("{error}: {example}"));
        assert_eq!(value(&from_cbor(&cbor).unwrap()), value(example));
        let qr = to_qr_text(example).unwrap();
        assert!(qr.starts_with("VC1-R"));
        assert_eq!(value(&from_text(&qr).unwrap()), value(example));
        let link = to_link("https://desk.example/verify", example).unwrap();
        assert!(link.starts_with("https://desk.example/verify#VC1-B") && is_paper_text(&link));
        assert_eq!(value(&from_text(&link).unwrap()), value(example));
    }
}

#[test]
fn sizes_stay_where_they_were_measured() {
    let measured = [FULL, SMALL, TINY].map(|json| to_cbor(json).unwrap().len());
    eprintln!("bytes of CBOR-LD: {measured:?}");
    // The smallest Open Badges credential goes into a QR of version 11, level M: 366 characters.
    assert!(measured[2] <= 233 && to_qr_text(TINY).unwrap().len() <= 366, "{measured:?}");
    assert!(measured[1] <= 490 && measured[0] <= 606, "{measured:?}");
}

#[test]
fn every_shortened_text_is_refused() {
    let cbor = to_cbor(SMALL).unwrap();
    for end in 0..cbor.len() {
        assert!(from_cbor(&cbor[..end]).is_err(), "{end}");
    }
    let qr = to_qr_text(SMALL).unwrap();
    for end in 0..qr.len() {
        assert!(from_text(&qr[..end]).is_err(), "{end}");
    }
    let more = [cbor.as_slice(), &[0]].concat();
    assert_eq!(from_cbor(&more), Err(PaperError::DamagedBytes("bytes after the end")));
}

#[test]
fn another_table_and_other_tags_are_refused() {
    let cbor = to_cbor(SMALL).unwrap();
    let body = &cbor[7..];
    let with = |head: &[u8]| from_cbor(&[head, body].concat());
    assert_eq!(with(&[0xd9, 0xcb, 0x1d, 0x82, 0x18, 100]), Err(PaperError::UnknownTable(100)));
    assert_eq!(with(&[0xd9, 0xcb, 0x1d, 0x82, 1]), Err(PaperError::UnknownTable(1)));
    for head in [&[0xd9, 0x05, 0x01, 0x82, 0x19, 0x4b, 0x01][..], &[0x82, 0x19, 0x4b, 0x01], &[]] {
        assert!(with(head).is_err(), "{head:02x?}");
    }
    // The table's number in a longer form than needed.
    assert!(with(&[0xd9, 0xcb, 0x1d, 0x82, 0x1a, 0, 0, 0x4b, 0x01]).is_err());
}

/// A payload behind our head.
fn payload(bytes: &[u8]) -> Result<String, PaperError> {
    from_cbor(&[&[0xd9, 0xcb, 0x1d, 0x82, 0x19, 0x4b, 0x01], bytes].concat())
}

#[test]
fn bombs_and_nonsense_are_refused() {
    for (what, bytes) in [
        ("a list that says it is huge", vec![0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        ("a text that says it is huge", vec![0xa1, 0x01, 0x7a, 0xff, 0xff, 0xff, 0xff]),
        ("deep nesting", vec![0x81; 4000]),
        ("an open map", vec![0xbf, 0xff]),
        ("an endless number", vec![0xa1, 0x61, 0x61, 0xf9, 0x7c, 0]),
        ("a float cut off", vec![0xa1, 0x61, 0x61, 0xfb, 0, 0]),
        ("an unknown simple value", vec![0xa1, 0x61, 0x61, 0xf7]),
        ("a member twice", vec![0xa2, 0x61, 0x61, 1, 0x61, 0x61, 2]),
        ("an unknown term", vec![0xa1, 0x18, 0x64, 1]),
        ("an unknown context", vec![0xa1, 0, 0x18, 0xfe]),
        ("a context of a stranger", [&[0xa1, 0, 0x6f][..], b"https://x.test/"].concat()),
        ("a table value that is none", vec![0xa1, 0x61, 0x61, 0x42, 0xff, 0xfe]),
        ("a list where none may be", vec![0xa2, 0, 1, 3, 0x61, 0x61]),
        (
            "a list under the key of one",
            [&[0xa2, 0, 1, 0x18, 0x9c][..], &[0x81, 0x61, 0x61]].concat(),
        ),
        ("no document", vec![0x01]),
        ("a number in a long form", vec![0xa1, 0x61, 0x61, 0x18, 1]),
        ("no UTF-8", vec![0xa1, 0x61, 0xff, 1]),
    ] {
        assert!(payload(&bytes).is_err(), "{what}: {:?}", payload(&bytes));
    }
    // Two bytes stand for a long text: thousands of them are not unfolded.
    let mut many = vec![0xa1, 0x61, 0x61, 0x99, 0x07, 0x80];
    (0..0x0780).for_each(|_| many.extend([0x41, 40]));
    assert_eq!(payload(&many), Err(PaperError::TooMuchInside));
    let mut empty = vec![0xa1, 0x61, 0x61, 0x99, 0x03, 0xe8];
    empty.extend(vec![0xa0; 1000]);
    assert_eq!(payload(&empty), Err(PaperError::TooMuchInside));
}

#[test]
fn texts_of_other_kinds_are_no_badges() {
    for text in [
        "",
        "VC1",
        "VC1-",
        "VC1-X12",
        "VP1-RABC",
        "https://desk.example/verify",
        "https://desk.example/#x",
        "http://desk.example/#VC1-BAAAA",
        "javascript:alert(1)#VC1-BAA",
        "openid4vp://?x=#VC1-BAAAA",
        "이것은 배지가 아닙니다",
    ] {
        assert_eq!(from_text(text), Err(PaperError::NotAPaperBadge), "{text}");
    }
    assert_eq!(from_text(&format!("VC1-R{}", "A".repeat(9000))), Err(PaperError::TooLarge));
    for damaged in ["VC1-R:::", "VC1-Rab", "VC1-RA", "VC1-BA", "VC1-B0", "VC1-BAB", "VC1-B길"] {
        assert_eq!(from_text(damaged), Err(PaperError::DamagedText), "{damaged}");
    }
}

#[test]
fn what_would_change_on_paper_is_not_printed() {
    let with = |name: &str, member: Value| {
        let mut document = value(SMALL);
        document[name] = member;
        to_cbor(&document.to_string())
    };
    assert!(with("@context", json!({"name": "https://schema.org/name"})).is_err(), "inline");
    assert!(with("@context", json!(["https://stranger.test/v1"])).is_err());
    assert!(with("id", json!(7)).is_err());
    assert!(
        to_cbor("[]").is_err() && to_cbor("{\"a\":1,\"a\":2}").is_err() && to_cbor("").is_err()
    );
    let big = json!({"a": "x".repeat(5000)}).to_string();
    assert_eq!(to_cbor(&big), Err(PaperError::TooLarge));
    // Unknown members, odd dates and rare letters pass as they are.
    let odd = [
        json!("똠 뷁 힣"),
        json!([[], [1, -7, true, null, 1.5, 126.978, -0.25, 1e300]]),
        json!({"uuid": "urn:uuid:XYZ"}),
    ];
    for member in odd {
        let mut document = value(SMALL);
        document["strange"] = member;
        let cbor = to_cbor(&document.to_string()).unwrap();
        assert_eq!(value(&from_cbor(&cbor).unwrap()), document);
    }
    for date in
        ["2026-01-05T00:00:00.120Z", "2026-01-05T09:00:00+09:00", "0001-01-01T00:00:00Z", "soon"]
    {
        let mut document = value(SMALL);
        document["validFrom"] = json!(date);
        let cbor = to_cbor(&document.to_string()).unwrap();
        assert_eq!(value(&from_cbor(&cbor).unwrap())["validFrom"], date);
    }
}

#[test]
fn the_desk_needs_an_https_address() {
    for base in ["http://desk.example", "desk", "https://desk.example/#a", "https://desk .example"]
    {
        assert_eq!(to_link(base, SMALL), Err(PaperError::BadAddress), "{base}");
    }
}

#[test]
fn the_table_is_what_our_schemas_say() {
    use credential_model::catalogue::CredentialType;
    let table = crate::table::Table::published();
    let sri = "https://www.w3.org/2018/credentials#sriString";
    for (at, kind) in [CredentialType::QualificationBadge, CredentialType::TrainingHistory]
        .into_iter()
        .enumerate()
    {
        assert_eq!(table.number(sri, kind.schema_digest_sri()), Some(at as u64 + 1));
    }
    assert_eq!(table.number("context", "https://www.w3.org/ns/credentials/v2"), Some(1));
}

proptest! {
    #[test]
    fn no_bytes_and_no_text_bring_it_down(bytes in prop::collection::vec(any::<u8>(), 0..300), text in ".{0,80}") {
        let _ = payload(&bytes);
        let _ = from_text(&text);
        let _ = from_text(&format!("VC1-B{text}"));
    }

    #[test]
    fn a_flipped_byte_never_gives_the_same_credential(at in 7_usize..400, bit in 0_u8..8) {
        let mut cbor = to_cbor(SMALL).unwrap();
        let at = at % cbor.len();
        cbor[at] ^= 1 << bit;
        if let Ok(json) = from_cbor(&cbor) {
            prop_assert_ne!(value(&json), value(SMALL));
        }
    }

    #[test]
    fn both_text_forms_carry_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(crate::text::bytes(&crate::text::for_qr(&bytes)), Ok(bytes.clone()));
        prop_assert_eq!(crate::text::bytes(&crate::text::for_link(&bytes)), Ok(bytes));
    }
}

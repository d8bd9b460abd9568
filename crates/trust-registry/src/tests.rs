use credential_model::did::Did;
use credential_model::moment::Moment;
use serde_json::{Value, json};

use crate::*;

const HRD: &str = "did:web:hrd.test";
const MINISTRY: &str = "did:web:ministry.test";
const BADGE: &str = "KrQualificationBadge";

fn at(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

fn list() -> Value {
    json!({
        "version": 3,
        "issued": "2026-11-01T00:00:00Z",
        "expires": "2026-12-01T00:00:00Z",
        "operator": MINISTRY,
        "entries": [
            {
                "issuer": HRD, "name_ko": "가상산업인력공단", "name_en": "Fictitious HRD Agency",
                "types": [BADGE, "KrTrainingHistory"], "kinds": ["1320", "1321"],
                "from": "2020-01-01T00:00:00Z", "until": "2026-06-01T00:00:00Z",
                "authority": ["가상노동부", MINISTRY]
            },
            {
                "issuer": "did:web:drone.test", "name_ko": "가상항공청", "name_en": "Fictitious Flight Authority",
                "types": ["DroneFlightPermit"], "from": "2025-01-01T00:00:00Z", "authority": [MINISTRY]
            }
        ]
    })
}

fn with(pointer: &str, value: Value) -> Value {
    let mut changed = list();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    changed.pointer_mut(parent).unwrap()[name] = value;
    changed
}

fn ask(
    json: &Value,
    issuer: &str,
    type_name: &str,
    kind: Option<&str>,
    moment: &str,
) -> Entitlement {
    TrustList::parse(json).unwrap().authorised(issuer, type_name, kind, at(moment))
}

#[test]
fn an_accredited_issuer_is_entitled_and_its_authority_named() {
    let answer = ask(&list(), HRD, BADGE, Some("1320"), "2025-06-18T00:00:00Z");
    let Entitlement::Entitled { authority, name_ko, name_en, .. } = &answer else {
        panic!("{answer:?}")
    };
    assert_eq!(authority, &["가상노동부", MINISTRY]);
    assert_eq!((name_ko.as_str(), name_en.as_str()), ("가상산업인력공단", "Fictitious HRD Agency"));
    assert!(answer.is_entitled() && !answer.is_inconclusive());
    // Without kinds the accreditation covers credentials with and without a kind.
    for kind in [None, Some("anything")] {
        assert!(
            ask(&list(), "did:web:drone.test", "DroneFlightPermit", kind, "2026-11-20T00:00:00Z")
                .is_entitled()
        );
    }
}

#[test]
fn every_refusal_says_which() {
    for (issuer, type_name, kind, moment, code) in [
        (
            "did:web:unknown.test",
            BADGE,
            Some("1320"),
            "2025-06-18T00:00:00Z",
            "issuer_not_accredited",
        ),
        (HRD, "DroneFlightPermit", None, "2025-06-18T00:00:00Z", "issuer_not_accredited"),
        (
            HRD,
            "krqualificationbadge",
            Some("1320"),
            "2025-06-18T00:00:00Z",
            "issuer_not_accredited",
        ),
        (
            "did:web:hrd.test:sub",
            BADGE,
            Some("1320"),
            "2025-06-18T00:00:00Z",
            "issuer_not_accredited",
        ),
        (HRD, BADGE, Some("9999"), "2025-06-18T00:00:00Z", "issuer_not_for_this_kind"),
        (HRD, BADGE, None, "2025-06-18T00:00:00Z", "issuer_not_for_this_kind"),
        (HRD, BADGE, Some("1320"), "2019-12-31T23:59:59Z", "issuer_not_at_that_time"),
        (HRD, BADGE, Some("1320"), "2026-06-01T00:00:00Z", "issuer_not_at_that_time"),
        (HRD, BADGE, Some("1320"), "2026-12-01T00:00:00Z", "trust_list_expired"),
    ] {
        assert_eq!(
            ask(&list(), issuer, type_name, kind, moment).code(),
            code,
            "{issuer} {type_name} {kind:?} {moment}"
        );
    }
    // The borders: from is in, until is out.
    assert!(ask(&list(), HRD, BADGE, Some("1320"), "2020-01-01T00:00:00Z").is_entitled());
    assert!(ask(&list(), HRD, BADGE, Some("1320"), "2026-05-31T23:59:59Z").is_entitled());
}

#[test]
fn several_entries_of_one_issuer_add_up() {
    let mut json = list();
    json["entries"].as_array_mut().unwrap().push(json!({
        "issuer": HRD, "name_ko": "가상산업인력공단", "name_en": "Fictitious HRD Agency",
        "types": [BADGE], "kinds": ["2000"], "from": "2026-08-01T00:00:00Z", "authority": [MINISTRY]
    }));
    assert!(ask(&json, HRD, BADGE, Some("2000"), "2026-09-01T00:00:00Z").is_entitled());
    // Kind known but at another time tells more than kind unknown to the second entry.
    assert_eq!(
        ask(&json, HRD, BADGE, Some("1320"), "2026-09-01T00:00:00Z"),
        Entitlement::NotAtThatTime
    );
    assert_eq!(
        ask(&json, HRD, BADGE, Some("3000"), "2026-09-01T00:00:00Z"),
        Entitlement::NotForThisKind
    );
}

#[test]
fn an_expired_list_answers_nothing_about_the_past_either() {
    let list = TrustList::parse(&list()).unwrap();
    let question = Question {
        issuer: HRD,
        type_name: BADGE,
        kind: Some("1320"),
        at: at("2025-06-18T00:00:00Z"),
    };
    let source: &dyn TrustSource = &list;
    assert!(source.entitlement(&question, at("2026-11-23T00:00:00Z")).is_entitled());
    let late = source.entitlement(&question, at("2026-12-01T00:00:00Z"));
    assert!(late.is_inconclusive());
    assert_eq!((source.version(), source.valid_until()), (3, at("2026-12-01T00:00:00Z")));
    assert_eq!(list.names(HRD), Some(("가상산업인력공단", "Fictitious HRD Agency")));
    assert_eq!(list.names("did:web:unknown.test"), None);
}

#[test]
fn lists_are_written_back_as_read() {
    let parsed = TrustList::parse(&list()).unwrap();
    assert_eq!(serde_json::to_value(&parsed).unwrap(), list());
    let again: TrustList = serde_json::from_str(&serde_json::to_string(&parsed).unwrap()).unwrap();
    assert_eq!(again.digest().unwrap(), parsed.digest().unwrap());
    let answer = parsed.authorised(HRD, BADGE, Some("1320"), at("2025-06-18T00:00:00Z"));
    let json = serde_json::to_value(&answer).unwrap();
    assert_eq!(json["outcome"], "entitled");
    assert_eq!(serde_json::from_value::<Entitlement>(json).unwrap(), answer);
}

#[test]
fn malformed_lists_are_refused() {
    for (bad, code) in [
        (json!([]), "trust_list_malformed"),
        (json!({}), "trust_list_malformed"),
        (with("/surprise", json!(1)), "trust_list_malformed"),
        (with("/entries/0/surprise", json!(1)), "trust_list_malformed"),
        (with("/version", json!("3")), "trust_list_malformed"),
        (with("/version", json!(-1)), "trust_list_malformed"),
        (with("/version", json!(1.5)), "trust_list_malformed"),
        (with("/issued", json!("yesterday")), "trust_list_malformed"),
        (with("/operator", json!("ministry")), "trust_list_malformed"),
        (with("/entries/0/issuer", json!("https://hrd.test")), "trust_list_malformed"),
        (with("/entries/0/types", json!(BADGE)), "trust_list_malformed"),
        (
            with(
                "/entries",
                json!([[HRD, "가", "a", [BADGE], null, "2020-01-01T00:00:00Z", null, [MINISTRY]]]),
            ),
            "trust_list_malformed",
        ),
        (with("/version", json!(0)), "trust_list_inconsistent"),
        (with("/expires", json!("2026-11-01T00:00:00Z")), "trust_list_inconsistent"),
        (with("/entries/0/types", json!([])), "trust_list_inconsistent"),
        (with("/entries/0/types", json!([""])), "trust_list_inconsistent"),
        (with("/entries/0/kinds", json!([])), "trust_list_inconsistent"),
        (with("/entries/0/kinds", json!([""])), "trust_list_inconsistent"),
        (with("/entries/0/until", json!("2020-01-01T00:00:00Z")), "trust_list_inconsistent"),
        (with("/entries/0/authority", json!([])), "trust_list_inconsistent"),
        (with("/entries/0/name_ko", json!("")), "trust_list_inconsistent"),
        (with("/entries/0/name_en", json!("a\u{0}b")), "trust_list_inconsistent"),
        (with("/entries/0/name_en", json!("x".repeat(600))), "trust_list_inconsistent"),
        (with("/entries/0/authority", json!(vec!["a"; 9])), "trust_list_too_large"),
        (with("/entries/0/types", json!(vec!["a"; 65])), "trust_list_too_large"),
        (with("/entries", Value::Array(vec![json!(0); MAX_ENTRIES + 1])), "trust_list_too_large"),
    ] {
        let shown: String = bad.to_string().chars().take(200).collect();
        assert_eq!(TrustList::parse(&bad).unwrap_err().code(), code, "{shown}");
    }
}

#[test]
fn only_a_newer_list_of_the_same_operator_follows() {
    let seen = |json: Value| SeenList::of(&TrustList::parse(&json).unwrap()).unwrap();
    let current = seen(list());
    let older = seen(with("/version", json!(2)));
    let newer = seen(with("/version", json!(4)));
    let same_version = seen(with("/entries/0/kinds", json!(["1320"])));
    let other = SeenList { operator: Did::parse("did:web:other.test").unwrap(), ..newer.clone() };

    check_successor(None, &current).unwrap();
    check_successor(Some(&current), &current).unwrap();
    check_successor(Some(&current), &newer).unwrap();
    for (offered, code) in [
        (&older, "trust_list_rolled_back"),
        (&same_version, "trust_list_equivocated"),
        (&other, "trust_list_other_operator"),
    ] {
        assert_eq!(check_successor(Some(&current), offered).unwrap_err().code(), code);
    }
    let stored: SeenList = serde_json::from_str(&serde_json::to_string(&current).unwrap()).unwrap();
    assert_eq!(stored, current);
}

const ACCOUNT: &str = "0x00112233445566778899aAbBcCdDeEfF00112233";

#[test]
fn a_chain_controller_is_read_strictly_and_told() {
    let list = TrustList::parse(&with("/entries/0/chain_controller", json!(ACCOUNT))).unwrap();
    let account = list.chain_controller(HRD).unwrap();
    assert_eq!(account.to_string(), ACCOUNT.to_lowercase());
    assert_eq!((account.as_bytes()[0], account.as_bytes()[19]), (0x00, 0x33));
    assert_eq!(list.chain_controller("did:web:drone.test"), None);
    assert_eq!(list.chain_controller("did:web:nobody.test"), None);
    assert!(list.knows(HRD) && !list.knows("did:web:nobody.test"));
    for bad in [
        json!(ACCOUNT[2..]),
        json!(ACCOUNT[..41]),
        json!(format!("{ACCOUNT}0")),
        json!(ACCOUNT.replace("0x00", "0x+0")),
        json!(ACCOUNT.replace("0x", "0X")),
        json!(format!("0x{}", "0".repeat(40))),
        json!(""),
        json!(7),
    ] {
        let refused = TrustList::parse(&with("/entries/0/chain_controller", bad.clone()));
        assert_eq!(refused.unwrap_err().code(), "trust_list_malformed", "{bad}");
    }
}

#[test]
fn an_issuer_has_one_chain_controller() {
    let mut two = with("/entries/0/chain_controller", json!(ACCOUNT));
    let mut second = two["entries"][0].clone();
    second["types"] = json!(["KrCompetitionResultCertificate"]);
    two["entries"].as_array_mut().unwrap().push(second);
    assert!(TrustList::parse(&two).is_ok(), "the same account twice");
    two["entries"][2]["chain_controller"] = json!(ACCOUNT.replace("33", "34"));
    assert_eq!(TrustList::parse(&two).unwrap_err().code(), "trust_list_inconsistent");
}

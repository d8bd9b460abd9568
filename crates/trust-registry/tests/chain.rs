//! Accreditation chains: ministry → HRD Korea → unit, federation → KSOC. All names are fictitious.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use credential_model::{did::Did, moment::Moment};
use evm_chain::{
    AccreditationChain, AccreditationChange, AccreditationRecord, AccreditationStatus, Scope,
    slots::did_key, type_hash,
};
use trust_registry::{ChainTrust, Entitlement, Question, TrustSource, kind_scope};

const MINISTRY: &str = "did:web:moel.sinpyo.example";
const HRDK: &str = "did:web:hrdk.sinpyo.example";
const UNIT: &str = "did:web:unit.sinpyo.example";
const BADGE: &str = "KrQualificationBadge";
const PERMIT: &str = "DroneFlightPermit";

fn did(text: &str) -> Did {
    Did::parse(text).unwrap()
}

fn at(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

fn unix(text: &str) -> i64 {
    at(text).unix()
}

fn record(subject: &str, depth: u8, parent: Option<u8>, names: &[&str]) -> AccreditationRecord {
    AccreditationRecord {
        id: [depth; 32],
        parent: parent.map(|id| [id; 32]),
        subject: did_key(subject),
        scope: Scope::Set(names.iter().map(|name| type_hash(name)).collect()),
        from: unix("2025-01-01T00:00:00Z"),
        until: unix("2030-01-01T00:00:00Z"),
        may_issue: true,
        may_accredit: true,
        depth,
        evidence: [0; 32],
        recorded_at: unix("2025-01-01T00:00:00Z"),
        recorded_in: 1,
        history: Vec::new(),
    }
}

/// The unit first, the ministry last.
fn records() -> Vec<AccreditationRecord> {
    let kind = kind_scope(BADGE, "1320");
    vec![
        record(UNIT, 3, Some(2), &[&kind]),
        record(HRDK, 2, Some(1), &[BADGE, &kind]),
        record(MINISTRY, 1, None, &[BADGE, &kind, PERMIT]),
    ]
}

fn source(records: Vec<AccreditationRecord>) -> ChainTrust {
    let name = |trust: ChainTrust, id, ko, en| trust.named(&did(id), ko, en, None);
    let trust = ChainTrust::new(77, at("2026-11-23T00:00:00Z"), at("2026-11-24T00:00:00Z"))
        .root(&did(MINISTRY))
        .holds(&did(UNIT), vec![AccreditationChain { records }]);
    let trust = name(trust, MINISTRY, "고용노동부(예시)", "Ministry of Employment (sample)");
    let trust = name(trust, HRDK, "한국산업인력공단(예시)", "HRD Korea (sample)");
    name(trust, UNIT, "서울지역본부(예시)", "Seoul office (sample)")
}

fn ask(trust: &ChainTrust, type_name: &str, kind: Option<&str>, moment: &str) -> Entitlement {
    let question = Question { issuer: UNIT, type_name, kind, at: at(moment) };
    trust.entitlement(&question, at("2026-11-23T06:00:00Z"))
}

const THEN: &str = "2026-03-01T00:00:00Z";

#[test]
fn the_chain_of_authority_is_named_from_the_root_down() {
    let Entitlement::Entitled { authority, authority_en, since, name_ko, name_en } =
        ask(&source(records()), BADGE, Some("1320"), THEN)
    else {
        panic!("entitled")
    };
    assert_eq!(authority, ["고용노동부(예시)", "한국산업인력공단(예시)"]);
    assert_eq!(since, Some(at("2025-01-01T00:00:00Z")));
    assert_eq!(authority_en, ["Ministry of Employment (sample)", "HRD Korea (sample)"]);
    assert_eq!(
        (name_ko.as_str(), name_en.as_str()),
        ("서울지역본부(예시)", "Seoul office (sample)")
    );
}

#[test]
fn another_kind_type_time_or_issuer_is_refused() {
    let trust = source(records());
    assert_eq!(ask(&trust, BADGE, Some("9999"), THEN), Entitlement::NotForThisKind);
    // Who does not see the kind cannot tell: the flow makes an open question of it.
    assert_eq!(ask(&trust, BADGE, None, THEN), Entitlement::NotForThisKind);
    assert_eq!(ask(&trust, BADGE, None, "2024-12-31T23:59:59Z"), Entitlement::NotAtThatTime);
    // The ministry may, the unit was not given it.
    assert_eq!(ask(&trust, PERMIT, None, THEN), Entitlement::NotAccredited);
    assert_eq!(
        ask(&trust, BADGE, Some("1320"), "2024-12-31T23:59:59Z"),
        Entitlement::NotAtThatTime
    );
    assert_eq!(
        ask(&trust, BADGE, Some("1320"), "2030-01-01T00:00:00Z"),
        Entitlement::NotAtThatTime
    );
}

#[test]
fn who_was_not_asked_about_is_not_refused() {
    let question =
        Question { issuer: "did:web:other.example", type_name: BADGE, kind: None, at: at(THEN) };
    let now = at("2026-11-23T06:00:00Z");
    let trust = source(records());
    assert_eq!(trust.entitlement(&question, now), Entitlement::RegistryUnreachable);
    assert!(trust.entitlement(&question, now).is_inconclusive());
    assert_eq!(trust.complete().entitlement(&question, now), Entitlement::NotAccredited);
    let old = source(records());
    assert_eq!(
        old.entitlement(&Question { issuer: UNIT, ..question }, at("2026-11-24T00:00:00Z")),
        Entitlement::ListExpired
    );
}

#[test]
fn a_suspension_anywhere_above_counts_for_its_time() {
    for place in 0..3 {
        let mut records = records();
        records[place].history.push(AccreditationChange {
            status: AccreditationStatus::Suspended,
            from: unix("2026-02-01T00:00:00Z"),
            until: Some(unix("2026-04-01T00:00:00Z")),
            recorded_at: unix("2026-02-01T00:00:00Z"),
            reason: [0; 32],
        });
        let trust = source(records);
        assert_eq!(ask(&trust, BADGE, Some("1320"), THEN), Entitlement::SuspendedAtThatTime);
        for free in ["2026-01-31T23:59:59Z", "2026-04-01T00:00:00Z"] {
            assert!(ask(&trust, BADGE, Some("1320"), free).is_entitled(), "{free}");
        }
    }
}

#[test]
fn a_child_that_widens_its_parent_accredits_nobody() {
    let cases: [fn(&mut Vec<AccreditationRecord>); 6] = [
        |records| records[1].scope = Scope::Type(type_hash(BADGE)),
        |records| records[0].until = records[1].until + 1,
        |records| records[0].from = records[1].from - 1,
        |records| records[1].may_accredit = false,
        |records| records[0].depth = 2,
        |records| records[0].scope = Scope::Set(Vec::new()),
    ];
    for widen in cases {
        let mut records = records();
        widen(&mut records);
        assert_eq!(ask(&source(records), BADGE, Some("1320"), THEN), Entitlement::Widened);
    }
}

#[test]
fn a_chain_without_a_pinned_root_or_of_somebody_else_is_worth_nothing() {
    let mut rootless = records();
    rootless.pop();
    assert_eq!(ask(&source(rootless), BADGE, Some("1320"), THEN), Entitlement::NotAccredited);
    let mut foreign = records();
    foreign[2].subject = did_key("did:web:made-up.example");
    assert_eq!(ask(&source(foreign), BADGE, Some("1320"), THEN), Entitlement::NotAccredited);
    let mut stolen = records();
    stolen[0].subject = did_key(HRDK);
    assert_eq!(ask(&source(stolen), BADGE, Some("1320"), THEN), Entitlement::NotAccredited);
}

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::HashMap;

use credential_model::catalogue::CredentialType;
use credential_model::did::{DidUrl, ProofPurpose};
use credential_model::kinds::QualificationKind;
use credential_proofs::data_integrity::{Cryptosuite, ProofOptions};
use serde_json::json;
use signing_keys::Algorithm;
use status_lists::StatusEntry;

use super::*;
use crate::bulk::document::Maker;
use crate::bulk::job::Plan;

fn now() -> Moment {
    Moment::parse("2026-11-24T03:00:00Z").unwrap()
}

fn kind(code: &str, name: &str) -> (String, QualificationKind) {
    let kind = json!({ "code": code, "name_ko": name, "grade": "ENGINEER" });
    (code.to_owned(), serde_json::from_value(kind).unwrap())
}

fn maker() -> Maker {
    Maker {
        plan: Plan {
            credential_type: CredentialType::QualificationBadge,
            kind: None,
            claim_seconds: 60,
        },
        profile: json!({
            "id": "did:web:issuer.test", "type": ["Profile"], "name": "가상자격공단(시험용)"
        }),
        public_url: "https://issuer.test".to_owned(),
        kinds: HashMap::from([kind("1320", "정보처리기사"), kind("2290", "정보처리산업기사")]),
        barred: Vec::new(),
    }
}

fn bulk() -> BulkIssuer<'static> {
    let options = ProofOptions {
        cryptosuite: Cryptosuite::EddsaRdfc2022,
        verification_method: DidUrl::parse("did:web:issuer.test#key-1").unwrap(),
        proof_purpose: ProofPurpose::AssertionMethod,
        created: Some(now()),
        expires: None,
        challenge: None,
        domain: None,
    };
    BulkIssuer::new(options, Algorithm::EdDsa).unwrap()
}

fn row(name: &str, date: &str, kind: &str) -> Cells {
    [
        ("person.name", name),
        ("person.birthDate", "1990-01-02"),
        ("licenseNumber", "00000000001Z"),
        ("awardedDate", date),
        ("kind", kind),
    ]
    .map(|(field, cell)| (field.to_owned(), cell.to_owned()))
    .into()
}

/// Sends rows through moulds as a chunk does, compares every row with its single form, and answers which of them came
/// out of a mould.
fn pass(rows: &[Cells]) -> Vec<bool> {
    let (maker, bulk, mut moulds) = (maker(), bulk(), Moulds::default());
    let mut quick = Vec::new();
    for (index, cells) in rows.iter().enumerate() {
        let place = StatusEntry::new("https://issuer.test/status/1", index);
        let id = format!("urn:uuid:00000000-0000-4000-8000-{index:012}");
        let (entry, number) = (format!("{}#{index}", place.list), index.to_string());
        let own = Own { id: &id, entry: &entry, index: &number };
        let document = maker.document(cells, &id, now(), &place, None).unwrap();
        let single = bulk.prepare(&document).unwrap();
        let mould = moulds.find(cells);
        let filled = mould.and_then(|mould| mould.fill(&own, cells));
        quick.push(filled.is_some());
        if let (Some(mould), Some(filled)) = (mould, filled) {
            assert_eq!(filled.signing_input(), single.signing_input(), "row {index}");
            let mut text = String::new();
            let digest = filled.seal_into(&[7; 64], &mut text);
            assert_eq!(text, single.seal(&[7; 64]), "row {index}");
            let sealed: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(digest, credential_model::credential::json_digest(&sealed));
            assert_eq!(mould.kind.as_deref(), Some(cells["kind"].as_str()));
            assert!(mould.valid_until.is_some());
        } else {
            moulds.note(&bulk, &own, cells, &document);
        }
    }
    quick
}

#[test]
fn rows_of_a_form_come_out_of_its_mould_as_they_do_singly() {
    let names = [
        "가상인물 1",
        "가상인물 2",
        "가상인물 3",
        "가상인물 4",
        "가상 \"인용\" \\ 인물",
        "가상 עברית",
        "_:c14n0 . 가상",
        "가상 𐐷",
        "A 가상",
        "zz 가상",
    ];
    let rows: Vec<Cells> = names
        .iter()
        .enumerate()
        .map(|(at, name)| row(name, &format!("2025-01-{:02}", at + 1), "1320"))
        .collect();
    let quick = pass(&rows);
    assert_eq!(quick[..4], [false; 4], "the first ones teach and prove");
    assert_eq!(quick[4..], [true; 6], "whatever their date is");
}

#[test]
fn rows_of_two_kinds_have_two_moulds() {
    let rows: Vec<Cells> = (0..12)
        .map(|at| row(&format!("가상인물 {at}"), "2025-03-01", ["1320", "2290"][at % 2]))
        .collect();
    assert_eq!(pass(&rows).iter().filter(|quick| **quick).count(), 4);
}

#[test]
fn a_text_that_says_more_than_its_place_does_is_no_hole() {
    // The badge is named after its achievement: each such text has a form of its own.
    let rows: Vec<Cells> = (0..8)
        .map(|at| {
            let mut cells = row("가상인물", "2025-03-01", "1320");
            cells.insert("achievement.name".to_owned(), format!("자격 {at}"));
            cells
        })
        .collect();
    assert_eq!(pass(&rows), [false; 8]);
}

#[test]
fn a_row_that_does_not_fit_is_made_singly() {
    let mut rows: Vec<Cells> =
        (0..6).map(|at| row(&format!("가상인물 {at}"), "2025-03-01", "1320")).collect();
    // One cell more is another form.
    rows[5].insert("certificateIssuedOn".to_owned(), "2025-04-01".to_owned());
    assert_eq!(pass(&rows), [false, false, false, false, true, false]);
}

//! The comparison itself, without ssi and for few documents; at length: `cargo xtask differential`.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use differential::dice::Dice;
use differential::tally::Tally;
use differential::{compare, generate, peers};
use serde_json::{Value, json};

fn run(seeds: std::ops::Range<u64>, peer: compare::Canonical<'_>) -> Tally {
    let material = generate::examples();
    let mut tally = Tally::default();
    for seed in seeds {
        let document = generate::document(&mut Dice::new(seed), &material);
        compare::canonical(&document, &peers::ours(&document), "ox", peer, &mut tally);
    }
    tally
}

#[test]
fn two_hundred_documents_leave_nothing_unexplained() {
    let tally = run(0..200, &peers::ox);
    assert_eq!(tally.unexplained(), 0, "{}", tally.table(true));
    assert!(tally.table(false).contains("the same canonical form"), "something was accepted");
    assert!(tally.table(false).contains("refused by both"), "something was refused");
}

#[test]
fn a_disagreement_is_not_explained_away() {
    let liar =
        |document: &Value| peers::ox(document).map(|text| text + "<urn:a> <urn:b> <urn:c> .\n");
    assert!(run(0..50, &liar).unexplained() > 5);
    let silent = |_: &Value| Err("no".to_owned());
    assert!(run(0..50, &silent).unexplained() > 5);
}

#[test]
fn a_seed_gives_one_document() {
    let material = generate::examples();
    let of = |seed| generate::document(&mut Dice::new(seed), &material);
    assert_eq!(of(7), of(7));
    assert_ne!(of(7), of(8));
}

#[test]
fn our_types_agree_unchanged() {
    for document in generate::examples() {
        assert_eq!(peers::ours(&document).unwrap(), peers::ox(&document).unwrap());
    }
    let tagged = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"], "id": "urn:x",
        "name": {"@value": "x", "@language": "ko-KR"},
    });
    assert!(peers::ours(&tagged).unwrap().contains("\"x\"@ko-kr"));
    assert_eq!(peers::ours(&tagged).unwrap(), peers::ox(&tagged).unwrap());
}

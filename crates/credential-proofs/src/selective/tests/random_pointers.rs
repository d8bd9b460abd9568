//! Whatever is selected: it verifies, and it says what was selected and nothing else.

use credential_model::ambient::PredictableEntropy;
use credential_model::catalogue::CredentialType;
use proptest::prelude::*;
use serde_json::Value;

use super::round_trips::{Issuer, mandatory_of};
use crate::selective::pointer::select;
use crate::selective::{Disclosure, SelectiveError, create_base, derive};

/// Every pointer into a document.
fn pointers(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                pointers(value, &format!("{at}/{name}"), out);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                pointers(value, &format!("{at}/{index}"), out);
            }
        }
        _ => {}
    }
}

/// Every scalar of the part is at the same place of the whole, arrays closed up.
fn is_part(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => part
            .iter()
            .all(|(name, value)| whole.get(name).is_some_and(|other| is_part(value, other))),
        (Value::Array(part), Value::Array(whole)) => {
            let mut rest = whole.iter();
            part.iter().all(|value| rest.any(|other| is_part(value, other)))
        }
        _ => part == whole,
    }
}

fn check(issuer: &Issuer, kind: CredentialType, picks: &[(prop::sample::Index, bool)]) {
    let document = issuer.example(kind);
    let mut all = Vec::new();
    pointers(&document, "", &mut all);
    let mut mandatory: Vec<String> =
        mandatory_of(kind, &document).into_iter().take(5).map(str::to_owned).collect();
    let mut selective = Vec::new();
    for (index, is_mandatory) in picks {
        let pointer = index.get(&all).clone();
        if *is_mandatory { mandatory.push(pointer) } else { selective.push(pointer) }
    }
    let entropy = PredictableEntropy::new(3);
    let base = match create_base(&document, &issuer.options(), &mandatory, issuer.key(), &entropy) {
        Err(SelectiveError::Unselectable) => return,
        made => made.unwrap(),
    };
    issuer.holders_verdict(&base).unwrap();
    let derived = match derive(&base, &Disclosure::of(&selective), &entropy) {
        Err(SelectiveError::Unselectable) => return,
        made => made.unwrap(),
    };
    issuer.verdict(&derived).unwrap();
    let shown = super::without_proof(&derived);
    let chosen: Vec<&String> = mandatory.iter().chain(&selective).collect();
    assert_eq!(shown, select(&chosen, &document).unwrap().unwrap());
    assert!(is_part(&shown, &document), "{chosen:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ecdsa(kind in 0..7usize, picks in prop::collection::vec(any::<(prop::sample::Index, bool)>(), 0..8)) {
        let issuer = &Issuer::all(1)[0];
        check(issuer, CredentialType::ALL[kind], &picks);
    }
}

#[cfg(feature = "bbs")]
proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bbs(kind in 0..7usize, picks in prop::collection::vec(any::<(prop::sample::Index, bool)>(), 0..8)) {
        let issuer = &Issuer::all(1)[1];
        check(issuer, CredentialType::ALL[kind], &picks);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_proof_value_panics(body in prop::collection::vec(any::<u8>(), 0..200), kind in 0..10u8) {
        let bytes = [[0xd9, 0x5d, kind].as_slice(), &body].concat();
        let text = format!("u{}", crate::base64url::encode(bytes));
        let _ = crate::selective::proof_value::ProofValue::parse(&text);
    }
}

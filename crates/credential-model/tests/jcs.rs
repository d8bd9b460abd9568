//! RFC 8785: our own vectors, the published ones where they lie, and properties.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use std::path::Path;

use credential_model::jcs::{self, JcsError};
use credential_model::json::{Limits, parse_strict};
use proptest::prelude::*;
use serde_json::{Value, json};

fn own() -> Value {
    serde_json::from_str(include_str!("vectors/jcs.json")).unwrap()
}

/// Own inputs hold whole numbers that the strict parser refuses, and serde_json reads
/// doubles exactly only with its `float_roundtrip` feature: so the number is made here.
fn canonical_number(text: &str) -> String {
    jcs::canonicalize(&json!(text.parse::<f64>().unwrap())).unwrap()
}

#[test]
fn own_number_vectors() {
    for vector in own()["numbers"].as_array().unwrap() {
        let input = vector["input"].as_str().unwrap();
        assert_eq!(canonical_number(input), vector["expected"].as_str().unwrap(), "input {input}");
    }
}

#[test]
fn own_document_vectors() {
    for vector in own()["documents"].as_array().unwrap() {
        let input = vector["input"].as_str().unwrap();
        let strict = parse_strict(input.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(jcs::canonicalize(&strict).unwrap(), vector["expected"].as_str().unwrap());
    }
}

#[test]
fn published_vectors_where_they_are() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/jcs");
    let Ok(inputs) = std::fs::read_dir(folder.join("input")) else {
        eprintln!("skipped: the published vectors are not here");
        return;
    };
    let mut count = 0;
    for entry in inputs {
        let path = entry.unwrap().path();
        let expected =
            std::fs::read_to_string(folder.join("output").join(path.file_name().unwrap())).unwrap();
        let input = std::fs::read(&path).unwrap();
        let value = parse_strict(&input, &Limits::default()).unwrap();
        assert_eq!(jcs::canonicalize(&value).unwrap(), expected.trim_end(), "{}", path.display());
        count += 1;
    }
    assert!(count >= 6);
}

#[test]
fn too_deep_is_an_error_and_no_overflow() {
    let mut value = json!(1);
    for _ in 0..jcs::MAX_DEPTH + 1 {
        value = json!([value]);
    }
    assert_eq!(jcs::canonicalize(&value), Err(JcsError::TooDeep));
    assert_eq!(JcsError::TooDeep.code(), "jcs_too_deep");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-9_007_199_254_740_991i64..=9_007_199_254_740_991).prop_map(Value::from),
        readable_double().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Doubles that the strict parser reads back: between 2^53 and 1e21 JCS writes them as
/// whole numbers, which it refuses by design.
fn readable_double() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("finite, not a huge whole number", |f| {
        f.is_finite() && !(9.0e15..1.0e21).contains(&f.abs())
    })
}

proptest! {
    #[test]
    fn canonical_text_is_a_fixed_point(value in any_json()) {
        let once = jcs::canonicalize(&value).unwrap();
        let again = parse_strict(once.as_bytes(), &Limits::default()).unwrap();
        prop_assert_eq!(jcs::canonicalize(&again).unwrap(), once);
    }

    #[test]
    fn doubles_survive(double in any::<f64>().prop_filter("finite", |f| f.is_finite())) {
        let text = jcs::canonicalize(&json!(double)).unwrap();
        prop_assert_eq!(text.parse::<f64>().unwrap(), double);
    }

    #[test]
    fn member_order_does_not_matter(names in prop::collection::vec("[a-zé가\u{1F600}]{1,4}", 1..8)) {
        let forward: serde_json::Map<String, Value> =
            names.iter().map(|n| (n.clone(), json!(1))).collect();
        let backward: serde_json::Map<String, Value> =
            names.iter().rev().map(|n| (n.clone(), json!(1))).collect();
        prop_assert_eq!(
            jcs::canonicalize(&Value::Object(forward)).unwrap(),
            jcs::canonicalize(&Value::Object(backward)).unwrap()
        );
    }
}

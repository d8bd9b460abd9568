//! The published RDFC-1.0 test suite (w3c/rdf-canon): 64 evaluations, 21 maps, 1 poison graph.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;
use std::fs;

use credential_proofs::rdf_canon::{CanonError, Dataset, HashAlgorithm, Limits, canonicalize};
use serde_json::Value;

#[test]
fn all_published_cases() {
    let Some(folder) = support::vectors("rdf-canon") else { return };
    let manifest: Value =
        serde_json::from_slice(&fs::read(folder.join("manifest.jsonld")).unwrap()).unwrap();
    let read = |name: &Value| fs::read_to_string(folder.join(name.as_str().unwrap())).unwrap();
    let mut counts = BTreeMap::new();
    for entry in manifest["entries"].as_array().unwrap() {
        let id = entry["id"].as_str().unwrap();
        let input = read(&entry["action"]);
        let dataset = Dataset::from_nquads(&input).unwrap();
        let hash = match entry.get("hashAlgorithm").and_then(Value::as_str) {
            Some("SHA384") => HashAlgorithm::Sha384,
            None | Some("SHA256") => HashAlgorithm::Sha256,
            Some(other) => panic!("{id}: unknown hash {other}"),
        };
        let result = canonicalize(&dataset, hash, &Limits::default());
        let kind = entry["type"].as_str().unwrap();
        *counts.entry(kind.to_owned()).or_insert(0) += 1;
        match kind {
            "rdfc:RDFC10EvalTest" => {
                assert_eq!(result.unwrap().nquads, read(&entry["result"]), "{id}")
            }
            "rdfc:RDFC10NegativeEvalTest" => {
                assert!(matches!(result, Err(CanonError::TooMuchWork { .. })), "{id}");
            }
            "rdfc:RDFC10MapTest" => {
                let expected: BTreeMap<String, String> =
                    serde_json::from_str(&read(&entry["result"])).unwrap();
                assert_eq!(labels(&input, &result.unwrap().labels), expected, "{id}");
            }
            other => panic!("{id}: unknown kind {other}"),
        }
    }
    println!("{counts:?}");
    assert_eq!(counts.values().sum::<i32>(), 86);
}

/// Blank nodes are numbered in the order of their first appearance in the text.
fn labels(input: &str, labels: &[Option<u32>]) -> BTreeMap<String, String> {
    let mut names: Vec<String> = Vec::new();
    for word in input.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace)
    {
        if let Some(name) = word.strip_prefix("_:")
            && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
    }
    names
        .into_iter()
        .zip(labels)
        .map(|(name, label)| (name, format!("c14n{}", label.unwrap())))
        .collect()
}

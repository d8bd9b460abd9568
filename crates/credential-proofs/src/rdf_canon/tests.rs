use super::*;

fn canonical(nquads: &str) -> Result<String, CanonError> {
    let dataset = Dataset::from_nquads(nquads).unwrap();
    canonicalize(&dataset, HashAlgorithm::Sha256, &Limits::default())
        .map(|canonical| canonical.nquads)
}

#[test]
fn labels_do_not_depend_on_names_order_or_repetition() {
    let one = canonical("_:x <urn:p> _:y .\n_:y <urn:q> \"v\" .\n").unwrap();
    let two = canonical("_:b <urn:q> \"v\" .\n_:a <urn:p> _:b .\n_:b <urn:q> \"v\" .\n").unwrap();
    assert_eq!(one, two);
    assert!(one.contains("_:c14n0") && one.contains("_:c14n1"));
}

#[test]
fn escapes_are_canonical() {
    let text = canonical(
        "<urn:s> <urn:p> \"\\u0000\\u0009\\u000A\\u000D\\u0008\\u000C\\u007F\\\"\\\\é\" .\n",
    )
    .unwrap();
    assert_eq!(text, "<urn:s> <urn:p> \"\\u0000\\t\\n\\r\\b\\f\\u007F\\\"\\\\é\" .\n");
}

#[test]
fn a_complete_graph_of_equal_nodes_is_refused_in_bounded_work() {
    let mut text = String::new();
    for from in 0..12 {
        for to in 0..12 {
            if from != to {
                text.push_str(&format!("_:n{from} <urn:p> _:n{to} .\n"));
            }
        }
    }
    assert!(matches!(canonical(&text), Err(CanonError::TooMuchWork { .. })));
}

#[test]
fn a_long_ring_of_equal_nodes_neither_overflows_nor_hangs() {
    for size in [4, 40, 4000] {
        let text: String =
            (0..size).map(|n| format!("_:n{n} <urn:p> _:n{} .\n", (n + 1) % size)).collect();
        let result = canonical(&text);
        assert_eq!(result.is_ok(), size < 100, "{size}: {:?}", result.err());
    }
}

#[test]
fn limits_hold() {
    let dataset = Dataset::from_nquads("_:a <urn:p> _:b .\n_:b <urn:p> <urn:o> .\n").unwrap();
    let few_blanks = Limits { max_blank_nodes: 1, ..Limits::default() };
    let refused = canonicalize(&dataset, HashAlgorithm::Sha256, &few_blanks).unwrap_err();
    assert_eq!(refused.code(), "rdf_too_many_blank_nodes");
    let few_quads = Limits { max_quads: 1, ..Limits::default() };
    let refused = canonicalize(&dataset, HashAlgorithm::Sha256, &few_quads).unwrap_err();
    assert_eq!(refused.code(), "rdf_too_many_quads");
}

#[test]
fn malformed_nquads_are_refused() {
    for bad in [
        "<urn:s> <urn:p> .",
        "<urn:s> <urn:p> \"open .",
        "<urn:s> <urn:p> <urn:o>",
        "\"literal\" <urn:p> <urn:o> .",
        "<urn:s> _:p <urn:o> .",
        "<urn:s> <urn:p> \"\\u12\" .",
        "<urn:s> <urn:p> \"\\x\" .",
        "_: <urn:p> <urn:o> .",
        "<urn:s> <urn:p> <urn:o> . <urn:t>",
    ] {
        assert!(Dataset::from_nquads(bad).is_err(), "{bad}");
    }
}

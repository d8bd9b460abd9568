//! N-Quads and RDFC-1.0.

use credential_proofs::rdf_canon::{
    Canonical, Dataset, HashAlgorithm, Limits, Quad, TermId, canonicalize,
};

use super::text;
use crate::Seen;
use crate::mutate::Random;
use crate::seen::magnitude;

pub(super) const WORDS: &[&str] = &[
    "_:a",
    "_:b",
    "_:c14n0",
    "<urn:p>",
    "<urn:q>",
    "\"x\"",
    "\"x\"@ko",
    "^^<urn:t>",
    " .\n",
    "\\u0000",
    "\\U0010FFFF",
    "\\uD800",
    "#",
    "\"\\\"\"",
    "\r\n",
];

pub(super) fn seeds() -> Vec<Vec<u8>> {
    vec![
        b"_:a <urn:p> _:b .\n_:b <urn:p> _:a .\n_:a <urn:q> \"x\\n\"@ko _:g .\n".to_vec(),
        b"<urn:s> <urn:p> \"1\"^^<http://www.w3.org/2001/XMLSchema#integer> <urn:g> .\n".to_vec(),
    ]
}

pub(super) fn nquads(input: &[u8]) -> Seen {
    let text = text(input);
    let dataset = match Dataset::from_nquads(&text) {
        Ok(dataset) => dataset,
        Err(error) => return Seen::of(magnitude(error.line)),
    };
    match canonicalize(&dataset, HashAlgorithm::Sha256, &Limits::default()) {
        Err(error) => Seen::of(error.code()),
        Ok(Canonical { nquads, .. }) => {
            check_fixed_point(&nquads);
            Seen::of("canonical").and(magnitude(nquads.len())).and(magnitude(dataset.blank_count()))
        }
    }
}

/// A canonical form is its own canonical form.
pub(super) fn check_fixed_point(nquads: &str) {
    let again = Dataset::from_nquads(nquads).expect("canonical N-Quads are N-Quads");
    // The labels lie in another order now: a graph at the very limit may pass it.
    if let Ok(twice) = canonicalize(&again, HashAlgorithm::Sha256, &Limits::default()) {
        // The hash decides between symmetric nodes, so only sizes are equal for SHA-384 forms.
        assert_eq!(twice.nquads, nquads, "the canonical form is no fixed point");
    }
}

/// Graphs of up to 16 blank nodes drawn from the input, and the same graph with its nodes renamed and its statements
/// shuffled: both must have one canonical form, or both none.
pub(super) fn graph(input: &[u8]) -> Seen {
    let Some((first, edges)) = input.split_first() else { return Seen::of("empty") };
    let nodes = usize::from(first % 16) + 1;
    let edges: Vec<(usize, usize, usize)> = edges
        .chunks_exact(2)
        .take(200)
        .map(|pair| {
            let (a, b) = (usize::from(pair[0]), usize::from(pair[1]));
            (a % nodes, (a / 64) % 3, b % nodes)
        })
        .collect();
    let mut names: Vec<usize> = (0..nodes).collect();
    let one = canonical(nodes, &edges, &names);
    let mut random = Random::new(edges.len() as u64 ^ u64::from(*first));
    let mut shuffled = edges;
    for at in (1..shuffled.len()).rev() {
        shuffled.swap(at, random.below(at + 1));
    }
    for at in (1..names.len()).rev() {
        names.swap(at, random.below(at + 1));
    }
    let two = canonical(nodes, &shuffled, &names);
    if let (Ok(one), Ok(two)) = (&one, &two) {
        assert_eq!(one, two, "the canonical form depends on names or order");
    }
    Seen::of(one.map(|text| magnitude(text.len()))).and(nodes)
}

fn canonical(
    nodes: usize,
    edges: &[(usize, usize, usize)],
    names: &[usize],
) -> Result<String, &'static str> {
    let mut dataset = Dataset::new();
    let blanks: Vec<TermId> = (0..nodes).map(|_| dataset.blank()).collect();
    for &(from, kind, to) in edges {
        let predicate = dataset.iri(["urn:p", "urn:q", "urn:r"][kind]);
        dataset.push(Quad {
            subject: blanks[names[from]],
            predicate,
            object: blanks[names[to]],
            graph: TermId::DEFAULT_GRAPH,
        });
    }
    canonicalize(&dataset, HashAlgorithm::Sha256, &Limits::default())
        .map(|canonical| canonical.nquads)
        .map_err(|error| error.code())
}

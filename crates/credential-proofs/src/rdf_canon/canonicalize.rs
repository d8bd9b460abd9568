use std::collections::BTreeMap;

use sha2::{Digest, Sha256, Sha384};

use super::dataset::{Dataset, Quad, TermId};
use super::n_degree::NDegree;

/// The hash inside the algorithm. RDFC-1.0 names SHA-256 as default; P-384 suites use SHA-384.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// SHA-256.
    #[default]
    Sha256,
    /// SHA-384.
    Sha384,
}

impl HashAlgorithm {
    pub(crate) fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
        }
    }

    pub(super) fn hex(self, bytes: &[u8]) -> String {
        hex::encode(self.digest(bytes))
    }

    pub(crate) fn hasher(self) -> Hasher {
        match self {
            Self::Sha256 => Hasher::Sha256(Sha256::new()),
            Self::Sha384 => Hasher::Sha384(Sha384::new()),
        }
    }
}

/// Hashes a text that comes in pieces.
pub(crate) enum Hasher {
    Sha256(Sha256),
    Sha384(Sha384),
}

impl Hasher {
    pub(crate) fn update(&mut self, text: &str) {
        match self {
            Self::Sha256(hash) => hash.update(text.as_bytes()),
            Self::Sha384(hash) => hash.update(text.as_bytes()),
        }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        match self {
            Self::Sha256(hash) => hash.finalize().to_vec(),
            Self::Sha384(hash) => hash.finalize().to_vec(),
        }
    }
}

/// Bounds that a document may not pass.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Blank nodes in the dataset.
    pub max_blank_nodes: usize,
    /// Quads in the dataset.
    pub max_quads: usize,
    /// Bytes to be written and hashed: the terms of each quad, once for the canonical document and once more for each
    /// blank node in the quad. A long subject or predicate counts at every quad, however short the JSON was.
    pub max_bytes: usize,
    /// Steps of the n-degree path: hashes of up to 256 bytes, permutation entries and copied labels. The default takes
    /// well under 250 ms.
    pub max_work: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_blank_nodes: 4096,
            max_quads: 16_384,
            max_bytes: 8 * 1024 * 1024,
            max_work: 100_000,
        }
    }
}

/// Why a dataset was not canonicalized.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CanonError {
    /// More blank nodes than [`Limits::max_blank_nodes`].
    #[error("more than {limit} blank nodes")]
    TooManyBlankNodes {
        /// The limit.
        limit: usize,
    },
    /// More quads than [`Limits::max_quads`].
    #[error("more than {limit} quads")]
    TooManyQuads {
        /// The limit.
        limit: usize,
    },
    /// The canonical document, and what is hashed on the way, would pass [`Limits::max_bytes`].
    #[error("the graph needs more than {limit} bytes of canonical text")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// The n-degree path would pass [`Limits::max_work`]: a poison graph.
    #[error("the graph needs more work than {limit} steps")]
    TooMuchWork {
        /// The limit.
        limit: usize,
    },
}

impl CanonError {
    /// Stable code for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooManyBlankNodes { .. } => "rdf_too_many_blank_nodes",
            Self::TooManyQuads { .. } => "rdf_too_many_quads",
            Self::TooLarge { .. } => "rdf_too_large",
            Self::TooMuchWork { .. } => "rdf_too_much_work",
        }
    }
}

/// A canonical dataset.
#[derive(Debug, Clone)]
pub struct Canonical {
    /// The canonical N-Quads document.
    pub nquads: String,
    /// For each blank node, by its number, the number of its canonical label: `Some(3)` is `_:c14n3`. `None` for a blank
    /// node that occurs in no quad.
    pub labels: Vec<Option<u32>>,
}

/// Canonicalizes (RDFC-1.0 section 4.4).
///
/// # Errors
/// [`CanonError`] when a limit is passed.
pub fn canonicalize(
    dataset: &Dataset,
    hash: HashAlgorithm,
    limits: &Limits,
) -> Result<Canonical, CanonError> {
    if dataset.blank_count() > limits.max_blank_nodes {
        return Err(CanonError::TooManyBlankNodes { limit: limits.max_blank_nodes });
    }
    if dataset.quads().len() > limits.max_quads {
        return Err(CanonError::TooManyQuads { limit: limits.max_quads });
    }
    // A dataset is a set: the same statement twice must not change the first-degree hashes.
    let mut quads = dataset.quads().to_vec();
    quads.sort_unstable();
    quads.dedup();
    check_bytes(dataset, &quads, limits.max_bytes)?;

    let mut state = State::new(dataset, &quads, hash);
    let mut by_hash: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mentioned = |state: &State<'_>, blank: &usize| !state.mentions[*blank].is_empty();
    let mut blanks = (0..dataset.blank_count()).filter(|blank| mentioned(&state, blank));
    if let (Some(only), None) = (blanks.next(), blanks.next()) {
        // Nothing to tell apart: a proof configuration, for one.
        state.label(only);
    } else {
        for blank in 0..dataset.blank_count() {
            if mentioned(&state, &blank) {
                let hash = state.first_degree(blank);
                by_hash.entry(hash.clone()).or_default().push(blank);
                state.first_degree[blank] = hash;
            }
        }
    }
    for blanks in by_hash.values() {
        if let [only] = blanks.as_slice() {
            state.label(*only);
        }
    }
    let mut budget = limits.max_work;
    for blanks in by_hash.values().filter(|blanks| blanks.len() > 1) {
        let mut results = Vec::new();
        for &blank in blanks {
            if state.labels[blank].is_none() {
                let found = NDegree::new(&state, &mut budget).start(blank);
                results.push(found.ok_or(CanonError::TooMuchWork { limit: limits.max_work })?);
            }
        }
        results.sort_by(|left, right| left.hash.cmp(&right.hash));
        for result in results {
            for blank in result.issued {
                state.label(blank);
            }
        }
    }
    Ok(Canonical { nquads: state.serialize(), labels: state.labels })
}

/// Terms are kept once each, but written at every quad: 256 KiB of JSON could come to gigabytes of N-Quads.
fn check_bytes(dataset: &Dataset, quads: &[Quad], limit: usize) -> Result<(), CanonError> {
    let mut total = 0_usize;
    for quad in quads {
        let terms = [quad.subject, quad.predicate, quad.object, quad.graph];
        let bytes: usize = terms.iter().map(|term| dataset.text(*term).len()).sum();
        let blanks = terms.iter().filter(|term| term.blank().is_some()).count();
        total = bytes
            .checked_mul(1 + blanks)
            .and_then(|bytes| total.checked_add(bytes))
            .filter(|total| *total <= limit)
            .ok_or(CanonError::TooLarge { limit })?;
    }
    Ok(())
}

/// Everything the two hashing algorithms share.
pub(super) struct State<'a> {
    dataset: &'a Dataset,
    pub(super) quads: &'a [Quad],
    pub(super) hash: HashAlgorithm,
    /// For each blank node, the quads that mention it.
    pub(super) mentions: Vec<Vec<u32>>,
    pub(super) first_degree: Vec<String>,
    pub(super) labels: Vec<Option<u32>>,
    next_label: u32,
}

impl<'a> State<'a> {
    fn new(dataset: &'a Dataset, quads: &'a [Quad], hash: HashAlgorithm) -> Self {
        let count = dataset.blank_count();
        let mut mentions = vec![Vec::new(); count];
        for (index, quad) in quads.iter().enumerate() {
            for blank in
                [quad.subject, quad.object, quad.graph].into_iter().filter_map(TermId::blank)
            {
                if mentions[blank].last() != Some(&(index as u32)) {
                    mentions[blank].push(index as u32);
                }
            }
        }
        Self {
            dataset,
            quads,
            hash,
            mentions,
            first_degree: vec![String::new(); count],
            labels: vec![None; count],
            next_label: 0,
        }
    }

    fn label(&mut self, blank: usize) {
        if self.labels[blank].is_none() {
            self.labels[blank] = Some(self.next_label);
            self.next_label += 1;
        }
    }

    /// RDFC-1.0 section 4.6.
    fn first_degree(&self, blank: usize) -> String {
        let mentioned = self.mentions[blank].iter().map(|&index| &self.quads[index as usize]);
        let lines = self.sorted_lines(mentioned, |other, out| {
            out.push_str(if other == blank { "_:a" } else { "_:z" });
        });
        self.hash.hex(lines.as_bytes())
    }

    pub(super) fn predicate(&self, quad: &Quad) -> &str {
        self.dataset.text(quad.predicate)
    }

    /// N-Quads, one statement a line, in the order of their bytes.
    fn sorted_lines<'q>(
        &self,
        quads: impl Iterator<Item = &'q Quad>,
        blank: impl Fn(usize, &mut String),
    ) -> String {
        // All lines in one text and their places beside it: one allocation instead of one for each.
        let mut text = String::with_capacity(quads.size_hint().0.saturating_mul(160));
        let mut places = Vec::with_capacity(quads.size_hint().0);
        for quad in quads {
            let start = text.len();
            self.line(quad, &blank, &mut text);
            places.push(start..text.len());
        }
        places.sort_unstable_by(|one, other| text[one.clone()].cmp(&text[other.clone()]));
        let mut sorted = String::with_capacity(text.len());
        for place in places {
            sorted.push_str(&text[place]);
        }
        sorted
    }

    fn line(&self, quad: &Quad, blank: impl Fn(usize, &mut String), out: &mut String) {
        let term = |term: TermId, out: &mut String| match term.blank() {
            Some(number) => blank(number, out),
            None => out.push_str(self.dataset.text(term)),
        };
        term(quad.subject, out);
        out.push(' ');
        out.push_str(self.predicate(quad));
        out.push(' ');
        term(quad.object, out);
        if quad.graph != TermId::DEFAULT_GRAPH {
            out.push(' ');
            term(quad.graph, out);
        }
        out.push_str(" .\n");
    }

    fn serialize(&self) -> String {
        self.sorted_lines(self.quads.iter(), |blank, out| {
            out.push_str("_:c14n");
            push_number(self.labels[blank].unwrap_or(u32::MAX), out);
        })
    }
}

pub(crate) fn push_number(number: u32, out: &mut String) {
    use std::fmt::Write as _;
    // Writing to a String cannot fail.
    let _ = write!(out, "{number}");
}

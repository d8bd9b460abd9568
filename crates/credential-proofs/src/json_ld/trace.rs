//! What selective disclosure has to know of a walk: which JSON object became which blank node.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::emit::{Emitter, walk};
use super::error::JsonLdError;
use super::library::{Library, Options};
use super::source::Source;
use crate::rdf_canon::{Dataset, TermId, is_absolute};

/// A dataset and where its blank nodes come from. Every blank node is in exactly one of the three lists.
#[derive(Debug)]
pub(crate) struct Traced {
    pub(crate) dataset: Dataset,
    /// Blank nodes that the document names, `_:x`.
    pub(crate) labels: HashMap<String, TermId>,
    pub(crate) trace: Trace,
}

/// `to_dataset`, remembering which JSON object became which blank node. In a `labelled` document, `@id` may hold the
/// labels that selective disclosure has written in.
pub(crate) fn to_traced(
    document: &Value,
    library: &Library,
    options: Options,
    labelled: bool,
) -> Result<Traced, JsonLdError> {
    let trace = Some(Trace { labelled, ..Trace::default() });
    let emitter = walk(Source::whole(document)?, library, options, trace)?;
    let trace = emitter.trace.unwrap_or_default();
    Ok(Traced { dataset: emitter.dataset, labels: emitter.blanks, trace })
}

/// What the contexts of a document could make of an absolute IRI besides leaving it as it is.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Terms with a colon in them.
    compact: HashSet<String>,
    /// Terms that are prefixes.
    prefixes: HashSet<String>,
}

impl Names {
    /// Whether this text, as `@id` or as a value that is an IRI, is this very IRI in each of the contexts.
    pub(crate) fn verbatim(&self, text: &str) -> bool {
        let Some((prefix, suffix)) = text.split_once(':') else { return false };
        is_absolute(text)
            && !self.compact.contains(text)
            && (suffix.starts_with("//") || !self.prefixes.contains(prefix))
    }
}

/// [`to_dataset`](super::to_dataset), and what its contexts know of compact IRIs.
pub(crate) fn to_named(
    source: Source<'_>,
    library: &Library,
    options: Options,
) -> Result<(Dataset, Names), JsonLdError> {
    let emitter = walk(source, library, options, None)?;
    let mut names = Names::default();
    for context in emitter.session.contexts() {
        for (name, term) in &context.terms {
            if name.contains(':') {
                names.compact.insert(name.to_string());
            } else if term.prefix {
                names.prefixes.insert(name.to_string());
            }
        }
    }
    Ok((emitter.dataset, names))
}

#[derive(Debug, Default)]
pub(crate) struct Trace {
    /// Node objects without an identifier, by [`address_of`] the object.
    pub(crate) nodes: HashMap<usize, TermId>,
    /// The cells of lists.
    pub(crate) cells: Vec<Cell>,
    /// Whether labels are written into the document.
    pub(super) labelled: bool,
    /// Whose lists are being written, and how many cells that property has so far.
    pub(super) scope: Option<(TermId, TermId)>,
    pub(super) counts: HashMap<(TermId, TermId), u32>,
}

/// A cell of a list: the blank node behind `rdf:first` and `rdf:rest`. It has no place in the JSON, so it is told by
/// the property that holds the list and by its number there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) subject: TermId,
    pub(crate) predicate: TermId,
    pub(crate) number: u32,
    pub(crate) blank: TermId,
}

impl Trace {
    pub(super) fn cell(&mut self, blank: TermId) {
        if let Some((subject, predicate)) = self.scope {
            let count = self.counts.entry((subject, predicate)).or_default();
            self.cells.push(Cell { subject, predicate, number: *count, blank });
            *count += 1;
        }
    }
}

impl Emitter<'_> {
    /// A blank node for an object without identifier.
    pub(super) fn unnamed(&mut self, address: usize) -> TermId {
        let id = self.dataset.blank();
        if let Some(trace) = &mut self.trace {
            trace.nodes.insert(address, id);
        }
        id
    }
}

/// Tells the objects of one document apart while it is borrowed.
pub(crate) fn address_of(members: &Map<String, Value>) -> usize {
    std::ptr::from_ref(members).addr()
}

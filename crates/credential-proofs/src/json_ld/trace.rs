//! What selective disclosure has to know of a walk: which JSON object became which blank node.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::emit::{Emitter, walk};
use super::error::JsonLdError;
use super::library::{Library, Options};
use crate::rdf_canon::{Dataset, TermId};

/// A dataset and where its blank nodes come from. Every blank node is in exactly one of the three lists.
#[derive(Debug)]
pub(crate) struct Traced {
    pub(crate) dataset: Dataset,
    /// Blank nodes that the document names, `_:x`.
    pub(crate) labels: HashMap<String, TermId>,
    pub(crate) trace: Trace,
}

/// [`to_dataset`], remembering which JSON object became which blank node. In a `labelled` document, `@id` may hold the
/// labels that selective disclosure has written in.
pub(crate) fn to_traced(
    document: &Value,
    library: &Library,
    options: Options,
    labelled: bool,
) -> Result<Traced, JsonLdError> {
    let emitter = walk(document, library, options, Some(Trace { labelled, ..Trace::default() }))?;
    let trace = emitter.trace.unwrap_or_default();
    Ok(Traced { dataset: emitter.dataset, labels: emitter.blanks, trace })
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

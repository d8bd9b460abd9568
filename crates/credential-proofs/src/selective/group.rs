//! Statements under their hidden labels, and which of them a set of pointers selects (vc-di-ecdsa 1.0, sections 3.4.8,
//! 3.4.14 to 3.4.17).
//!
//! The specification skolemizes the expanded document and compacts it again. Here the walk that makes the RDF tells
//! which JSON object became which blank node; these objects get their label written in, and what a pointer selects of
//! that document then names the same blank nodes.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};

use super::SelectiveError;
use super::labels::{LabelKey, Scheme};
use super::pointer::select;
use crate::data_integrity::{Engine, TransformError};
use crate::json_ld::trace::{Cell, Traced, address_of, to_traced};
use crate::rdf_canon::{Canonical, Dataset, HashAlgorithm, Quad, TermId, canonicalize};

/// A document, its statements under hidden labels, and the way from JSON to them.
pub(super) struct Grouping<'e> {
    engine: &'e Engine<'e>,
    /// The canonical form before the labels were replaced.
    #[cfg(test)]
    pub(super) canonical: Canonical,
    /// The statements, sorted, each with its line end.
    pub(super) statements: Vec<String>,
    /// The document with a label on every object that has no identifier.
    labelled: Value,
    /// The hidden label of each blank node, without `_:`.
    hidden: Vec<Option<String>>,
    by_label: HashMap<String, usize>,
    by_cell: HashMap<CellKey, usize>,
}

/// Subject, predicate, number.
type CellKey = (String, String, u32);

/// What a set of pointers selects.
#[derive(Debug, Default)]
pub(super) struct Selected {
    /// Positions among the statements.
    pub(super) indexes: BTreeSet<usize>,
    /// The hidden label of each canonical label of the selected part alone: `c14n0` first.
    pub(super) labels: Vec<String>,
    /// The canonical form of the selected part alone.
    pub(super) canonical: String,
}

impl<'e> Grouping<'e> {
    pub(super) fn new(
        engine: &'e Engine<'e>,
        document: &Value,
        key: &LabelKey,
        scheme: Scheme,
    ) -> Result<Self, SelectiveError> {
        let traced = trace(engine, document, false)?;
        let canonical = canonical(engine, &traced.dataset)?;
        let used = canonical.labels.iter().flatten().count();
        let labels = scheme.labels(key, used);
        let hidden: Vec<Option<String>> = canonical
            .labels
            .iter()
            .map(|number| number.and_then(|number| labels.get(number as usize).cloned()))
            .collect();
        let statements = lines(&traced.dataset, |blank| hidden.get(blank)?.as_deref())
            .ok_or(SelectiveError::Unselectable)?;
        let mut grouping = Self {
            engine,
            #[cfg(test)]
            canonical,
            statements,
            labelled: Value::Null,
            hidden,
            by_label: HashMap::new(),
            by_cell: HashMap::new(),
        };
        grouping.label(document, &traced);
        Ok(grouping)
    }

    /// Writes labels into the document and remembers whose they are.
    fn label(&mut self, document: &Value, traced: &Traced) {
        let mut prefix = "_:n".to_owned();
        while traced.labels.keys().any(|own| own.starts_with(&prefix)) {
            prefix.push('n');
        }
        for (own, id) in &traced.labels {
            if let Some(blank) = id.blank() {
                self.by_label.insert(own.clone(), blank);
            }
        }
        for id in traced.trace.nodes.values() {
            if let Some(blank) = id.blank() {
                self.by_label.insert(format!("{prefix}{blank}"), blank);
            }
        }
        for cell in &traced.trace.cells {
            if let (Some(key), Some(blank)) =
                (cell_key(&traced.dataset, cell, Some), cell.blank.blank())
            {
                self.by_cell.insert(key, blank);
            }
        }
        self.labelled = written(document, &traced.trace.nodes, &prefix);
    }

    /// The hidden labels.
    #[cfg(test)]
    pub(super) fn labels(&self) -> impl Iterator<Item = &str> {
        self.hidden.iter().flatten().map(String::as_str)
    }

    /// The statements that the pointers select.
    pub(super) fn select<S: AsRef<str>>(&self, pointers: &[S]) -> Result<Selected, SelectiveError> {
        let Some(part) = select(pointers, &self.labelled)? else {
            return Ok(Selected::default());
        };
        let traced = trace(self.engine, &part, true)?;
        let canonical = canonical(self.engine, &traced.dataset)?;
        let whole = self.identify(&traced);
        let hidden = |blank: usize| self.hidden.get((*whole.get(blank)?)?)?.as_deref();
        let statements = lines(&traced.dataset, hidden).ok_or(SelectiveError::Unselectable)?;
        let indexes = statements
            .iter()
            .map(|line| self.statements.binary_search(line))
            .collect::<Result<BTreeSet<usize>, _>>()
            .map_err(|_| SelectiveError::Unselectable)?;
        let mut labels = vec![String::new(); canonical.labels.iter().flatten().count()];
        for (blank, number) in canonical.labels.iter().enumerate() {
            if let Some(number) = number {
                let label = hidden(blank).ok_or(SelectiveError::Unselectable)?;
                label.clone_into(&mut labels[*number as usize]);
            }
        }
        Ok(Selected { indexes, labels, canonical: canonical.nquads })
    }

    /// For each blank node of a part, the same one of the whole.
    fn identify(&self, part: &Traced) -> Vec<Option<usize>> {
        let mut whole = vec![None; part.dataset.blank_count()];
        for (label, id) in &part.labels {
            if let Some(blank) = id.blank() {
                whole[blank] = self.by_label.get(label).copied();
            }
        }
        for cell in &part.trace.cells {
            let key = cell_key(&part.dataset, cell, |blank| whole.get(blank).copied().flatten());
            if let (Some(key), Some(blank)) = (key, cell.blank.blank()) {
                whole[blank] = self.by_cell.get(&key).copied();
            }
        }
        whole
    }
}

/// The canonical form of a document, and its statements with other labels: what a verifier has to start from.
pub(super) fn relabelled(
    engine: &Engine<'_>,
    document: &Value,
    labels: &[String],
) -> Result<Option<Vec<String>>, TransformError> {
    let dataset = crate::json_ld::to_dataset(document, engine.library, engine.json_ld)?;
    let canonical = canonical(engine, &dataset)?;
    if canonical.labels.iter().flatten().count() != labels.len() {
        return Ok(None);
    }
    Ok(lines(&dataset, |blank| {
        let number = (*canonical.labels.get(blank)?)?;
        labels.get(number as usize).map(String::as_str)
    }))
}

fn trace(engine: &Engine<'_>, document: &Value, labelled: bool) -> Result<Traced, TransformError> {
    Ok(to_traced(document, engine.library, engine.json_ld, labelled)?)
}

pub(super) fn canonical(
    engine: &Engine<'_>,
    dataset: &Dataset,
) -> Result<Canonical, TransformError> {
    Ok(canonicalize(dataset, HashAlgorithm::Sha256, &engine.limits)?)
}

fn cell_key(
    dataset: &Dataset,
    cell: &Cell,
    whole: impl Fn(usize) -> Option<usize>,
) -> Option<CellKey> {
    let subject = match cell.subject.blank() {
        Some(blank) => format!("_:{}", whole(blank)?),
        None => dataset.text(cell.subject).to_owned(),
    };
    Some((subject, dataset.text(cell.predicate).to_owned(), cell.number))
}

/// A copy of the document in which every object of `nodes` has its label as `@id`.
fn written(value: &Value, nodes: &HashMap<usize, TermId>, prefix: &str) -> Value {
    match value {
        Value::Object(members) => {
            let mut copy: Map<String, Value> = members
                .iter()
                .map(|(name, value)| (name.clone(), written(value, nodes, prefix)))
                .collect();
            if let Some(blank) = nodes.get(&address_of(members)).and_then(|id| id.blank()) {
                copy.insert("@id".to_owned(), Value::from(format!("{prefix}{blank}")));
            }
            Value::Object(copy)
        }
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| written(item, nodes, prefix)).collect())
        }
        scalar => scalar.clone(),
    }
}

/// N-Quads lines, sorted, each once. `None` when a blank node has no label.
fn lines<'l>(dataset: &Dataset, label: impl Fn(usize) -> Option<&'l str>) -> Option<Vec<String>> {
    let mut lines = Vec::with_capacity(dataset.quads().len());
    for quad in dataset.quads() {
        lines.push(line(dataset, quad, &label)?);
    }
    lines.sort_unstable();
    lines.dedup();
    Some(lines)
}

fn line<'l>(
    dataset: &Dataset,
    quad: &Quad,
    label: impl Fn(usize) -> Option<&'l str>,
) -> Option<String> {
    let mut out = String::with_capacity(192);
    let mut term = |term: TermId| {
        match term.blank() {
            Some(blank) => {
                out.push_str("_:");
                out.push_str(label(blank)?);
            }
            None => out.push_str(dataset.text(term)),
        }
        out.push(' ');
        Some(())
    };
    term(quad.subject)?;
    term(quad.predicate)?;
    term(quad.object)?;
    if quad.graph != TermId::DEFAULT_GRAPH {
        term(quad.graph)?;
    }
    out.push_str(".\n");
    Some(out)
}

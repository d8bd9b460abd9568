//! The statements of a shape: N-Quads with slots in them.

use std::borrow::Cow;

use super::template::{Slot, has_mark};
use crate::rdf_canon::{Dataset, HashAlgorithm, Limits, Quad, TermId, escape_into, push_number};

/// More statements than this are no work in bulk.
const MAX_LINES: usize = 256;
const RDF_TYPE: &str = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>";

/// How the text of a slot stands in its statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Between angle brackets, as it is.
    Iri,
    /// Between quotation marks, escaped.
    Literal,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Slot(usize),
    Blank(usize),
}

#[derive(Debug)]
struct Line {
    pieces: Vec<Piece>,
    blanks: usize,
    slots: bool,
}

/// The statements, in any order.
#[derive(Debug)]
pub(super) struct Lines {
    lines: Vec<Line>,
    blanks: Vec<Blank>,
    hash: HashAlgorithm,
}

#[derive(Debug)]
struct Blank {
    number: usize,
    /// The lines that mention it.
    lines: Vec<usize>,
    /// Its first-degree hash, where no slot has a part in it.
    fixed: Option<Vec<u8>>,
}

/// What each slot is, or which slots cannot be slots: those whose text does not stand in exactly one term, whole and
/// alone, and those that are types (what a type is, decides how its node is read).
pub(super) fn kinds(dataset: &Dataset, slots: &[Slot]) -> Result<Vec<Kind>, Vec<usize>> {
    let mut kinds = Vec::with_capacity(slots.len());
    let mut bad = Vec::new();
    let marked: Vec<&str> = dataset.term_texts().filter(|text| has_mark(text)).collect();
    let types: Vec<&str> = dataset
        .quads()
        .iter()
        .filter(|quad| dataset.text(quad.predicate) == RDF_TYPE)
        .map(|quad| dataset.text(quad.object))
        .collect();
    for slot in slots {
        let mark = slot.mark();
        let mut terms = marked.iter().filter(|text| text.contains(&mark));
        let (Some(term), None) = (terms.next(), terms.next()) else {
            bad.push(slot.number);
            continue;
        };
        let rest = term.get(1..).and_then(|rest| rest.strip_prefix(&mark));
        match (term.as_bytes().first(), rest) {
            (Some(b'<'), Some(">")) if !types.contains(term) => kinds.push(Kind::Iri),
            (Some(b'"'), Some(rest)) if rest.starts_with('"') && !has_mark(rest) => {
                kinds.push(Kind::Literal);
            }
            _ => bad.push(slot.number),
        }
    }
    if bad.is_empty() { Ok(kinds) } else { Err(bad) }
}

impl Lines {
    /// `None` when there are too many statements.
    pub(super) fn new(dataset: &Dataset, slots: &[Slot], hash: HashAlgorithm) -> Option<Self> {
        let mut quads = dataset.quads().to_vec();
        quads.sort_unstable();
        quads.dedup();
        if quads.len() > MAX_LINES {
            return None;
        }
        let marks: Vec<String> = slots.iter().map(|slot| slot.mark()).collect();
        let lines: Vec<Line> = quads.iter().map(|quad| line(dataset, quad, &marks)).collect();
        let mut this = Self { lines, blanks: Vec::new(), hash };
        for number in 0..dataset.blank_count() {
            let mentions = |line: &Line| {
                line.pieces.iter().any(|piece| matches!(piece, Piece::Blank(own) if *own == number))
            };
            let lines: Vec<usize> =
                (0..this.lines.len()).filter(|index| mentions(&this.lines[*index])).collect();
            if !lines.is_empty() {
                this.blanks.push(Blank { number, lines, fixed: None });
            }
        }
        this.fix_hashes();
        Some(this)
    }

    /// Writes the canonical document for these texts, line by line. `false` where the quick way does not lead there:
    /// blank nodes that first-degree hashes do not tell apart, a statement about them made twice, too many bytes.
    pub(super) fn canonical(
        &self,
        values: &[Cow<'_, str>],
        limits: &Limits,
        mut write: impl FnMut(&str),
    ) -> bool {
        let Some(labels) = self.labels(values) else { return false };
        let label = |blank: usize, out: &mut String| {
            out.push_str("_:c14n");
            push_number(labels[blank], out);
        };
        let mut text = String::with_capacity(self.lines.len() * 192);
        let mut places = Vec::with_capacity(self.lines.len());
        let mut bytes = 0;
        for line in &self.lines {
            let start = text.len();
            line.write(values, label, &mut text);
            places.push((start..text.len(), line.blanks));
            bytes += (text.len() - start) * (1 + line.blanks);
        }
        // The generic way counts a few bytes a line less: whatever is near the limit goes there.
        if bytes > limits.max_bytes {
            return false;
        }
        let mut sorted: Vec<(&str, usize)> =
            places.into_iter().map(|(place, blanks)| (&text[place], blanks)).collect();
        // Not unstable: this sort is quick with what is nearly in order, as the lines of an example are.
        sorted.sort();
        // A statement made twice is one. Where it mentions blank nodes, their hashes counted it twice.
        if sorted.windows(2).any(|pair| pair[0].0 == pair[1].0 && pair[0].1 > 0) {
            return false;
        }
        sorted.dedup();
        sorted.into_iter().for_each(|(line, _)| write(line));
        true
    }

    /// Puts the statements into the order they have with these texts.
    pub(super) fn arrange(&mut self, values: &[Cow<'_, str>]) {
        let Some(labels) = self.labels(values) else { return };
        let label = |blank: usize, out: &mut String| {
            out.push_str("_:c14n");
            push_number(labels[blank], out);
        };
        let texts: Vec<String> = self
            .lines
            .iter()
            .map(|line| {
                let mut text = String::new();
                line.write(values, label, &mut text);
                text
            })
            .collect();
        let mut order: Vec<usize> = (0..self.lines.len()).collect();
        order.sort_by(|one, other| texts[*one].cmp(&texts[*other]));
        let mut places = vec![0; order.len()];
        for (place, line) in order.iter().enumerate() {
            places[*line] = place;
        }
        let mut lines: Vec<(usize, Line)> =
            places.iter().copied().zip(self.lines.drain(..)).collect();
        lines.sort_unstable_by_key(|(place, _)| *place);
        self.lines = lines.into_iter().map(|(_, line)| line).collect();
        for blank in &mut self.blanks {
            blank.lines.iter_mut().for_each(|line| *line = places[*line]);
            blank.lines.sort_unstable();
        }
    }

    /// The statements with all values put in but for those of the slots `free`, which become slots 0, 1, … in this order.
    pub(super) fn bind(mut self, values: &[Cow<'_, str>], free: &[usize]) -> Self {
        for line in &mut self.lines {
            let mut pieces = Vec::new();
            let mut text = String::new();
            for piece in std::mem::take(&mut line.pieces) {
                let open = match piece {
                    Piece::Text(constant) => {
                        text.push_str(&constant);
                        continue;
                    }
                    Piece::Slot(slot) => match free.iter().position(|own| *own == slot) {
                        Some(hole) => Piece::Slot(hole),
                        None => {
                            text.push_str(&values[slot]);
                            continue;
                        }
                    },
                    blank @ Piece::Blank(_) => blank,
                };
                if !text.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                }
                pieces.push(open);
            }
            pieces.push(Piece::Text(text));
            line.slots = pieces.iter().any(|piece| matches!(piece, Piece::Slot(_)));
            line.pieces = pieces;
        }
        self.fix_hashes();
        self
    }

    /// Computes the first-degree hashes in which no slot has a part.
    fn fix_hashes(&mut self) {
        for index in 0..self.blanks.len() {
            if self.blanks[index].lines.iter().all(|line| !self.lines[*line].slots) {
                self.blanks[index].fixed = Some(self.first_degree(&self.blanks[index], &[]));
            }
        }
    }

    /// The canonical number of each blank node, when first-degree hashes tell them apart.
    fn labels(&self, values: &[Cow<'_, str>]) -> Option<Vec<u32>> {
        let count = self.blanks.iter().map(|blank| blank.number + 1).max().unwrap_or(0);
        let mut labels = vec![0; count];
        if self.blanks.len() < 2 {
            return Some(labels);
        }
        let mut order: Vec<(Cow<'_, [u8]>, usize)> = self
            .blanks
            .iter()
            .map(|blank| {
                let hash = match &blank.fixed {
                    Some(hash) => Cow::Borrowed(hash.as_slice()),
                    None => Cow::Owned(self.first_degree(blank, values)),
                };
                (hash, blank.number)
            })
            .collect();
        order.sort_unstable();
        if order.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return None;
        }
        for (label, (_, number)) in (0..).zip(order) {
            labels[number] = label;
        }
        Some(labels)
    }

    /// RDFC-1.0 section 4.6.
    fn first_degree(&self, blank: &Blank, values: &[Cow<'_, str>]) -> Vec<u8> {
        let mut text = String::with_capacity(blank.lines.len() * 192);
        let mut places = Vec::with_capacity(blank.lines.len());
        for line in &blank.lines {
            let start = text.len();
            let label = |other, out: &mut String| {
                out.push_str(if other == blank.number { "_:a" } else { "_:z" });
            };
            self.lines[*line].write(values, label, &mut text);
            places.push(start..text.len());
        }
        places.sort_by(|one: &std::ops::Range<usize>, other| {
            text[one.clone()].cmp(&text[other.clone()])
        });
        let mut hasher = self.hash.hasher();
        places.into_iter().for_each(|place| hasher.update(&text[place]));
        hasher.finish()
    }
}

impl Line {
    fn write(&self, values: &[Cow<'_, str>], blank: impl Fn(usize, &mut String), out: &mut String) {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Slot(number) => out.push_str(&values[*number]),
                Piece::Blank(number) => blank(*number, out),
            }
        }
    }
}

/// The statement of a quad, its marks replaced by slots.
fn line(dataset: &Dataset, quad: &Quad, marks: &[String]) -> Line {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let terms = [Some(quad.subject), Some(quad.predicate), Some(quad.object)];
    let graph = (quad.graph != TermId::DEFAULT_GRAPH).then_some(quad.graph);
    for term in terms.into_iter().chain([graph]).flatten() {
        if let Some(blank) = term.blank() {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
            pieces.push(Piece::Blank(blank));
        } else {
            let own = dataset.text(term);
            match marks
                .iter()
                .enumerate()
                .find_map(|(slot, mark)| Some((slot, own.split_once(mark.as_str())?)))
            {
                Some((slot, (before, after))) => {
                    text.push_str(before);
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                    pieces.push(Piece::Slot(slot));
                    text.push_str(after);
                }
                None => text.push_str(own),
            }
        }
        text.push(' ');
    }
    text.push_str(".\n");
    pieces.push(Piece::Text(text));
    let count = |wanted: fn(&Piece) -> bool| pieces.iter().filter(|piece| wanted(piece)).count();
    Line {
        blanks: count(|piece| matches!(piece, Piece::Blank(_))),
        slots: count(|piece| matches!(piece, Piece::Slot(_))) > 0,
        pieces,
    }
}

/// The text as it stands in statements.
pub(super) fn escaped(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\' && byte != 0x7f;
    if text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    escape_into(text, &mut out);
    Cow::Owned(out)
}

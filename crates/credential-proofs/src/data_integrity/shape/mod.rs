//! Documents of one shape: the same members in the same order, the same contexts and types, other texts.
//!
//! What JSON-LD makes of such documents differs in these texts only. So the statements of one of them are learned, by
//! sending it through the generic way with a mark in the place of each text, and from then on the texts are put in:
//! no walk, no term to look up. A text in the place of an IRI has to be one that no context could have meant otherwise.
//! Where first-degree hashes do not order the blank nodes, where two statements become one, or where anything else is
//! not as learned, there is no answer, and the generic way is taken. Whether a document is accepted, and every byte of
//! its canonical form, is the same on both ways.

mod bound;
mod lines;
mod memory;
mod template;

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::{Map, Value};
use signing_keys::Algorithm;

pub(super) use self::bound::Bound;
use self::lines::{Kind, Lines, escaped, kinds};
use self::template::{Cutter, Part, fill, has_mark};
pub(super) use self::template::{Slot, integer_mark, mark};
use super::engine::Engine;
use super::suite::hash_of;
use crate::json_ld::Source;
use crate::json_ld::trace::{Names, to_named};
use crate::rdf_canon::canonicalize;

pub(crate) use self::memory::Shapes;

/// Longer texts go the generic way, which counts them.
const MAX_SLOT_BYTES: usize = 16 * 1024;
/// How often texts that turn out to be no slots are taken out.
const MAX_ROUNDS: usize = 4;
/// How many texts are tried one by one.
const MAX_TRIED: usize = 256;

/// A shape that was learned, for one engine and one hash.
#[derive(Debug)]
pub(super) struct Shape {
    without: Option<&'static str>,
    context: Option<Value>,
    parts: Vec<(String, Part)>,
    kinds: Vec<Kind>,
    names: Names,
    lines: Lines,
    /// The document with marks in the slots.
    marked: Map<String, Value>,
    slots: Vec<Slot>,
}

impl Shape {
    /// `patient`: when the document does not work with all texts as slots, they are tried one by one.
    pub(super) fn learn(
        engine: &Engine<'_>,
        source: Source<'_>,
        algorithm: Algorithm,
        patient: bool,
    ) -> Option<Self> {
        if has_mark(&serde_json::to_string(source.members).ok()?) {
            return None;
        }
        let fixed = match Self::with(engine, source, algorithm, BTreeSet::new()) {
            None if patient => unfit(engine, source)?,
            learned => return learned,
        };
        Self::with(engine, source, algorithm, fixed)
    }

    fn with(
        engine: &Engine<'_>,
        source: Source<'_>,
        algorithm: Algorithm,
        mut fixed: BTreeSet<usize>,
    ) -> Option<Self> {
        for _ in 0..MAX_ROUNDS {
            let mut cutter = Cutter::new(&fixed);
            let (parts, marked) = cutter.members(source.members, source.without, false);
            let slots = cutter.slots;
            let read = Source { members: &marked, without: None, context: source.context };
            let (dataset, names) = to_named(read, engine.library, engine.json_ld).ok()?;
            let kinds = match kinds(&dataset, &slots) {
                Ok(kinds) => kinds,
                Err(bad) => {
                    fixed.extend(bad);
                    continue;
                }
            };
            let hash = hash_of(algorithm);
            let lines = Lines::new(&dataset, &slots, hash)?;
            let context = source.context.cloned();
            let without = source.without;
            let mut shape = Self { without, context, parts, kinds, names, lines, marked, slots };
            let texts = shape.texts(source)?;
            let compact: Vec<usize> = shape.not_verbatim(&texts).collect();
            if !compact.is_empty() {
                fixed.extend(compact);
                continue;
            }
            let values = shape.values(&texts);
            shape.lines.arrange(&values);
            // The limits, and the proof of the pudding.
            canonicalize(&dataset, hash, &engine.limits).ok()?;
            let generic = engine.nquads(source, algorithm).ok()?;
            return (shape.canonical(engine, source)? == generic).then_some(shape);
        }
        None
    }

    fn texts<'d>(&self, source: Source<'d>) -> Option<Vec<Cow<'d, str>>> {
        if source.context != self.context.as_ref() || source.without != self.without {
            return None;
        }
        let mut texts = Vec::with_capacity(self.kinds.len());
        fill(&self.parts, source.members, self.without, &mut texts).then_some(texts)
    }

    /// Numbers of the slots of IRIs whose text a context could mean otherwise.
    fn not_verbatim<'s>(&'s self, texts: &'s [Cow<'_, str>]) -> impl Iterator<Item = usize> + 's {
        let slots = self.slots.iter().zip(&self.kinds).zip(texts);
        slots
            .filter(|((_, kind), text)| **kind == Kind::Iri && !self.names.verbatim(text))
            .map(|((slot, _), _)| slot.number)
    }

    /// The texts in the slots, when the document fits.
    pub(super) fn fit<'d>(&self, source: Source<'d>) -> Option<Vec<Cow<'d, str>>> {
        let texts = self.texts(source)?;
        let bytes: usize = texts.iter().map(|text| text.len()).sum();
        (bytes <= MAX_SLOT_BYTES && self.not_verbatim(&texts).next().is_none()).then_some(texts)
    }

    /// The texts as they stand in statements.
    fn values<'t>(&self, texts: &'t [Cow<'_, str>]) -> Vec<Cow<'t, str>> {
        texts
            .iter()
            .zip(&self.kinds)
            .map(|(text, kind)| match kind {
                Kind::Iri => Cow::Borrowed(&**text),
                Kind::Literal => escaped(text),
            })
            .collect()
    }

    fn write(
        &self,
        engine: &Engine<'_>,
        texts: &[Cow<'_, str>],
        write: impl FnMut(&str),
    ) -> Option<()> {
        let values = self.values(texts);
        self.lines.canonical(&values, &engine.limits, write).then_some(())
    }

    /// The canonical form; `None` sends the caller the generic way.
    fn canonical(&self, engine: &Engine<'_>, source: Source<'_>) -> Option<String> {
        let mut text = String::new();
        self.write(engine, &self.fit(source)?, |line| text.push_str(line))?;
        Some(text)
    }

    /// The hash of the canonical form for texts that [`fit`](Self::fit) found.
    pub(super) fn digest(
        &self,
        engine: &Engine<'_>,
        texts: &[Cow<'_, str>],
        algorithm: Algorithm,
    ) -> Option<Vec<u8>> {
        let mut hasher = hash_of(algorithm).hasher();
        self.write(engine, texts, |line| hasher.update(line))?;
        Some(hasher.finish())
    }

    /// The document with marks in the slots, and the slots.
    pub(super) fn marked(&self) -> (&Map<String, Value>, &[Slot]) {
        (&self.marked, &self.slots)
    }
}

/// The numbers of the texts with which the document does not work, each tried alone.
fn unfit(engine: &Engine<'_>, source: Source<'_>) -> Option<BTreeSet<usize>> {
    let none = BTreeSet::new();
    let mut cutter = Cutter::new(&none);
    cutter.members(source.members, source.without, false);
    let all: BTreeSet<usize> = cutter.slots.iter().map(|slot| slot.number).collect();
    if all.len() > MAX_TRIED {
        return None;
    }
    let works = |number: usize| {
        let others = all.iter().copied().filter(|other| *other != number).collect();
        let (_, marked) = Cutter::new(&others).members(source.members, source.without, false);
        let read = Source { members: &marked, without: None, context: source.context };
        to_named(read, engine.library, engine.json_ld).is_ok()
    };
    Some(all.iter().copied().filter(|number| !works(*number)).collect())
}

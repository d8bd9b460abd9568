//! A shape with most of its texts put in.

use std::borrow::Cow;

use signing_keys::Algorithm;

use super::lines::{Kind, Lines, escaped};
use super::{MAX_SLOT_BYTES, Shape};
use crate::data_integrity::engine::Engine;
use crate::data_integrity::suite::hash_of;
use crate::json_ld::trace::Names;
use crate::rdf_canon::HashAlgorithm;

/// A shape in which a few texts are still open.
#[derive(Debug)]
pub(in crate::data_integrity) struct Bound {
    kinds: Vec<Kind>,
    names: Names,
    lines: Lines,
    /// Bytes of the texts that are put in: limits count them.
    constant: usize,
    hash: HashAlgorithm,
}

impl Shape {
    /// Puts the texts in; those at the positions `free` stay open, in this order.
    pub(in crate::data_integrity) fn bind(
        self,
        texts: &[String],
        free: &[usize],
        algorithm: Algorithm,
    ) -> Bound {
        let borrowed: Vec<Cow<'_, str>> =
            texts.iter().map(|text| Cow::Borrowed(text.as_str())).collect();
        let values = self.values(&borrowed);
        let lines = self.lines.bind(&values, free);
        let constant = texts.iter().enumerate().filter(|(at, _)| !free.contains(at));
        Bound {
            kinds: free.iter().filter_map(|slot| self.kinds.get(*slot).copied()).collect(),
            names: self.names,
            lines,
            constant: constant.map(|(_, text)| text.len()).sum(),
            hash: hash_of(algorithm),
        }
    }
}

impl Bound {
    /// The hash of the canonical form with these texts; `None` sends the caller the generic way.
    pub(in crate::data_integrity) fn digest(
        &self,
        engine: &Engine<'_>,
        texts: &[&str],
    ) -> Option<Vec<u8>> {
        let bytes: usize = texts.iter().map(|text| text.len()).sum();
        if texts.len() != self.kinds.len() || bytes + self.constant > MAX_SLOT_BYTES {
            return None;
        }
        let mut values = Vec::with_capacity(texts.len());
        for (text, kind) in texts.iter().zip(&self.kinds) {
            values.push(match kind {
                Kind::Iri if !self.names.verbatim(text) => return None,
                Kind::Iri => Cow::Borrowed(*text),
                Kind::Literal => escaped(text),
            });
        }
        let mut hasher = self.hash.hasher();
        self.lines.canonical(&values, &engine.limits, |line| hasher.update(line)).then_some(())?;
        Some(hasher.finish())
    }
}

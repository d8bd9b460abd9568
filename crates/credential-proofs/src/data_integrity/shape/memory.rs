//! The shapes that one caller meets.

use signing_keys::Algorithm;

use super::Shape;
use crate::data_integrity::engine::Engine;
use crate::data_integrity::suite::hash_of;
use crate::data_integrity::{Cryptosuite, TransformError};
use crate::json_ld::Source;

/// A document and its proof configuration are two shapes; a batch seldom holds more than a few kinds.
const MAX_SHAPES: usize = 8;

/// Shapes for one engine. A stranger's documents can make it useless, and a little slower, and nothing else.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    known: Vec<(Algorithm, Shape)>,
    misses: usize,
    learning: bool,
}

impl Shapes {
    /// Learns nothing: for a single document.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// Learns from the documents it meets.
    pub(crate) fn learning() -> Self {
        Self { learning: true, ..Self::default() }
    }

    /// The hash of the canonical form, the quick way where one is known.
    pub(crate) fn digest(
        &mut self,
        engine: &Engine<'_>,
        source: Source<'_>,
        suite: Cryptosuite,
        algorithm: Algorithm,
    ) -> Result<Vec<u8>, TransformError> {
        if !self.learning || suite.is_jcs() {
            return engine.digest(source, suite, algorithm);
        }
        for (hash, shape) in &self.known {
            if hash_of(*hash) == hash_of(algorithm)
                && let Some(texts) = shape.fit(source)
                && let Some(digest) = shape.digest(engine, &texts, algorithm)
            {
                return Ok(digest);
            }
        }
        self.misses += 1;
        // Learning costs a few times what the generic way does: often at first, then ever more seldom.
        if self.known.len() < MAX_SHAPES
            && (self.misses <= 2 || self.misses.is_power_of_two())
            && let Some(shape) = Shape::learn(engine, source, algorithm, false)
        {
            self.known.push((algorithm, shape));
        }
        engine.digest(source, suite, algorithm)
    }
}

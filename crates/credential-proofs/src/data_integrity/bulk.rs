//! Issuing many documents of few kinds.

mod form;

use std::borrow::Cow;

use serde_json::Value;
use signing_keys::{Algorithm, Signer};

use super::engine::{Engine, configuration};
use super::secure::{attach, securable};
use super::shape::{Shape, Slot, integer_mark, mark};
use super::{PreparedProof, ProofOptions, SecureError, multibase};
use crate::json_ld::Source;

pub use form::{BulkForm, Filled};

/// More shapes than this are not kept: each costs a comparison of the document with it.
const MAX_SHAPES: usize = 16;
/// The mark of the proof value; texts of documents have smaller numbers.
const PROOF_VALUE: usize = 99_999_999;

/// Secures documents that differ only in their texts: names, dates, identifiers, whole numbers. What JSON-LD
/// and canonicalization make of such a document is learned from an example; then the texts are put in. A document of
/// another shape (an optional member more, a longer list) is secured the generic way, as
/// [`secure`](super::secure()) does. The result is the same, byte for byte, on both ways.
///
/// Shared by threads without a lock once it has learned.
#[derive(Debug)]
pub struct BulkIssuer<'l> {
    engine: Engine<'l>,
    options: ProofOptions,
    algorithm: Algorithm,
    learned: Vec<Learned>,
}

#[derive(Debug)]
struct Learned {
    shape: Shape,
    proof_hash: Vec<u8>,
    text: Vec<Chunk>,
}

/// The secured document as text, cut at its slots.
#[derive(Debug)]
enum Chunk {
    Text(String),
    /// Its position among the slots of the document.
    Slot(usize),
    /// The same for a whole number, which has no quotation marks.
    Integer(usize),
    ProofValue,
}

/// A proof ready to be signed.
#[derive(Debug)]
pub struct BulkProof {
    signing_input: Vec<u8>,
    document: Document,
}

#[derive(Debug)]
enum Document {
    Generic(Box<PreparedProof>),
    /// The text before and after the proof value.
    Text(String, usize),
}

impl BulkProof {
    /// The bytes the signer signs.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        &self.signing_input
    }

    /// Whether the generic way was taken.
    #[must_use]
    pub fn is_generic(&self) -> bool {
        matches!(self.document, Document::Generic(_))
    }

    /// The secured document as JSON text without white space.
    #[must_use]
    pub fn seal(self, signature: &[u8]) -> String {
        match self.document {
            Document::Generic(prepared) => prepared.seal(signature).to_string(),
            Document::Text(mut text, at) => {
                text.insert_str(at, &multibase::encode(signature));
                text
            }
        }
    }
}

impl BulkIssuer<'static> {
    /// For the pinned contexts. All documents get the same options, `created` among them.
    ///
    /// # Errors
    /// As [`prepare`](super::prepare), for the suite and the algorithm.
    pub fn new(options: ProofOptions, algorithm: Algorithm) -> Result<Self, SecureError> {
        Self::with_engine(Engine::pinned(), options, algorithm)
    }
}

impl<'l> BulkIssuer<'l> {
    /// [`BulkIssuer::new`] with another engine.
    ///
    /// # Errors
    /// As [`BulkIssuer::new`].
    pub fn with_engine(
        engine: Engine<'l>,
        options: ProofOptions,
        algorithm: Algorithm,
    ) -> Result<Self, SecureError> {
        options.check(algorithm)?;
        Ok(Self { engine, options, algorithm, learned: Vec::new() })
    }

    /// Learns the shape of an example: takes about a millisecond. `false` when documents like it go the generic way: their
    /// suite is a JCS suite, they have proofs already, their blank nodes need more than first-degree hashes, or enough
    /// shapes are known.
    ///
    /// # Errors
    /// As [`prepare`](super::prepare), when the example itself cannot be secured.
    pub fn learn(&mut self, example: &Value) -> Result<bool, SecureError> {
        self.engine.prepare(example, &self.options, self.algorithm)?;
        if self.quick(example).is_some() {
            return Ok(true);
        }
        let Some(learned) = self.learned_from(example) else { return Ok(false) };
        if self.learned.len() < MAX_SHAPES {
            self.learned.push(learned);
        }
        Ok(self.quick(example).is_some())
    }

    fn learned_from(&self, example: &Value) -> Option<Learned> {
        let members = example.as_object().filter(|members| !members.contains_key("proof"))?;
        if self.options.cryptosuite.is_jcs() {
            return None;
        }
        let source = Source { members, without: Some("proof"), context: None };
        let shape = Shape::learn(&self.engine, source, self.algorithm, true)?;
        let mut proof = self.options.to_members();
        let suite = self.options.cryptosuite;
        let configuration = configuration(&proof, members, suite);
        let proof_hash = self.engine.digest(configuration, suite, self.algorithm).ok()?;

        proof.insert("proofValue".to_owned(), Value::from(mark(PROOF_VALUE)));
        let (marked, slots) = shape.marked();
        let mut marked = Value::Object(marked.clone());
        attach(&mut marked, proof);
        let text = chunks(&marked.to_string(), slots)?;
        Some(Learned { shape, proof_hash, text })
    }

    /// Hashes a document, the quick way if its shape is known.
    ///
    /// # Errors
    /// As [`prepare`](super::prepare).
    pub fn prepare(&self, document: &Value) -> Result<BulkProof, SecureError> {
        if let Some(proof) = self.quick(document) {
            return Ok(proof);
        }
        let prepared = self.engine.prepare(document, &self.options, self.algorithm)?;
        let signing_input = prepared.signing_input().to_vec();
        Ok(BulkProof { signing_input, document: Document::Generic(Box::new(prepared)) })
    }

    /// [`prepare`](Self::prepare), signed: the secured document as JSON text.
    ///
    /// # Errors
    /// As [`secure`](super::secure()).
    pub fn secure(&self, document: &Value, signer: &dyn Signer) -> Result<String, SecureError> {
        if signer.algorithm() != self.algorithm {
            return Err(SecureError::AlgorithmMismatch);
        }
        let proof = self.prepare(document)?;
        let signature = signer.sign(proof.signing_input()).map_err(SecureError::Signing)?;
        Ok(proof.seal(&signature))
    }

    fn quick(&self, document: &Value) -> Option<BulkProof> {
        let members = securable(document).ok().filter(|members| !members.contains_key("proof"))?;
        let source = Source { members, without: Some("proof"), context: None };
        self.learned.iter().find_map(|learned| {
            let texts = learned.shape.fit(source)?;
            let digest = learned.shape.digest(&self.engine, &texts, self.algorithm)?;
            let mut signing_input = Vec::with_capacity(2 * digest.len());
            signing_input.extend_from_slice(&learned.proof_hash);
            signing_input.extend_from_slice(&digest);
            let (text, at) = learned.written(&texts)?;
            Some(BulkProof { signing_input, document: Document::Text(text, at) })
        })
    }
}

impl Learned {
    /// The secured document but for its proof value, and where that belongs.
    fn written(&self, texts: &[Cow<'_, str>]) -> Option<(String, usize)> {
        let mut out = Vec::with_capacity(4096);
        let mut at = 0;
        for chunk in &self.text {
            match chunk {
                Chunk::Text(text) => out.extend_from_slice(text.as_bytes()),
                Chunk::Slot(slot) => serde_json::to_writer(&mut out, &**texts.get(*slot)?).ok()?,
                Chunk::Integer(slot) => out.extend_from_slice(texts.get(*slot)?.as_bytes()),
                Chunk::ProofValue => at = out.len(),
            }
        }
        Some((String::from_utf8(out).ok()?, at))
    }
}

/// Cuts the marked text. The mark of a slot goes with its quotation marks, that of the proof value leaves them.
fn chunks(text: &str, slots: &[Slot]) -> Option<Vec<Chunk>> {
    let mut marks: Vec<(usize, usize, Chunk)> = Vec::with_capacity(slots.len() + 1);
    for (position, slot) in slots.iter().enumerate() {
        let (mark, chunk) = if slot.integer {
            (integer_mark(slot.number).to_string(), Chunk::Integer(position))
        } else {
            (format!("\"{}\"", mark(slot.number)), Chunk::Slot(position))
        };
        marks.push((text.find(&mark)?, mark.len(), chunk));
    }
    let mark = mark(PROOF_VALUE);
    marks.push((text.find(&mark)?, mark.len(), Chunk::ProofValue));
    marks.sort_unstable_by_key(|(at, _, _)| *at);
    let mut chunks = Vec::with_capacity(2 * marks.len() + 1);
    let mut done = 0;
    for (at, length, chunk) in marks {
        chunks.push(Chunk::Text(text.get(done..at)?.to_owned()));
        chunks.push(chunk);
        done = at + length;
    }
    chunks.push(Chunk::Text(text[done..].to_owned()));
    Some(chunks)
}

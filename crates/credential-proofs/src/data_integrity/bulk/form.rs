//! One document with holes: what a shape learned, with every text that does not change put in once.

use std::borrow::Cow;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::super::engine::Engine;
use super::super::multibase;
use super::super::shape::Bound;
use super::{BulkIssuer, Chunk, PROOF_VALUE, chunks, mark};
use crate::json_ld::Source;

/// More texts of one document than this are no holes: every other number would do as well.
const MAX_HOLES: usize = 64;

/// A document that differs from its like in a few texts only. Its canonical statements, its sealed text and its JCS
/// text are kept as bytes with holes, so that one more of them is made without a JSON tree. What comes out is, byte
/// for byte, what [`BulkIssuer::prepare`] makes of the document with these texts in the holes.
#[derive(Debug)]
pub struct BulkForm<'l> {
    engine: Engine<'l>,
    bound: Bound,
    proof_hash: Vec<u8>,
    sealed: Vec<Piece>,
    jcs: Vec<Piece>,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Hole(usize),
    ProofValue,
}

/// A document of a [`BulkForm`], ready to be signed.
#[derive(Debug)]
pub struct Filled<'f> {
    form: &'f BulkForm<'f>,
    signing_input: Vec<u8>,
    /// The texts as they stand in JSON, with their quotation marks.
    texts: Vec<String>,
}

impl<'l> BulkIssuer<'l> {
    /// Learns an example with holes, each the path of a text from the top: `["credentialSubject", "person", "name"]`.
    /// `None` where the generic way is the only one: the shape cannot be learned, or a path does not lead to a text
    /// that stands alone in one statement.
    #[must_use]
    pub fn form(&self, example: &Value, holes: &[Vec<&str>]) -> Option<BulkForm<'l>> {
        if holes.len() > MAX_HOLES {
            return None;
        }
        self.engine.prepare(example, &self.options, self.algorithm).ok()?;
        let learned = self.learned_from(example)?;
        let members = example.as_object()?;
        let source = Source { members, without: Some("proof"), context: None };
        let (marked, slots) = learned.shape.marked();
        let mut free = Vec::with_capacity(holes.len());
        for path in holes {
            let (first, rest) = path.split_first()?;
            let place = rest.iter().try_fold(marked.get(*first)?, |value, name| value.get(name))?;
            let slot = slots.iter().position(|slot| place.as_str() == Some(&mark(slot.number)))?;
            if free.contains(&slot) {
                return None;
            }
            free.push(slot);
        }
        let texts = learned.shape.fit(source)?;
        let mut secured = Value::Object(marked.clone());
        let mut proof = self.options.to_members();
        proof.insert("proofValue".to_owned(), Value::from(mark(PROOF_VALUE)));
        super::attach(&mut secured, proof);
        let jcs = chunks(&credential_model::jcs::canonicalize(&secured).ok()?, slots)?;
        let sealed = pieces(&learned.text, &texts, &free)?;
        let jcs = pieces(&jcs, &texts, &free)?;
        let texts: Vec<String> = texts.into_iter().map(Cow::into_owned).collect();
        let proof_hash = learned.proof_hash;
        let bound = learned.shape.bind(&texts, &free, self.algorithm);
        Some(BulkForm { engine: self.engine, bound, proof_hash, sealed, jcs })
    }
}

/// Chunks with all texts put in but for the free ones.
fn pieces(chunks: &[Chunk], texts: &[Cow<'_, str>], free: &[usize]) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    for chunk in chunks {
        let piece = match chunk {
            Chunk::Text(constant) => {
                text.push_str(constant);
                continue;
            }
            Chunk::Integer(slot) => {
                text.push_str(texts.get(*slot)?);
                continue;
            }
            Chunk::Slot(slot) => match free.iter().position(|own| own == slot) {
                Some(hole) => Piece::Hole(hole),
                None => {
                    text.push_str(&serde_json::to_string(&**texts.get(*slot)?).ok()?);
                    continue;
                }
            },
            Chunk::ProofValue => Piece::ProofValue,
        };
        pieces.push(Piece::Text(std::mem::take(&mut text)));
        pieces.push(piece);
    }
    pieces.push(Piece::Text(text));
    Some(pieces)
}

impl BulkForm<'_> {
    /// Puts texts into the holes, in the order of [`BulkIssuer::form`]. `None` sends the caller the generic way: a text
    /// that a context could mean otherwise, blank nodes that these texts make alike, too many bytes, another number
    /// of texts.
    #[must_use]
    pub fn fill(&self, texts: &[&str]) -> Option<Filled<'_>> {
        let digest = self.bound.digest(&self.engine, texts)?;
        let mut signing_input = Vec::with_capacity(self.proof_hash.len() + digest.len());
        signing_input.extend_from_slice(&self.proof_hash);
        signing_input.extend_from_slice(&digest);
        let json = |text: &&str| serde_json::to_string(text).ok();
        Some(Filled {
            form: self,
            signing_input,
            texts: texts.iter().map(json).collect::<Option<_>>()?,
        })
    }
}

impl Filled<'_> {
    /// The bytes the signer signs.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        &self.signing_input
    }

    /// Appends the secured document to `out`, as JSON text without white space, and answers the SHA-256 of its JCS
    /// form ([`credential_model::credential::json_digest`]).
    pub fn seal_into(&self, signature: &[u8], out: &mut String) -> [u8; 32] {
        let value = multibase::encode(signature);
        self.write(&self.form.sealed, &value, |text| out.push_str(text));
        let mut hash = Sha256::new();
        self.write(&self.form.jcs, &value, |text| hash.update(text.as_bytes()));
        hash.finalize().into()
    }

    fn write(&self, pieces: &[Piece], value: &str, mut write: impl FnMut(&str)) {
        for piece in pieces {
            match piece {
                Piece::Text(text) => write(text),
                // As many texts as holes: `Bound` saw to it.
                Piece::Hole(hole) => write(self.texts.get(*hole).map_or("", String::as_str)),
                Piece::ProofValue => write(value),
            }
        }
    }
}

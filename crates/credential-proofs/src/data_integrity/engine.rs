use serde_json::{Map, Value};
use signing_keys::Algorithm;

use super::suite::hash_of;
use super::{Cryptosuite, TransformError};
use crate::json_ld::{Library, Options, Source, dataset_of};
use crate::rdf_canon::{Limits, canonicalize};

/// Contexts and limits that securing and verifying work with. The functions of [`super`] use [`Engine::pinned`].
#[derive(Debug, Clone, Copy)]
pub struct Engine<'l> {
    /// The contexts that exist.
    pub library: &'l Library,
    /// What a document may bring besides URLs of these contexts.
    pub json_ld: Options,
    /// Bounds of canonicalization.
    pub limits: Limits,
}

impl Engine<'static> {
    /// The pinned contexts, no inline and no nested contexts, default limits.
    #[must_use]
    pub fn pinned() -> Self {
        Engine {
            library: Library::pinned(),
            json_ld: Options::default(),
            limits: Limits::default(),
        }
    }
}

impl Engine<'_> {
    /// The canonical text of a document or proof configuration under a suite: N-Quads or JCS.
    ///
    /// # Errors
    /// [`TransformError`].
    pub fn canonical_form(
        &self,
        document: &Value,
        suite: Cryptosuite,
        algorithm: Algorithm,
    ) -> Result<String, TransformError> {
        if suite.is_jcs() {
            return Ok(credential_model::jcs::canonicalize(document)?);
        }
        self.nquads(Source::whole(document)?, algorithm)
    }

    pub(super) fn nquads(
        &self,
        source: Source<'_>,
        algorithm: Algorithm,
    ) -> Result<String, TransformError> {
        let dataset = dataset_of(source, self.library, self.json_ld)?;
        Ok(canonicalize(&dataset, hash_of(algorithm), &self.limits)?.nquads)
    }

    /// The hash of the canonical form.
    pub(crate) fn digest(
        &self,
        source: Source<'_>,
        suite: Cryptosuite,
        algorithm: Algorithm,
    ) -> Result<Vec<u8>, TransformError> {
        let text = if suite.is_jcs() {
            credential_model::jcs::canonicalize(&source.to_value())?
        } else {
            self.nquads(source, algorithm)?
        };
        Ok(hash_of(algorithm).digest(text.as_bytes()))
    }
}

/// The proof configuration: the proof without its value, under the contexts of the document. A JCS proof carries its
/// contexts itself (vc-di-eddsa 1.0 sections 3.2.5 and 3.3.5).
pub(crate) fn configuration<'d>(
    proof: &'d Map<String, Value>,
    document: &'d Map<String, Value>,
    suite: Cryptosuite,
) -> Source<'d> {
    let context = if suite.is_jcs() { None } else { document.get("@context") };
    Source { members: proof, without: Some("proofValue"), context }
}

use serde_json::{Map, Value};
use signing_keys::Algorithm;

use super::suite::hash_of;
use super::{Cryptosuite, TransformError};
use crate::json_ld::{Library, Options, to_dataset};
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
        let dataset = to_dataset(document, self.library, self.json_ld)?;
        Ok(canonicalize(&dataset, hash_of(algorithm), &self.limits)?.nquads)
    }

    /// The hash of the canonical form.
    pub(crate) fn digest(
        &self,
        document: &Value,
        suite: Cryptosuite,
        algorithm: Algorithm,
    ) -> Result<Vec<u8>, TransformError> {
        Ok(hash_of(algorithm).digest(self.canonical_form(document, suite, algorithm)?.as_bytes()))
    }
}

/// The proof configuration: the proof without its value, under the contexts of the document. A JCS proof carries its
/// contexts itself (vc-di-eddsa 1.0 sections 3.2.5 and 3.3.5).
pub(crate) fn configuration(
    proof: &Map<String, Value>,
    document: &Map<String, Value>,
    suite: Cryptosuite,
) -> Value {
    let mut configuration = proof.clone();
    configuration.remove("proofValue");
    if !suite.is_jcs()
        && let Some(context) = document.get("@context")
    {
        configuration.insert("@context".to_owned(), context.clone());
    }
    Value::Object(configuration)
}

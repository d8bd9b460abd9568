//! Canonical N-Quads by us and by oxjsonld with oxrdf.

use credential_model::contexts;
use credential_proofs::data_integrity::{Cryptosuite, Engine};
use credential_proofs::json_ld::Options;
use credential_proofs::rdf_canon::{HashAlgorithm, Limits, canonicalize};
use oxjsonld::{JsonLdParser, JsonLdRemoteDocument};
use oxrdf::Dataset;
use oxrdf::dataset::{CanonicalizationAlgorithm, CanonicalizationHashAlgorithm};
use serde_json::Value;
use signing_keys::Algorithm;

/// Our engine with inline and nested contexts, so that more of JSON-LD is compared.
#[must_use]
pub fn engine() -> Engine<'static> {
    Engine { json_ld: Options { inline_contexts: true, nested_contexts: true }, ..Engine::pinned() }
}

/// Our canonical form.
///
/// # Errors
/// The code of the refusal.
pub fn ours(document: &Value) -> Result<String, &'static str> {
    engine()
        .canonical_form(document, Cryptosuite::EddsaRdfc2022, Algorithm::EdDsa)
        .map_err(|error| error.code())
}

/// The canonical form of oxjsonld and oxrdf.
///
/// # Errors
/// Their words.
pub fn ox(document: &Value) -> Result<String, String> {
    // oxjsonld panics now and then; that is a refusal.
    std::panic::catch_unwind(|| ox_inner(document)).unwrap_or_else(|_| Err("panicked".to_owned()))
}

fn ox_inner(document: &Value) -> Result<String, String> {
    let text = document.to_string();
    let parser = JsonLdParser::new().for_slice(&text).with_load_document_callback(|url, _| {
        let context = contexts::lookup(url).ok_or("unknown context")?;
        Ok(JsonLdRemoteDocument {
            document: context.json.as_bytes().to_vec(),
            document_url: url.to_owned(),
        })
    });
    let mut dataset = Dataset::new();
    for quad in parser {
        dataset.insert(&quad.map_err(|error| error.to_string())?);
    }
    dataset.canonicalize(CanonicalizationAlgorithm::Rdfc10 {
        hash_algorithm: CanonicalizationHashAlgorithm::Sha256,
    });
    let mut lines: Vec<String> = dataset.iter().map(|quad| format!("{quad} .\n")).collect();
    lines.sort();
    Ok(lines.concat())
}

/// What somebody wrote as N-Quads, canonicalized by us.
#[must_use]
pub fn canonical_again(nquads: &str) -> Option<String> {
    let dataset = credential_proofs::rdf_canon::Dataset::from_nquads(nquads).ok()?;
    let (hash, limits) = (HashAlgorithm::Sha256, Limits::default());
    Some(canonicalize(&dataset, hash, &limits).ok()?.nquads)
}

//! The targets, one function each.

mod bulk;
mod chain;
mod data_integrity;
mod documents;
mod domain;
mod envelopes;
mod forged;
mod identity;
mod jose;
mod json;
mod kinds;
mod lists;
mod messages;
mod model;
mod paper;
mod pictures;
mod rdf;
mod sd_jwt;
mod secrets;
mod selective;
mod storage_proofs;
mod web;

use crate::Seen;

/// A decoder under test.
pub struct Target {
    /// Its name on the command line, and of its folder in `corpus/`.
    pub name: &'static str,
    /// Runs it. Must return for every input.
    pub run: fn(&[u8]) -> Seen,
    /// Seeds made in memory, besides those on disk.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Words of the format.
    pub words: &'static [&'static str],
    /// Longest input the driver makes, in bytes.
    pub longest: usize,
    /// How many inputs the short run in the tests takes.
    pub brief: u64,
}

/// Every target.
pub static TARGETS: &[Target] = &[
    target("json", json::strict, json::seeds, json::WORDS),
    target("jcs", json::jcs, json::seeds, json::WORDS),
    target("did", identity::did, none, identity::WORDS),
    target("did-document", identity::document, identity::documents, identity::WORDS),
    target("multikey", identity::multikey, identity::multikeys, identity::WORDS),
    target("jwk", identity::jwk, identity::jwks, identity::WORDS),
    target("credential", model::credential, model::credentials, model::WORDS),
    target("claims", model::claims, model::examples, model::WORDS).fewer(120),
    target(
        "moment",
        model::moment,
        none,
        &["2026-11-23T12:00:00Z", "+09:00", "T24:00:00", "-00:00", "60"],
    ),
    target("forbidden", model::forbidden, model::examples, model::WORDS),
    target("sd-jwt", sd_jwt::parse, sd_jwt::tokens, sd_jwt::WORDS),
    target("sd-jwt-process", sd_jwt::process, sd_jwt::plans, sd_jwt::WORDS),
    target("jws", jose::jws, jose::tokens, jose::WORDS),
    target("jwt-vc", jose::jwt_vc, jose::tokens, jose::WORDS),
    target("key-proof", jose::key_proof, jose::key_proofs, jose::WORDS),
    target("request-object", jose::request_object, jose::request_objects, jose::WORDS),
    target("jwe", jose::jwe, jose::encrypted, jose::WORDS).fewer(150),
    target("certificate", jose::certificate, jose::certificates, &[]),
    target(
        "data-integrity",
        data_integrity::verify,
        data_integrity::secured,
        data_integrity::WORDS,
    )
    .fewer(250),
    target("json-ld", data_integrity::transform, data_integrity::documents, data_integrity::WORDS)
        .fewer(250),
    target(
        "presentation",
        data_integrity::presentation,
        data_integrity::presentations,
        data_integrity::WORDS,
    )
    .fewer(120),
    target("cose", envelopes::sign1, envelopes::structures, envelopes::WORDS),
    target("envelope", envelopes::envelope, envelopes::envelopes, envelopes::WORDS),
    target("vc-sd-jwt", envelopes::vc_sd_jwt_of, envelopes::documents, envelopes::WORDS),
    target("selective", selective::disclose, selective::documents, selective::WORDS).fewer(60),
    target("proof-chain", selective::chain, selective::chains, selective::WORDS).fewer(120),
    target("block-header", chain::header, chain::headers, &[]),
    target("block-seal", chain::seal, chain::seals, &[]),
    target("status-pack", chain::pack, chain::packs, &[]).fewer(100),
    target("storage-proof", storage_proofs::prove, storage_proofs::seeds, storage_proofs::WORDS),
    target("vc-api-request", documents::request, documents::requests, documents::REQUEST_WORDS),
    target("badge-picture", documents::picture, documents::pictures, &["openbadgecredential"]),
    target("badge-pdf", paper::pdf, paper::files, paper::PDF_WORDS),
    target("paper-badge", paper::sheet, paper::sheets, paper::WORDS),
    target("webvh-log", documents::log, documents::logs, documents::LOG_WORDS).fewer(150),
    target("nquads", rdf::nquads, rdf::seeds, rdf::WORDS),
    target("graph", rdf::graph, none, &[]),
    target("forged-data-integrity", forged::data_integrity, none, &[]).fewer(200),
    target("forged-sd-jwt", forged::sd_jwt, none, &[]).fewer(200),
    target("forged-jwt", forged::jwt, none, &[]).fewer(200),
    target("status-list", lists::bitstring, lists::encoded, &["u", "H4sI"]).fewer(100),
    target("status-token", lists::token, lists::payloads, lists::WORDS).fewer(150),
    target("status-credential", lists::credential, lists::documents, lists::WORDS).fewer(150),
    target("trust-list", lists::trust, none, lists::WORDS),
    target("inclusion-proof", lists::inclusion, none, &["index", "size", "path"]),
    target("kinds-xml", kinds::xml, none, kinds::WORDS),
    target("kinds-json", kinds::json, none, kinds::WORDS),
    target("kinds-csv", kinds::csv, none, kinds::WORDS),
    target("bulk-file", bulk::file, bulk::files, bulk::WORDS).fewer(200),
    target("receipt", bulk::receipt, none, bulk::RECEIPT),
    target("offer", messages::offer, none, messages::WORDS),
    target("request", messages::request, messages::requests, messages::WORDS),
    target("dcql", messages::dcql, messages::queries, messages::WORDS),
    target("vci", messages::vci, none, messages::WORDS),
    target("forms", messages::forms, none, messages::WORDS),
    target("qr-image", pictures::image, pictures::images, &[]).fewer(12),
    target("qr-grey", pictures::grey, none, &[]).fewer(25),
    target("qr-link", pictures::link, none, messages::WORDS),
    target("drone-field", domain::field, domain::inputs, domain::WORDS).fewer(200),
    target("area", domain::area, domain::areas, domain::WORDS).fewer(300),
    target("query-guard", domain::guard, messages::queries, messages::WORDS),
    target("addresses", web::addresses, none, web::WORDS),
    target("did-web", web::did_web, none, web::WORDS),
    target("vault", secrets::vault, secrets::headers, &[]),
    target("key-store", secrets::key_store, secrets::files, &[]).fewer(40),
];

/// The target of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

const fn target(
    name: &'static str,
    run: fn(&[u8]) -> Seen,
    seeds: fn() -> Vec<Vec<u8>>,
    words: &'static [&'static str],
) -> Target {
    Target { name, run, seeds, words, longest: 256 * 1024, brief: 300 }
}

impl Target {
    /// For targets whose every input is dear in an unoptimised build.
    const fn fewer(self, brief: u64) -> Self {
        Self { brief, ..self }
    }
}

/// Only the seeds on disk.
fn none() -> Vec<Vec<u8>> {
    Vec::new()
}

/// JSON as the services read it; `None` ends the target.
fn strict(input: &[u8]) -> Result<serde_json::Value, Seen> {
    credential_model::json::parse_strict(input, &credential_model::json::Limits::default())
        .map_err(|error| Seen::of(error.code()))
}

/// The answer of a decoder that gives a value or a coded error.
fn answer<T>(result: Result<T, &'static str>) -> Seen {
    Seen::of(result.err().unwrap_or("ok"))
}

fn text(input: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(input)
}

fn lines(texts: impl IntoIterator<Item = impl Into<String>>) -> Vec<Vec<u8>> {
    texts.into_iter().map(|text| text.into().into_bytes()).collect()
}

//! Data Integrity, from JSON-LD over RDF to the signature.

use credential_model::catalogue::CredentialType;
use credential_proofs::data_integrity::{
    Cryptosuite, Engine, ProofOptions, TransformError, verification_methods,
};
use credential_proofs::json_ld::{Library, Options, to_dataset};
use credential_proofs::{Expected, data_integrity, presentation as vp};
use serde_json::json;
use signing_keys::Algorithm;

use super::{lines, strict};
use crate::Seen;
use crate::samples::{NONCE, names, now, samples};
use crate::seen::magnitude;

pub(super) const WORDS: &[&str] = &[
    "@context",
    "@id",
    "@type",
    "@value",
    "@language",
    "@graph",
    "@list",
    "@set",
    "@none",
    "@json",
    "@reverse",
    "@nest",
    "@included",
    "@import",
    "@base",
    "@vocab",
    "@index",
    "@direction",
    "@protected",
    "@version",
    "@container",
    "@propagate",
    "id",
    "type",
    "proof",
    "proofValue",
    "previousProof",
    "created",
    "expires",
    "challenge",
    "domain",
    "verificationMethod",
    "proofPurpose",
    "cryptosuite",
    "DataIntegrityProof",
    "eddsa-rdfc-2022",
    "ecdsa-rdfc-2019",
    "eddsa-jcs-2022",
    "ecdsa-jcs-2019",
    "assertionMethod",
    "authentication",
    "issuer",
    "holder",
    "credentialSubject",
    "evidence",
    "relatedResource",
    "VerifiableCredential",
    "VerifiablePresentation",
    "verifiableCredential",
    "name",
    "description",
    "achievement",
    "https://www.w3.org/ns/credentials/v2",
    "_:b0",
    "_:b1",
    "urn:a:b",
    "http://a.example/p",
    "https://schema.org/name",
    "rdf:type",
    "z",
    "zz",
];

pub(super) fn secured() -> Vec<Vec<u8>> {
    lines(samples().secured.iter().map(ToString::to_string))
}

pub(super) fn verify(input: &[u8]) -> Seen {
    let document = match strict(input) {
        Ok(document) => document,
        Err(seen) => return seen,
    };
    let methods = verification_methods(&document).map(|methods| methods.len());
    let expected = Expected::credential(None, now());
    let bound = data_integrity::verify(&document, &expected, &samples().keys);
    let free = data_integrity::danger::verify_proof_only(&document, &expected, &samples().keys);
    if let Err(error) = &bound {
        assert!(error.problem_type().starts_with("https://"));
    } else {
        assert!(free.is_ok(), "the check with more conditions takes more");
    }
    Seen::of(methods.map_err(|error| error.code()))
        .and(bound.map(|proofs| proofs.len()).map_err(|error| error.code()))
        .and(free.is_ok())
}

/// Documents that use more of JSON-LD than our types do.
pub(super) fn documents() -> Vec<Vec<u8>> {
    let mut seeds = super::model::examples();
    seeds.extend(lines([
        r#"{"@context":"https://www.w3.org/ns/credentials/v2","id":"urn:a:1","urn:p:q":[{"@id":"_:b0"},{"@id":"_:b1"}],"urn:p:r":{"@list":["a",{"@value":"b","@language":"ko"}]}}"#,
        r#"{"@context":"https://www.w3.org/ns/credentials/v2","@graph":[{"@id":"_:b0","urn:p:q":{"@id":"_:b1"}},{"@id":"_:b1","urn:p:q":{"@id":"_:b0"}}]}"#,
        r#"{"@context":["https://www.w3.org/ns/credentials/v2",{"@vocab":"urn:v:","m":{"@container":"@language"},"l":{"@container":"@list"},"j":{"@type":"@json"},"g":{"@container":"@graph"}}],"m":{"ko":"가"},"l":[1,2.5,true],"j":{"b":[1]},"g":{"x":"y"}}"#,
    ]));
    seeds
}

/// Transformation and canonicalization; the second pass over the canonical form must give it back.
pub(super) fn transform(input: &[u8]) -> Seen {
    let document = match strict(input) {
        Ok(document) => document,
        Err(seen) => return seen,
    };
    let engine = Engine::pinned();
    let strictly = engine.canonical_form(&document, Cryptosuite::EddsaRdfc2022, Algorithm::EdDsa);
    let open = Options { inline_contexts: true, nested_contexts: true };
    let tolerant = Engine { json_ld: open, ..Engine::pinned() }.canonical_form(
        &document,
        Cryptosuite::EcdsaRdfc2019,
        Algorithm::Es384,
    );
    if strictly.is_ok() {
        // SHA-384 is longer, so that a graph may pass the limit of work with it and not with SHA-256.
        let limit = matches!(&tolerant, Err(TransformError::Canon(_)));
        assert!(tolerant.is_ok() || limit, "what the strict options take, the open ones take too");
    }
    if let Ok(text) = &strictly {
        super::rdf::check_fixed_point(text);
    }
    let quads =
        to_dataset(&document, Library::pinned(), open).map(|set| magnitude(set.quads().len()));
    Seen::of(strictly.map(|text| magnitude(text.len())).map_err(|error| error.code()))
        .and(tolerant.map(|text| magnitude(text.len())).map_err(|error| error.code()))
        .and(quads.map_err(|error| error.code()))
}

pub(super) fn presentations() -> Vec<Vec<u8>> {
    let samples = samples();
    let signer = &samples.signers[0];
    let (method, did) = names(signer);
    let options = ProofOptions::presentation(method, now(), NONCE, "https://verifier.example");
    let presented = |credentials: &[serde_json::Value]| {
        vp::secure(credentials, &did, &options, signer).ok().map(|made| made.to_string())
    };
    let token = json!(samples.tokens[0]);
    lines(
        [
            presented(&samples.secured[..1]),
            presented(&[samples.secured[1].clone(), token]),
            presented(&[json!(CredentialType::DroneRegistration.example())]),
        ]
        .into_iter()
        .flatten(),
    )
}

pub(super) fn presentation(input: &[u8]) -> Seen {
    let document = match strict(input) {
        Ok(document) => document,
        Err(seen) => return seen,
    };
    let expected = Expected::presentation(None, NONCE, "https://verifier.example", now());
    let verified = vp::verify(&document, &expected, &samples().keys);
    Seen::of(verified.map(|held| held.holder.to_string()).map_err(|error| error.code()))
}

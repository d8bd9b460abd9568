//! Published vectors at every intermediate step, round trips on our credentials, and what must be refused.

use std::fs;
use std::path::Path;

use credential_model::did::ProofPurpose;
use serde_json::{Value, json};
use signing_keys::{Algorithm, KeyRing, PublicKey, Signer, SigningError};

use crate::data_integrity::{Engine, Expected, verification_methods};
use crate::json_ld::{Library, Options};
use crate::test_keys::{listed, moment};

#[cfg(feature = "bbs")]
mod bbs_oracle;
#[cfg(feature = "bbs")]
mod bbs_vectors;
mod ecdsa_vectors;
mod hostile;
mod random_pointers;
mod round_trips;

/// The vectors use the context `https://w3id.org/citizenship/v4rc1`, which is not published with them and not pinned
/// by us. This is its part that they need, read off the N-Quads of the vectors.
fn citizenship() -> (String, Value) {
    let date = "http://www.w3.org/2001/XMLSchema#dateTime";
    let plain = |iri: &str| json!({"@id": iri});
    let context = json!({
        "@protected": true,
        "schema": "https://schema.org/",
        "ctzn": "https://w3id.org/citizenship#",
        "Person": plain("schema:Person"),
        "EmployablePerson": plain("ctzn:EmployablePerson"),
        "EmploymentAuthorizationDocument": plain("ctzn:EmploymentAuthorizationDocument"),
        "EmploymentAuthorizationDocumentCredential":
            plain("ctzn:EmploymentAuthorizationDocumentCredential"),
        "PermanentResident": plain("ctzn:PermanentResident"),
        "PermanentResidentCard": plain("ctzn:PermanentResidentCard"),
        "PermanentResidentCardCredential": plain("ctzn:PermanentResidentCardCredential"),
        "additionalName": plain("schema:additionalName"),
        "birthCountry": plain("ctzn:birthCountry"),
        "birthDate": {"@id": "schema:birthDate", "@type": date},
        "commuterClassification": plain("ctzn:commuterClassification"),
        "employmentAuthorizationDocument": plain("ctzn:employmentAuthorizationDocument"),
        "familyName": plain("schema:familyName"),
        "gender": plain("schema:gender"),
        "givenName": plain("schema:givenName"),
        "identifier": plain("schema:identifier"),
        "image": {"@id": "schema:image", "@type": "@id"},
        "lprCategory": plain("ctzn:lprCategory"),
        "lprNumber": plain("ctzn:lprNumber"),
        "permanentResidentCard": plain("ctzn:permanentResidentCard"),
        "residentSince": {"@id": "ctzn:residentSince", "@type": date},
    });
    ("https://w3id.org/citizenship/v4rc1".to_owned(), json!({"@context": context}))
}

/// An engine over the pinned contexts and the one of the vectors, which also use an inline context.
fn vector_library() -> Library {
    Library::with_extra([citizenship()])
}

fn vector_engine(library: &Library) -> Engine<'_> {
    Engine {
        library,
        json_ld: Options { inline_contexts: true, nested_contexts: false },
        ..Engine::pinned()
    }
}

fn read(folder: &Path, name: &str) -> Value {
    let path = folder.join(name);
    let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).unwrap()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn numbers(value: &Value) -> Vec<usize> {
    let number = |number: &Value| usize::try_from(number.as_u64().unwrap()).unwrap();
    value.as_array().unwrap().iter().map(number).collect()
}

fn hex_of(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

/// The `[index, statement]` pairs of a published map.
fn pairs(map: &Value) -> Vec<(usize, String)> {
    let entries = map["value"].as_array().unwrap();
    let pair = |entry: &Value| {
        let index = usize::try_from(entry[0].as_u64().unwrap()).unwrap();
        (index, entry[1].as_str().unwrap().to_owned())
    };
    entries.iter().map(pair).collect()
}

fn picked(statements: &[String], indexes: impl IntoIterator<Item = usize>) -> Vec<(usize, String)> {
    indexes.into_iter().map(|index| (index, statements[index].clone())).collect()
}

fn without_proof(document: &Value) -> Value {
    let mut document = document.clone();
    document.as_object_mut().unwrap().remove("proof");
    document
}

fn any_time() -> Expected<'static> {
    Expected {
        purpose: ProofPurpose::AssertionMethod,
        controller: None,
        challenge: None,
        domain: None,
        now: moment("2026-11-23T00:00:00Z"),
    }
}

/// The keys that the `did:key`s of the proofs carry.
fn ring_of(document: &Value) -> KeyRing {
    verification_methods(document)
        .unwrap()
        .iter()
        .map(|method| listed(&PublicKey::from_did(&method.did()).unwrap()))
        .collect()
}

/// A P-256 key that derives its nonces (RFC 6979), as the vectors were made.
struct Deterministic(p256::ecdsa::SigningKey);

impl Deterministic {
    /// From a secret Multikey: two bytes of prefix, the scalar.
    fn from_multikey(text: &str) -> Self {
        let bytes = bs58::decode(text.strip_prefix('z').unwrap()).into_vec().unwrap();
        Self(p256::ecdsa::SigningKey::from_slice(&bytes[2..]).unwrap())
    }
}

impl Signer for Deterministic {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Es256
    }

    fn public_key(&self) -> PublicKey {
        let point = self.0.verifying_key().to_encoded_point(true);
        PublicKey::from_multikey_bytes(&[&[0x80, 0x24], point.as_bytes()].concat()).unwrap()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        use p256::ecdsa::signature::Signer as _;
        let signature: p256::ecdsa::Signature = self.0.sign(message);
        Ok(signature.to_bytes().to_vec())
    }
}

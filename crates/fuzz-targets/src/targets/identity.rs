//! DIDs, DID documents, and keys in all their spellings.

use credential_model::did::{Did, DidDocument, DidUrl, ProofPurpose};
use did_resolution::{expand_did_jwk, expand_did_key, verification_key};
use signing_keys::{PublicKey, Signer};

use super::{answer, lines, strict, text};
use crate::Seen;
use crate::samples::samples;
use crate::seen::magnitude;

pub(super) const WORDS: &[&str] = &[
    "did:key:",
    "did:web:",
    "did:jwk:",
    "did:",
    "%3A",
    "%",
    "#",
    "?",
    "/",
    ":",
    "id",
    "controller",
    "type",
    "verificationMethod",
    "assertionMethod",
    "authentication",
    "keyAgreement",
    "revoked",
    "expires",
    "publicKeyJwk",
    "publicKeyMultibase",
    "Multikey",
    "JsonWebKey2020",
    "@context",
    "z6Mk",
    "kty",
    "crv",
    "x",
    "y",
    "d",
    "OKP",
    "EC",
    "Ed25519",
    "P-256",
    "P-384",
    "service",
    "serviceEndpoint",
    "alsoKnownAs",
    "2026-01-01T00:00:00Z",
];

pub(super) fn did(input: &[u8]) -> Seen {
    let text = text(input);
    let did = Did::parse(&text);
    if let Ok(did) = &did {
        assert_eq!(Did::parse(did.as_str()).as_ref(), Ok(did));
        assert!(!did.method().is_empty() && !did.method_specific_id().is_empty());
    }
    let url = DidUrl::parse(&text);
    if let Ok(url) = &url {
        assert_eq!(DidUrl::parse(url.as_str()).as_ref(), Ok(url));
        assert!(url.as_str().starts_with(url.did().as_str()));
        assert!(Did::parse(url.did().as_str()).is_ok(), "the DID of a DID URL is no DID");
    }
    let expanded = did.as_ref().ok().map(|did| match did.method() {
        "key" => answer(expand_did_key(did).map_err(|error| error.code())),
        "jwk" => answer(expand_did_jwk(did).map_err(|error| error.code())),
        _ => Seen::of(did.method().len().min(8)),
    });
    answer(did.map_err(|error| error.code()))
        .and(url.map(|url| url.fragment().is_some()).map_err(|error| error.code()))
        .and(expanded)
}

pub(super) fn documents() -> Vec<Vec<u8>> {
    lines(samples().signers.iter().flat_map(|signer| {
        let key = signer.public_key();
        [expand_did_key(&key.to_did_key()), expand_did_jwk(&key.to_did_jwk())]
            .into_iter()
            .flatten()
            .map(|document| document.json.to_string())
            .collect::<Vec<_>>()
    }))
}

pub(super) fn document(input: &[u8]) -> Seen {
    let json = match strict(input) {
        Ok(json) => json,
        Err(seen) => return seen,
    };
    let document = match DidDocument::parse(&json) {
        Ok(document) => document,
        Err(error) => return Seen::of(error.code()),
    };
    let again = DidDocument::parse(&document.json).expect("a parsed document parses again");
    assert_eq!(again.methods().len(), document.methods().len());
    let mut seen = Seen::of("document").and(magnitude(document.methods().len()));
    for method in document.methods().iter().take(8) {
        let key = verification_key(&document, &method.id).map_err(|error| error.code());
        if let Ok(key) = &key {
            for purpose in ProofPurpose::ALL {
                assert_eq!(key.purposes.contains(&purpose), document.lists(purpose, &method.id));
            }
        }
        seen = seen.and(key.err());
    }
    seen
}

pub(super) fn multikeys() -> Vec<Vec<u8>> {
    lines(samples().signers.iter().map(|signer| signer.public_key().to_multikey()))
}

pub(super) fn multikey(input: &[u8]) -> Seen {
    let text = text(input);
    let key = PublicKey::from_multikey(&text);
    if let Ok(key) = &key {
        assert_eq!(key.to_multikey(), text, "two spellings of one multikey");
        check_spellings(key);
    }
    answer(key.map_err(|error| error.code()))
}

pub(super) fn jwks() -> Vec<Vec<u8>> {
    lines(samples().signers.iter().map(|signer| signer.public_key().to_jwk().to_string()))
}

pub(super) fn jwk(input: &[u8]) -> Seen {
    let jwk = match strict(input) {
        Ok(jwk) => jwk,
        Err(seen) => return seen,
    };
    let key = PublicKey::from_jwk(&jwk);
    if let Ok(key) = &key {
        assert!(jwk.get("d").is_none(), "a private key was taken for a public one");
        check_spellings(key);
        for length in [0, 63, 64, 96] {
            assert!(key.verify(b"message", &vec![0; length]).is_err(), "a zero signature holds");
        }
    }
    answer(key.map_err(|error| error.code()))
}

/// All spellings of a key lead back to it.
fn check_spellings(key: &PublicKey) {
    assert_eq!(PublicKey::from_jwk(&key.to_jwk()).ok().as_ref(), Some(key));
    assert_eq!(PublicKey::from_multikey(&key.to_multikey()).ok().as_ref(), Some(key));
    assert_eq!(PublicKey::from_did(&key.to_did_key()).ok().as_ref(), Some(key));
    assert_eq!(PublicKey::from_did(&key.to_did_jwk()).ok().as_ref(), Some(key));
}

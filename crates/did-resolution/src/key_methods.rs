//! `did:key` and `did:jwk`: documents computed from the DID.

use credential_model::did::{Did, DidDocument};
use credential_model::json::{Limits, parse_strict};
use serde_json::{Value, json};
use signing_keys::PublicKey;

use crate::error::ResolveError;

/// The document of a `did:key` of Ed25519, P-256 or P-384: one `Multikey` method, listed
/// for everything but key agreement (<https://w3c-ccg.github.io/did-key-spec/>).
///
/// # Errors
/// [`ResolveError::MethodNotSupported`] for another method, [`ResolveError::InvalidDid`]
/// when no usable key is inside.
pub fn expand_did_key(did: &Did) -> Result<DidDocument, ResolveError> {
    if did.method() != "key" {
        return Err(ResolveError::MethodNotSupported(did.method().to_owned()));
    }
    let key = PublicKey::from_did(did).map_err(refused)?;
    let multikey = key.to_multikey();
    if multikey != did.method_specific_id() {
        return Err(ResolveError::InvalidDid("the key is written oddly".into()));
    }
    let method = format!("{did}#{multikey}");
    document(&json!({
        "@context": [
            "https://www.w3.org/ns/did/v1",
            "https://w3id.org/security/multikey/v1",
        ],
        "id": did,
        "verificationMethod": [{
            "id": method,
            "type": "Multikey",
            "controller": did,
            "publicKeyMultibase": multikey,
        }],
        "authentication": [method],
        "assertionMethod": [method],
        "capabilityDelegation": [method],
        "capabilityInvocation": [method],
    }))
}

/// The document of a `did:jwk` of Ed25519, P-256 or P-384: one `JsonWebKey2020` method `#0`
/// with the JWK as it stands in the DID
/// (<https://github.com/quartzjer/did-jwk/blob/main/spec.md>). Without key agreement: none
/// of these keys is used for both.
///
/// # Errors
/// As [`expand_did_key`].
pub fn expand_did_jwk(did: &Did) -> Result<DidDocument, ResolveError> {
    if did.method() != "jwk" {
        return Err(ResolveError::MethodNotSupported(did.method().to_owned()));
    }
    // Reads and judges the key; the text is decoded again below, to publish it unchanged.
    PublicKey::from_did(did).map_err(refused)?;
    let jwk = decode(did.method_specific_id())?;
    let method = format!("{did}#0");
    document(&json!({
        "@context": [
            "https://www.w3.org/ns/did/v1",
            "https://w3id.org/security/suites/jws-2020/v1",
        ],
        "id": did,
        "verificationMethod": [{
            "id": method,
            "type": "JsonWebKey2020",
            "controller": did,
            "publicKeyJwk": jwk,
        }],
        "authentication": [method],
        "assertionMethod": [method],
        "capabilityDelegation": [method],
        "capabilityInvocation": [method],
    }))
}

fn decode(id: &str) -> Result<Value, ResolveError> {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(id)
        .map_err(|_| ResolveError::InvalidDid("not base64url".into()))?;
    parse_strict(&text, &Limits::with_max_bytes(2048))
        .map_err(|error| ResolveError::InvalidDid(error.to_string()))
}

fn document(json: &Value) -> Result<DidDocument, ResolveError> {
    DidDocument::parse(json).map_err(|error| ResolveError::InvalidDid(error.to_string()))
}

fn refused(error: signing_keys::DidKeyError) -> ResolveError {
    ResolveError::InvalidDid(error.to_string())
}

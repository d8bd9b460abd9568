//! From a document to a key that may be checked with.

use credential_model::did::{DidDocument, DidUrl, ProofPurpose, PublicKeyMaterial};
use serde_json::Value;
use signing_keys::{KeyError, PublicKey, VerificationKey};

use crate::error::ResolveError;
use crate::resolution::Resolve;

/// Why a document gives no key for a DID URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerificationKeyError {
    /// The DID URL does not belong to the document's subject. A document may list foreign
    /// methods, but only their own document says what they are.
    #[error("the verification method belongs to another DID than the document")]
    OtherSubject,
    /// The document has no such method.
    #[error("the document has no verification method {0}")]
    NotFound(DidUrl),
    /// The type of the method and its key material do not belong together, or the type is
    /// unknown.
    #[error("a verification method of type {0:?} with such a key is not supported")]
    UnsupportedType(String),
    /// The key is refused.
    #[error("the key of the verification method is refused: {0}")]
    Key(#[from] KeyError),
}

impl VerificationKeyError {
    /// A stable code for logs and reports.
    pub fn code(&self) -> &'static str {
        match self {
            VerificationKeyError::OtherSubject => "verification_method_of_other_did",
            VerificationKeyError::NotFound(_) => "verification_method_not_found",
            VerificationKeyError::UnsupportedType(_) => "verification_method_unsupported",
            VerificationKeyError::Key(error) => error.code(),
        }
    }
}

/// The key of a verification method with what its document says about it: controller,
/// purposes, revocation, expiry. Whether all that suffices is for the proof check.
///
/// # Errors
/// [`VerificationKeyError`].
pub fn verification_key(
    document: &DidDocument,
    id: &DidUrl,
) -> Result<VerificationKey, VerificationKeyError> {
    if id.did() != document.id {
        return Err(VerificationKeyError::OtherSubject);
    }
    let method = document.method(id).ok_or_else(|| not_a_method(document, id))?;
    let key = PublicKey::from_material(&method.key)?;
    if !type_fits(&method.kind, &method.key, &key) {
        let kind = method.kind.chars().take(64).collect();
        return Err(VerificationKeyError::UnsupportedType(kind));
    }
    Ok(VerificationKey {
        id: id.clone(),
        controller: method.controller.clone(),
        key,
        purposes: ProofPurpose::ALL
            .into_iter()
            .filter(|purpose| document.lists(*purpose, id))
            .collect(),
        revoked: method.revoked,
        expires: method.expires,
    })
}

/// A method that stands in the document with a kind of key we do not know (the accounts of a
/// `did:ethr`) is not missing: it is not supported.
fn not_a_method(document: &DidDocument, id: &DidUrl) -> VerificationKeyError {
    let methods = document.json.get("verificationMethod").and_then(Value::as_array);
    let named = |method: &&Value| {
        let text = method.get("id").and_then(Value::as_str).unwrap_or_default();
        DidUrl::parse_relative(text, &document.id).is_ok_and(|named| named == *id)
    };
    let kind = methods
        .and_then(|methods| methods.iter().find(named))
        .and_then(|method| method.get("type")?.as_str());
    match kind {
        Some(kind) => VerificationKeyError::UnsupportedType(kind.chars().take(64).collect()),
        None => VerificationKeyError::NotFound(id.clone()),
    }
}

/// Resolves the DID of a DID URL and takes the key out of its document.
///
/// # Errors
/// [`ResolveError`], with [`ResolveError::VerificationMethod`] for what
/// [`verification_key`] refuses.
pub async fn resolve_verification_key(
    resolver: &dyn Resolve,
    id: &DidUrl,
) -> Result<VerificationKey, ResolveError> {
    let resolution = resolver.resolve(&id.did()).await?;
    Ok(verification_key(&resolution.document, id)?)
}

/// The types we know, each with the one form of key it has.
fn type_fits(kind: &str, material: &PublicKeyMaterial, key: &PublicKey) -> bool {
    let multibase = matches!(material, PublicKeyMaterial::Multibase(_));
    match kind {
        "Multikey" => multibase,
        "JsonWebKey" | "JsonWebKey2020" => !multibase,
        "Ed25519VerificationKey2020" => multibase && matches!(key, PublicKey::Ed25519(_)),
        "EcdsaSecp256r1VerificationKey2019" => matches!(key, PublicKey::P256(_)),
        "EcdsaSecp384r1VerificationKey2019" => matches!(key, PublicKey::P384(_)),
        _ => false,
    }
}

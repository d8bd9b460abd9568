use credential_model::did::DidUrl;
use serde_json::Value;
use signing_keys::{Algorithm, KeyRing, Signer};

use super::{CoseError, PreparedCose, Sign1};
use crate::envelope::MediaType;
use crate::expected::Expected;
use crate::secured_document::{
    Claims, check_credential_dates, check_document, check_for_issuing, issuer_key,
};

/// Builds the signing input of a `vc+cose`: the payload is the VCDM 2.0 document, as it is.
///
/// # Errors
/// [`CoseError::Document`] for anything but an unsecured credential whose issuer is the DID of `kid`.
pub fn prepare(
    document: &Value,
    kid: &DidUrl,
    algorithm: Algorithm,
) -> Result<PreparedCose, CoseError> {
    check_for_issuing(document, kid)?;
    PreparedCose::new(
        MediaType::VcCose,
        kid.as_str().as_bytes(),
        &Claims::default(),
        document.to_string().into_bytes(),
        algorithm,
    )
}

/// [`prepare`] and sign in one step. The result carries tag 18.
///
/// # Errors
/// As [`prepare`], and [`CoseError::Signing`] when the key cannot sign.
pub fn issue(document: &Value, kid: &DidUrl, signer: &dyn Signer) -> Result<Vec<u8>, CoseError> {
    prepare(document, kid, signer.algorithm())?.sign(signer)
}

/// The DID URL in `kid`, so that the caller can resolve it.
///
/// # Errors
/// Every [`CoseError`] about form, [`CoseError::NoVerificationMethod`].
pub fn verification_method(bytes: &[u8]) -> Result<DidUrl, CoseError> {
    Sign1::parse(bytes)?.verification_method()
}

/// The VCDM document inside, **unverified**.
///
/// # Errors
/// Every [`CoseError`] that needs no key.
pub fn document_unverified(bytes: &[u8]) -> Result<Value, CoseError> {
    let document = Sign1::parse(bytes)?.payload_json()?;
    check_document(&document, "VerifiableCredential")?;
    Ok(document)
}

/// Checks that the issuer signed this, and returns the VCDM document.
///
/// The key must be controlled by the document's issuer (and by `expected.controller` when given), listed for the
/// purpose, neither revoked nor expired. `challenge` and `domain` of `expected` have no meaning here.
///
/// # Errors
/// Every [`CoseError`] but those of making and of presentations.
pub fn verify(bytes: &[u8], keys: &KeyRing, expected: &Expected<'_>) -> Result<Value, CoseError> {
    let signed = Sign1::parse(bytes)?;
    let document = signed.payload_json()?;
    let method = signed.verification_method()?;
    let key = issuer_key(&document, signed.claims(), &method, keys, expected)?;
    signed.verify(&key.key, MediaType::VcCose)?;
    check_credential_dates(&document, signed.claims(), expected.now)?;
    Ok(document)
}

//! `ldp_vp`: verifiable presentations secured by Data Integrity with the purpose `authentication`.

use credential_model::did::Did;
use serde_json::{Value, json};
use signing_keys::{KeyRing, Signer};

use crate::data_integrity::{self, ProofError, ProofOptions, SecureError, VerifiedProof};
use crate::expected::Expected;
use crate::jwt_vc::{credentials_of, envelope};

const CONTEXT_V2: &str = "https://www.w3.org/ns/credentials/v2";

/// A presentation whose proofs hold. The credentials inside are **not** verified.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VerifiedPresentation {
    /// Who presented: the controller of the key, equal to `holder` when the document states one.
    pub holder: Did,
    /// The proofs.
    pub proofs: Vec<VerifiedProof>,
    /// The credentials, in order: secured documents, or enveloped tokens as strings.
    pub credentials: Vec<Value>,
}

/// Builds the presentation document (VCDM 2.0), without proof. A credential given as a string becomes an
/// `EnvelopedVerifiableCredential`.
///
/// # Errors
/// [`SecureError::BadDocument`] for a credential that is neither object nor string.
pub fn document(credentials: &[Value], holder: &Did) -> Result<Value, SecureError> {
    let credentials = credentials.iter().map(envelope).collect::<Result<Vec<_>, _>>();
    Ok(json!({
        "@context": [CONTEXT_V2],
        "type": ["VerifiablePresentation"],
        "holder": holder.as_str(),
        "verifiableCredential": credentials.map_err(|_| SecureError::BadDocument)?,
    }))
}

/// Builds and signs a presentation.
///
/// # Errors
/// [`SecureError`].
pub fn secure(
    credentials: &[Value],
    holder: &Did,
    options: &ProofOptions,
    signer: &dyn Signer,
) -> Result<Value, SecureError> {
    data_integrity::secure(&document(credentials, holder)?, options, signer)
}

/// Verifies the proofs of a presentation. `expected` must carry purpose, challenge and domain: see
/// [`Expected::presentation`].
///
/// # Errors
/// [`ProofError`]: [`ProofError::BadDocument`] when it is no presentation, [`ProofError::WrongIssuer`] when its proofs
/// belong to different parties.
pub fn verify(
    presentation: &Value,
    expected: &Expected<'_>,
    keys: &KeyRing,
) -> Result<VerifiedPresentation, ProofError> {
    let is_presentation = match presentation.get("type") {
        Some(Value::Array(types)) => types.iter().any(|kind| kind == "VerifiablePresentation"),
        Some(kind) => kind == "VerifiablePresentation",
        None => false,
    };
    if !is_presentation {
        return Err(ProofError::BadDocument);
    }
    let proofs = data_integrity::verify(presentation, expected, keys)?;
    let holder = proofs.first().map(|proof| proof.controller.clone()).ok_or(ProofError::Missing)?;
    if proofs.iter().any(|proof| proof.controller != holder) {
        return Err(ProofError::WrongIssuer);
    }
    let credentials = credentials_of(presentation).ok_or(ProofError::BadDocument)?;
    Ok(VerifiedPresentation { holder, proofs, credentials })
}

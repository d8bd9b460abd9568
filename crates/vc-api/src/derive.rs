//! Deriving: the holder discloses the mandatory parts and what it chooses.

use credential_model::ambient::Entropy;
use credential_proofs::Expected;
use credential_proofs::data_integrity;
use credential_proofs::selective::{Disclosure, SelectiveError};
use serde_json::Value;

use crate::instance::Contexts;
use crate::keys;
use crate::problem::{PROOF_VERIFICATION_ERROR, ProblemDetail, reason};
use crate::request::DeriveRequest;
use crate::verify::{Tools, of_proof};

/// Why nothing was derived.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeriveError {
    /// The base proof does not hold, or its key could not be had.
    #[error("{}", .0.detail)]
    Base(ProblemDetail),
    /// The disclosure cannot be made.
    #[error(transparent)]
    Selective(#[from] SelectiveError),
}

impl DeriveError {
    /// As a problem detail.
    #[must_use]
    pub fn problem(&self) -> ProblemDetail {
        match self {
            Self::Base(problem) => problem.clone(),
            Self::Selective(error) => {
                ProblemDetail::new(error.problem_type(), error.code(), reason(error))
            }
        }
    }
}

/// Checks the base proof and derives from it. Without a good base proof nothing derived from it would verify.
///
/// # Errors
/// [`DeriveError`].
pub async fn derive(
    request: &DeriveRequest,
    contexts: Contexts,
    tools: &Tools<'_>,
    entropy: &dyn Entropy,
) -> Result<Value, DeriveError> {
    let engine = contexts.engine();
    let credential = &request.credential;
    let methods = data_integrity::verification_methods(credential)
        .map_err(|error| DeriveError::Base(of_proof(&error)))?;
    let ring = keys::ring(&methods, tools.resolver, PROOF_VERIFICATION_ERROR)
        .await
        .map_err(DeriveError::Base)?;
    engine
        .verify_base(credential, &Expected::credential(None, tools.now), &ring)
        .map_err(|error| DeriveError::Base(of_proof(&error)))?;
    let header = request.presentation_header.as_deref().unwrap_or_default();
    let disclosure = Disclosure {
        pointers: request.selective_pointers.as_slice(),
        presentation_header: header.as_bytes(),
    };
    Ok(engine.derive(credential, &disclosure, entropy)?)
}

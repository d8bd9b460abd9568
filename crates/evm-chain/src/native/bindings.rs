//! Rust faces of the contracts, generated from the checked-in artifacts so they cannot drift.

use alloy::{primitives::Bytes, sol};
use serde::Deserialize;

use crate::{ChainError, artifacts::Artifact};

sol!(
    #[allow(missing_docs)]
    #[derive(Debug)]
    DidDocumentRegistry,
    "contracts/artifacts/DidDocumentRegistry.json"
);

sol!(
    #[allow(missing_docs, clippy::too_many_arguments)]
    #[derive(Debug)]
    StatusRegistry,
    "contracts/artifacts/StatusRegistry.json"
);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Code {
    bytecode: Bytes,
    deployed_bytecode: Bytes,
    immutables: Vec<Place>,
}

#[derive(Deserialize)]
struct Place {
    start: usize,
    length: usize,
}

fn read(artifact: &Artifact) -> Result<Code, ChainError> {
    serde_json::from_str(artifact.json)
        .map_err(|error| ChainError::Settings(format!("artifact {}: {error}", artifact.name)))
}

/// Creation code with the constructor's encoded arguments.
pub(super) fn creation_code(artifact: &Artifact, arguments: &[u8]) -> Result<Vec<u8>, ChainError> {
    Ok([read(artifact)?.bytecode.as_ref(), arguments].concat())
}

/// Whether `deployed` is the artifact's code with each immutable equal to `immutable`.
pub(super) fn is_code_of(
    artifact: &Artifact,
    deployed: &[u8],
    immutable: [u8; 32],
) -> Result<bool, ChainError> {
    let code = read(artifact)?;
    let mut expected = code.deployed_bytecode.to_vec();
    for place in &code.immutables {
        if let Some(hole) = expected.get_mut(place.start..place.start + place.length)
            && hole.len() == immutable.len()
        {
            hole.copy_from_slice(&immutable);
        }
    }
    Ok(expected == deployed)
}

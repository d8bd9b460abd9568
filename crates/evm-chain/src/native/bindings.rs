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

sol!(
    #[allow(missing_docs, clippy::too_many_arguments)]
    #[derive(Debug)]
    AccreditationRegistry,
    "contracts/artifacts/AccreditationRegistry.json"
);

sol!(
    #[allow(missing_docs)]
    #[derive(Debug)]
    Directory,
    "contracts/artifacts/Directory.json"
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
    variable: usize,
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

/// Whether `deployed` is the artifact's code with its immutables, in the order of declaration,
/// equal to `immutables`; none stands for any value.
pub(super) fn is_code_of(
    artifact: &Artifact,
    deployed: &[u8],
    immutables: &[Option<[u8; 32]>],
) -> Result<bool, ChainError> {
    let code = read(artifact)?;
    let mut expected = code.deployed_bytecode.to_vec();
    for place in &code.immutables {
        let range = place.start..place.start.saturating_add(place.length);
        let (Some(hole), Some(found)) = (expected.get_mut(range.clone()), deployed.get(range))
        else {
            return Ok(false);
        };
        match immutables.get(place.variable) {
            Some(Some(value)) if value.len() == hole.len() => hole.copy_from_slice(value),
            _ => hole.copy_from_slice(found),
        }
    }
    Ok(expected == deployed)
}

//! What a contract would refuse, found out before it costs gas.

use alloy::{primitives::Address as Account, sol_types::SolInterface};

use super::{
    bindings::{
        AccreditationRegistry as Accreditation, DidDocumentRegistry as Did, Directory,
        StatusRegistry as Status,
    },
    node::{CallOutcome, Node},
    reader::account,
    writer::ChainWriteError,
};
use crate::Address;

/// Asks the node what the transaction would do, so that a refusal costs no gas and has a name.
pub(super) async fn rehearse(
    node: &Node,
    from: Account,
    to: Option<Address>,
    data: &[u8],
) -> Result<(), ChainWriteError> {
    match node.call(Some(from), to.map(account), data, "latest".into()).await? {
        CallOutcome::Returned(_) => Ok(()),
        CallOutcome::Reverted(reason) => Err(refusal(&reason)),
    }
}

fn refusal(reason: &[u8]) -> ChainWriteError {
    use Accreditation::AccreditationRegistryErrors as AccreditationErrors;
    use Did::DidDocumentRegistryErrors as DidErrors;
    use Directory::DirectoryErrors;
    use Status::StatusRegistryErrors as StatusErrors;
    match DidErrors::abi_decode(reason) {
        Ok(DidErrors::VersionConflict(_)) => return ChainWriteError::VersionConflict,
        Ok(DidErrors::NotController(_)) => return ChainWriteError::NotController,
        Ok(DidErrors::IsDeactivated(_)) => return ChainWriteError::Deactivated,
        Ok(DidErrors::Paused(_)) => return ChainWriteError::Paused,
        Ok(other) => return ChainWriteError::Refused(format!("{other:?}")),
        Err(_) => {}
    }
    match StatusErrors::abi_decode(reason) {
        Ok(StatusErrors::EpochConflict(_)) => return ChainWriteError::VersionConflict,
        Ok(StatusErrors::NotController(_)) => return ChainWriteError::NotController,
        Ok(other) => return ChainWriteError::Refused(format!("{other:?}")),
        Err(_) => {}
    }
    match AccreditationErrors::abi_decode(reason) {
        Ok(AccreditationErrors::IndexConflict(_)) => return ChainWriteError::VersionConflict,
        Ok(AccreditationErrors::NotController(_)) => return ChainWriteError::NotController,
        Ok(other) => return ChainWriteError::Refused(format!("{other:?}")),
        Err(_) => {}
    }
    match DirectoryErrors::abi_decode(reason) {
        Ok(DirectoryErrors::NotOperator(_)) => ChainWriteError::NotController,
        // A failed call carries the reason of the contract that was called.
        Ok(DirectoryErrors::CallFailed(inner)) if inner.reason.len() >= 4 => refusal(&inner.reason),
        Ok(other) => ChainWriteError::Refused(format!("{other:?}")),
        Err(_) => ChainWriteError::Refused("no reason given".to_owned()),
    }
}

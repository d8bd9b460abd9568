//! Governing: proposals, approvals, execution.

use alloy::{
    primitives::{B256, Bytes, keccak256},
    sol_types::{SolCall, SolValue},
};

use super::{
    bindings::{AccreditationRegistry as Accreditation, DidDocumentRegistry as Did, Directory},
    deploy::Governance,
    reader::account,
    trust::{Grant, StateChange},
    writer::{ChainWriteError, ChainWriter, GAS_PER_BYTE, SentTx, configured, within_limit},
};
use crate::{Address, ChainSettings, Contracts};

/// What operators can decide, each in one proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DirectoryAction {
    /// Stop writes to all registries (no delay) or resume them (after the delay).
    SetPaused(bool),
    /// Set a root accreditation.
    SetRoot(Grant),
    /// Suspend, revoke or reinstate any record.
    ChangeAccreditation(StateChange),
    /// Replace operators, threshold and delay.
    SetOperators(Governance),
    /// Name the chain's validators, ascending.
    SetValidators(Vec<Address>),
    /// Name another contract set.
    SetContracts(Contracts),
}

/// A decision put before the operators. The salt tells proposals of the same decision apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// What.
    pub action: DirectoryAction,
    /// Any number not used with this decision before.
    pub salt: [u8; 32],
}

struct Encoded {
    target: Address,
    call: Vec<u8>,
    salt: B256,
}

impl Encoded {
    fn id(&self) -> B256 {
        let call = Bytes::copy_from_slice(&self.call);
        keccak256((account(self.target), call, self.salt).abi_encode_params())
    }
}

impl Proposal {
    fn encode(&self, settings: &ChainSettings) -> Result<Encoded, ChainWriteError> {
        let directory = configured(settings.directory)?;
        let (target, call) = match &self.action {
            DirectoryAction::SetPaused(stop) => {
                (settings.did_registry, Did::setPausedCall { stop: *stop }.abi_encode())
            }
            DirectoryAction::SetRoot(grant) => {
                within_limit(&grant.statement)?;
                let call = Accreditation::setRootCall {
                    grant: grant.to_call()?,
                    statement: Bytes::copy_from_slice(&grant.statement),
                };
                (settings.accreditation_registry, call.abi_encode())
            }
            DirectoryAction::ChangeAccreditation(change) => {
                within_limit(&change.statement)?;
                (settings.accreditation_registry, change.to_call()?.abi_encode())
            }
            DirectoryAction::SetOperators(governance) => {
                let call = Directory::setOperatorsCall {
                    next: governance.operators.iter().map(|o| account(*o)).collect(),
                    needed: governance.threshold,
                    wait: governance.delay,
                };
                (directory, call.abi_encode())
            }
            DirectoryAction::SetValidators(validators) => {
                let validators = validators.iter().map(|v| account(*v)).collect();
                (directory, Directory::setValidatorsCall { validators }.abi_encode())
            }
            DirectoryAction::SetContracts(contracts) => {
                let next = Directory::Set {
                    didRegistry: account(contracts.did_registry),
                    statusRegistry: account(contracts.status_registry),
                    accreditationRegistry: account(contracts.accreditation_registry),
                };
                (directory, Directory::setContractsCall { next }.abi_encode())
            }
        };
        Ok(Encoded { target: configured(target)?, call, salt: B256::from(self.salt) })
    }

    /// The proposal's id on a chain with these contracts: what operators compare before approving.
    ///
    /// # Errors
    /// [`ChainWriteError`] when a contract is not configured or a value does not fit.
    pub fn id(&self, settings: &ChainSettings) -> Result<[u8; 32], ChainWriteError> {
        Ok(self.encode(settings)?.id().0)
    }
}

impl ChainWriter {
    /// Puts a proposal before the operators, of whom this account is one; it approves by that.
    ///
    /// # Errors
    /// As [`ChainWriter::publish_did`].
    pub async fn propose(&self, proposal: &Proposal) -> Result<SentTx, ChainWriteError> {
        let encoded = proposal.encode(&self.settings)?;
        let gas = 350_000 + GAS_PER_BYTE * encoded.call.len() as u64;
        let purpose = format!("directory:propose:{}", hex::encode(encoded.id()));
        let call = Directory::proposeCall {
            target: account(encoded.target),
            call: Bytes::from(encoded.call),
            salt: encoded.salt,
        };
        self.submit(purpose, Some(self.settings.directory), call.abi_encode(), gas).await
    }

    /// Approves a proposal. The whole proposal is asked for, not its id: who approves has seen it.
    ///
    /// # Errors
    /// As [`ChainWriter::publish_did`].
    pub async fn approve(&self, proposal: &Proposal) -> Result<SentTx, ChainWriteError> {
        let id = proposal.encode(&self.settings)?.id();
        let purpose = format!("directory:approve:{}", hex::encode(id));
        let call = Directory::approveCall { id };
        self.submit(purpose, Some(self.settings.directory), call.abi_encode(), 350_000).await
    }

    /// Takes an approval back.
    ///
    /// # Errors
    /// As [`ChainWriter::publish_did`].
    pub async fn withdraw_approval(&self, proposal: &Proposal) -> Result<SentTx, ChainWriteError> {
        let id = proposal.encode(&self.settings)?.id();
        let purpose = format!("directory:withdraw:{}", hex::encode(id));
        let call = Directory::withdrawCall { id };
        self.submit(purpose, Some(self.settings.directory), call.abi_encode(), 350_000).await
    }

    /// Carries out a proposal that has enough approvals and whose delay is over.
    ///
    /// # Errors
    /// As [`ChainWriter::publish_did`]; [`ChainWriteError::Refused`] while it is too early.
    pub async fn execute(&self, proposal: &Proposal) -> Result<SentTx, ChainWriteError> {
        let encoded = proposal.encode(&self.settings)?;
        let gas = 1_500_000 + GAS_PER_BYTE * 2 * encoded.call.len() as u64;
        let purpose = format!("directory:execute:{}", hex::encode(encoded.id()));
        let call = Directory::executeCall {
            target: account(encoded.target),
            call: Bytes::from(encoded.call),
            salt: encoded.salt,
        };
        self.submit(purpose, Some(self.settings.directory), call.abi_encode(), gas).await
    }
}

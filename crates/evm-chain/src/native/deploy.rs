//! Deploying the whole contract set.

use std::time::Duration;

use alloy::sol_types::{SolCall, SolConstructor, SolValue};

use super::{
    bindings::{Directory, creation_code},
    reader::{account, ours},
    writer::{ChainWriteError, ChainWriter, SentTx},
};
use crate::{
    Address, Contracts,
    artifacts::{
        ACCREDITATION_REGISTRY, Artifact, DID_DOCUMENT_REGISTRY, DIRECTORY, STATUS_REGISTRY,
    },
};

/// Who governs a new contract set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Governance {
    /// Accounts that propose and approve; 1 to 32, each once.
    pub operators: Vec<Address>,
    /// Approvals a proposal needs.
    pub threshold: u8,
    /// Seconds from the last approval needed to execution, at most 90 days.
    pub delay: u32,
}

impl ChainWriter {
    /// Deploys the contract set governed by this account alone, without delay: for development.
    /// See [`ChainWriter::deploy_governed`].
    ///
    /// # Errors
    /// As [`ChainWriter::deploy_governed`].
    pub async fn deploy(&self) -> Result<Contracts, ChainWriteError> {
        let sole = Governance { operators: vec![self.address()], threshold: 1, delay: 0 };
        self.deploy_governed(&sole).await
    }

    /// Deploys directory and registries, names them in the directory for good, and waits until
    /// all of it is mined. Repeated with the same outbox, it answers the same addresses. After it,
    /// the deploying account has no right that an operator does not have.
    ///
    /// # Errors
    /// As [`ChainWriter::publish_did`], and those of [`ChainWriter::wait`] after a minute.
    pub async fn deploy_governed(
        &self,
        governance: &Governance,
    ) -> Result<Contracts, ChainWriteError> {
        let operators: Vec<_> = governance.operators.iter().map(|o| account(*o)).collect();
        let arguments = Directory::constructorCall {
            first: operators,
            needed: governance.threshold,
            wait: governance.delay,
        }
        .abi_encode();
        // Addresses follow from account and nonce, so all can be on their way at once.
        let directory = self.create(&DIRECTORY, &arguments).await?;
        let governing = account(directory.1);
        let did = self.create(&DID_DOCUMENT_REGISTRY, &governing.abi_encode()).await?;
        let status = self.create(&STATUS_REGISTRY, &account(did.1).abi_encode()).await?;
        let arguments = (account(did.1), governing).abi_encode_params();
        let accreditation = self.create(&ACCREDITATION_REGISTRY, &arguments).await?;
        let naming = Directory::initialiseCall {
            first: Directory::Set {
                didRegistry: account(did.1),
                statusRegistry: account(status.1),
                accreditationRegistry: account(accreditation.1),
            },
        };
        let purpose = format!("directory:initialise:{}", directory.1);
        let named = self.submit(purpose, Some(directory.1), naming.abi_encode(), 250_000).await?;
        for sent in [&directory.0, &did.0, &status.0, &accreditation.0, &named] {
            self.wait(sent, Duration::from_secs(60)).await?;
        }
        Ok(Contracts {
            did_registry: did.1,
            status_registry: status.1,
            accreditation_registry: accreditation.1,
            directory: directory.1,
        })
    }

    async fn create(
        &self,
        artifact: &Artifact,
        arguments: &[u8],
    ) -> Result<(SentTx, Address), ChainWriteError> {
        let code = creation_code(artifact, arguments)?;
        let sent = self.submit(format!("deploy:{}", artifact.name), None, code, 4_000_000).await?;
        let address = account(self.address()).create(sent.nonce);
        Ok((sent, ours(address)))
    }
}

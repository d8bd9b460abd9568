//! Raw storage proofs.

use alloy::rlp::Encodable as _;

use super::{
    super::reader::{account, b256},
    Look, bad,
};
use crate::{Address, ChainError, ChainSettings, HeadOf, SlotProof, StorageProofBundle, slots};

/// Slots one bundle may show.
const MOST_SLOTS: usize = 64;

/// Which words of which contract shall be shown.
#[derive(Debug, Clone)]
pub(in super::super) struct Wanted {
    contract: Address,
    slots: Vec<[u8; 32]>,
}

impl Wanted {
    pub(in super::super) fn from(
        head: &HeadOf<'_>,
        settings: &ChainSettings,
    ) -> Result<Self, ChainError> {
        let (contract, slots) = match head {
            HeadOf::Did(did) => (settings.did_registry, slots::did_head(did).to_vec()),
            HeadOf::Status(issuer) => {
                (settings.status_registry, slots::status_head(issuer).to_vec())
            }
            HeadOf::Issuance(issuer) => {
                (settings.status_registry, slots::issuance_head(issuer).to_vec())
            }
            HeadOf::Keys(did, keys) => {
                (settings.did_registry, keys.iter().map(|key| slots::key_state(did, key)).collect())
            }
        };
        if contract.is_zero() {
            return Err(ChainError::Settings("no registry address".to_owned()));
        }
        if slots.len() > MOST_SLOTS {
            return Err(ChainError::Settings(format!("at most {MOST_SLOTS} slots in one proof")));
        }
        Ok(Self { contract, slots })
    }
}

impl Look {
    pub(in super::super) async fn head_proof(
        &self,
        wanted: &Wanted,
    ) -> Result<StorageProofBundle, ChainError> {
        let header = self.node().header(self.block.hash).await?;
        let mut header_rlp = Vec::new();
        header.encode(&mut header_rlp);
        let slots: Vec<_> = wanted.slots.iter().map(b256).collect();
        let contract = account(wanted.contract);
        let proof = self.node().proof(contract, &slots, self.block.hash).await?;
        if proof.storage_proof.len() != slots.len() {
            return Err(bad("a proof of other slots"));
        }
        let plain = |nodes: Vec<alloy::primitives::Bytes>| -> Vec<Vec<u8>> {
            nodes.into_iter().map(|node| node.to_vec()).collect()
        };
        Ok(StorageProofBundle {
            chain_id: self.settings.chain_id,
            header_rlp,
            contract: wanted.contract,
            account_proof: plain(proof.account_proof),
            slots: wanted.slots.clone(),
            storage_proofs: proof
                .storage_proof
                .into_iter()
                .map(|slot| SlotProof(plain(slot.proof)))
                .collect(),
        })
    }
}

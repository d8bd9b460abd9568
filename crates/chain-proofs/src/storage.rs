//! Words of one contract at one believed block, and the heads they hold.

use std::collections::BTreeMap;

use evm_chain::{Address, DidHead, KeyState, StatusHead, StorageProofBundle, slots};

use crate::ChainProofError;
use crate::account::ProvenAccount;
use crate::pinned::{PinnedChain, ProvenBlock};
use crate::witness::ChainWitness;

/// Most slots of one proof.
pub const MAX_SLOTS: usize = 64;

/// Proven words of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenStorage {
    /// The block they belong to.
    pub block: ProvenBlock,
    contract: Address,
    registries: [Address; 2],
    words: BTreeMap<[u8; 32], [u8; 32]>,
}

/// An issuer's head as far as it was shown. A root that was not shown is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenStatusHead {
    /// The head; a root that was not shown is zero in it.
    pub head: StatusHead,
    /// Root over the status lists.
    pub status_root: Option<[u8; 32]>,
    /// Root over what was issued in this epoch.
    pub issuance_root: Option<[u8; 32]>,
}

impl PinnedChain {
    /// Checks a whole bundle: header, account, every slot; by the pins of a former chain where it
    /// is of one.
    ///
    /// # Errors
    /// [`ChainProofError`]; at most [`MAX_SLOTS`] slots of [`crate::MAX_NODES`] nodes are looked at.
    pub fn prove(
        &self,
        bundle: &StorageProofBundle,
        witnesses: &[ChainWitness],
    ) -> Result<ProvenStorage, ChainProofError> {
        let is_of = |chain: &Self| bundle.chain_id == chain.chain_id && chain.has(&bundle.contract);
        if !is_of(self) {
            let former = self.former.iter().find(|former| is_of(&former.chain));
            let former = former.ok_or(ChainProofError::OtherContract)?;
            let proven = former.chain.prove(bundle, witnesses)?;
            return if proven.block.number > former.last_block {
                Err(ChainProofError::AfterClosing)
            } else {
                Ok(proven)
            };
        }
        let registries = [self.did_registry, self.status_registry];
        if bundle.slots.len() > MAX_SLOTS {
            return Err(ChainProofError::TooLarge);
        }
        if bundle.slots.len() != bundle.storage_proofs.len() {
            return Err(ChainProofError::SlotMissing);
        }
        let block = self.block(&bundle.header_rlp, witnesses)?;
        let account =
            ProvenAccount::prove(block.state_root, &bundle.contract, &bundle.account_proof)?;
        let mut words = BTreeMap::new();
        for (slot, proof) in bundle.slots.iter().zip(&bundle.storage_proofs) {
            words.insert(*slot, account.word(slot, &proof.0)?);
        }
        Ok(ProvenStorage { block, contract: bundle.contract, registries, words })
    }
}

impl ProvenStorage {
    fn word(&self, slot: &[u8; 32]) -> Result<[u8; 32], ChainProofError> {
        self.words.get(slot).copied().ok_or(ChainProofError::SlotMissing)
    }

    fn of(&self, registry: usize) -> Result<(), ChainProofError> {
        if self.contract == self.registries[registry] {
            Ok(())
        } else {
            Err(ChainProofError::OtherContract)
        }
    }

    /// The head of a DID's document at this block; none when it was not anchored then.
    ///
    /// # Errors
    /// [`ChainProofError::SlotMissing`] when the proof does not show it.
    pub fn did_head(&self, did: &str) -> Result<Option<DidHead>, ChainProofError> {
        self.of(0)?;
        let [first, second] = slots::did_head(did);
        let words = [self.word(&first)?, self.word(&second)?];
        match slots::read_did_head(&words) {
            None if words[0] != [0; 32] => Err(ChainProofError::Layout),
            head => Ok(head),
        }
    }

    /// The state of a key at this block, by [`evm_chain::key_id_hash`]; none when nothing was stated.
    ///
    /// # Errors
    /// [`ChainProofError::SlotMissing`] when the proof does not show it.
    pub fn key_state(
        &self,
        did: &str,
        key: &[u8; 32],
    ) -> Result<Option<KeyState>, ChainProofError> {
        self.of(0)?;
        let word = self.word(&slots::key_state(did, key))?;
        match slots::read_key_state(*key, &word) {
            None if word != [0; 32] => Err(ChainProofError::Layout),
            state => Ok(state),
        }
    }

    /// An issuer's newest epoch at this block; none when it had none. Either root suffices.
    ///
    /// # Errors
    /// [`ChainProofError::SlotMissing`] when the proof does not show it.
    pub fn status_head(&self, issuer: &str) -> Result<Option<ProvenStatusHead>, ChainProofError> {
        self.of(1)?;
        let [status, packed] = slots::status_head(issuer);
        let [issuance, _] = slots::issuance_head(issuer);
        let packed = self.word(&packed)?;
        let status_root = self.word(&status).ok();
        let issuance_root = self.word(&issuance).ok();
        let head = slots::read_status_head(
            status_root.unwrap_or_default(),
            issuance_root.unwrap_or_default(),
            &packed,
        );
        Ok(head.map(|head| ProvenStatusHead { head, status_root, issuance_root }))
    }
}

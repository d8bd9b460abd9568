//! QBFT extra data and committed seals as Hyperledger Besu makes them.
//!
//! Extra data are RLP `[vanity, [validator …], vote, round, [seal …]]` (Besu `QbftExtraDataCodec`).
//! A validator seals `keccak256(header with an empty list of seals)`; the block hash others know is
//! that of the header with no seals *and* round 0 (Besu `BftBlockHashing`), so one block has one
//! hash however many seals somebody collected. A seal is `r || s || v`, 65 bytes.

use alloy_primitives::keccak256;
use alloy_rlp::{Encodable, Header as RlpHeader};
use evm_chain::Address;
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};

use crate::ChainProofError;
use crate::header::{BlockHeader, members, scalar, text};

/// More validators than this are not read.
pub const MAX_VALIDATORS: usize = 200;
const SEAL_BYTES: usize = 65;

/// Decoded extra data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QbftExtra {
    /// The validators of this block; empty where a contract selects them.
    pub validators: Vec<Address>,
    /// The round that came to agreement.
    pub round: u64,
    /// Committed seals, `r || s || v`.
    pub seals: Vec<[u8; SEAL_BYTES]>,
    /// Vanity, validators and vote as they stood, for encoding again.
    head: Vec<u8>,
}

/// How many of `validators` must have sealed a block: `ceil(2n / 3)`.
#[must_use]
pub const fn quorum(validators: usize) -> usize {
    (2 * validators).div_ceil(3)
}

impl QbftExtra {
    /// Reads the extra data of a header.
    ///
    /// # Errors
    /// [`ChainProofError::ExtraData`].
    pub fn parse(extra: &[u8]) -> Result<Self, ChainProofError> {
        let bad = ChainProofError::ExtraData;
        let items = members(extra).ok_or(bad("no list"))?;
        let [vanity, validators, vote, round, seals] = items[..] else {
            return Err(bad("number of members"));
        };
        if text(vanity).is_none_or(|vanity| vanity.len() != 32) {
            return Err(bad("vanity"));
        }
        check_vote(vote).ok_or(bad("vote"))?;
        Ok(Self {
            validators: list(validators, |item| text(item)?.try_into().ok())
                .ok_or(bad("validators"))?
                .into_iter()
                .map(Address::from_bytes)
                .collect(),
            round: scalar(round)
                .filter(|round| u32::try_from(*round).is_ok())
                .ok_or(bad("round"))?,
            seals: list(seals, |item| text(item)?.try_into().ok()).ok_or(bad("seals"))?,
            head: [vanity, validators, vote].concat(),
        })
    }

    /// The extra data without seals and with this round.
    #[must_use]
    pub fn without_seals(&self, round: u64) -> Vec<u8> {
        let mut payload = self.head.clone();
        round.encode(&mut payload);
        payload.push(alloy_rlp::EMPTY_LIST_CODE);
        let mut out = Vec::with_capacity(payload.len() + 9);
        RlpHeader { list: true, payload_length: payload.len() }.encode(&mut out);
        out.extend_from_slice(&payload);
        out
    }

    /// What the validators sealed.
    #[must_use]
    pub fn sealed_hash(&self, header: &BlockHeader) -> [u8; 32] {
        header.hash_with_extra(&self.without_seals(self.round))
    }

    /// The hash by which the block is known.
    #[must_use]
    pub fn block_hash(&self, header: &BlockHeader) -> [u8; 32] {
        header.hash_with_extra(&self.without_seals(0))
    }

    /// Checks the seals against the pinned validators. A seal of a stranger spoils the block: an
    /// honest node never keeps one.
    ///
    /// # Errors
    /// [`ChainProofError::OtherValidators`], [`ChainProofError::ForeignSeal`] or
    /// [`ChainProofError::TooFewSeals`].
    pub fn check(&self, header: &BlockHeader, pinned: &[Address]) -> Result<(), ChainProofError> {
        if !self.validators.is_empty() && !same_set(&self.validators, pinned) {
            return Err(ChainProofError::OtherValidators);
        }
        let hash = self.sealed_hash(header);
        let mut signers = Vec::new();
        for seal in &self.seals {
            let signer = recover(&hash, seal).ok_or(ChainProofError::ForeignSeal)?;
            if !pinned.contains(&signer) {
                return Err(ChainProofError::ForeignSeal);
            }
            if !signers.contains(&signer) {
                signers.push(signer);
            }
        }
        let wanted = quorum(pinned.len());
        if signers.len() < wanted {
            return Err(ChainProofError::TooFewSeals { found: signers.len(), wanted });
        }
        Ok(())
    }
}

/// The account whose key made the seal.
fn recover(hash: &[u8; 32], seal: &[u8; SEAL_BYTES]) -> Option<Address> {
    let signature = Signature::from_slice(&seal[..64]).ok()?;
    let id = RecoveryId::from_byte(seal[64])?;
    let key = VerifyingKey::recover_from_prehash(hash, &signature, id).ok()?;
    let point = key.to_encoded_point(false);
    let digest = keccak256(&point.as_bytes()[1..]);
    let account: [u8; 20] = digest[12..].try_into().ok()?;
    Some(Address::from_bytes(account))
}

fn same_set(left: &[Address], right: &[Address]) -> bool {
    left.len() == right.len()
        && left.iter().all(|address| right.contains(address))
        && right.iter().all(|address| left.contains(address))
}

fn list<T>(item: &[u8], read: impl Fn(&[u8]) -> Option<T>) -> Option<Vec<T>> {
    let items = members(item)?;
    if items.len() > MAX_VALIDATORS {
        return None;
    }
    items.into_iter().map(read).collect()
}

/// Empty, or `[address, 0xff | empty]`.
fn check_vote(item: &[u8]) -> Option<()> {
    let vote = members(item)?;
    match vote[..] {
        [] => Some(()),
        [who, what] => {
            let known = matches!(text(what)?, [] | [0xff] | [0]);
            (text(who)?.len() == 20 && known).then_some(())
        }
        _ => None,
    }
}

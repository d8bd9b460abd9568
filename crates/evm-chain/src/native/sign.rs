//! Building and signing transactions by way of a key store.

use alloy::{
    consensus::{SignableTransaction, TxEip1559, TxEnvelope},
    eips::eip2718::Encodable2718,
    primitives::{Bytes, Signature, TxKind, U256, keccak256},
};

use super::{
    reader::{account, ours},
    writer::ChainWriteError,
};
use crate::{Address, OutboxRow, OutboxState, TransactionSigner};

/// The account address of an uncompressed secp256k1 public key (`0x04 || x || y`), none when it
/// is not of that form.
pub fn address_of_public_key(uncompressed: &[u8; 65]) -> Option<Address> {
    let point = uncompressed.strip_prefix(&[4])?;
    let mut address = [0; 20];
    address.copy_from_slice(&keccak256(point)[12..]);
    Some(Address::from_bytes(address))
}

/// Everything about a transaction but its signature.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) chain_id: u64,
    pub(super) nonce: u64,
    pub(super) purpose: String,
    pub(super) to: Option<Address>,
    pub(super) data: Vec<u8>,
    pub(super) gas_limit: u64,
    pub(super) max_fee: u64,
    pub(super) tip: u64,
    pub(super) block: u64,
    pub(super) replaced: Vec<[u8; 32]>,
}

/// Signs a draft into a row ready to be recorded and sent.
pub(super) fn sign(
    draft: Draft,
    signer: &dyn TransactionSigner,
) -> Result<OutboxRow, ChainWriteError> {
    let transaction = TxEip1559 {
        chain_id: draft.chain_id,
        nonce: draft.nonce,
        gas_limit: draft.gas_limit,
        max_fee_per_gas: draft.max_fee.into(),
        max_priority_fee_per_gas: draft.tip.into(),
        to: draft.to.map_or(TxKind::Create, |to| TxKind::Call(account(to))),
        input: Bytes::from(draft.data.clone()),
        ..TxEip1559::default()
    };
    let hash = transaction.signature_hash();
    let bytes = signer.sign_hash(&hash.0).map_err(ChainWriteError::Signing)?;
    let parity = match bytes[64] {
        0 | 27 => false,
        1 | 28 => true,
        _ => return Err(ChainWriteError::Signing("recovery id is neither 0 nor 1".to_owned())),
    };
    let (r, s) = (U256::from_be_slice(&bytes[..32]), U256::from_be_slice(&bytes[32..64]));
    let signature = Signature::new(r, s, parity).normalized_s();
    // A wrong recovery id would make this some other account's transaction; nothing is recorded then.
    let recovered = signature.recover_address_from_prehash(&hash).map(ours);
    if recovered.ok() != Some(signer.address()) {
        return Err(ChainWriteError::Signing("the signature is not by this account".to_owned()));
    }
    let signed = transaction.into_signed(signature);
    let hash = signed.hash().0;
    Ok(OutboxRow {
        chain_id: draft.chain_id,
        sender: signer.address(),
        nonce: draft.nonce,
        purpose: draft.purpose,
        to: draft.to,
        data: draft.data,
        gas_limit: draft.gas_limit,
        max_fee_per_gas: draft.max_fee,
        max_priority_fee_per_gas: draft.tip,
        raw: TxEnvelope::from(signed).encoded_2718(),
        hash,
        replaced: draft.replaced,
        signed_at_block: draft.block,
        state: OutboxState::Prepared,
    })
}

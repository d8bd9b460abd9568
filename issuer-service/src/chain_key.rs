//! The chain account: a key of the key store that signs transaction hashes.

use std::sync::Arc;

use evm_chain::{Address, TransactionSigner, address_of_public_key};
use signing_keys::{KeyHandle, KeyStore};

/// Label of the chain key.
pub(crate) const CHAIN_LABEL: &str = "chain";

/// A chain account behind a key handle.
pub(crate) struct ChainKey {
    keys: Arc<dyn KeyStore>,
    handle: KeyHandle,
    address: Address,
}

impl ChainKey {
    /// The account of the key labelled `chain`.
    pub(crate) fn find(keys: Arc<dyn KeyStore>) -> anyhow::Result<Self> {
        let handle = keys
            .find(CHAIN_LABEL)
            .ok_or_else(|| anyhow::anyhow!("the key store has no chain key"))?;
        let public = keys.secp256k1_public(&handle)?;
        let address = address_of_public_key(&public)
            .ok_or_else(|| anyhow::anyhow!("the chain key is no curve point"))?;
        Ok(Self { keys, handle, address })
    }
}

impl TransactionSigner for ChainKey {
    fn address(&self) -> Address {
        self.address
    }

    fn sign_hash(&self, hash: &[u8; 32]) -> Result<[u8; 65], String> {
        let signature =
            self.keys.sign_digest(&self.handle, hash).map_err(|error| error.to_string())?;
        signature.try_into().map_err(|_| "the key store answered no 65-byte signature".to_owned())
    }
}

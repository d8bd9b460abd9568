//! Keys outside a key store: for tests and throw-away chains.

use k256::ecdsa::SigningKey;

use super::sign::address_of_public_key;
use crate::{Address, TransactionSigner};

/// A chain account whose private key lies in this process's memory.
pub struct SoftwareSigner {
    key: SigningKey,
    address: Address,
}

impl std::fmt::Debug for SoftwareSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SoftwareSigner({})", self.address)
    }
}

/// A signer from a bare 32-byte secret: no key store guards it. `None` when the secret is zero or
/// not below the curve's order.
pub fn software_signer(secret: &[u8; 32]) -> Option<SoftwareSigner> {
    let key = SigningKey::from_slice(secret).ok()?;
    let point = key.verifying_key().to_encoded_point(false);
    let address = address_of_public_key(point.as_bytes().try_into().ok()?)?;
    Some(SoftwareSigner { key, address })
}

impl TransactionSigner for SoftwareSigner {
    fn address(&self) -> Address {
        self.address
    }

    fn sign_hash(&self, hash: &[u8; 32]) -> Result<[u8; 65], String> {
        let (signature, recovery) =
            self.key.sign_prehash_recoverable(hash).map_err(|error| error.to_string())?;
        let mut bytes = [0; 65];
        bytes[..64].copy_from_slice(&signature.to_bytes());
        bytes[64] = recovery.to_byte();
        Ok(bytes)
    }
}

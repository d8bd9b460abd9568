//! BBS keys at rest. The key store computes with no pairing curve, so it keeps such a key as a sealed secret; here the
//! secret becomes a signer again.

use std::sync::Arc;

use credential_model::ambient::Entropy;
use credential_proofs::selective::{BbsSecretKey, BbsSigner};
use signing_keys::KeyStoreError;
use signing_keys::sealed_secrets::SealedSecrets;

/// The signer under this label; made and stored when `create` is set and there is none.
///
/// # Errors
/// [`KeyStoreError::UnknownKey`] when there is none, [`KeyStoreError::Damaged`] for a secret that is no BBS key, and
/// what the file brings.
pub fn signer(
    secrets: &SealedSecrets,
    label: &str,
    create: bool,
    entropy: &dyn Entropy,
) -> Result<Arc<dyn BbsSigner>, KeyStoreError> {
    if let Some(bytes) = secrets.get(label)? {
        let damaged = || KeyStoreError::Damaged(format!("{label} is no BBS key"));
        let bytes: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| damaged())?;
        return Ok(Arc::new(BbsSecretKey::from_bytes(bytes).ok_or_else(damaged)?));
    }
    if !create {
        return Err(KeyStoreError::UnknownKey(label.to_owned()));
    }
    let key = BbsSecretKey::generate(entropy);
    secrets.put_new(label, key.to_bytes().as_slice())?;
    Ok(Arc::new(key))
}

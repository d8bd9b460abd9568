//! OID4VCI 1.0: offer, token, nonce, credential, deferred, notification, metadata.

pub(crate) mod authorization_server;
pub(crate) mod credential;
pub(crate) mod key_proof;
pub(crate) mod metadata;
pub(crate) mod offer;
pub(crate) mod proofs;
#[cfg(test)]
mod tests;
pub(crate) mod token;

//! What a leaf commits to.

use sha2::{Digest, Sha256};

use crate::Hash;

/// Leaf hash of one status list: `SHA-256(0x00 || "sinpyo-status-leaf-v1" || len(id) as u32 BE || id || version as u64 BE || sha256)`.
///
/// `list_id` is the list's URL (for the token form see [`token_list_id`]), `sha256` is over the
/// signed list exactly as served. The tag keeps these leaves apart from issuance leaves, the
/// length keeps id and version apart.
pub fn status_leaf(list_id: &str, version: u64, sha256: &Hash) -> Hash {
    // A list id is a URL of a few hundred bytes; a longer one than u32 counts cannot be in memory twice.
    let length = u32::try_from(list_id.len()).unwrap_or(u32::MAX);
    Sha256::new()
        .chain_update([0])
        .chain_update(b"sinpyo-status-leaf-v1")
        .chain_update(length.to_be_bytes())
        .chain_update(list_id)
        .chain_update(version.to_be_bytes())
        .chain_update(sha256)
        .finalize()
        .into()
}

/// Leaf hash of one issued credential: `SHA-256(0x00 || "sinpyo-issuance-leaf-v1" || salt || digest)`.
///
/// `salt` is 32 random bytes that travel with the credential's proof only, so nobody can test a
/// guessed credential against published leaves; `digest` is SHA-256 of the credential as issued.
pub fn issuance_leaf(salt: &[u8; 32], digest: &Hash) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(b"sinpyo-issuance-leaf-v1")
        .chain_update(salt)
        .chain_update(digest)
        .finalize()
        .into()
}

/// The list id under which the Token Status List form of the list at `list_url` is anchored: both
/// forms have the same URL but different bytes, so each has its own leaf.
pub fn token_list_id(list_url: &str) -> String {
    format!("{list_url}#statuslist+jwt")
}

/// The list id under which an issuer's status pack is anchored: one leaf commits to the whole pack.
pub fn pack_list_id(issuer: &str) -> String {
    format!("{issuer}#status-pack")
}

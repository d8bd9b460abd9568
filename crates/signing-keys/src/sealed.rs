//! The vault behind everything we keep encrypted at rest: the key store file, the wallet
//! store, backups.
//!
//! A passphrase, through argon2id (RFC 9106), wraps a random data key; items are sealed one
//! by one under the data key with XChaCha20-Poly1305 and a random 192-bit nonce. The
//! associated data of an item is the digest of the header, the item's id and its version:
//! no item can be moved to another place, another version or another vault.
//!
//! # Header, format 1 (all numbers big-endian)
//! | bytes | what |
//! |---|---|
//! | 8 | magic `SINPYOV` and a zero byte |
//! | 2 | format, 1 |
//! | 1 + n | length and text of the purpose, such as `key-store` |
//! | 1 | key derivation, 1 = argon2id version 0x13 |
//! | 4, 4, 4 | memory (KiB), passes, lanes |
//! | 16 | salt |
//! | 24 | nonce of the wrapped data key |
//! | 48 | wrapped data key; its associated data is everything before the nonce |
//!
//! A sealed item is nonce (24 bytes), ciphertext, tag (16 bytes).

mod header;
mod kdf;
mod vault;

pub use kdf::KdfParameters;
pub use vault::{SealError, Vault};

#[cfg(test)]
mod tests;

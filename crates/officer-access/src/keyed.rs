//! Digests, keyed digests and comparisons that take the same time wherever texts differ.

use aws_lc_rs::{constant_time, digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// SHA-256 in hexadecimal: how tokens lie in the store.
pub(crate) fn sha256(text: &str) -> String {
    hex::encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

/// Base64url of SHA-256: PKCE's `S256` (RFC 7636, section 4.2).
pub(crate) fn s256(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

/// HMAC-SHA-256 over parts, each preceded by its length, so that no two splits collide.
pub(crate) fn mac(secret: &[u8; 32], parts: &[&str]) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let mut context = hmac::Context::with_key(&key);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    let mut bytes = [0; 32];
    bytes.copy_from_slice(context.sign().as_ref());
    bytes
}

/// [`mac`] as text.
pub(crate) fn mac_text(secret: &[u8; 32], parts: &[&str]) -> String {
    URL_SAFE_NO_PAD.encode(mac(secret, parts))
}

/// Whether two texts are the same.
pub(crate) fn same(a: &str, b: &str) -> bool {
    constant_time::verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok()
}

//! Strict base64url and multibase: one text for one byte string.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Unpadded base64url (RFC 4648 section 5).
pub(crate) fn to_base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads unpadded base64url; refuses padding, foreign letters and non-zero trailing bits
/// (the engine's default), so that a text and its bytes correspond one to one.
pub(crate) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Multibase base58-btc: `z` and the text.
pub(crate) fn to_multibase(bytes: &[u8]) -> String {
    format!("z{}", bs58::encode(bytes).into_string())
}

/// Reads multibase base58-btc of at most `max_chars` characters (base58 costs quadratic
/// time, so the length is bounded before decoding).
pub(crate) fn from_multibase(text: &str, max_chars: usize) -> Option<Vec<u8>> {
    if text.len() > max_chars {
        return None;
    }
    bs58::decode(text.strip_prefix('z')?).into_vec().ok()
}

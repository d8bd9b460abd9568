//! AES-256-GCM for what travels beside a key in a link: the one authenticated cipher that every
//! browser's `WebCrypto` opens without a library (NIST SP 800-38D).

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use credential_model::ambient::Entropy;

/// A box and the one key that opens it.
pub struct LinkBox {
    /// 32 random bytes, made for this box alone.
    pub key: [u8; 32],
    /// Nonce (12 bytes), ciphertext, tag (16 bytes).
    pub sealed: Vec<u8>,
}

impl std::fmt::Debug for LinkBox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkBox").field("bytes", &self.sealed.len()).finish_non_exhaustive()
    }
}

/// Seals `plain`, bound to `bound`, under a fresh key and nonce; `None` only when it is longer
/// than the cipher takes (64 GiB).
pub fn seal(plain: &[u8], bound: &[u8], entropy: &dyn Entropy) -> Option<LinkBox> {
    let (mut key, mut nonce) = ([0; 32], [0; 12]);
    entropy.fill(&mut key);
    entropy.fill(&mut nonce);
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).ok()?);
    let mut body = plain.to_vec();
    let unique = Nonce::assume_unique_for_key(nonce);
    cipher.seal_in_place_append_tag(unique, Aad::from(bound), &mut body).ok()?;
    let mut sealed = nonce.to_vec();
    sealed.append(&mut body);
    Some(LinkBox { key, sealed })
}

/// Opens a box; `None` for another key, another binding, or one altered byte.
pub fn open(sealed: &[u8], key: &[u8; 32], bound: &[u8]) -> Option<Vec<u8>> {
    let (nonce, body) = sealed.split_first_chunk::<12>()?;
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
    let mut body = body.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let plain = cipher.open_in_place(nonce, Aad::from(bound), &mut body).ok()?;
    Some(plain.to_vec())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    use credential_model::ambient::PredictableEntropy;

    use super::*;

    #[test]
    fn only_the_key_and_the_binding_open_it() {
        let made = seal(b"a badge", b"id and end", &PredictableEntropy::new(1)).unwrap();
        assert_eq!(open(&made.sealed, &made.key, b"id and end").unwrap(), b"a badge");
        assert_eq!(open(&made.sealed, &made.key, b"another end"), None);
        assert_eq!(open(&made.sealed, &[7; 32], b"id and end"), None);
        for at in 0..made.sealed.len() {
            let mut altered = made.sealed.clone();
            altered[at] ^= 1;
            assert_eq!(open(&altered, &made.key, b"id and end"), None, "byte {at}");
        }
        for short in 0..28 {
            assert_eq!(open(&made.sealed[..short], &made.key, b"id and end"), None);
        }
    }
}

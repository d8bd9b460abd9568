//! `c_nonce`: given out without a record, spent with one.
//!
//! The nonce endpoint is open to everybody (OID4VCI 1.0, section 7), so giving one out must cost
//! no disk write. A nonce is expiry, randomness and a keyed digest over both; only *spent* ones
//! are recorded, until they would have expired anyway.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use credential_model::ambient::Entropy;
use credential_model::moment::Moment;

use crate::ids::Digest;
use crate::store::SpentNonce;

const RANDOM: usize = 16;
const LENGTH: usize = 8 + RANDOM + 32;

/// A new nonce that works until `expires`.
pub(crate) fn mint(key: &[u8; 32], expires: Moment, entropy: &dyn Entropy) -> String {
    let mut bytes = [0; LENGTH];
    bytes[..8].copy_from_slice(&expires.unix().to_be_bytes());
    entropy.fill(&mut bytes[8..8 + RANDOM]);
    let mac = Digest::keyed(key, &[b"c_nonce", &bytes[..8 + RANDOM]]);
    bytes[8 + RANDOM..].copy_from_slice(&mac.0);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What must be spent for this nonce; `None` when it is not ours or its time is over.
pub(crate) fn check(key: &[u8; 32], nonce: &str, now: Moment) -> Option<SpentNonce> {
    // Longer input cannot be a nonce; do not even decode it.
    if nonce.len() > 2 * LENGTH {
        return None;
    }
    let bytes: [u8; LENGTH] = URL_SAFE_NO_PAD.decode(nonce).ok()?.try_into().ok()?;
    let mac = Digest::keyed(key, &[b"c_nonce", &bytes[..8 + RANDOM]]);
    let given: [u8; 32] = bytes[8 + RANDOM..].try_into().ok()?;
    if !mac.same(&Digest(given)) {
        return None;
    }
    let expires = Moment::from_unix(i64::from_be_bytes(bytes[..8].try_into().ok()?));
    (now <= expires).then(|| SpentNonce { nonce: Digest::of(nonce.as_bytes()), expires })
}

impl crate::Issuer {
    /// A fresh `c_nonce` for the nonce endpoint.
    pub fn nonce(&self) -> String {
        let expires = self.now().plus_seconds(self.settings.nonce_seconds);
        mint(&self.secrets.nonces, expires, &*self.entropy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use credential_model::ambient::PredictableEntropy;

    #[test]
    fn a_nonce_holds_until_its_time_and_in_no_other_form() {
        let (key, now) = ([7; 32], Moment::from_unix(1_800_000_000));
        let entropy = PredictableEntropy::new(1);
        let nonce = mint(&key, now.plus_seconds(300), &entropy);
        assert!(check(&key, &nonce, now).is_some());
        assert!(check(&key, &nonce, now.plus_seconds(300)).is_some());
        assert!(check(&key, &nonce, now.plus_seconds(301)).is_none(), "expired");
        assert!(check(&[8; 32], &nonce, now).is_none(), "another issuer's");
        assert!(check(&key, "", now).is_none());
        assert!(check(&key, &nonce[1..], now).is_none());
        assert!(check(&key, &"A".repeat(10_000), now).is_none());
        for at in 0..nonce.len() {
            let mut bent = nonce.clone().into_bytes();
            bent[at] = if bent[at] == b'A' { b'B' } else { b'A' };
            let bent = String::from_utf8(bent).unwrap();
            assert!(check(&key, &bent, now).is_none(), "changed at {at}");
        }
        assert_ne!(nonce, mint(&key, now.plus_seconds(300), &entropy));
    }
}

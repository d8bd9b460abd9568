//! Labels of blank nodes that tell the verifier nothing about what is hidden (vc-di-ecdsa 1.0, section 3.4.4; vc-di-bbs,
//! section 3.3.1), and their short forms in derived proofs.

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::base64url;

/// The HMAC key of one base proof.
pub(super) type LabelKey = [u8; 32];

/// How a suite names blank nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    /// `ecdsa-sd-2023`: `u` and the HMAC of the canonical label.
    Hmac,
    /// `bbs-2023`: `b` and the rank of that HMAC. The HMAC itself would be a mark to recognise the holder by.
    Shuffled,
}

impl Scheme {
    /// The labels for `c14n0`, `c14n1` and so on, without `_:`.
    pub(super) fn labels(self, key: &LabelKey, count: usize) -> Vec<String> {
        let hashed: Vec<String> = (0..count).map(|number| hmac_label(key, number)).collect();
        if self == Self::Hmac {
            return hashed;
        }
        let mut ranked: Vec<usize> = (0..count).collect();
        ranked.sort_by(|one, two| hashed[*one].cmp(&hashed[*two]));
        let mut labels = vec![String::new(); count];
        for (rank, number) in ranked.into_iter().enumerate() {
            labels[number] = format!("b{rank}");
        }
        labels
    }
}

fn hmac_label(key: &LabelKey, number: usize) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length (RFC 2104)");
    mac.update(format!("c14n{number}").as_bytes());
    from_digest(&mac.finalize().into_bytes().into())
}

/// The HMAC label of 32 bytes.
pub(super) fn from_digest(digest: &[u8; 32]) -> String {
    format!("u{}", base64url::encode(digest))
}

/// Back from [`from_digest`].
pub(super) fn to_digest(label: &str) -> Option<[u8; 32]> {
    base64url::decode(label.strip_prefix('u')?)?.try_into().ok()
}

/// The label of a rank.
pub(super) fn from_rank(rank: usize) -> String {
    format!("b{rank}")
}

/// Back from [`from_rank`].
pub(super) fn to_rank(label: &str) -> Option<usize> {
    label.strip_prefix('b')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_follow_the_hashes() {
        let hashed = Scheme::Hmac.labels(&[7; 32], 12);
        let shuffled = Scheme::Shuffled.labels(&[7; 32], 12);
        let mut seen: Vec<_> = shuffled.iter().map(|label| to_rank(label).unwrap()).collect();
        for one in 0..12 {
            assert_eq!(from_digest(&to_digest(&hashed[one]).unwrap()), hashed[one]);
            for two in 0..12 {
                assert_eq!(hashed[one] < hashed[two], seen[one] < seen[two]);
            }
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..12).collect::<Vec<_>>());
        assert_ne!(Scheme::Hmac.labels(&[8; 32], 12), hashed);
    }
}

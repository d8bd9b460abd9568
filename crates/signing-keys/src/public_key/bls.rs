//! Public keys for BBS. The curve is not computed with here: this room stays free of pairings.

use super::KeyError;

/// A BLS12-381 key in G2: 96 bytes, the compressed point (draft-irtf-cfrg-bbs-signatures). Of these
/// keys only length and flags are checked here; whether the point lies on the curve and in the
/// right group is checked by whoever computes with it (`credential-proofs`, feature `bbs`).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Bls12381G2PublicKey([u8; 96]);

impl Bls12381G2PublicKey {
    /// Takes a compressed point that is not the one at infinity.
    ///
    /// # Errors
    /// [`KeyError::InvalidKey`] for another length or other flags.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes: [u8; 96] = bytes
            .try_into()
            .map_err(|_| KeyError::InvalidKey("a BLS12-381 G2 key has 96 bytes".into()))?;
        // The three top bits: compressed, at infinity, sign.
        if bytes[0] & 0xc0 != 0x80 {
            return Err(KeyError::InvalidKey("not a compressed finite point of G2".into()));
        }
        Ok(Self(bytes))
    }

    /// The compressed point.
    pub fn to_bytes(&self) -> [u8; 96] {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Algorithm, KeyAlgorithm, PublicKey};

    // The key of the published vectors of bbs-2023 (W3C vc-di-bbs, TestVectors).
    const MULTIKEY: &str = "zUC7DerdEmfZ8f4pFajXgGwJoMkV1ofMTmEG5UoNvnWiPiLuGKNeqgRpLH2TV4Xe5mJ2cXV76gRN7LFQwapF1VFu6x2yrr5ci1mXqC1WNUrnHnLgvfZfMH7h6xP6qsf9EKRQrPQ";

    #[test]
    fn it_is_read_and_written_as_a_multikey_and_did_key() {
        let key = PublicKey::from_multikey(MULTIKEY).unwrap();
        assert_eq!(key.to_multikey(), MULTIKEY);
        assert_eq!(key.algorithm(), Algorithm::Bbs);
        assert_eq!(PublicKey::from_did(&key.to_did_key()).unwrap(), key);
        assert_eq!(PublicKey::from_multikey_bytes(&key.to_multikey_bytes()).unwrap(), key);
    }

    #[test]
    fn other_lengths_and_flags_are_refused() {
        let bytes = PublicKey::from_multikey(MULTIKEY).unwrap().to_multikey_bytes();
        for length in [0, 1, 2, 3, 97, 99] {
            let mut changed = bytes.clone();
            changed.resize(length, 0);
            assert!(PublicKey::from_multikey_bytes(&changed).is_err(), "{length}");
        }
        for flags in [0x00, 0x40, 0xc0] {
            let mut changed = bytes.clone();
            changed[2] = (changed[2] & 0x3f) | flags;
            assert!(PublicKey::from_multikey_bytes(&changed).is_err(), "{flags}");
        }
    }

    #[test]
    fn nothing_of_jose_takes_it() {
        let key = PublicKey::from_multikey(MULTIKEY).unwrap();
        assert_eq!(PublicKey::from_jwk(&key.to_jwk()).unwrap_err().code(), "unsupported_key");
        assert_eq!(key.to_jwk()["kty"], json!("OKP"));
        assert_eq!(Algorithm::from_jose("BBS"), None);
        assert!(!Algorithm::ALL.contains(&Algorithm::Bbs));
        assert!(key.verify(b"message", &[0; 80]).is_err());
        assert_eq!(KeyAlgorithm::parse("BBS"), None);
    }
}

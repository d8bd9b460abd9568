use bls12_381_plus::{G2Affine, G2Projective, Scalar};
use credential_model::ambient::Entropy;
use signing_keys::{Bls12381G2PublicKey, PublicKey, SigningError};
use zeroize::Zeroizing;

use super::scalars::{hash_to_scalar, read_scalar};
use super::{signature, tag};

/// Signs lists of messages with one BLS12-381 key.
pub trait BbsSigner: Send + Sync {
    /// The public half: [`PublicKey::Bls12381G2`].
    fn public_key(&self) -> PublicKey;

    /// A BBS signature (suite BLS12-381-SHA-256) over header and messages, 80 bytes.
    ///
    /// # Errors
    /// [`SigningError`] when the key is gone, the store fails, or there are too many messages.
    fn sign(&self, header: &[u8], messages: &[&[u8]]) -> Result<[u8; 80], SigningError>;
}

/// A secret BBS key in memory, wiped on drop. No PKCS#11 device and no common KMS holds such keys: an issuer that needs
/// its key in hardware does not use `bbs-2023`.
pub struct BbsSecretKey {
    bytes: Zeroizing<[u8; 32]>,
    public: [u8; 96],
}

impl BbsSecretKey {
    /// Makes a key (draft-irtf-cfrg-bbs-signatures, section 3.4.1, with 64 bytes of key material and no key info).
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        loop {
            let mut material = Zeroizing::new([0; 64]);
            entropy.fill(material.as_mut());
            // Two bytes: the length of the key info.
            let input = Zeroizing::new([material.as_slice(), &[0, 0]].concat());
            let secret = hash_to_scalar(&input, &tag(b"KEYGEN_DST_"));
            // Zero comes with a chance of 2^-255.
            if let Some(key) = Self::from_bytes(&secret.to_be_bytes()) {
                return key;
            }
        }
    }

    /// From the scalar, big-endian. `None` for zero and for values beyond the order.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let secret = read_scalar(bytes)?;
        let public = G2Affine::from(G2Projective::GENERATOR * secret).to_compressed();
        Some(Self { bytes: Zeroizing::new(*bytes), public })
    }

    /// The scalar, big-endian: whoever has it can sign. For the owner's sealed storage only.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.bytes.clone()
    }

    fn secret(&self) -> Scalar {
        read_scalar(self.bytes.as_slice()).expect("checked when the key was made")
    }
}

impl BbsSigner for BbsSecretKey {
    fn public_key(&self) -> PublicKey {
        let key = Bls12381G2PublicKey::from_bytes(&self.public);
        PublicKey::Bls12381G2(Box::new(key.expect("compressed and finite: no multiple is zero")))
    }

    fn sign(&self, header: &[u8], messages: &[&[u8]]) -> Result<[u8; 80], SigningError> {
        signature::sign(&self.secret(), &self.public, header, messages)
            .ok_or_else(|| SigningError::Store("the messages cannot be signed".to_owned()))
    }
}

/// Says what it is and nothing of the key.
impl std::fmt::Debug for BbsSecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BbsSecretKey(redacted)")
    }
}

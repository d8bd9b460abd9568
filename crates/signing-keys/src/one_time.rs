//! Keys that are made for one act and forgotten after it.

use credential_model::ambient::Entropy;

use crate::algorithm::{Algorithm, KeyAlgorithm};
use crate::public_key::{KeyError, PublicKey};
use crate::secret_key::SecretKey;
use crate::signer::{Signer, SigningError};

/// A key without a store: it lives as long as this value and is wiped with it. For keys that sign
/// within one proof only, as the one of `ecdsa-sd-2023` does.
#[derive(Debug)]
pub struct OneTimeSigner {
    secret: SecretKey,
    public_key: PublicKey,
}

impl OneTimeSigner {
    /// Makes a key from the given randomness.
    ///
    /// # Errors
    /// [`KeyError::Unsupported`] for an algorithm without message signatures;
    /// [`KeyError::InvalidKey`] when the randomness is no randomness.
    pub fn generate(algorithm: Algorithm, entropy: &dyn Entropy) -> Result<Self, KeyError> {
        let secret = SecretKey::generate(KeyAlgorithm::from(algorithm), entropy)?;
        let public_key = secret
            .public_key()
            .ok_or_else(|| KeyError::Unsupported("a key without public half".into()))?;
        Ok(Self { secret, public_key })
    }
}

impl Signer for OneTimeSigner {
    fn algorithm(&self) -> Algorithm {
        self.public_key.algorithm()
    }

    fn public_key(&self) -> PublicKey {
        self.public_key.clone()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        self.secret.sign_message(message)
    }
}

#[cfg(test)]
mod tests {
    use credential_model::ambient::PredictableEntropy;

    use super::*;

    #[test]
    fn each_key_signs_for_itself_only() {
        let entropy = PredictableEntropy::new(1);
        for algorithm in Algorithm::ALL {
            let one = OneTimeSigner::generate(*algorithm, &entropy).unwrap();
            let two = OneTimeSigner::generate(*algorithm, &entropy).unwrap();
            let signature = one.sign(b"statement").unwrap();
            assert!(one.public_key().verify(b"statement", &signature).is_ok());
            assert!(two.public_key().verify(b"statement", &signature).is_err());
        }
        assert!(OneTimeSigner::generate(Algorithm::Bbs, &entropy).is_err());
    }
}

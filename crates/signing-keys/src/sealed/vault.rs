//! Opening, sealing.

use std::sync::Arc;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use credential_model::ambient::Entropy;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::KdfParameters;
use super::header::{Header, MAX_PURPOSE_BYTES};

const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;

/// Why a vault or an item does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The bytes are no vault header or sealed item of ours.
    #[error("damaged: {0}")]
    Damaged(&'static str),
    /// Key derivation parameters outside the limits.
    #[error("the key derivation parameters are refused: {0}")]
    KdfRefused(String),
    /// The vault is for something else.
    #[error("the vault is for `{found}`, not for `{expected}`")]
    OtherPurpose {
        /// What the caller expected.
        expected: String,
        /// What the header says.
        found: String,
    },
    /// Wrong passphrase, or an altered header; the two cannot be told apart.
    #[error("the passphrase does not open the vault (or its header was altered)")]
    WrongPassphrase,
    /// The item was altered, moved, or is of another version or vault.
    #[error("the item `{0}` is not what was sealed under this name and version")]
    Tampered(String),
    /// A purpose has 1 to 64 bytes.
    #[error("a vault purpose has 1 to 64 bytes")]
    BadPurpose,
    /// An empty passphrase protects nothing.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
}

impl SealError {
    /// A stable code for logs and messages.
    pub fn code(&self) -> &'static str {
        match self {
            SealError::Damaged(_) => "vault_damaged",
            SealError::KdfRefused(_) => "kdf_parameters_refused",
            SealError::OtherPurpose { .. } => "vault_of_other_purpose",
            SealError::WrongPassphrase => "wrong_passphrase",
            SealError::Tampered(_) => "sealed_item_tampered",
            SealError::BadPurpose => "vault_purpose_invalid",
            SealError::EmptyPassphrase => "passphrase_empty",
        }
    }
}

/// An open vault: holds the data key, wiped on drop. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    header: Arc<[u8]>,
    header_digest: [u8; 32],
    kdf: KdfParameters,
    purpose: Arc<str>,
    data_key: Arc<Zeroizing<[u8; 32]>>,
    entropy: Arc<dyn Entropy>,
}

impl Vault {
    /// A new vault with a random data key. Keep [`Vault::header`] beside the items.
    ///
    /// # Errors
    /// [`SealError::BadPurpose`], [`SealError::EmptyPassphrase`].
    pub fn create(
        purpose: &str,
        passphrase: &[u8],
        kdf: KdfParameters,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, SealError> {
        let mut data_key = Zeroizing::new([0u8; 32]);
        entropy.fill(data_key.as_mut());
        Self::wrap(purpose, passphrase, kdf, entropy, data_key)
    }

    /// Opens the vault of this header. The purpose must be the one it was created with, so
    /// that no store is passed off as another.
    ///
    /// # Errors
    /// [`SealError::Damaged`], [`SealError::KdfRefused`] (before any work is done),
    /// [`SealError::OtherPurpose`], [`SealError::WrongPassphrase`].
    pub fn open(
        header: &[u8],
        purpose: &str,
        passphrase: &[u8],
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, SealError> {
        let parsed = Header::parse(header)?;
        if parsed.purpose != purpose {
            return Err(SealError::OtherPurpose {
                expected: purpose.to_owned(),
                found: parsed.purpose,
            });
        }
        let wrapping_key = parsed.kdf.derive(passphrase, &parsed.salt)?;
        let bound = Header::bound_part(&parsed.purpose, parsed.kdf, &parsed.salt);
        let plain = XChaCha20Poly1305::new(wrapping_key.as_ref().into())
            .decrypt(
                XNonce::from_slice(&parsed.nonce),
                Payload { msg: &parsed.wrapped, aad: &bound },
            )
            .map(Zeroizing::new)
            .map_err(|_| SealError::WrongPassphrase)?;
        let mut data_key = Zeroizing::new([0u8; 32]);
        data_key.copy_from_slice(&plain);
        Ok(Self::from_parts(&parsed, data_key, entropy))
    }

    /// A vault with a fresh data key under another passphrase or other parameters. Items
    /// must be sealed again in it; the old header and items stay readable until removed.
    ///
    /// # Errors
    /// As [`Vault::create`].
    pub fn renew(&self, passphrase: &[u8], kdf: KdfParameters) -> Result<Self, SealError> {
        Self::create(&self.purpose, passphrase, kdf, Arc::clone(&self.entropy))
    }

    /// The header to store; it is no secret.
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// What the header says about key derivation.
    pub fn kdf(&self) -> KdfParameters {
        self.kdf
    }

    /// Seals an item under its id and version. Two sealings of one item differ.
    pub fn seal(&self, item_id: &str, version: u64, plaintext: &[u8]) -> Vec<u8> {
        let mut nonce = [0u8; NONCE_BYTES];
        self.entropy.fill(&mut nonce);
        let sealed = self
            .cipher()
            .encrypt(
                XNonce::from_slice(&nonce),
                Payload { msg: plaintext, aad: &self.associated_data(item_id, version) },
            )
            .expect("the cipher fails only beyond 256 GiB");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens an item; id and version must be those it was sealed under.
    ///
    /// # Errors
    /// [`SealError::Damaged`] when it is too short, [`SealError::Tampered`] otherwise.
    pub fn open_item(
        &self,
        item_id: &str,
        version: u64,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        if sealed.len() < NONCE_BYTES + TAG_BYTES {
            return Err(SealError::Damaged("a sealed item is cut short"));
        }
        let (nonce, ciphertext) = sealed.split_at(NONCE_BYTES);
        self.cipher()
            .decrypt(
                XNonce::from_slice(nonce),
                Payload { msg: ciphertext, aad: &self.associated_data(item_id, version) },
            )
            .map(Zeroizing::new)
            .map_err(|_| SealError::Tampered(item_id.to_owned()))
    }

    fn wrap(
        purpose: &str,
        passphrase: &[u8],
        kdf: KdfParameters,
        entropy: Arc<dyn Entropy>,
        data_key: Zeroizing<[u8; 32]>,
    ) -> Result<Self, SealError> {
        if purpose.is_empty() || purpose.len() > MAX_PURPOSE_BYTES {
            return Err(SealError::BadPurpose);
        }
        if passphrase.is_empty() {
            return Err(SealError::EmptyPassphrase);
        }
        let mut salt = [0u8; 16];
        let mut nonce = [0u8; NONCE_BYTES];
        entropy.fill(&mut salt);
        entropy.fill(&mut nonce);
        let wrapping_key = kdf.derive(passphrase, &salt)?;
        let wrapped = XChaCha20Poly1305::new(wrapping_key.as_ref().into())
            .encrypt(
                XNonce::from_slice(&nonce),
                Payload { msg: data_key.as_ref(), aad: &Header::bound_part(purpose, kdf, &salt) },
            )
            .expect("the cipher fails only beyond 256 GiB");
        let header = Header {
            purpose: purpose.to_owned(),
            kdf,
            salt,
            nonce,
            wrapped: wrapped.try_into().expect("32 bytes and a tag of 16"),
        };
        Ok(Self::from_parts(&header, data_key, entropy))
    }

    fn from_parts(
        header: &Header,
        data_key: Zeroizing<[u8; 32]>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let bytes = header.to_bytes();
        Self {
            header_digest: Sha256::digest(&bytes).into(),
            header: bytes.into(),
            kdf: header.kdf,
            purpose: header.purpose.as_str().into(),
            data_key: Arc::new(data_key),
            entropy,
        }
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.data_key.as_slice().into())
    }

    fn associated_data(&self, item_id: &str, version: u64) -> Vec<u8> {
        let mut bytes = self.header_digest.to_vec();
        bytes.extend_from_slice(&(item_id.len() as u64).to_be_bytes());
        bytes.extend_from_slice(item_id.as_bytes());
        bytes.extend_from_slice(&version.to_be_bytes());
        bytes
    }
}

/// Names the purpose and nothing else.
impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({:?}, redacted)", self.purpose)
    }
}

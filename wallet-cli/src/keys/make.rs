//! New keys, written as files.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::ValueEnum;
use credential_model::ambient::Entropy;
use credential_proofs::selective::{BbsSecretKey, BbsSigner as _};
use serde_json::{Value, json};
use signing_keys::system::SystemEntropy;
use signing_keys::{KeyAlgorithm, KeyStore as _, MemoryKeyStore, danger};
use zeroize::Zeroizing;

use super::public::{DidMethod, PublicHalf};
use crate::failure::Failure;

/// A kind of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KeyType {
    /// Ed25519, for EdDSA
    Ed25519,
    /// P-256, for ES256
    P256,
    /// P-384, for ES384
    P384,
    /// P-521, for ES512
    P521,
    /// BLS12-381, for bbs-2023
    #[value(name = "bls12-381")]
    Bls12381,
    /// secp256k1, for a chain account; it signs no credentials here
    Secp256k1,
}

/// How a key file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KeyForm {
    /// JSON Web Key
    Jwk,
    /// Multikey with publicKeyMultibase and secretKeyMultibase
    Multikey,
}

impl KeyType {
    /// What the key store calls it; it keeps no BBS keys.
    pub(crate) fn algorithm(self) -> Option<KeyAlgorithm> {
        match self {
            Self::Ed25519 => Some(KeyAlgorithm::EdDsa),
            Self::P256 => Some(KeyAlgorithm::Es256),
            Self::P384 => Some(KeyAlgorithm::Es384),
            Self::P521 => Some(KeyAlgorithm::Es512),
            Self::Bls12381 => None,
            Self::Secp256k1 => Some(KeyAlgorithm::Secp256k1),
        }
    }

    /// The multicodec of its private key (`…-priv`), as a varint.
    pub(super) fn secret_codec(self) -> [u8; 2] {
        match self {
            Self::Ed25519 => [0x80, 0x26],
            Self::P256 => [0x86, 0x26],
            Self::P384 => [0x87, 0x26],
            Self::P521 => [0x88, 0x26],
            Self::Bls12381 => [0x8a, 0x26],
            Self::Secp256k1 => [0x81, 0x26],
        }
    }

    /// BBS keys have no settled JWK form.
    pub(crate) fn usual_form(self) -> KeyForm {
        if self == Self::Bls12381 { KeyForm::Multikey } else { KeyForm::Jwk }
    }
}

/// A key just made, in the open: it goes into a file of its owner and is wiped.
pub(crate) struct NewKey {
    kind: KeyType,
    secret: Zeroizing<Vec<u8>>,
    pub(crate) public: PublicHalf,
}

impl NewKey {
    pub(crate) fn make(kind: KeyType) -> Result<Self, Failure> {
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let Some(algorithm) = kind.algorithm() else {
            let key = BbsSecretKey::generate(&*entropy);
            let public = PublicHalf::Signature(key.public_key());
            return Ok(Self { kind, secret: Zeroizing::new(key.to_bytes().to_vec()), public });
        };
        let store = MemoryKeyStore::new(entropy);
        let handle = store.generate(algorithm, "new")?;
        let public = if kind == KeyType::Secp256k1 {
            PublicHalf::Chain(store.secp256k1_public(&handle)?)
        } else {
            PublicHalf::Signature(store.public_key(&handle)?)
        };
        Ok(Self { kind, secret: danger::export_private_bytes(&store, &handle)?, public })
    }

    /// The content of the key file.
    pub(crate) fn to_file(&self, form: KeyForm) -> Zeroizing<String> {
        let value = match form {
            KeyForm::Jwk => {
                let mut jwk = self.public.jwk();
                jwk["d"] = Value::from(URL_SAFE_NO_PAD.encode(&*self.secret));
                jwk
            }
            KeyForm::Multikey => {
                let id = self.public.verification_method(DidMethod::Key);
                let bytes = Zeroizing::new([&self.kind.secret_codec()[..], &self.secret].concat());
                json!({
                    "@context": "https://w3id.org/security/multikey/v1",
                    "id": id,
                    "type": "Multikey",
                    "controller": self.public.did(DidMethod::Key),
                    "publicKeyMultibase": self.public.multikey(),
                    "secretKeyMultibase": format!("z{}", bs58::encode(&*bytes).into_string()),
                })
            }
        };
        Zeroizing::new(format!("{value:#}\n"))
    }
}

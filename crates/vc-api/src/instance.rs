//! An issuer instance: what stands behind one path of the API.

use std::sync::Arc;

use credential_model::did::{Did, DidUrl};
use credential_proofs::data_integrity::{Cryptosuite, Engine};
use credential_proofs::json_ld::{Library, Options};
use credential_proofs::rdf_canon::Limits;
use credential_proofs::selective::BbsSigner;
use signing_keys::{PublicKey, Signer};

/// How an instance secures credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Securing {
    /// An embedded proof of this suite.
    DataIntegrity(Cryptosuite),
    /// An `EnvelopedVerifiableCredential` with `application/vc+jwt` (VC-JOSE-COSE).
    VcJwt,
}

impl Securing {
    /// Reads a cryptosuite's name, or `vc+jwt`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if name == "vc+jwt" {
            return Some(Self::VcJwt);
        }
        Cryptosuite::parse(name).map(Self::DataIntegrity)
    }

    /// The name that [`Self::parse`] reads.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DataIntegrity(suite) => suite.as_str(),
            Self::VcJwt => "vc+jwt",
        }
    }
}

/// The key of an instance, behind a handle.
#[derive(Clone)]
pub enum InstanceKey {
    /// Every suite but `bbs-2023`.
    Signer(Arc<dyn Signer>),
    /// `bbs-2023`.
    Bbs(Arc<dyn BbsSigner>),
}

impl InstanceKey {
    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        match self {
            Self::Signer(signer) => signer.public_key(),
            Self::Bbs(signer) => signer.public_key(),
        }
    }
}

/// Which contexts a document may bring.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Contexts {
    /// URLs of pinned contexts only.
    #[default]
    Pinned,
    /// Context objects written into the document as well. A danger: they can give other names to what is signed.
    DangerInline,
}

impl Contexts {
    /// The engine for securing and checking under this policy.
    #[must_use]
    pub fn engine(self) -> Engine<'static> {
        let inline = self == Self::DangerInline;
        Engine {
            library: Library::pinned(),
            json_ld: Options { inline_contexts: inline, nested_contexts: inline },
            limits: Limits::default(),
        }
    }
}

/// Why there is no such instance.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InstanceError {
    /// The key cannot serve the suite.
    #[error("a key of {algorithm} cannot serve {securing}")]
    KeyMismatch {
        /// The algorithm of the key.
        algorithm: &'static str,
        /// What it should serve.
        securing: &'static str,
    },
    /// The legacy suite is read only.
    #[error("{0} is read and never written")]
    ReadOnly(&'static str),
    /// The verification method is none of the issuer's.
    #[error("the verification method belongs to another DID than the issuer")]
    ForeignMethod,
}

/// One issuer at one path: fixed suite, fixed key.
#[derive(Clone)]
pub struct Instance {
    /// The name in the path.
    pub id: String,
    /// The issuer.
    pub issuer: Did,
    /// How it secures.
    pub securing: Securing,
    /// Its key.
    pub key: InstanceKey,
    /// The key as the issuer's document lists it.
    pub verification_method: DidUrl,
    /// JSON Pointers that are mandatory when the request names none (selective suites).
    pub mandatory_pointers: Vec<String>,
    /// Which contexts a credential may bring.
    pub contexts: Contexts,
}

impl Instance {
    /// Puts it together; no mandatory pointers, pinned contexts.
    ///
    /// # Errors
    /// [`InstanceError`] when key, suite and verification method do not belong together.
    pub fn new(
        id: &str,
        verification_method: DidUrl,
        securing: Securing,
        key: InstanceKey,
    ) -> Result<Self, InstanceError> {
        let algorithm = key.public_key().algorithm();
        let fits = match (securing, &key) {
            (Securing::DataIntegrity(Cryptosuite::Ed25519Signature2020), _) => {
                return Err(InstanceError::ReadOnly("Ed25519Signature2020"));
            }
            (Securing::DataIntegrity(suite), InstanceKey::Bbs(_)) => suite == Cryptosuite::Bbs2023,
            (Securing::DataIntegrity(suite), InstanceKey::Signer(_)) => suite.accepts(algorithm),
            (Securing::VcJwt, InstanceKey::Signer(_)) => true,
            (Securing::VcJwt, InstanceKey::Bbs(_)) => false,
        };
        if !fits {
            return Err(InstanceError::KeyMismatch {
                algorithm: algorithm.jose(),
                securing: securing.as_str(),
            });
        }
        Ok(Self {
            id: id.to_owned(),
            issuer: verification_method.did(),
            securing,
            key,
            verification_method,
            mandatory_pointers: Vec::new(),
            contexts: Contexts::Pinned,
        })
    }

    /// An instance whose issuer is the `did:key` of its key.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn of_did_key(
        id: &str,
        securing: Securing,
        key: InstanceKey,
    ) -> Result<Self, InstanceError> {
        Self::new(id, key.public_key().did_key_url(), securing, key)
    }
}

/// Says who and how; of the key nothing.
impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instance")
            .field("id", &self.id)
            .field("issuer", &self.issuer)
            .field("securing", &self.securing)
            .finish_non_exhaustive()
    }
}

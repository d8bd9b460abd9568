//! Who the issuer is: its DID, its names, its two signing keys, its DID document.

use std::sync::Arc;

use credential_model::did::{Did, DidUrl};
use credential_model::format::CredentialFormat;
use serde_json::{Value, json};
use signing_keys::{Algorithm, Signer};

/// Why an identity cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// A key has not the algorithm its place needs.
    #[error("the {place} key must be {wanted}")]
    WrongKey {
        /// `Ed25519` or `P-256`.
        place: &'static str,
        /// The JOSE name of the algorithm.
        wanted: &'static str,
    },
    /// The DID and a fragment make no DID URL.
    #[error("the DID does not take fragments")]
    BadDid,
}

/// DID, names and keys of the issuer.
#[derive(Clone)]
pub struct Identity {
    did: Did,
    name_ko: String,
    name_en: String,
    ed25519: Arc<dyn Signer>,
    p256: Arc<dyn Signer>,
    ed25519_method: DidUrl,
    p256_method: DidUrl,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("did", &self.did).finish_non_exhaustive()
    }
}

/// Label of the Ed25519 assertion key, also its fragment in the DID document.
pub const ED25519_LABEL: &str = "assertion-ed25519";
/// Label of the P-256 assertion key, also its fragment in the DID document.
pub const P256_LABEL: &str = "assertion-p256";

impl Identity {
    /// An identity over two keys.
    pub fn new(
        did: Did,
        name_ko: &str,
        name_en: &str,
        ed25519: Arc<dyn Signer>,
        p256: Arc<dyn Signer>,
    ) -> Result<Self, IdentityError> {
        if ed25519.algorithm() != Algorithm::EdDsa {
            return Err(IdentityError::WrongKey { place: "Ed25519", wanted: "EdDSA" });
        }
        if p256.algorithm() != Algorithm::Es256 {
            return Err(IdentityError::WrongKey { place: "P-256", wanted: "ES256" });
        }
        let method = |label: &str| {
            DidUrl::parse(&format!("{did}#{label}")).map_err(|_| IdentityError::BadDid)
        };
        let (ed25519_method, p256_method) = (method(ED25519_LABEL)?, method(P256_LABEL)?);
        Ok(Self {
            did,
            name_ko: name_ko.to_owned(),
            name_en: name_en.to_owned(),
            ed25519,
            p256,
            ed25519_method,
            p256_method,
        })
    }

    /// The DID.
    pub fn did(&self) -> &Did {
        &self.did
    }

    /// The name in Korean.
    pub fn name_ko(&self) -> &str {
        &self.name_ko
    }

    /// The name in English.
    pub fn name_en(&self) -> &str {
        &self.name_en
    }

    /// Which key signs credentials of a format: ES256 for SD-JWT VC (as HAIP asks), Ed25519 else.
    pub fn signer(&self, format: CredentialFormat) -> (&dyn Signer, &DidUrl) {
        match format {
            CredentialFormat::SdJwtVc => self.p256(),
            CredentialFormat::LdpVc | CredentialFormat::JwtVcJson => self.ed25519(),
        }
    }

    /// The Ed25519 key and its verification method.
    pub fn ed25519(&self) -> (&dyn Signer, &DidUrl) {
        (&*self.ed25519, &self.ed25519_method)
    }

    /// The P-256 key and its verification method.
    pub fn p256(&self) -> (&dyn Signer, &DidUrl) {
        (&*self.p256, &self.p256_method)
    }

    /// The `issuer` object of VCDM documents.
    pub fn profile(&self) -> Value {
        json!({ "id": self.did.as_str(), "type": ["Profile"], "name": self.name_ko })
    }

    /// The DID document: both keys, listed for assertions and nothing else.
    pub fn did_document(&self) -> Value {
        let did = self.did.as_str();
        let (ed, p) = (self.ed25519_method.as_str(), self.p256_method.as_str());
        let mut jwk = self.p256.public_key().to_jwk();
        if let Some(members) = jwk.as_object_mut() {
            members.insert("alg".to_owned(), json!("ES256"));
            members.insert("use".to_owned(), json!("sig"));
        }
        json!({
            "@context": [
                "https://www.w3.org/ns/did/v1",
                "https://w3id.org/security/multikey/v1",
                "https://w3id.org/security/jwk/v1"
            ],
            "id": did,
            "verificationMethod": [
                {
                    "id": ed,
                    "type": "Multikey",
                    "controller": did,
                    "publicKeyMultibase": self.ed25519.public_key().to_multikey()
                },
                { "id": p, "type": "JsonWebKey", "controller": did, "publicKeyJwk": jwk }
            ],
            "assertionMethod": [ed, p]
        })
    }

    /// The DID document as served and anchored: canonical JSON (RFC 8785), so that the digest on
    /// the chain is the digest of what the web host answers.
    pub fn did_document_bytes(&self) -> Vec<u8> {
        let document = self.did_document();
        credential_model::jcs::canonicalize(&document)
            // The document above holds strings and arrays only, which JCS always takes.
            .unwrap_or_else(|_| document.to_string())
            .into_bytes()
    }
}

//! Who the issuer is: its DID, its names, its two signing keys, its DID document.

use std::sync::Arc;

use credential_model::did::{Did, DidUrl};
use credential_model::format::CredentialFormat;
use credential_model::moment::Moment;
use serde_json::{Value, json};
use signing_keys::{Algorithm, PublicKey, Signer};

use crate::key_register::{KeyPlace, KeyRegister, RegisterError};

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
    /// The key that signs is not where keys are kept.
    #[error("the key store has no key {0:?}, which the key register names as the one that signs")]
    MissingKey(String),
    /// The key store has another key under the register's label.
    #[error("the key {0:?} in the key store is not the one in the key register")]
    OtherKey(String),
    /// The register.
    #[error(transparent)]
    Register(#[from] RegisterError),
}

/// A key that signs no more.
#[derive(Clone)]
struct FormerKey {
    method: DidUrl,
    public: PublicKey,
    retired_at: Option<Moment>,
    compromised_since: Option<Moment>,
    /// Where the key store still has it: to finish what was recorded under its name.
    signer: Option<Arc<dyn Signer>>,
}

/// What the chain shall say about a key that signs no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyStatement {
    /// The verification method.
    pub method: DidUrl,
    /// Since when it is retired.
    pub retired_at: Option<Moment>,
    /// Since when somebody else may have signed with it.
    pub compromised_since: Option<Moment>,
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
    former: Vec<FormerKey>,
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
    /// An identity over its first two keys, none of which was ever changed.
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
        Ok(Self {
            ed25519_method: method(&did, ED25519_LABEL)?,
            p256_method: method(&did, P256_LABEL)?,
            name_ko: name_ko.to_owned(),
            name_en: name_en.to_owned(),
            former: Vec::new(),
            did,
            ed25519,
            p256,
        })
    }

    /// An identity with all the keys it ever had. `signer` finds a key by its label; only those
    /// that sign now must be there.
    pub fn with_register(
        did: Did,
        name_ko: &str,
        name_en: &str,
        register: &KeyRegister,
        signer: &dyn Fn(&str) -> Option<Arc<dyn Signer>>,
    ) -> Result<Self, IdentityError> {
        let current = |place: KeyPlace| {
            let key = register.current(place)?;
            let found =
                signer(&key.label).ok_or_else(|| IdentityError::MissingKey(key.label.clone()))?;
            if found.public_key() != key.public()? {
                return Err(IdentityError::OtherKey(key.label.clone()));
            }
            Ok((found, method(&did, &key.label)?))
        };
        let (ed25519, ed25519_method) = current(KeyPlace::Ed25519)?;
        let (p256, p256_method) = current(KeyPlace::P256)?;
        let mut former = Vec::new();
        for key in register.keys().iter().filter(|key| !key.is_current()) {
            let public = key.public()?;
            let found = signer(&key.label).filter(|found| found.public_key() == public);
            former.push(FormerKey {
                method: method(&did, &key.label)?,
                retired_at: key.retired_at,
                compromised_since: key.compromised_since,
                // Nothing is signed with a key that others may have.
                signer: found.filter(|_| key.compromised_since.is_none()),
                public,
            });
        }
        let identity = Self::new(did, name_ko, name_en, ed25519, p256)?;
        Ok(Self { ed25519_method, p256_method, former, ..identity })
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

    /// The key that signs under this method: a current one, or a retired one that the key store
    /// still has. `None` where it is gone or others may have it.
    pub fn signer_of(&self, method: &str) -> Option<&dyn Signer> {
        if method == self.ed25519_method.as_str() {
            return Some(&*self.ed25519);
        }
        if method == self.p256_method.as_str() {
            return Some(&*self.p256);
        }
        let former = self.former.iter().find(|key| key.method.as_str() == method)?;
        former.signer.as_deref()
    }

    /// What the chain shall say about the keys that sign no more.
    pub fn key_statements(&self) -> Vec<KeyStatement> {
        let statement = |key: &FormerKey| KeyStatement {
            method: key.method.clone(),
            retired_at: key.retired_at,
            compromised_since: key.compromised_since,
        };
        self.former.iter().map(statement).collect()
    }

    /// The `issuer` object of VCDM documents.
    pub fn profile(&self) -> Value {
        json!({ "id": self.did.as_str(), "type": ["Profile"], "name": self.name_ko })
    }

    /// The DID document: the keys that sign and those that did, listed for assertions and nothing
    /// else. A retired key stays as it was, because what it signed is good. A compromised one
    /// carries `revoked` (Controlled Identifiers 1.0, section 2.2): who knows no chain refuses it
    /// altogether; who does can still tell what was issued before.
    pub fn did_document(&self) -> Value {
        let did = self.did.as_str();
        let (ed, p) = (self.ed25519_method.as_str(), self.p256_method.as_str());
        let mut methods = vec![
            method_entry(did, ed, &self.ed25519.public_key(), None),
            method_entry(did, p, &self.p256.public_key(), None),
        ];
        let mut names = vec![json!(ed), json!(p)];
        for key in &self.former {
            let name = key.method.as_str();
            methods.push(method_entry(did, name, &key.public, key.compromised_since));
            names.push(json!(name));
        }
        json!({
            "@context": [
                "https://www.w3.org/ns/did/v1",
                "https://w3id.org/security/multikey/v1",
                "https://w3id.org/security/jwk/v1"
            ],
            "id": did,
            "verificationMethod": methods,
            "assertionMethod": names
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

fn method(did: &Did, label: &str) -> Result<DidUrl, IdentityError> {
    DidUrl::parse(&format!("{did}#{label}")).map_err(|_| IdentityError::BadDid)
}

/// P-256 keys are given as JWK, because verifiers of SD-JWT VC look for one.
fn method_entry(did: &str, name: &str, key: &PublicKey, revoked: Option<Moment>) -> Value {
    let mut entry = if matches!(key, PublicKey::P256(_)) {
        let mut jwk = key.to_jwk();
        if let Some(members) = jwk.as_object_mut() {
            members.insert("alg".to_owned(), json!("ES256"));
            members.insert("use".to_owned(), json!("sig"));
        }
        json!({ "id": name, "type": "JsonWebKey", "controller": did, "publicKeyJwk": jwk })
    } else {
        let multikey = key.to_multikey();
        json!({ "id": name, "type": "Multikey", "controller": did, "publicKeyMultibase": multikey })
    };
    if let (Some(members), Some(revoked)) = (entry.as_object_mut(), revoked) {
        members.insert("revoked".to_owned(), json!(revoked.to_string()));
    }
    entry
}

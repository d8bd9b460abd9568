//! Who the verifier is: its DID document, its client identifiers, the key that signs requests.
use std::sync::Arc;

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use credential_model::did::{Did, DidUrl};
use credential_proofs::request_object::{self, RequestKey};
use credential_verification::{
    report::Words,
    session::{ClientIdentity, RequestKeyName, Scheme},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use signing_keys::{PublicKey, Signer};

/// Fragment of the request key in the DID document.
const FRAGMENT: &str = "request-p256";

/// The verifier's identity.
pub struct Identity {
    did: Did,
    kid: DidUrl,
    certificate: Option<Vec<u8>>,
    signer: Arc<dyn Signer>,
    name: Words,
    scheme: Scheme,
}

impl Identity {
    /// Puts it together.
    ///
    /// # Errors
    /// When the DID takes no fragment.
    pub fn new(
        did: Did,
        certificate: Option<Vec<u8>>,
        signer: Arc<dyn Signer>,
        name: Words,
        scheme: Scheme,
    ) -> anyhow::Result<Self> {
        let kid = DidUrl::parse(&format!("{did}#{FRAGMENT}")).context("the verifier's key id")?;
        Ok(Identity { did, kid, certificate, signer, name, scheme })
    }

    /// The verifier's name for people.
    pub const fn name(&self) -> &Words {
        &self.name
    }

    /// The configured scheme.
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The DID.
    pub const fn did(&self) -> &Did {
        &self.did
    }

    /// The identity under a scheme; `None` when there is no certificate for `x509_hash`.
    pub fn client(&self, scheme: Scheme) -> Option<ClientIdentity> {
        let (client_id, key) = match scheme {
            Scheme::DecentralizedIdentifier => (
                format!("decentralized_identifier:{}", self.did),
                RequestKeyName::Kid(self.kid.clone()),
            ),
            Scheme::X509Hash => {
                let der = self.certificate.clone()?;
                let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(&der));
                (format!("x509_hash:{hash}"), RequestKeyName::X5c(vec![der]))
            }
            Scheme::RedirectUri => (String::new(), RequestKeyName::None),
        };
        Some(ClientIdentity { scheme, client_id, name: self.name.clone(), key })
    }

    /// The scheme that a stored client identifier was made under.
    pub fn scheme_of(client_id: &str) -> Scheme {
        match client_id.split_once(':').map(|(prefix, _)| prefix) {
            Some("x509_hash") => Scheme::X509Hash,
            Some("redirect_uri") => Scheme::RedirectUri,
            _ => Scheme::DecentralizedIdentifier,
        }
    }

    /// Signs a request object; `None` for schemes that sign nothing.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn sign(&self, claims: &Value, scheme: Scheme) -> anyhow::Result<Option<String>> {
        let Some(client) = self.client(scheme) else { return Ok(None) };
        let key = match &client.key {
            RequestKeyName::Kid(kid) => RequestKey::Kid(kid),
            RequestKeyName::X5c(chain) => RequestKey::X5c(chain),
            RequestKeyName::None => return Ok(None),
        };
        let token =
            request_object::sign(claims, key, &*self.signer).context("signing the request")?;
        Ok(Some(token))
    }

    /// Lends the key and its name, for statements of this verifier.
    pub fn with_key<T>(&self, use_it: impl FnOnce(&DidUrl, &dyn Signer) -> T) -> T {
        use_it(&self.kid, &*self.signer)
    }

    /// The DID document.
    pub fn did_document(&self) -> Value {
        document(&self.did, &self.kid, &self.signer.public_key())
    }
}

fn document(did: &Did, kid: &DidUrl, key: &PublicKey) -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
        "id": did.as_str(),
        "verificationMethod": [{
            "id": kid.as_str(),
            "type": "JsonWebKey",
            "controller": did.as_str(),
            "publicKeyJwk": key.to_jwk(),
        }],
        "authentication": [kid.as_str()],
        "assertionMethod": [kid.as_str()],
    })
}

use credential_model::did::{DidUrl, ProofPurpose};
use credential_model::moment::Moment;
use serde_json::{Map, Value};

use super::Cryptosuite;
use super::read::PROOF_TYPE;

/// What goes into a new proof (Data Integrity 1.0 section 2.1).
#[derive(Debug, Clone)]
pub struct ProofOptions {
    /// The suite.
    pub cryptosuite: Cryptosuite,
    /// The signing key, as its controller lists it.
    pub verification_method: DidUrl,
    /// `assertionMethod` for credentials, `authentication` for presentations.
    pub proof_purpose: ProofPurpose,
    /// When the proof was made.
    pub created: Option<Moment>,
    /// When the proof ceases to count.
    pub expires: Option<Moment>,
    /// The verifier's challenge (the nonce of the request).
    pub challenge: Option<String>,
    /// The verifier's domain (the full client identifier).
    pub domain: Option<String>,
}

impl ProofOptions {
    /// `eddsa-rdfc-2022`, `assertionMethod`, without challenge and expiry.
    #[must_use]
    pub fn credential(verification_method: DidUrl, created: Moment) -> Self {
        Self {
            cryptosuite: Cryptosuite::EddsaRdfc2022,
            verification_method,
            proof_purpose: ProofPurpose::AssertionMethod,
            created: Some(created),
            expires: None,
            challenge: None,
            domain: None,
        }
    }

    /// `eddsa-rdfc-2022`, `authentication`, bound to a verifier and request.
    #[must_use]
    pub fn presentation(
        verification_method: DidUrl,
        created: Moment,
        challenge: &str,
        domain: &str,
    ) -> Self {
        Self {
            proof_purpose: ProofPurpose::Authentication,
            challenge: Some(challenge.to_owned()),
            domain: Some(domain.to_owned()),
            ..Self::credential(verification_method, created)
        }
    }

    /// The members of the proof, without its value.
    pub(crate) fn to_members(&self) -> Map<String, Value> {
        let mut members = Map::new();
        let mut put = |name: &str, value: &str| members.insert(name.to_owned(), Value::from(value));
        put("type", PROOF_TYPE);
        put("cryptosuite", self.cryptosuite.as_str());
        if let Some(created) = self.created {
            put("created", &created.to_string());
        }
        if let Some(expires) = self.expires {
            put("expires", &expires.to_string());
        }
        put("verificationMethod", self.verification_method.as_str());
        put("proofPurpose", self.proof_purpose.as_str());
        if let Some(challenge) = &self.challenge {
            put("challenge", challenge);
        }
        if let Some(domain) = &self.domain {
            put("domain", domain);
        }
        members
    }
}

//! DID documents, read tolerantly where the specifications leave room and never where keys are at stake.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Did, DidUrl};
use crate::moment::Moment;

/// More methods or services than this in one document is no document we work on.
const MAX_ENTRIES: usize = 256;

/// What a key may be used for (CID 1.0 §2.3), the proof purposes of Data Integrity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ProofPurpose {
    /// Making claims: issuing credentials.
    AssertionMethod,
    /// Proving control of the DID: presenting.
    Authentication,
    /// Agreeing on a key for encryption.
    KeyAgreement,
    /// Invoking a capability.
    CapabilityInvocation,
    /// Delegating a capability.
    CapabilityDelegation,
}

impl ProofPurpose {
    /// All purposes.
    pub const ALL: [Self; 5] = [
        Self::AssertionMethod,
        Self::Authentication,
        Self::KeyAgreement,
        Self::CapabilityInvocation,
        Self::CapabilityDelegation,
    ];

    /// The name in documents and proofs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AssertionMethod => "assertionMethod",
            Self::Authentication => "authentication",
            Self::KeyAgreement => "keyAgreement",
            Self::CapabilityInvocation => "capabilityInvocation",
            Self::CapabilityDelegation => "capabilityDelegation",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == text)
    }
}

impl fmt::Display for ProofPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A public key as the document writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKeyMaterial {
    /// `publicKeyJwk` (RFC 7517).
    Jwk(Value),
    /// `publicKeyMultibase` (CID 1.0 §2.2.2).
    Multibase(String),
}

/// One verification method (CID 1.0 §2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerificationMethod {
    /// Its absolute id.
    pub id: DidUrl,
    /// Its `type`, such as `Multikey` or `JsonWebKey`.
    pub kind: String,
    /// Who controls it; a key whose controller is not the document's subject is no key of the subject.
    pub controller: Did,
    /// The public key.
    pub key: PublicKeyMaterial,
    /// From when on the key counts as revoked.
    pub revoked: Option<Moment>,
    /// From when on the key must not be used.
    pub expires: Option<Moment>,
}

/// A service of the document (DID Core §5.4), endpoints as plain strings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its id, absolute where it is a DID URL.
    pub id: String,
    /// Its types.
    pub kinds: Vec<String>,
    /// Its endpoints that are strings; maps stay in [`DidDocument::json`].
    pub endpoints: Vec<String>,
}

/// A controlled identifier document whose structure has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DidDocument {
    /// The subject.
    pub id: Did,
    /// Who may change the document besides the subject.
    pub controllers: Vec<Did>,
    /// Other identifiers of the subject, unproven.
    pub also_known_as: Vec<String>,
    /// The document as published.
    pub json: Value,
    methods: Vec<VerificationMethod>,
    relationships: BTreeMap<ProofPurpose, BTreeSet<DidUrl>>,
    services: Vec<Service>,
}

/// Why a JSON value is no document we rely on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DidDocumentError {
    /// Not a JSON object.
    #[error("a DID document is a JSON object")]
    NotAnObject,
    /// `id` is missing or no DID.
    #[error("the document's id is not a DID")]
    InvalidId,
    /// A member has the wrong shape.
    #[error("member {member} has the wrong shape")]
    InvalidMember {
        /// Name of the member.
        member: &'static str,
    },
    /// A verification method lacks something or has it twice.
    #[error("a verification method is not usable: {reason}")]
    InvalidMethod {
        /// What is wrong, in fixed words.
        reason: &'static str,
    },
    /// Two different methods share one id.
    #[error("two verification methods share one id")]
    DuplicateMethod,
    /// A published key includes its private part.
    #[error("a published key includes its private part")]
    PrivateKey,
    /// More entries than we read.
    #[error("more than {MAX_ENTRIES} entries")]
    TooMany,
}

impl DidDocumentError {
    /// Stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::PrivateKey => "did_document_private_key",
            Self::DuplicateMethod => "did_document_duplicate_method",
            Self::TooMany => "did_document_too_large",
            _ => "invalidDidDocument",
        }
    }
}

impl DidDocument {
    /// Reads a document: methods listed in `verificationMethod` or embedded in a
    /// relationship, references as strings or objects, ids absolute or relative.
    ///
    /// Methods whose key we cannot read (neither JWK nor multibase) are left out, so
    /// that a document with one exotic key stays usable.
    ///
    /// # Errors
    /// [`DidDocumentError`] when the structure cannot be relied on.
    pub fn parse(json: &Value) -> Result<Self, DidDocumentError> {
        let object = json.as_object().ok_or(DidDocumentError::NotAnObject)?;
        let id = object
            .get("id")
            .and_then(Value::as_str)
            .and_then(|text| Did::parse(text).ok())
            .ok_or(DidDocumentError::InvalidId)?;
        let mut document = Self {
            controllers: dids(object.get("controller"))?,
            also_known_as: strings(object.get("alsoKnownAs"), "alsoKnownAs")?,
            json: json.clone(),
            methods: Vec::new(),
            relationships: BTreeMap::new(),
            services: services(object.get("service"), &id)?,
            id,
        };
        for entry in list(object.get("verificationMethod"), "verificationMethod")? {
            let method = entry
                .as_object()
                .ok_or(DidDocumentError::InvalidMember { member: "verificationMethod" })?;
            document.add_method(method)?;
        }
        for purpose in ProofPurpose::ALL {
            let mut listed = BTreeSet::new();
            for entry in list(object.get(purpose.as_str()), purpose.as_str())? {
                let id = match entry {
                    Value::String(text) => {
                        DidUrl::parse_relative(text, &document.id).map_err(|_| {
                            DidDocumentError::InvalidMember { member: purpose.as_str() }
                        })?
                    }
                    Value::Object(method) if method.len() == 1 => method_id(method, &document.id)?,
                    Value::Object(method) => document.add_method(method)?,
                    _ => {
                        return Err(DidDocumentError::InvalidMember { member: purpose.as_str() });
                    }
                };
                listed.insert(id);
            }
            document.relationships.insert(purpose, listed);
        }
        Ok(document)
    }

    /// The verification method with this id.
    #[must_use]
    pub fn method(&self, id: &DidUrl) -> Option<&VerificationMethod> {
        self.methods.iter().find(|method| method.id == *id)
    }

    /// Whether the method is listed (or embedded) under the relationship of this purpose.
    #[must_use]
    pub fn lists(&self, purpose: ProofPurpose, id: &DidUrl) -> bool {
        self.relationships.get(&purpose).is_some_and(|listed| listed.contains(id))
    }

    /// All methods with a readable key, in document order.
    #[must_use]
    pub fn methods(&self) -> &[VerificationMethod] {
        &self.methods
    }

    /// The ids listed under a relationship.
    pub fn listed(&self, purpose: ProofPurpose) -> impl Iterator<Item = &DidUrl> {
        self.relationships.get(&purpose).into_iter().flatten()
    }

    /// All services.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The first endpoint of the first service of this type.
    #[must_use]
    pub fn service_endpoint(&self, kind: &str) -> Option<&str> {
        self.services
            .iter()
            .filter(|service| service.kinds.iter().any(|k| k == kind))
            .find_map(|service| service.endpoints.first().map(String::as_str))
    }

    fn add_method(&mut self, method: &Map<String, Value>) -> Result<DidUrl, DidDocumentError> {
        let id = method_id(method, &self.id)?;
        let invalid = |reason| DidDocumentError::InvalidMethod { reason };
        let kind =
            method.get("type").and_then(Value::as_str).ok_or_else(|| invalid("type is missing"))?;
        let controller = method
            .get("controller")
            .and_then(Value::as_str)
            .and_then(|text| Did::parse(text).ok())
            .ok_or_else(|| invalid("controller is not a DID"))?;
        let Some(key) = key_material(method)? else {
            return Ok(id); // a kind of key we do not know
        };
        let parsed = VerificationMethod {
            kind: kind.to_owned(),
            controller,
            key,
            revoked: moment(method, "revoked")?,
            expires: moment(method, "expires")?,
            id: id.clone(),
        };
        match self.method(&id) {
            Some(known) if *known == parsed => {}
            Some(_) => return Err(DidDocumentError::DuplicateMethod),
            None if self.methods.len() >= MAX_ENTRIES => return Err(DidDocumentError::TooMany),
            None => self.methods.push(parsed),
        }
        Ok(id)
    }
}

fn method_id(method: &Map<String, Value>, base: &Did) -> Result<DidUrl, DidDocumentError> {
    method
        .get("id")
        .and_then(Value::as_str)
        .and_then(|text| DidUrl::parse_relative(text, base).ok())
        .ok_or(DidDocumentError::InvalidMethod { reason: "id is not a DID URL" })
}

fn key_material(
    method: &Map<String, Value>,
) -> Result<Option<PublicKeyMaterial>, DidDocumentError> {
    let invalid = |reason| DidDocumentError::InvalidMethod { reason };
    if method.contains_key("secretKeyMultibase") || method.contains_key("secretKeyJwk") {
        return Err(DidDocumentError::PrivateKey);
    }
    match (method.get("publicKeyJwk"), method.get("publicKeyMultibase")) {
        (Some(_), Some(_)) => Err(invalid("two keys in one method")),
        (Some(jwk), None) => {
            let members = jwk.as_object().ok_or_else(|| invalid("publicKeyJwk is no object"))?;
            // RFC 7518 §6: "d" is private in EC, OKP and RSA keys; "k" is a symmetric key.
            if members.contains_key("d") || members.contains_key("k") {
                return Err(DidDocumentError::PrivateKey);
            }
            Ok(Some(PublicKeyMaterial::Jwk(jwk.clone())))
        }
        (None, Some(text)) => text
            .as_str()
            .map(|text| Some(PublicKeyMaterial::Multibase(text.to_owned())))
            .ok_or_else(|| invalid("publicKeyMultibase is no string")),
        (None, None) => Ok(None),
    }
}

fn moment(
    method: &Map<String, Value>,
    member: &'static str,
) -> Result<Option<Moment>, DidDocumentError> {
    match method.get(member) {
        None => Ok(None),
        Some(value) => value.as_str().and_then(|text| Moment::parse(text).ok()).map(Some).ok_or(
            DidDocumentError::InvalidMethod { reason: "revoked or expires is no date-time" },
        ),
    }
}

fn list<'a>(
    value: Option<&'a Value>,
    member: &'static str,
) -> Result<&'a [Value], DidDocumentError> {
    match value {
        None => Ok(&[]),
        Some(Value::Array(items)) if items.len() > MAX_ENTRIES => Err(DidDocumentError::TooMany),
        Some(Value::Array(items)) => Ok(items),
        // Published documents often write a single entry without the array.
        Some(single @ (Value::String(_) | Value::Object(_))) => Ok(std::slice::from_ref(single)),
        Some(_) => Err(DidDocumentError::InvalidMember { member }),
    }
}

fn strings(value: Option<&Value>, member: &'static str) -> Result<Vec<String>, DidDocumentError> {
    list(value, member)?
        .iter()
        .map(|item| {
            item.as_str().map(str::to_owned).ok_or(DidDocumentError::InvalidMember { member })
        })
        .collect()
}

fn dids(value: Option<&Value>) -> Result<Vec<Did>, DidDocumentError> {
    strings(value, "controller")?
        .iter()
        .map(|text| {
            Did::parse(text).map_err(|_| DidDocumentError::InvalidMember { member: "controller" })
        })
        .collect()
}

fn services(value: Option<&Value>, base: &Did) -> Result<Vec<Service>, DidDocumentError> {
    const WRONG: DidDocumentError = DidDocumentError::InvalidMember { member: "service" };
    list(value, "service")?
        .iter()
        .map(|entry| {
            let id = entry.get("id").and_then(Value::as_str).unwrap_or_default();
            let endpoints = list(entry.get("serviceEndpoint"), "service")?;
            Ok(Service {
                id: if id.starts_with('#') { format!("{base}{id}") } else { id.to_owned() },
                kinds: strings(Some(entry.get("type").ok_or(WRONG)?), "service")?,
                endpoints: endpoints.iter().filter_map(|e| e.as_str().map(str::to_owned)).collect(),
            })
        })
        .collect()
}

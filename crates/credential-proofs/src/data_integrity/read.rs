//! Reading proofs: every required member, every form.

use credential_model::did::{DidUrl, ProofPurpose};
use credential_model::moment::Moment;
use serde_json::{Map, Value};

use super::{Cryptosuite, ProofError};

/// `type` of every proof we make.
pub(super) const PROOF_TYPE: &str = "DataIntegrityProof";
/// The one legacy proof type that is read.
const LEGACY_TYPE: &str = "Ed25519Signature2020";
/// Each proof costs a canonicalization and a signature.
const MAX_PROOFS: usize = 8;
const MAX_TEXT: usize = 2048;
/// A proof of selective disclosure grows with its statements.
const MAX_SELECTIVE_VALUE: usize = crate::selective::MAX_PROOF_VALUE;

/// One proof, its members read.
#[derive(Debug)]
pub(crate) struct ReadProof<'d> {
    pub(crate) members: &'d Map<String, Value>,
    pub(crate) suite: Cryptosuite,
    pub(crate) method: DidUrl,
    pub(super) purpose: Option<ProofPurpose>,
    pub(crate) value: &'d str,
    pub(super) created: Option<Moment>,
    pub(super) expires: Option<Moment>,
    pub(super) challenge: Option<&'d str>,
    pub(super) domains: Vec<&'d str>,
    pub(super) id: Option<&'d str>,
    pub(crate) previous: Vec<&'d str>,
}

/// All proofs of a document, in order.
pub(crate) fn proofs(document: &Map<String, Value>) -> Result<Vec<ReadProof<'_>>, ProofError> {
    let list = match document.get("proof") {
        None => return Err(ProofError::Missing),
        Some(Value::Array(list)) if list.is_empty() => return Err(ProofError::Missing),
        Some(Value::Array(list)) if list.len() > MAX_PROOFS => return Err(ProofError::BadProof),
        Some(Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    list.iter().map(|proof| read(proof.as_object().ok_or(ProofError::BadProof)?)).collect()
}

fn read(members: &Map<String, Value>) -> Result<ReadProof<'_>, ProofError> {
    let suite = match required(members, "type")? {
        PROOF_TYPE => Cryptosuite::parse(required(members, "cryptosuite")?)
            .ok_or(ProofError::UnknownCryptosuite)?,
        // The legacy type names its suite by itself.
        LEGACY_TYPE if !members.contains_key("cryptosuite") => Cryptosuite::Ed25519Signature2020,
        _ => return Err(ProofError::UnknownType),
    };
    let method = required(members, "verificationMethod")?;
    let method = DidUrl::parse(method).map_err(|_| ProofError::Member("verificationMethod"))?;
    let purpose = required(members, "proofPurpose")?;
    let value = if suite.is_selective() {
        bounded(members, "proofValue", MAX_SELECTIVE_VALUE)?
    } else {
        optional(members, "proofValue")?
    };
    Ok(ReadProof {
        members,
        suite,
        method,
        // An unknown purpose is well formed, and never the expected one.
        purpose: ProofPurpose::parse(purpose),
        value: value.ok_or(ProofError::Member("proofValue"))?,
        created: date(members, "created")?,
        expires: date(members, "expires")?,
        challenge: optional(members, "challenge")?,
        domains: texts(members, "domain")?,
        id: optional(members, "id")?,
        previous: texts(members, "previousProof")?,
    })
}

fn optional<'d>(
    members: &'d Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'d str>, ProofError> {
    bounded(members, name, MAX_TEXT)
}

fn bounded<'d>(
    members: &'d Map<String, Value>,
    name: &'static str,
    max: usize,
) -> Result<Option<&'d str>, ProofError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() && text.len() <= max => Ok(Some(text)),
        Some(_) => Err(ProofError::Member(name)),
    }
}

fn required<'d>(
    members: &'d Map<String, Value>,
    name: &'static str,
) -> Result<&'d str, ProofError> {
    optional(members, name)?.ok_or(ProofError::Member(name))
}

fn date(members: &Map<String, Value>, name: &'static str) -> Result<Option<Moment>, ProofError> {
    optional(members, name)?
        .map(|text| Moment::parse(text).map_err(|_| ProofError::Member(name)))
        .transpose()
}

/// A string, or a set of strings.
fn texts<'d>(
    members: &'d Map<String, Value>,
    name: &'static str,
) -> Result<Vec<&'d str>, ProofError> {
    match members.get(name) {
        Some(Value::Array(list)) if !list.is_empty() && list.len() <= MAX_PROOFS => list
            .iter()
            .map(|entry| {
                entry.as_str().filter(|text| !text.is_empty()).ok_or(ProofError::Member(name))
            })
            .collect(),
        _ => Ok(optional(members, name)?.into_iter().collect()),
    }
}

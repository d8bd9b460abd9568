//! What VCDM 2.0 and 1.1 demand of a document, apart from its proof.

mod credential;
mod members;
mod presentation;
mod related;
#[cfg(test)]
mod tests;

use credential_model::moment::Moment;
use credential_proofs::json_ld::{JsonLdError, to_dataset};
use serde_json::{Map, Value};

pub use credential::{check_credential, check_validity};
pub use presentation::{check_presentation, credentials};

use crate::instance::Contexts;
use crate::problem::{
    MALFORMED_VALUE_ERROR, PROOF_TRANSFORMATION_ERROR, ProblemDetail, RANGE_ERROR,
};

/// First context of VCDM 2.0.
pub const CREDENTIALS_V2: &str = "https://www.w3.org/ns/credentials/v2";
/// First context of VCDM 1.1.
pub const CREDENTIALS_V1: &str = "https://www.w3.org/2018/credentials/v1";
/// What VCDM 1.1 documents need for a `DataIntegrityProof`.
pub const DATA_INTEGRITY_V2: &str = "https://w3id.org/security/data-integrity/v2";

/// The version of the data model, told by the first context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// VCDM 1.1.
    V1,
    /// VCDM 2.0.
    V2,
}

/// Whether a document is whole, or what is left of one after selective disclosure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Everything must be there.
    Whole,
    /// The subject may be hidden.
    Disclosed,
}

/// Why a document breaks the data model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// A member is missing or malformed.
    #[error("{member}: {why}")]
    Member {
        /// Its name.
        member: &'static str,
        /// What it must be.
        why: &'static str,
    },
    /// A date outside its range.
    #[error("{member}: {why}")]
    Range {
        /// Its name.
        member: &'static str,
        /// What is wrong.
        why: &'static str,
    },
    /// The digest of a related resource is not that of the resource.
    #[error("relatedResource: the digest is not that of {0}")]
    Digest(String),
    /// A term or type without meaning, or data that would be lost.
    #[error(transparent)]
    Terms(#[from] JsonLdError),
}

impl RuleError {
    pub(crate) fn member(member: &'static str, why: &'static str) -> Self {
        Self::Member { member, why }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Member { .. } => "data_model_member",
            Self::Range { .. } => "data_model_range",
            Self::Digest(_) => "data_model_related_digest",
            Self::Terms(error) => error.code(),
        }
    }

    /// As a problem detail.
    #[must_use]
    pub fn problem(&self) -> ProblemDetail {
        let kind = match self {
            Self::Member { .. } | Self::Digest(_) => MALFORMED_VALUE_ERROR,
            Self::Range { .. } => RANGE_ERROR,
            Self::Terms(_) => PROOF_TRANSFORMATION_ERROR,
        };
        ProblemDetail::new(kind, self.code(), self.to_string())
    }
}

/// Every term and type has a meaning in the contexts, and nothing would be lost (JSON-LD safe mode). The proofs of the
/// document play no part.
///
/// # Errors
/// [`RuleError::Terms`].
pub fn check_terms(document: &Value, contexts: Contexts) -> Result<(), RuleError> {
    let engine = contexts.engine();
    let mut unsecured = document.clone();
    if let Value::Object(members) = &mut unsecured {
        members.remove("proof");
    }
    to_dataset(&unsecured, engine.library, engine.json_ld)?;
    Ok(())
}

/// The version, told by `@context`: an ordered list whose first entry is one of the two base contexts, the others URLs or
/// context objects.
pub(crate) fn version(document: &Map<String, Value>) -> Result<Version, RuleError> {
    let wrong = |why| RuleError::member("@context", why);
    let list = document
        .get("@context")
        .ok_or(wrong("it is missing"))?
        .as_array()
        .ok_or(wrong("it must be a list"))?;
    let version = match list.first().and_then(Value::as_str) {
        Some(CREDENTIALS_V2) => Version::V2,
        Some(CREDENTIALS_V1) => Version::V1,
        _ => return Err(wrong("it must begin with the base context of VCDM 2.0 or 1.1")),
    };
    let proper = |entry: &Value| match entry {
        Value::String(url) => members::is_url(url),
        Value::Object(_) => true,
        _ => false,
    };
    if list.iter().all(proper) {
        Ok(version)
    } else {
        Err(wrong("its entries must be URLs or context objects"))
    }
}

/// The dates of a pair of members, read.
pub(crate) fn dates(
    document: &Map<String, Value>,
    names: [&'static str; 2],
) -> Result<[Option<Moment>; 2], RuleError> {
    let mut read = [None; 2];
    for (slot, name) in read.iter_mut().zip(names) {
        let Some(value) = document.get(name) else { continue };
        let moment = value.as_str().and_then(|text| Moment::parse(text).ok());
        *slot = Some(
            moment.ok_or(RuleError::member(name, "it must be a dateTimeStamp with time zone"))?,
        );
    }
    if let [Some(from), Some(until)] = read
        && until < from
    {
        return Err(RuleError::Range { member: names[1], why: "validity ends before it begins" });
    }
    Ok(read)
}

//! Digital Credentials Query Language
//! ([OID4VP 1.0 §6](https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-6)).
//!
//! [`DcqlQuery::parse`] reads and validates; [`matches()`] says whether one credential
//! answers one [`CredentialQuery`] and which claims to disclose; [`evaluate()`] does it for
//! a whole wallet and says which credential sets can be satisfied.

mod evaluate;
mod matching;
mod path;
mod validate;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use evaluate::{Evaluation, OptionOutcome, QueryCandidates, SetOutcome, evaluate};
pub use matching::{Candidate, MatchOutcome, Mismatch, SelectedClaim, matches};
pub use path::{ClaimPath, PathElement, PathMiss};

/// `dcql_query`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct DcqlQuery {
    /// The credentials asked for.
    pub credentials: Vec<CredentialQuery>,
    /// Which combinations will do; absent: all of `credentials`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_sets: Option<Vec<CredentialSetQuery>>,
}

/// One credential asked for (§6.1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CredentialQuery {
    /// Names the query in the response.
    pub id: String,
    /// Credential format identifier.
    pub format: String,
    /// Whether several presentations may be returned.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub multiple: bool,
    /// Type constraints; required, may be `{}`.
    pub meta: Meta,
    /// Accepted trust frameworks; passed through, judged by the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusted_authorities: Option<Vec<TrustedAuthoritiesQuery>>,
    /// Whether the presentation must prove possession of the holder's key.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub require_cryptographic_holder_binding: bool,
    /// Claims asked for; absent: only what is always disclosed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<Vec<ClaimsQuery>>,
    /// Combinations of claim ids that will do, best first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim_sets: Option<Vec<Vec<String>>>,
}

/// `meta` of the formats we read (Appendix B); members of other formats are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Meta {
    /// SD-JWT VC: accepted `vct` values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vct_values: Option<Vec<String>>,
    /// W3C formats: each inner array is a set of fully expanded type IRIs, all of which
    /// the credential must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_values: Option<Vec<Vec<String>>>,
    /// mdoc: the document type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doctype_value: Option<String>,
}

/// One accepted trust framework (§6.1.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustedAuthoritiesQuery {
    /// `aki`, `etsi_tl`, `openid_federation`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Identifiers in that framework.
    pub values: Vec<String>,
}

/// One claim asked for (§6.3).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimsQuery {
    /// Names the claim in `claim_sets`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Where the claim stands; from the credential's root for W3C formats.
    pub path: ClaimPath,
    /// Accepted values: strings, integers, booleans.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<Value>>,
}

/// Combinations of credentials that will do (§6.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialSetQuery {
    /// Each option is a list of credential query ids, best first.
    pub options: Vec<Vec<String>>,
    /// Whether the wallet must satisfy one of them.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub required: bool,
}

const fn yes() -> bool {
    true
}

// serde hands the member over by reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
const fn is_yes(value: &bool) -> bool {
    *value
}

#[cfg(test)]
mod tests;

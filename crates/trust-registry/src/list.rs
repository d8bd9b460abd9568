//! The trust list as a document.

use std::collections::{BTreeMap, BTreeSet};

use credential_model::did::Did;
use credential_model::jcs;
use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::account::ChainAccount;
use crate::entitlement::{Entitlement, Question, TrustSource};

/// Most entries of one list.
pub const MAX_ENTRIES: usize = 100_000;
const MAX_TYPES: usize = 64;
const MAX_KINDS: usize = 10_000;
/// Depth of accreditation: ministry, agency, unit and so on.
const MAX_AUTHORITY: usize = 8;
const MAX_TEXT: usize = 512;

/// A trust list, after its signature was verified. Strict JSON: unknown members are
/// refused, because a restriction that an old reader skips would widen an accreditation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustList {
    /// Rises with every edition, from 1.
    pub version: u64,
    /// When this edition was made.
    pub issued: Moment,
    /// When it must be replaced.
    pub expires: Moment,
    /// Who made it; the signature must be by this DID.
    pub operator: Did,
    /// Accreditations.
    pub entries: Vec<TrustEntry>,
}

/// One accreditation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustEntry {
    /// The accredited issuer.
    pub issuer: Did,
    /// Its Korean name.
    pub name_ko: String,
    /// Its English name.
    pub name_en: String,
    /// Credential type names it may issue.
    pub types: Vec<String>,
    /// Kind codes it may issue; absent: every kind of those types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kinds: Option<BTreeSet<String>>,
    /// First moment of the accreditation.
    pub from: Moment,
    /// First moment after it; absent: open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
    /// Who accredited it, from the root down: names or DIDs.
    pub authority: Vec<String>,
    /// The chain account that anchors for this issuer (`0x` and 40 hexadecimal digits; what
    /// `issuer-service init` prints as `chain_address`). On chain a DID belongs to whoever
    /// publishes it first, so anchors count only where this account controls the DID;
    /// absent: the chain is no witness for this issuer. All entries of one issuer that
    /// state it state the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain_controller: Option<ChainAccount>,
}

/// Why a trust list was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustListError {
    /// Not the expected shape.
    #[error("the trust list is malformed: {0}")]
    Malformed(String),
    /// A rule between members is broken.
    #[error("the trust list contradicts itself: {0}")]
    Inconsistent(String),
    /// More than we read.
    #[error("the trust list is too large: {0}")]
    TooLarge(&'static str),
}

impl TrustListError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "trust_list_malformed",
            Self::Inconsistent(_) => "trust_list_inconsistent",
            Self::TooLarge(_) => "trust_list_too_large",
        }
    }
}

impl TrustList {
    /// Reads a list whose signature the caller has verified, and whose signer the caller
    /// compares with [`TrustList::operator`].
    ///
    /// # Errors
    /// [`TrustListError`].
    pub fn parse(json: &Value) -> Result<Self, TrustListError> {
        // Looked at before the typed reading: a hostile list costs little, and serde does
        // not get to read arrays as objects.
        let entries =
            json.get("entries").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if entries.len() > MAX_ENTRIES {
            return Err(TrustListError::TooLarge("more than 100,000 entries"));
        }
        if !json.is_object() || !entries.iter().all(Value::is_object) {
            return Err(TrustListError::Malformed(
                "the list or an entry is not an object".to_owned(),
            ));
        }
        let list: Self = serde_json::from_value(json.clone())
            .map_err(|e| TrustListError::Malformed(e.to_string()))?;
        list.validate()?;
        Ok(list)
    }

    /// Checks the rules between members.
    ///
    /// # Errors
    /// [`TrustListError`].
    pub fn validate(&self) -> Result<(), TrustListError> {
        if self.version == 0 {
            return Err(inconsistent("version starts at 1"));
        }
        if self.issued >= self.expires {
            return Err(inconsistent("it expires before it was issued"));
        }
        if self.entries.len() > MAX_ENTRIES {
            return Err(TrustListError::TooLarge("more than 100,000 entries"));
        }
        let mut controllers = BTreeMap::new();
        for entry in &self.entries {
            entry.validate()?;
            let Some(account) = entry.chain_controller else { continue };
            if *controllers.entry(&entry.issuer).or_insert(account) != account {
                return Err(inconsistent(format!(
                    "entries of {} name different chain controllers",
                    entry.issuer
                )));
            }
        }
        Ok(())
    }

    /// Whether `issuer` may issue `type_name` (of `kind`) at the moment `at`, as this
    /// edition knows it. An edition says nothing about moments after its expiry. When
    /// `at` lies in the past, ask [`TrustSource::entitlement`], which also judges whether
    /// the list is current.
    ///
    /// A credential without a kind is not covered by an accreditation that names kinds.
    #[must_use]
    pub fn authorised(
        &self,
        issuer: &str,
        type_name: &str,
        kind: Option<&str>,
        at: Moment,
    ) -> Entitlement {
        if at >= self.expires {
            return Entitlement::ListExpired;
        }
        // The most telling refusal wins: wrong time over wrong kind over unknown.
        let mut refusal = Entitlement::NotAccredited;
        for entry in self.entries.iter().filter(|e| e.issuer.as_str() == issuer) {
            if !entry.types.iter().any(|t| t == type_name) {
                continue;
            }
            if !entry.covers_kind(kind) {
                if refusal == Entitlement::NotAccredited {
                    refusal = Entitlement::NotForThisKind;
                }
                continue;
            }
            if entry.covers_time(at) {
                return Entitlement::Entitled {
                    authority: entry.authority.clone(),
                    authority_en: entry.authority.clone(),
                    since: Some(entry.from),
                    name_ko: entry.name_ko.clone(),
                    name_en: entry.name_en.clone(),
                };
            }
            refusal = Entitlement::NotAtThatTime;
        }
        refusal
    }

    /// The registry's names of an issuer (Korean, English), whatever it may issue.
    #[must_use]
    pub fn names(&self, issuer: &str) -> Option<(&str, &str)> {
        self.entries
            .iter()
            .find(|e| e.issuer.as_str() == issuer)
            .map(|e| (e.name_ko.as_str(), e.name_en.as_str()))
    }

    /// SHA-256 over the canonical JSON (RFC 8785): two editions are the same document
    /// exactly when this is equal.
    ///
    /// # Errors
    /// [`TrustListError::Malformed`] when the list has no canonical form.
    pub fn digest(&self) -> Result<[u8; 32], TrustListError> {
        let json =
            serde_json::to_value(self).map_err(|e| TrustListError::Malformed(e.to_string()))?;
        let text =
            jcs::canonicalize(&json).map_err(|e| TrustListError::Malformed(e.to_string()))?;
        Ok(Sha256::digest(text.as_bytes()).into())
    }
}

impl TrustSource for TrustList {
    fn entitlement(&self, question: &Question<'_>, now: Moment) -> Entitlement {
        if now >= self.expires {
            return Entitlement::ListExpired;
        }
        self.authorised(question.issuer, question.type_name, question.kind, question.at)
    }

    fn valid_until(&self) -> Moment {
        self.expires
    }

    fn version(&self) -> u64 {
        self.version
    }

    fn chain_controller(&self, issuer: &str) -> Option<ChainAccount> {
        let mut entries = self.entries.iter().filter(|entry| entry.issuer.as_str() == issuer);
        entries.find_map(|entry| entry.chain_controller)
    }

    fn knows(&self, issuer: &str) -> bool {
        self.names(issuer).is_some()
    }
}

impl TrustEntry {
    fn validate(&self) -> Result<(), TrustListError> {
        let issuer = &self.issuer;
        let broken = |what: &str| inconsistent(format!("entry of {issuer}: {what}"));
        if self.types.is_empty() || self.types.iter().any(String::is_empty) {
            return Err(broken("types is empty or holds an empty name"));
        }
        if self.types.len() > MAX_TYPES {
            return Err(TrustListError::TooLarge("more than 64 types in an entry"));
        }
        if let Some(kinds) = &self.kinds {
            // An empty list would read as "none" here and as "all" elsewhere.
            if kinds.is_empty() || kinds.contains("") {
                return Err(broken(
                    "kinds is empty or holds an empty code; leave it out to cover all",
                ));
            }
            if kinds.len() > MAX_KINDS {
                return Err(TrustListError::TooLarge("more than 10,000 kinds in an entry"));
            }
        }
        if self.until.is_some_and(|until| until <= self.from) {
            return Err(broken("it ends before it begins"));
        }
        if self.authority.is_empty() || self.authority.iter().any(String::is_empty) {
            return Err(broken("authority is empty: somebody must have accredited it"));
        }
        if self.authority.len() > MAX_AUTHORITY {
            return Err(TrustListError::TooLarge("an authority chain deeper than 8"));
        }
        if self.name_ko.is_empty() || self.name_en.is_empty() {
            return Err(broken("a name is empty"));
        }
        let texts = [&self.name_ko, &self.name_en];
        let mut texts = texts.into_iter().chain(&self.types).chain(&self.authority);
        if texts.any(|t| t.len() > MAX_TEXT || t.chars().any(char::is_control)) {
            return Err(broken("a text is too long or holds control characters"));
        }
        Ok(())
    }

    fn covers_kind(&self, kind: Option<&str>) -> bool {
        match (&self.kinds, kind) {
            (None, _) => true,
            (Some(kinds), Some(kind)) => kinds.contains(kind),
            (Some(_), None) => false,
        }
    }

    fn covers_time(&self, at: Moment) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

fn inconsistent(what: impl Into<String>) -> TrustListError {
    TrustListError::Inconsistent(what.into())
}

//! The question a verifier asks, the answers, and who can give them.

use credential_model::moment::Moment;
use serde::{Deserialize, Serialize};

use crate::account::ChainAccount;

/// May this issuer issue this?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question<'a> {
    /// The issuer's DID.
    pub issuer: &'a str,
    /// Credential type name, e.g. `KrQualificationBadge`.
    pub type_name: &'a str,
    /// Code of the kind, e.g. a qualification code, when the credential states one.
    pub kind: Option<&'a str>,
    /// When the credential was issued.
    pub at: Moment,
}

/// The answer: a finding, never an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Entitlement {
    /// Accredited for this type and kind at that time.
    Entitled {
        /// Who accredited it, from the root down: names (Korean, where the registry has both) or DIDs.
        authority: Vec<String>,
        /// The same with English names, where the registry has them.
        #[serde(default)]
        authority_en: Vec<String>,
        /// Since when the issuer's own accreditation holds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Moment>,
        /// Korean name of the issuer in the registry.
        name_ko: String,
        /// English name.
        name_en: String,
    },
    /// The registry does not know this issuer for this type.
    NotAccredited,
    /// Accredited for the type, but not for this kind.
    NotForThisKind,
    /// Accredited for type and kind, but not at that time.
    NotAtThatTime,
    /// Accredited for type and kind, but the accreditation, or one above it, was suspended at that time.
    SuspendedAtThatTime,
    /// The accreditation covers more, or lasts longer, than the one it was given under: nobody
    /// gives away what they do not have.
    Widened,
    /// The registry could not be asked about this issuer. This is no statement about the issuer.
    RegistryUnreachable,
    /// The registry's own knowledge is too old to answer: look for a newer list. This is
    /// no statement about the issuer.
    ListExpired,
}

impl Entitlement {
    /// Stable code for reports.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Entitled { .. } => "issuer_entitled",
            Self::NotAccredited => "issuer_not_accredited",
            Self::NotForThisKind => "issuer_not_for_this_kind",
            Self::NotAtThatTime => "issuer_not_at_that_time",
            Self::SuspendedAtThatTime => "issuer_suspended_at_that_time",
            Self::Widened => "issuer_accreditation_widened",
            Self::RegistryUnreachable => "trust_registry_unreachable",
            Self::ListExpired => "trust_list_expired",
        }
    }

    /// Whether the issuer was entitled.
    #[must_use]
    pub const fn is_entitled(&self) -> bool {
        matches!(self, Self::Entitled { .. })
    }

    /// Whether the answer says nothing about the issuer.
    #[must_use]
    pub const fn is_inconclusive(&self) -> bool {
        matches!(self, Self::ListExpired | Self::RegistryUnreachable)
    }
}

/// Something that knows who is accredited. No I/O: an implementation over the network or
/// a chain is filled by the flow beforehand and answers from what it holds.
pub trait TrustSource: Send + Sync {
    /// Answers the question with the knowledge held at `now`.
    fn entitlement(&self, question: &Question<'_>, now: Moment) -> Entitlement;

    /// What a report calls this registry and its edition, in English.
    fn label(&self) -> String {
        format!("trust list version {}", self.version())
    }

    /// Until when that knowledge may be used.
    fn valid_until(&self) -> Moment;

    /// Version of that knowledge, for the report.
    fn version(&self) -> u64;

    /// The moment this knowledge is of, where it is not the present one: the registry could not be
    /// asked and answers from memory. A report says so.
    fn known_at(&self) -> Option<Moment> {
        None
    }

    /// The chain account that speaks for the issuer: what another account anchored under
    /// its DID counts for nothing. `None`: no account does.
    fn chain_controller(&self, _issuer: &str) -> Option<ChainAccount> {
        None
    }

    /// Whether the issuer is known for anything at all.
    fn knows(&self, _issuer: &str) -> bool {
        true
    }
}

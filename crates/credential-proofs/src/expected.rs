//! What the caller expects of a proof before it may count.

use credential_model::did::{Did, ProofPurpose};
use credential_model::moment::Moment;

/// How far two honest clocks may differ, in seconds. Applied to every date of a proof.
pub const CLOCK_SKEW_SECONDS: i64 = 60;

/// The binding a proof must have. Data Integrity, `vc+jwt` and SD-JWT all check against this one type.
#[derive(Debug, Clone)]
pub struct Expected<'a> {
    /// The relationship under which the key must be listed, and which a Data Integrity proof must state.
    pub purpose: ProofPurpose,
    /// Who must control the key: the issuer of a credential, the holder of a presentation. `None` means "whoever the
    /// document itself names as issuer or holder"; it never means "anyone".
    pub controller: Option<&'a Did>,
    /// The challenge (Data Integrity) that must be repeated in the proof.
    pub challenge: Option<&'a str>,
    /// The domain (Data Integrity) that must be repeated in the proof.
    pub domain: Option<&'a str>,
    /// The moment at which the proof is judged.
    pub now: Moment,
}

impl<'a> Expected<'a> {
    /// A credential proof: purpose `assertionMethod`, no challenge.
    #[must_use]
    pub fn credential(issuer: Option<&'a Did>, now: Moment) -> Self {
        Self {
            purpose: ProofPurpose::AssertionMethod,
            controller: issuer,
            challenge: None,
            domain: None,
            now,
        }
    }

    /// A presentation proof: purpose `authentication`, bound to the verifier's challenge and domain.
    #[must_use]
    pub fn presentation(
        holder: Option<&'a Did>,
        challenge: &'a str,
        domain: &'a str,
        now: Moment,
    ) -> Self {
        Self {
            purpose: ProofPurpose::Authentication,
            controller: holder,
            challenge: Some(challenge),
            domain: Some(domain),
            now,
        }
    }
}

//! What outside test harnesses drive: secure or check one document with one key, proof only.
//!
//! The shape is that of the W3C `vc-jose-cose-test-suite`: a key file (a verification method with `secretKeyJwk` and
//! `publicKeyJwk`, or a bare JWK), an input file, a feature name, and a result `{"result": …, "data": …}`.
//!
//! **This is no verifier.** The key is whatever the caller hands in: nobody asks whether the issuer controls it or lists
//! it, there is no clock, and no presentation is bound to anybody. Such a question is what the harness puts; products
//! ask [`crate::jwt_vc::verify`], [`crate::cose::verify`] and [`crate::vc_sd_jwt::verify`]. What is checked: form,
//! `typ`, `cty`, algorithm, signature, disclosures, the document's required members, that a credential has no members
//! outside VCDM 2.0, and that the credentials of a presentation are secured.

mod document;
mod key;
mod securing;
mod verifying;

use credential_model::ambient::Entropy;
use serde::{Deserialize, Serialize};

/// A securing mechanism and the kind of document, as the harness names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Feature {
    /// `credential_jose`
    CredentialJose,
    /// `credential_cose`
    CredentialCose,
    /// `credential_sdjwt`
    CredentialSdJwt,
    /// `presentation_jose`
    PresentationJose,
    /// `presentation_cose`
    PresentationCose,
    /// `presentation_sdjwt`
    PresentationSdJwt,
}

impl Feature {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::CredentialJose,
        Self::CredentialCose,
        Self::CredentialSdJwt,
        Self::PresentationJose,
        Self::PresentationCose,
        Self::PresentationSdJwt,
    ];

    /// The name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CredentialJose => "credential_jose",
            Self::CredentialCose => "credential_cose",
            Self::CredentialSdJwt => "credential_sdjwt",
            Self::PresentationJose => "presentation_jose",
            Self::PresentationCose => "presentation_cose",
            Self::PresentationSdJwt => "presentation_sdjwt",
        }
    }

    /// Reads [`Feature::as_str`], exactly.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.as_str() == name)
    }

    fn is_presentation(self) -> bool {
        matches!(self, Self::PresentationJose | Self::PresentationCose | Self::PresentationSdJwt)
    }
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Status {
    /// Secured, or the proof holds.
    Success,
    /// Could not be secured, or the proof does not hold.
    Failure,
    /// The feature is unknown here.
    Indeterminate,
}

/// The result file: `{"result": "success", "data": "…"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// How it went.
    pub result: Status,
    /// After issuing the secured document (JOSE and SD-JWT as text, COSE in base64 without padding), after verifying
    /// the document as JSON text; otherwise the reason.
    pub data: String,
}

impl Outcome {
    /// A failure with its reason: for callers that cannot even read their files. The harness wants a result file then,
    /// too.
    #[must_use]
    pub fn failure(reason: impl Into<String>) -> Self {
        Self { result: Status::Failure, data: reason.into() }
    }
}

/// Secures a document. `key` is the text of the key file; `sd_paths` are the parts to hide in the SD-JWT features
/// (`credentialSubject.firstName`, `credentialSubject.phoneNumbers[0]`), and must be empty in the others.
#[must_use]
pub fn issue(
    feature: &str,
    input_json: &str,
    key: &str,
    sd_paths: &[String],
    entropy: &dyn Entropy,
) -> Outcome {
    answer(feature, |feature| securing::secure(feature, input_json, key, sd_paths, entropy))
}

/// Checks a secured document: `input` is the text of the input file (COSE in base64), `key` that of the key file.
#[must_use]
pub fn verify(feature: &str, input: &str, key: &str) -> Outcome {
    answer(feature, |feature| verifying::check(feature, input, key))
}

fn answer(feature: &str, work: impl FnOnce(Feature) -> Result<String, String>) -> Outcome {
    let Some(feature) = Feature::parse(feature) else {
        return Outcome { result: Status::Indeterminate, data: "unknown feature".to_owned() };
    };
    match work(feature) {
        Ok(data) => Outcome { result: Status::Success, data },
        Err(reason) => Outcome::failure(reason),
    }
}

#[cfg(test)]
mod tests;

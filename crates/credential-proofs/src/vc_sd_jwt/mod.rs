//! VCDM 2.0 documents secured with SD-JWT (RFC 9901; VC-JOSE-COSE section 3.2): `vc+sd-jwt` and `vp+sd-jwt`.
//!
//! The payload is the document itself, with hidden parts replaced by digests. This is **not** SD-JWT VC (`dc+sd-jwt`,
//! module [`crate::sd_jwt`]), whose payload is a flat claims set with a `vct`; a token of one is refused as the other.
//! Parsing, choosing disclosures and key binding are those of [`crate::sd_jwt::SdJwt`].

mod conceal;
mod credential;
mod error;
mod presentation;

pub use credential::{Credential, Verified, issue, prepare, verification_method, verify};
pub use error::VcSdJwtError;
pub use presentation::{present, presentation_method, verify_presentation};

pub(crate) use conceal::{Concealed, conceal};

use serde::{Deserialize, Serialize};

use crate::jose::PreparedJws;

/// Members that say which rules apply: a holder must not choose whether to show them (VC-JOSE-COSE section 3.2.1).
pub const ALWAYS_VISIBLE: [&str; 9] = [
    "@context",
    "type",
    "issuer",
    "validFrom",
    "validUntil",
    "credentialStatus",
    "credentialSchema",
    "relatedResource",
    "cnf",
];

/// An SD-JWT ready to be recorded and then signed, exactly as recorded.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prepared {
    issuer_signed: PreparedJws,
    disclosures: Vec<String>,
}

impl Prepared {
    /// The bytes the signer signs.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        self.issuer_signed.signing_input()
    }

    /// Joins signature and disclosures on: `<JWS>~<disclosure>~…~`.
    #[must_use]
    pub fn seal(self, signature: &[u8]) -> String {
        let mut text = self.issuer_signed.seal(signature);
        text.push('~');
        for disclosure in &self.disclosures {
            text.push_str(disclosure);
            text.push('~');
        }
        text
    }
}

#[cfg(test)]
mod tests;
